//! The parts that operations refer to: parameters, headers, schemas, examples of problems.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::problem::Kind;
use super::reference;
use crate::once::{key, record};
use crate::segment::{MAX_LIMIT, STRATEGIES, TextKind, VlanId, WRITABLE};

/// The most items of a list.
const MOST: usize = super::super::bulk::MOST;
/// The headers of every answer.
pub(super) const EVERYWHERE: &[&str] = &["X-Request-ID", "X-NetBox-Calls", "Server-Timing"];

/// Problems of no operation: of paths and methods that there are not; and what an item of a list is marked with until the
/// answer, which names the item that failed.
pub(super) const UNDESCRIBED: [Kind; 3] =
    [Kind::NoSuchPath, Kind::MethodNotAllowed, Kind::Withheld];

const ID: &str = "^[1-9][0-9]*$";
/// Opaque to clients; the pattern is here so that tools don't make up what can't be right.
const CURSOR: &str = "^313a3[1-9](3[0-9]){0,18}$";
/// At least one character that is not white space (Unicode's property White_Space).
const NOT_BLANK: &str = r"[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]";
const SEGMENT_EXAMPLE: &str = r#"{"id":"101","site":"site1","vlan_id":3000,"epg_name":"EPG_TOUR","segment":"172.20.0.0/24","vrf":"Network1","dhcp":true,"description":"made by the tour","cluster_name":null,"allocated_at":null,"released":false,"released_at":null}"#;

fn schema(name: &str) -> Value {
    reference("schemas", name)
}

/// A text of a kind, as the domain limits it.
fn text(kind: TextKind, description: &str) -> Value {
    let pattern = match kind {
        TextKind::Site => Some("^[A-Za-z0-9_-]+$"),
        TextKind::EpgName => Some("^[A-Za-z0-9_./-]([A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?$"),
        TextKind::ClusterName => Some("^[A-Za-z0-9_.-]+$"),
        TextKind::Vrf => {
            Some(r"^[^\x00-\x20\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f])?$")
        }
        TextKind::Description => Some(r"^[^\x00-\x1f\x7f-\x9f]*$"),
    };
    let mut value = json!({
        "type": "string",
        "description": format!("{description} {} to {} of {}.", kind.min(), kind.max(), kind.characters()),
        "minLength": kind.min(),
        "maxLength": kind.max(),
    });
    if let Some(pattern) = pattern {
        value["pattern"] = pattern.into();
    }
    value
}

fn nullable(mut value: Value) -> Value {
    value["type"] = json!([value["type"], "null"]);
    value
}

fn object(properties: Value, required: &[&str]) -> Value {
    let mut value =
        json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        value["required"] = json!(required);
    }
    value
}

/// The properties of a segment that a caller sets.
fn writable() -> Map<String, Value> {
    let vlan = json!({"type": "integer", "minimum": VlanId::MIN.get(), "maximum": VlanId::MAX.get(), "description": "Once in a VRF and site."});
    let cidr = json!({"type": "string", "description": "The network in CIDR notation, without host bits. Prefix length /16 to /29 unless set otherwise; overlaps no other segment of the VRF.", "examples": ["172.20.0.0/24"]});
    let clusters = json!({"type": ["string", "null"], "description": "Names of clusters, separated by commas. With one the segment is allocated, without it is available."});
    let of = |name: &str| match name {
        "site" => text(
            TextKind::Site,
            "The slug of a site group, whatever the case.",
        ),
        "vlan_id" => vlan.clone(),
        "epg_name" => text(
            TextKind::EpgName,
            "The name of the EPG and of the VLAN; once in a VRF and site.",
        ),
        "segment" => cidr.clone(),
        "vrf" => text(TextKind::Vrf, "The name of a VRF that no other VRF has."),
        "dhcp" => {
            json!({"type": ["boolean", "null"], "default": false, "description": "Whether addresses are handed out by DHCP."})
        }
        "description" => nullable(text(TextKind::Description, "Free text.")),
        _ => clusters.clone(),
    };
    WRITABLE
        .iter()
        .map(|name| ((*name).to_owned(), of(name)))
        .collect()
}

const DRAFT_REQUIRED: [&str; 5] = ["site", "vlan_id", "epg_name", "segment", "vrf"];

fn read_only() -> Value {
    json!({"description": "Ignored, so that what a GET gave can be sent back."})
}

