use std::collections::BTreeSet;

use bench_harness::netbox::{Fault, Kind, Matcher};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::asked::{Ask, draft};
use crate::described::{Operation, described_fields, operations};
use crate::grounds::{
    Ground, READER, ROOM, failing, ground, guarded, slow, unprepared, unreachable,
};
use crate::support::contract::{Seen, seen};
use crate::support::{Edge, Reply};

/// Problems that take a rival at the right moment, or come from NetBox's own rules: who provokes each, where they are
/// provoked at all, are the tests in `writing`, `lists` and `races`.
const OF_RIVALS: [&str; 3] = ["outrun", "changed", "netbox-refused"];

#[tokio::test(flavor = "multi_thread")]
async fn every_described_status_problem_and_field_is_served() {
    wrong_requests().await;
    tokens_and_keys().await;
    failing_netboxes().await;
    of_one_segment().await;
    of_lists().await;
    allocation_and_room().await;
    operation_of_the_service().await;
    rivals().await;
    let seen = seen();
    let fields = described_fields();
    let fields = fields.difference(&seen.fields).cloned();
    let missing: Vec<String> = missing_statuses(&seen)
        .into_iter()
        .chain(missing_problems(&seen))
        .chain(fields)
        .collect();
    assert!(
        missing.is_empty(),
        "described, and never served: {missing:#?}"
    );
}

fn missing_statuses(seen: &Seen) -> Vec<String> {
    let mut missing = Vec::new();
    for operation in operations() {
        for status in operation.responses().keys() {
            let pair = (operation.id().to_owned(), status.clone());
            if !seen.answers.contains(&pair) {
                missing.push(format!("{} {status}", operation.id()));
            }
        }
    }
    missing
}

fn missing_problems(seen: &Seen) -> Vec<String> {
    let mut missing = Vec::new();
    let mut kinds = BTreeSet::new();
    for operation in operations() {
        for kind in operation.problems() {
            let pair = (operation.id().to_owned(), kind.to_owned());
            if seen.problems.contains(&pair) {
                kinds.insert(kind);
            } else if !OF_RIVALS.contains(&kind) {
                missing.push(format!("{} {kind}", operation.id()));
            }
        }
    }
    let never = OF_RIVALS.iter().filter(|kind| !kinds.contains(*kind));
    missing.extend(never.map(|kind| (*kind).to_owned()));
    missing
}

/// Every operation for which `fits`, asked as the description shows, but for `change`.
async fn each(
    edge: &Edge,
    fits: impl Fn(&Operation) -> bool,
    change: impl Fn(Ask) -> Ask,
) -> Vec<Reply> {
    let chosen = operations().into_iter().filter(|o| fits(o));
    let asks: Vec<Ask> = chosen.map(|o| change(o.ask())).collect();
    let mut replies = Vec::new();
    for ask in asks {
        replies.push(ask.of(edge).await);
    }
    replies
}

fn one(id: &str) -> Ask {
    let operations = operations();
    let found = operations.iter().find(|o| o.id() == id);
    found.expect("such an operation").ask()
}

fn writes(operation: &Operation) -> bool {
    operation.takes("idempotency_key")
}

async fn wrong_requests() {
    let Ground { double: _up, edge } = ground(|s| s).await;
    each(&edge, |_| true, |a| a.query("no_such_parameter=1")).await;
    let with_body = |o: &Operation| o.has_body();
    let read = |o: &Operation| o.has_body() && o.id() != "hearNetbox";
    each(&edge, read, |a| a.body("text/plain", "hello")).await;
    each(&edge, read, |a| a.json(&json!({"no_such_field": 1}))).await;
    let unknown = |o: &Operation| o.template.contains("{id}");
    each(&edge, unknown, |a| a.id(99_999)).await;
    let no_path = |o: &Operation| o.template == "/api/segments/{id}";
    each(&edge, no_path, |a| a.id("nonsense")).await;
    let large = format!("[{}]", " ".repeat(2_000_000));
    each(&edge, with_body, |a| a.body("application/json", &large)).await;
    let wrong = ground(|s| s.variable("cache_ttl", "soon")).await;
    each(&wrong.edge, |_| true, |a| a).await;
}

