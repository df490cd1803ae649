//! Examples of answers, by name, and which answers they are of.

use serde_json::{Map, Value, json};

use super::super::export;
use super::super::problem::Kind;
use super::operations::{Answer, Content};
use super::problem_examples::problem;
use super::schemas::example as segment;

const TAG: &str = "\"660fa3bf5a296-660fa3bf5a05c\"";
const PREFIXES: &str = "/api/ipam/prefixes/";
const VLANS: &str = "/api/ipam/vlans/";
const SEGMENTS_FILE: &str = "101,site1,3000,EPG_TOUR,172.20.0.0/24,Network1,true,made by the tour,\"shop,billing\",,false,\r\n";
const STATS_FILE: &str = "scope,name,total,allocated,available,released,utilization\r\n\
    all,,103,67,36,1,65.0\r\nsite,site1,37,1,36,,2.7\r\nvrf,Network1,37,23,14,,62.2\r\n";
const METRICS: &str = "# HELP segment_edge_requests_total Requests answered.\n\
    # TYPE segment_edge_requests_total counter\n\
    segment_edge_requests_total{route=\"/api/segments\",method=\"GET\",status=\"200\"} 3\n";

/// The names of the examples of an answer of an operation.
pub(super) fn of(operation: &str, answer: &Answer) -> &'static [&'static str] {
    let Content::Json(schema) = answer.content else {
        return match (answer.content, operation) {
            (Content::Text(_), "exportSegments") => &["SegmentsFile"],
            (Content::Text(_), "exportStats") => &["StatsFile"],
            (Content::Text(_), _) => &["Metrics"],
            _ => &[],
        };
    };
    match (operation, answer.status) {
        ("createSegment", 201) => &["SegmentCreated"],
        ("provision", 201) => &["SegmentProvisioned"],
        ("createSegment" | "createSegments" | "provision", 200) => &["DryRunOfCreate"],
        ("replaceSegment" | "changeSegment", _) => &["Segment", "DryRunOfChange"],
        ("setClusters", _) => &["SegmentInUse", "DryRunOfAllocation"],
        ("deleteSegment", _) => &["SegmentDeleted", "DryRunOfDelete"],
        ("createSegments", 201) => &["AllCreated"],
        ("createSegments", _) => &["SomeCreated"],
        ("changeSegments", 200) => &["AllChanged", "DryRunOfChange"],
        ("changeSegments", _) => &["SomeChanged"],
        ("deleteSegments", 200) => &["AllDeleted", "DryRunOfDelete"],
        ("deleteSegments", _) => &["SomeDeleted"],
        ("allocate", 200) => &["SegmentAllocated", "AllAllocated", "DryRunOfAllocation"],
        ("allocate", _) => &["SomeAllocated"],
        ("release", 200) => &["SegmentReleased", "AllReleased", "DryRunOfAllocation"],
        ("release", _) => &["SomeReleased"],
        ("health", 503) => &["HealthFailing"],
        _ => match schema {
            "Segment" => &["Segment"],
            "Segments" => &["Segments"],
            "Sites" => &["Sites"],
            "Vrfs" => &["Vrfs"],
            "Stats" => &["Stats"],
            "Health" => &["Health", "HealthInDepth"],
            "Heard" => &["Heard"],
            "Reconciled" => &["Reconciled"],
            "Description" => &["Description"],
            _ => &[],
        },
    }
}