/// A body of PUT or PATCH: what the service sets itself may be sent back.
fn sent_back(required: &[&str]) -> Value {
    let mut properties = writable();
    for name in ["id", "allocated_at", "released", "released_at"] {
        properties.insert(name.to_owned(), read_only());
    }
    object(properties.into(), required)
}

fn segment() -> Value {
    let when = json!({"type": ["string", "null"], "description": "From a custom field of this name, where NetBox has it."});
    let known = |description: &str| json!({"type": "string", "description": description});
    let mut value = object(
        json!({
            "id": {"type": ["string"], "pattern": ID, "description": "The id of its prefix in NetBox."},
            "site": known("The slug of its site group."),
            "vlan_id": {"type": "integer", "minimum": VlanId::MIN.get(), "maximum": VlanId::MAX.get()},
            "epg_name": known("The name of its VLAN."),
            "segment": known("Its network in CIDR notation."),
            "vrf": known("The name of its VRF."),
            "dhcp": {"type": "boolean"},
            "description": known("Free text."),
            "cluster_name": {"type": ["string", "null"], "description": "The clusters it is allocated to, separated by commas; null: it is available."},
            "allocated_at": when,
            "released": {"type": "boolean", "description": "It was allocated and given back."},
            "released_at": when,
        }),
        &[
            "id",
            "site",
            "vlan_id",
            "epg_name",
            "segment",
            "vrf",
            "dhcp",
            "description",
            "cluster_name",
            "allocated_at",
            "released",
            "released_at",
        ],
    );
    value["examples"] = json!([example()]);
    value
}

/// A segment as it is shown.
pub(super) fn example() -> Value {
    serde_json::from_str(SEGMENT_EXAMPLE).unwrap_or_default()
}

/// A segment with more properties.
fn segment_and(more: Value, required: &[&str]) -> Value {
    let mut value = segment();
    if let (Some(properties), Some(more)) = (value["properties"].as_object_mut(), more.as_object())
    {
        properties.extend(more.clone());
    }
    if let Some(all) = value["required"].as_array_mut() {
        all.extend(required.iter().map(|name| Value::from(*name)));
    }
    if let Some(object) = value.as_object_mut() {
        object.remove("examples");
    }
    value
}

fn list(of: Value) -> Value {
    json!({"type": "array", "minItems": 1, "maxItems": MOST, "items": of})
}

fn one_or_list(name: &str) -> Value {
    json!({"anyOf": [schema(name), list(schema(name))]})
}

fn place(more: Value, required: &[&str]) -> Value {
    let mut properties = json!({
        "cluster_name": text(TextKind::ClusterName, "The name of one cluster."),
        "site": text(TextKind::Site, "The slug of a site group."),
        "vrf": text(TextKind::Vrf, "The name of a VRF."),
    });
    if let (Some(all), Some(more)) = (properties.as_object_mut(), more.as_object()) {
        all.extend(more.clone());
    }
    object(properties, required)
}

fn counts() -> Value {
    json!({
        "total": {"type": "integer", "minimum": 0},
        "allocated": {"type": "integer", "minimum": 0},
        "available": {"type": "integer", "minimum": 0},
    })
}