async fn tokens_and_keys() {
    let Ground { double: _up, edge } = guarded().await;
    let guarded = |o: &Operation| o.answers(401);
    each(&edge, guarded, |a| match a.operation.id() {
        "health" => a.query("deep=true"),
        "hearNetbox" => a.header("x-hook-signature", "00"),
        _ => a,
    })
    .await;
    let reader = format!("Bearer {READER}");
    each(&edge, writes, |a| a.header("authorization", &reader)).await;

    let Ground { double: _up, edge } = ground(|s| s).await;
    for operation in operations().into_iter().filter(writes) {
        let key = format!("key-of-{}", operation.id());
        let ask = operation.ask().header("idempotency-key", &key);
        ask.of(&edge).await;
        let other = match operation.id() {
            "reconcile" => ask.query("force=true"),
            _ => ask.query("dry_run=true"),
        };
        other.gives(&edge, 422).await;
    }
    let keyed = |a: Ask| a.header("idempotency-key", "one-key");
    for operation in operations().into_iter().filter(writes) {
        let Ground { double: _up, edge } = ground(|s| {
            s.store.set_delay(std::time::Duration::from_millis(20));
            s
        })
        .await;
        let ask = keyed(operation.ask());
        let replies = join_all((0..4).map(|_| ask.of(&edge))).await;
        let running = replies.iter().any(|r| {
            r.status == 409
                && r.json()["type"] == "urn:segment-edge:problem:idempotency-key-running"
        });
        assert!(running, "{}: {replies:#?}", operation.id());
    }
    let Ground { double: _up, edge } = ground(|s| {
        s.store.set_failing(true);
        s
    })
    .await;
    each(&edge, writes, keyed).await;
    one("getMetrics").gives(&edge, 503).await;
}

/// As [`each`], each on a ground of its own: after some failures NetBox is left alone.
async fn each_alone<G: Future<Output = Ground>>(made: impl Fn() -> G) {
    let chosen = operations().into_iter().filter(|o| o.answers(504));
    let asked = chosen.map(|operation| {
        let ground = made();
        async move {
            let ground = ground.await;
            operation.ask().of(&ground.edge).await;
        }
    });
    join_all(asked).await;
}

async fn failing_netboxes() {
    each(&unreachable().await, |o| o.answers(504), |a| a).await;
    each_alone(|| failing(Fault::throttled(429, 40))).await;
    each_alone(|| failing(Fault::html(500, "<html>"))).await;
    let no_token = r#"{"detail":"Invalid v2 token"}"#;
    each_alone(|| failing(Fault::json(403, no_token))).await;
    each_alone(slow).await;
    each_alone(unprepared).await;
}

async fn of_one_segment() {
    let Ground { double: _up, edge } = ground(|s| s).await;
    let made = one("createSegment").json(&draft(1)).gives(&edge, 201).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    one("createSegment").json(&draft(1)).gives(&edge, 409).await;
    let dry = one("createSegment").query("dry_run=true");
    dry.json(&draft(2)).gives(&edge, 200).await;
    let got = one("getSegment").id(&id).gives(&edge, 200).await;
    let tag = got.header("etag").to_owned();
    let again = one("getSegment").id(&id).header("if-none-match", &tag);
    again.gives(&edge, 304).await;
    for operation in ["replaceSegment", "changeSegment", "setClusters"] {
        let ask = match operation {
            "replaceSegment" => one(operation).json(&draft(1)),
            _ => one(operation),
        };
        let stale = ask.clone().id(&id).header("if-match", "\"0\"");
        stale.gives(&edge, 412).await;
        let taken = match operation {
            "replaceSegment" => ask.clone().json(&json!({"site": "site1", "vrf": "Network1", "vlan_id": 3001, "epg_name": "EPG_X", "segment": "10.0.0.0/24"})),
            "changeSegment" => ask.clone().json(&json!({"segment": "10.0.0.0/24"})),
            _ => ask.clone().json(&json!({"clusters": []})),
        };
        taken.id(&id).of(&edge).await;
        ask.clone()
            .id(&id)
            .query("dry_run=true")
            .gives(&edge, 200)
            .await;
        ask.id(&id).gives(&edge, 200).await;
    }
    // Now it is allocated.
    one("deleteSegment").id(&id).gives(&edge, 409).await;
    let free = json!({"clusters": []});
    one("setClusters")
        .id(&id)
        .json(&free)
        .gives(&edge, 200)
        .await;
    let stale = one("deleteSegment").id(&id).header("if-match", "\"0\"");
    stale.gives(&edge, 412).await;
    one("deleteSegment")
        .id(&id)
        .query("dry_run=true")
        .gives(&edge, 200)
        .await;
    one("deleteSegment").id(&id).gives(&edge, 204).await;

    what_is_left().await;

    let Ground { double: _up, edge } = ground(|s| s.variable("require_if_match", "on")).await;
    let needs = |o: &Operation| o.answers(428) && o.template.contains("{id}");
    each(&edge, needs, |a| a).await;
}