/// All examples of answers, by name.
pub(super) fn answers() -> Map<String, Value> {
    let create = json!([write("POST", VLANS), write("POST", PREFIXES)]);
    let mut unborn = segment();
    unborn["id"] = Value::Null;
    let problem_of = |kind: Kind| {
        let value = problem(kind).value();
        json!({"index": 1, "status": value["status"], "problem": value})
    };
    let shown = |segment: Value, status: u16| json!({"index": 0, "status": status, "segment": segment, "etag": TAG});
    let gone = json!({"index": 0, "status": 200, "id": "101", "left": []});
    let given = said(shown(in_use(), 200), "Segment allocated");
    let missing = problem_of(Kind::NoSuchSegment);
    let all = [
        ("Segment", segment()),
        ("SegmentInUse", in_use()),
        ("Segments", json!([segment()])),
        ("SegmentCreated", said(segment(), "Segment created")),
        ("SegmentProvisioned", said(segment(), "Segment provisioned")),
        ("SegmentAllocated", said(in_use(), "Segment allocated")),
        ("SegmentReleased", said(released(), "Segment released")),
        (
            "SegmentDeleted",
            said(
                json!({"id": "101", "left": ["VLAN 101 (VLAN id 3000)"]}),
                "Segment deleted; something that nobody uses is left in NetBox",
            ),
        ),
        ("DryRunOfCreate", dry_run(create, unborn)),
        (
            "DryRunOfChange",
            dry_run(json!([write("PATCH", VLANS)]), segment()),
        ),
        (
            "DryRunOfAllocation",
            dry_run(json!([write("PATCH", PREFIXES)]), in_use()),
        ),
        (
            "DryRunOfDelete",
            dry_run(
                json!([write("DELETE", PREFIXES), write("DELETE", VLANS)]),
                segment(),
            ),
        ),
        ("AllCreated", results(&[shown(segment(), 201)])),
        (
            "SomeCreated",
            results(&[shown(segment(), 201), problem_of(Kind::Conflict)]),
        ),
        ("AllChanged", results(&[shown(segment(), 200)])),
        (
            "SomeChanged",
            results(&[shown(segment(), 200), missing.clone()]),
        ),
        ("AllDeleted", results(std::slice::from_ref(&gone))),
        ("SomeDeleted", results(&[gone, missing])),
        ("AllAllocated", results(std::slice::from_ref(&given))),
        (
            "SomeAllocated",
            results(&[given, problem_of(Kind::NoneFree)]),
        ),
        ("AllReleased", results(&[shown(released(), 200)])),
        (
            "SomeReleased",
            results(&[shown(released(), 200), problem_of(Kind::NotAllocated)]),
        ),
    ];
    let all = all.into_iter().chain(others());
    all.map(|(name, value)| (name.to_owned(), json!({ "value": value })))
        .collect()
}

/// Those that are not about single segments.
fn others() -> impl Iterator<Item = (&'static str, Value)> {
    let counts = json!({"total": 37, "allocated": 23, "available": 14});
    let check = |name: &str, detail: &str| json!({"name": name, "ok": true, "detail": detail});
    let netbox = check("netbox", "NetBox 4.7.3 answers");
    let version = env!("CARGO_PKG_VERSION");
    let columns = export::COLUMNS.join(",");
    [
        ("Sites", json!({"sites": ["site1", "site2"]})),
        ("Vrfs", json!({"vrfs": ["Network1", "Network2"]})),
        (
            "Stats",
            json!({"total_segments": 37, "allocated": 23, "available": 14, "released": 1, "utilization": 62.2,
                "by_site": {"site1": counts}, "by_vrf": {"Network1": counts}}),
        ),
        ("SegmentsFile", format!("{columns}\r\n{SEGMENTS_FILE}").into()),
        ("StatsFile", STATS_FILE.into()),
        ("Metrics", METRICS.into()),
        ("Health", json!({"status": "ok", "version": version})),
        (
            "HealthInDepth",
            json!({"status": "ok", "version": version, "checks": [netbox, check("intents", "0 open")]}),
        ),
        (
            "HealthFailing",
            json!({"status": "failing", "version": version, "checks": [{
                "name": "netbox", "ok": false, "detail": "NetBox can't be reached: connection refused",
                "remedy": "check netbox_url, and that NetBox runs and can be reached from here"}]}),
        ),
        (
            "Heard",
            json!({"done": "applied", "event": "updated", "id": 1, "object_type": "ipam.vlan"}),
        ),
        (
            "Reconciled",
            json!({"finished": 1, "still_open": 0, "abandoned": 0, "intents": [{
                "what": "create 172.20.9.0/24", "since": "2026-11-23T23:48:44.166259+00:00", "finished": true,
                "outcome": "0 of 1 segments were complete and stay; 0 prefixes and 1 VLANs were removed"}]}),
        ),
        (
            "Description",
            json!({"openapi": "3.1.0", "info": {"title": "segment-edge", "version": version}, "paths": {}}),
        ),
    ]
    .into_iter()
}

/// The segment, allocated to two clusters.
fn in_use() -> Value {
    let mut value = segment();
    value["cluster_name"] = "shop,billing".into();
    value
}

/// The segment, given back.
fn released() -> Value {
    let mut value = segment();
    value["released"] = true.into();
    value
}

fn said(mut value: Value, message: &str) -> Value {
    value["message"] = message.into();
    value
}

fn write(method: &str, path: &str) -> Value {
    json!({"method": method, "path": path, "objects": 1, "calls": 1})
}

fn dry_run(writes: Value, segment: Value) -> Value {
    json!({"dry_run": true, "message": "Nothing was changed; NetBox would be asked to do what `netbox_writes` says",
        "netbox_writes": writes, "segments": [segment]})
}

fn results(results: &[Value]) -> Value {
    let failed = results.iter().filter(|r| r["problem"].is_object()).count();
    json!({"succeeded": results.len() - failed, "failed": failed, "results": results})
}