pub(super) fn schemas() -> Value {
    let id = json!({"type": "string", "pattern": ID});
    let length = json!({"type": ["integer", "null"], "minimum": 1, "maximum": 128, "description": "Within the setting `prefix_lengths`."});
    let clusters = json!({"type": "array", "items": text(TextKind::ClusterName, "A cluster.")});
    let if_match = json!({"type": ["string", "null"], "description": "A tag or several, as in the header If-Match."});
    let mut change = sent_back(&[]);
    change["minProperties"] = 1.into();
    let mut listed_change = sent_back(&["id"]);
    listed_change["properties"]["id"] = id.clone();
    listed_change["properties"]["if_match"] = if_match.clone();
    let counts_of = object(counts(), &["total", "allocated", "available"]);
    let by = json!({"type": "object", "additionalProperties": counts_of});
    let left = json!({"type": "array", "items": {"type": "string"}, "description": "What could not be removed from NetBox, and nobody uses."});
    let parts = [
        json!({
        "Segment": segment(),
        "SegmentAndMessage": segment_and(json!({"message": {"type": "string"}}), &["message"]),
        "Segments": {"type": "array", "items": schema("Segment")},
        "NewSegment": object(writable().into(), &DRAFT_REQUIRED),
        "WholeSegment": sent_back(&DRAFT_REQUIRED),
        "Change": change,
        "Clusters": {"anyOf": [
            object(json!({"clusters": clusters}), &["clusters"]),
            object(json!({"cluster_name": {"type": ["string", "null"]}}), &["cluster_name"]),
        ]},
        "NewSegments": list(schema("NewSegment")),
        "Changes": list(listed_change),
        "Ids": list(json!({"anyOf": [id, object(json!({"id": id, "if_match": if_match}), &["id"])]})),
        }),
        json!({
        "Allocation": place(json!({
            "strategy": {"type": ["string", "null"], "enum": ["first", "last", "random", null], "default": "first", "description": STRATEGIES},
            "prefix_length": length,
            "exclude": {"type": ["array", "null"], "maxItems": 500, "items": id, "description": "Segments not to take."},
        }), &["cluster_name", "site", "vrf"]),
        "Allocations": one_or_list("Allocation"),
        "Release": place(json!({"id": {"type": ["string", "null"], "pattern": ID, "description": "Which one, where the cluster has several there."}}), &["cluster_name", "site", "vrf"]),
        "Releases": one_or_list("Release"),
        "Provision": object(json!({
            "site": text(TextKind::Site, "The slug of a site group."),
            "vrf": text(TextKind::Vrf, "The name of a VRF."),
            "prefix_length": {"type": "integer", "minimum": 1, "maximum": 128, "description": "Within the setting `prefix_lengths`."},
            "epg_name": text(TextKind::EpgName, "The name of the new EPG."),
            "cluster_name": nullable(text(TextKind::ClusterName, "The cluster to allocate it to.")),
            "vlan_range": {"type": ["string", "null"], "pattern": "^ ?[0-9]{1,4} ?- ?[0-9]{1,4} ?$", "examples": ["100-199"], "description": "VLAN ids that may be taken, both ends included."},
            "dhcp": {"type": ["boolean", "null"]},
            "description": nullable(text(TextKind::Description, "Free text.")),
            "restore": {"type": ["boolean", "null"], "description": "Take the addresses and the VLAN id that the name had before, while they are free."},
        }), &["site", "vrf", "prefix_length", "epg_name"]),
        }),
        json!({
        "Forecast": object(json!({
            "dry_run": {"const": true},
            "message": {"type": "string"},
            "netbox_writes": {"type": "array", "items": object(json!({
                "method": {"type": "string"}, "path": {"type": "string"},
                "objects": {"type": "integer", "minimum": 1}, "calls": {"type": "integer", "minimum": 1},
            }), &["method", "path", "objects", "calls"])},
            "segments": {"type": "array", "items": forecast_segment()},
        }), &["dry_run", "message", "netbox_writes", "segments"]),
        "Made": {"anyOf": [schema("SegmentAndMessage"), schema("KeptTooLarge")]},
        "Changed": {"anyOf": [schema("Segment"), schema("Forecast")]},
        "Given": {"anyOf": [schema("SegmentAndMessage"), schema("Results"), schema("Forecast")]},
        "Done": {"anyOf": [schema("Results"), schema("Forecast"), schema("KeptTooLarge")]},
        "Deleted": {"anyOf": [
            object(json!({"id": id, "message": {"type": "string"}, "left": left}), &["id", "message", "left"]),
            schema("Forecast"),
        ]},
        "KeptTooLarge": object(json!({"message": {"type": "string", "description": "This was answered before, and the answer was too large to keep."}}), &["message"]),
        "Results": object(json!({
            "succeeded": {"type": "integer", "minimum": 0},
            "failed": {"type": "integer", "minimum": 0},
            "results": {"type": "array", "items": result(&left)},
        }), &["succeeded", "failed", "results"]),
        "Reconciled": object(json!({
            "finished": {"type": "integer", "minimum": 0},
            "still_open": {"type": "integer", "minimum": 0},
            "abandoned": {"type": "integer", "minimum": 0},
            "intents": {"type": "array", "items": object(json!({
                "what": {"type": "string"}, "since": {"type": "string"}, "finished": {"type": "boolean"}, "outcome": {"type": "string"},
            }), &["what", "since", "finished", "outcome"])},
        }), &["finished", "still_open", "abandoned", "intents"]),
        "Sites": object(json!({"sites": {"type": "array", "items": {"type": "string"}}}), &["sites"]),
        "Vrfs": object(json!({"vrfs": {"type": "array", "items": {"type": "string"}}}), &["vrfs"]),
        "Stats": object(json!({
            "total_segments": {"type": "integer", "minimum": 0},
            "allocated": {"type": "integer", "minimum": 0},
            "available": {"type": "integer", "minimum": 0},
            "released": {"type": "integer", "minimum": 0},
            "utilization": {"type": "number", "minimum": 0, "maximum": 100, "description": "Per cent, to one decimal."},
            "by_site": by,
            "by_vrf": by,
        }), &["total_segments", "allocated", "available", "released", "utilization", "by_site", "by_vrf"]),
        "Health": object(json!({
            "status": {"enum": ["ok", "failing"]},
            "version": {"type": "string"},
            "checks": {"type": "array", "items": object(json!({
                "name": {"type": "string"}, "ok": {"type": "boolean"}, "detail": {"type": "string"}, "remedy": {"type": "string"},
            }), &["name", "ok", "detail"])},
        }), &["status", "version"]),
        "Delivery": {"type": "object", "required": ["event", "timestamp", "object_type", "data"], "properties": {
            "event": {"enum": ["created", "updated", "deleted"]},
            "timestamp": {"type": "string", "format": "date-time"},
            "object_type": {"type": "string"},
            "data": {"type": "object", "description": "The object, as NetBox's REST API shows it."},
        }},
        "Heard": object(json!({
            "object_type": {"type": "string"}, "event": {"type": "string"}, "id": {},
            "done": {"enum": ["applied", "known", "not-ours", "refreshing", "nothing-known"]},
        }), &["object_type", "event", "id", "done"]),
        "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
        }),
        json!({
        "Problem": problem(true),
        "ProblemOfItem": problem(false),
        "Mistake": object(json!({
            "pointer": {"type": "string", "description": "A JSON pointer into the body (RFC 6901), or `?` and the name of a parameter."},
            "rule": {"type": "string", "description": "Which rule is broken: a stable word."},
            "detail": {"type": "string"},
            "expected": {"type": "string", "description": "What would be right."},
            "rival": {"type": ["string", "null"], "description": "The id of the segment in the way, if it is one."},
            "setting": {"type": "string", "description": "The setting that is wrong."},
        }), &["detail"]),
        }),
    ];
    let all = parts
        .into_iter()
        .filter_map(|part| part.as_object().cloned());
    all.flatten().collect::<Map<_, _>>().into()
}