/// Writes that fail half-way, and can't be taken back.
async fn what_is_left() {
    let Ground { double, edge } = ground(|s| s).await;
    let made = json!([draft(1), draft(2)]);
    let made = one("createSegments").json(&made).of(&edge).await;
    let made = made.expect(201).json();
    let fault = || Fault::json(500, r#"{"error":"out of order"}"#);
    double.fail_always(Matcher::call("DELETE", "/api/ipam/vlans/"), fault());
    let [first, second] = [0, 1].map(|at| made["results"][at]["segment"]["id"].clone());
    let id = first.as_str().unwrap();
    one("deleteSegment").id(id).gives(&edge, 200).await;
    let ids = json!([second]);
    one("deleteSegments").json(&ids).gives(&edge, 200).await;
    double.fail_always(Matcher::call("POST", "/api/ipam/prefixes/"), fault());
    one("createSegment").json(&draft(3)).of(&edge).await;
    let each = one("createSegments").query("atomic=false");
    each.json(&json!([draft(4), draft(5)])).of(&edge).await;
    double.heal();
    one("reconcile").query("force=true").gives(&edge, 200).await;
}

/// An answer that no store takes is not kept.
async fn what_is_too_large_to_keep() {
    let Ground { double: _up, edge } = ground(|s| s).await;
    let clusters = |at: u32| -> String {
        let names: Vec<String> = (0..30)
            .map(|n| format!("{at}-{n}-{}", "x".repeat(54)))
            .collect();
        names.join(",")
    };
    let many = (0..500u32).map(|at| {
        let segment = format!("172.20.{}.{}/28", at / 16, at % 16 * 16);
        json!({"site": "site1", "vrf": "Network1", "vlan_id": 1000 + at, "epg_name": format!("EPG_{at}"),
            "segment": segment, "cluster_name": clusters(at)})
    });
    let ask = one("createSegments").json(&many.collect::<Vec<_>>().into());
    let ask = ask.header("idempotency-key", "large");
    ask.gives(&edge, 201).await;
    ask.gives(&edge, 201).await;
}

async fn of_lists() {
    what_is_too_large_to_keep().await;
    let Ground { double: _up, edge } = ground(|s| s).await;
    let made = json!([draft(1), draft(2), draft(3)]);
    one("createSegments")
        .json(&made)
        .query("dry_run=true")
        .gives(&edge, 200)
        .await;
    let made = one("createSegments")
        .json(&made)
        .gives(&edge, 201)
        .await
        .json();
    let ids: Vec<String> = made["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["segment"]["id"].as_str().unwrap().to_owned())
        .collect();
    let mixed = json!([draft(4), draft(1)]);
    one("createSegments").json(&mixed).gives(&edge, 409).await;
    one("createSegments")
        .json(&mixed)
        .query("atomic=false")
        .gives(&edge, 207)
        .await;
    let change = |id: &str, tag: &str| json!({"id": id, "dhcp": false, "if_match": tag});
    let of = |items: Vec<Value>| Value::from(items);
    for operation in ["changeSegments", "deleteSegments"] {
        let item = |id: &str, tag: &str| match operation {
            "changeSegments" => change(id, tag),
            _ => json!({"id": id, "if_match": tag}),
        };
        let ask = |items: Vec<Value>| one(operation).json(&of(items));
        ask(vec![item(&ids[0], "\"0\"")]).gives(&edge, 412).await;
        ask(vec![item("99999", "*")]).gives(&edge, 404).await;
        ask(vec![item(&ids[0], "*")])
            .query("dry_run=true")
            .gives(&edge, 200)
            .await;
        ask(vec![item(&ids[0], "*"), item("99999", "*")])
            .query("atomic=false")
            .gives(&edge, 207)
            .await;
        ask(vec![item(&ids[1], "*")]).gives(&edge, 200).await;
    }
    let taken = json!([{"id": ids[2], "segment": "10.0.0.0/24"}]);
    one("changeSegments").json(&taken).gives(&edge, 409).await;
    let used = one("setClusters")
        .id(&ids[2])
        .gives(&edge, 200)
        .await
        .json();
    one("deleteSegments")
        .json(&json!([used["id"]]))
        .gives(&edge, 409)
        .await;

    let Ground { double: _up, edge } = ground(|s| s.variable("require_if_match", "on")).await;
    one("changeSegments")
        .json(&json!([{"id": "1", "dhcp": true}]))
        .gives(&edge, 428)
        .await;
    one("deleteSegments")
        .json(&json!(["1"]))
        .gives(&edge, 428)
        .await;
}

async fn allocation_and_room() {
    let Ground { double: _up, edge } = ground(|s| s).await;
    let place =
        |cluster: &str| json!({"cluster_name": cluster, "site": "site1", "vrf": "Network1"});
    let nowhere = |cluster: &str| json!({"cluster_name": cluster, "site": "site1", "vrf": "Network1", "prefix_length": 17});
    one("allocate")
        .json(&place("shop"))
        .query("dry_run=true")
        .gives(&edge, 200)
        .await;
    one("allocate").json(&place("shop")).gives(&edge, 200).await;
    one("allocate")
        .json(&nowhere("other"))
        .gives(&edge, 409)
        .await;
    one("allocate")
        .json(&json!([place("a"), nowhere("b")]))
        .query("atomic=false")
        .gives(&edge, 207)
        .await;
    one("allocate")
        .json(&json!([place("c"), nowhere("d")]))
        .of(&edge)
        .await;
    let full = json!({"cluster_name": "shop", "site": "site2", "vrf": "Network1"});
    one("allocate").json(&full).gives(&edge, 409).await;
    let each = one("allocate").query("atomic=false");
    each.json(&json!([full])).gives(&edge, 207).await;
    one("release")
        .json(&json!([place("c"), place("nobody")]))
        .of(&edge)
        .await;
    one("release")
        .json(&json!([place("a"), place("nobody")]))
        .query("atomic=false")
        .gives(&edge, 207)
        .await;
    one("release")
        .json(&place("shop"))
        .query("dry_run=true")
        .gives(&edge, 200)
        .await;
    one("release").json(&place("shop")).gives(&edge, 200).await;
    one("release").json(&place("shop")).gives(&edge, 404).await;
    one("allocate").json(&place("two")).gives(&edge, 200).await;
    let free = one("listSegments").query("site=site1&vrf=Network1&allocated=false");
    let free = free.gives(&edge, 200).await.json();
    let other = free[0]["id"].as_str().unwrap();
    let two = json!({"clusters": ["two"]});
    one("setClusters")
        .id(other)
        .json(&two)
        .gives(&edge, 200)
        .await;
    one("release").json(&place("two")).gives(&edge, 409).await;
    let name_taken = json!({"site": "site1", "vrf": "Network1", "prefix_length": 28, "epg_name": "EPG_Network1_Site1_100"});
    let room = ground(|s| s.variable("site_prefixes", ROOM)).await;
    let ask = one("provision");
    ask.clone()
        .query("dry_run=true")
        .gives(&room.edge, 200)
        .await;
    ask.clone().json(&name_taken).gives(&room.edge, 409).await;
    ask.clone().gives(&room.edge, 201).await;
    ask.gives(&room.edge, 409).await;
}

async fn operation_of_the_service() {
    let Ground { double: _up, edge } = ground(|s| s).await;
    each(&edge, |o| o.method == http::Method::GET, |a| a).await;
    one("health").query("deep=true").gives(&edge, 200).await;
    one("health")
        .query("deep=true")
        .gives(&unreachable().await, 503)
        .await;
    one("hearNetbox").gives(&edge, 202).await;
    one("reconcile").gives(&edge, 200).await;
    let off = ground(|s| s.variable("webhook_secret", "")).await;
    one("hearNetbox").gives(&off.edge, 404).await;
}

/// Whatever is written, somebody else was faster, or NetBox has a rule against it.
async fn rivals() {
    let stale = Fault::json(412, r#"{"detail":"Precondition failed."}"#);
    let gone = Fault::json(404, r#"{"detail":"No Prefix matches the given query."}"#);
    let refused = Fault::json(400, r#"{"__all__":["A rule of NetBox."]}"#);
    for fault in [stale, gone, refused] {
        let Ground { double, edge } = ground(|s| s).await;
        let made = one("createSegment").json(&draft(1)).gives(&edge, 201).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        one("allocate").gives(&edge, 200).await;
        for method in ["POST", "PATCH", "PUT", "DELETE"] {
            double.fail_always(Matcher::call(method, "/api/ipam/"), fault.clone());
        }
        one("createSegment").json(&draft(2)).of(&edge).await;
        one("changeSegment").id(&id).of(&edge).await;
        one("deleteSegment").id(&id).of(&edge).await;
        let other = json!({"cluster_name": "other", "site": "site1", "vrf": "Network1"});
        one("allocate").json(&other).of(&edge).await;
        one("release").of(&edge).await;
    }
    let Ground { double, edge } = ground(|s| s).await;
    let given = one("allocate").gives(&edge, 200).await.json();
    let id = given["id"].as_str().unwrap().parse().unwrap();
    assert!(double.edit(|db| db.delete(Kind::Prefix, id)));
    one("release").gives(&edge, 404).await;
}