fn forecast_segment() -> Value {
    let mut value = segment_and(json!({}), &[]);
    value["properties"]["id"]["type"] = json!(["string", "null"]);
    value
}

fn result(left: &Value) -> Value {
    let status = json!({"type": "integer"});
    let index = json!({"type": "integer", "minimum": 0, "description": "The place of the item in the list that was sent."});
    json!({"anyOf": [
        object(json!({"index": index, "status": status, "segment": schema("Segment"), "etag": {"type": "string"}, "message": {"type": "string"}}), &["index", "status", "segment", "etag"]),
        object(json!({"index": index, "status": status, "id": {"type": "string", "pattern": ID}, "left": left}), &["index", "status", "id", "left"]),
        object(json!({"index": index, "status": status, "problem": schema("ProblemOfItem")}), &["index", "status", "problem"]),
    ]})
}

fn problem(whole: bool) -> Value {
    let types: Vec<String> = Kind::ALL.iter().map(|kind| urn(*kind)).collect();
    let number = json!({"type": "integer", "minimum": 0});
    let mut properties = json!({
        "type": {"enum": types, "description": "The kind of problem: what programs look at."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": schema("Mistake")},
        "left": {"type": "array", "items": {"type": "string"}, "description": "What a failed write could not take back."},
        "counts": object(json!({"total": number, "allocated": number, "unsuitable": number}), &["total", "allocated", "unsuitable"]),
        "alternatives": {"type": "array", "items": object(json!({"site": {"type": "string"}, "vrf": {"type": "string"}, "available": number}), &["site", "vrf", "available"])},
    });
    let mut required = vec!["type", "title", "status", "detail"];
    if whole {
        properties["instance"] = json!({"type": "string", "description": "The path."});
        properties["request_id"] = json!({"type": "string"});
        required.extend(["instance", "request_id"]);
    }
    object(properties, &required)
}

fn urn(kind: Kind) -> String {
    format!("urn:segment-edge:problem:{}", kind.word())
}

/// The headers that only some kinds of problems have. An answer to a write that is final is kept for the next request with
/// its key, whatever it says.
pub(super) fn headers_of(kind: Kind) -> &'static [&'static str] {
    match kind.status() {
        StatusCode::UNAUTHORIZED => &["WWW-Authenticate"],
        StatusCode::SERVICE_UNAVAILABLE => &["Retry-After"],
        _ if matches!(kind, Kind::KeyRunning | Kind::Outrun) => &["Retry-After"],
        status if record::is_final(status.as_u16()) => &["Idempotency-Replayed"],
        _ => &[],
    }
}

pub(super) fn headers() -> Value {
    let text =
        |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let number = |description: &str| json!({"description": description, "schema": {"type": "integer", "minimum": 0}});
    json!({
        "X-Request-ID": text("Yours, or a new UUID; also in the log and in NetBox's change log."),
        "X-NetBox-Calls": number("The NetBox calls that this request made itself."),
        "Server-Timing": text("What NetBox took of the whole, in milliseconds (W3C)."),
        "Cache-Status": text("Whether the cache answered (RFC 9211)."),
        "Age": number("Seconds since the read of NetBox began that the answer rests on."),
        "Cache-Control": text("`no-cache`: only the service knows when something was written."),
        "ETag": text("Another one whenever the prefix or the VLAN of the segment is written."),
        "Location": text("The address of the new segment."),
        "Content-Disposition": text("The name of the file, with the date."),
        "Link": text("`rel=\"next\"`: the address of the next page, relative (RFC 8288)."),
        "X-Total-Count": number("How many segments are found, on all pages."),
        "Idempotency-Replayed": text("`true` on an answer that was given before to the same request."),
        "Retry-After": number("When to try again, in seconds."),
        "WWW-Authenticate": text("How to authenticate."),
    })
}

pub(super) fn parameters() -> Value {
    let query = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "query", "description": description, "schema": schema});
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "description": description, "schema": schema});
    // A text that nobody has finds nothing; one of white space alone is refused.
    let some = || json!({"type": "string", "pattern": NOT_BLANK});
    let truth = || json!({"type": "boolean"});
    let tags = || json!({"type": "string"});
    json!({
        "id": {"name": "id", "in": "path", "required": true, "description": "The id of a segment.", "schema": {"type": "string", "pattern": ID}, "example": "101"},
        "site": query("site", "At this site, whatever the case.", some()),
        "vrf": query("vrf", "In this VRF, exactly.", some()),
        "allocated": query("allocated", "Allocated, or not.", truth()),
        "vlan_id": query("vlan_id", "With this VLAN id.", json!({"type": "integer", "minimum": VlanId::MIN.get(), "maximum": VlanId::MAX.get()})),
        "cluster_name": query("cluster_name", "Allocated to this cluster, exactly.", some()),
        "q": query("q", "An address: the segments that contain it; a network: those that overlap it; a text: in names and descriptions.", some()),
        "q_required": {"name": "q", "in": "query", "required": true, "description": "An address, a network, or a text.", "schema": some(), "example": "172.20.0.0/24"},
        "limit": query("limit", "So many a page; without it the whole list.", json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT})),
        "cursor": query("cursor", "Of the header `Link`, as it was given.", json!({"type": "string", "pattern": CURSOR})),
        "dry_run": query("dry_run", "Check everything, change nothing, and say which writes would follow.", truth()),
        "atomic": query("atomic", "All or none (the default), or each item for itself.", truth()),
        "force": query("force", "Also finish what may still be at work: for when no other instance runs.", truth()),
        "deep": query("deep", "Look at NetBox, the token's rights and all objects that are needed. Takes a token.", truth()),
        "request_id": header("X-Request-ID", "Used and passed to NetBox, if it is 1 to 64 of `A-Z a-z 0-9 . _ -`; anything else is replaced by a new one.", json!({"type": "string"})),
        "idempotency_key": header("Idempotency-Key", "The write is carried out once; again, it is answered as before.", json!({"type": "string", "minLength": 1, "maxLength": key::LONGEST, "pattern": "^[!-~]+$"})),
        "if_match": header("If-Match", "Tags of which the segment must have one, or `*`.", tags()),
        "if_none_match": header("If-None-Match", "Tags: 304 when the segment has one of them.", tags()),
    })
}
