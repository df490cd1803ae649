use std::time::Duration;

use bench_harness::host::{KeyValue, Reuse, Settings};
use bench_harness::netbox::{Data, Double, Fault, Gate, Kind, Matcher};
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, counts, everything, warm, with};
use crate::support::{Edge, Reply, double, new_segment, settings, store};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

async fn keyed(edge: &Edge, method: Method, path: &str, key: &str, body: &Value) -> Reply {
    edge.call(method, path, &[("idempotency-key", key)], body)
        .await
}

async fn create(edge: &Edge, key: &str) -> Reply {
    keyed(edge, Method::POST, "/api/segments", key, &new_segment()).await
}

fn on(double: &Double, store: &KeyValue) -> Settings {
    settings(&double.url(), double.token()).store(store.clone())
}

/// Two components on one store, warm.
async fn two_on_one_store() -> (Double, Edge, Edge) {
    let double = double(Data::Recorded100).await;
    let store = store();
    let one = Edge::start(on(&double, &store)).await;
    let two = Edge::start(on(&double, &store)).await;
    for edge in [&one, &two] {
        edge.get("/api/segments").await.expect(200);
    }
    (double, one, two)
}

fn make_vlan() -> Matcher {
    Matcher::call("POST", "/api/ipam/vlans/")
}

fn kind(reply: &Reply) -> String {
    let kind = reply.json()["type"].as_str().unwrap_or_default().to_owned();
    kind.trim_start_matches("urn:segment-edge:problem:")
        .to_owned()
}

#[track_caller]
fn assert_replayed(again: &Reply, first: &Reply) {
    assert_eq!(again.header("idempotency-replayed"), "true", "{again:?}");
    assert_eq!(first.header("idempotency-replayed"), "", "{first:?}");
    assert_eq!(again.status, first.status);
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.netbox_calls(), 0);
    for name in ["location", "etag", "content-type", "content-length"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
}

#[tokio::test]
async fn every_kind_of_write_is_answered_again_without_a_call() {
    let (double, edge) = warm().await;
    let first = create(&edge, KEY).await.expect(201);
    assert_replayed(&create(&edge, KEY).await, &first);
    let address = first.header("location").to_owned();
    let put = with(new_segment(), json!({"description": "put"}));
    let patch = json!({"description": "patched"});
    for (method, body) in [
        (Method::PUT, &put),
        (Method::PATCH, &patch),
        (Method::DELETE, &Value::Null),
    ] {
        let key = format!("{KEY}-{method}");
        let first = keyed(&edge, method.clone(), &address, &key, body).await;
        assert!(first.status.is_success(), "{first:?}");
        let mark = double.ledger().mark();
        let again = keyed(&edge, method, &address, &key, body).await;
        assert_replayed(&again, &first);
        assert_eq!(double.ledger().since(mark).0.len(), 0);
    }
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn another_instance_and_another_host_on_the_store_give_the_first_answer() {
    let (double, one, two) = two_on_one_store().await;
    let first = create(&one, KEY).await.expect(201);
    one.host.recycle_and_wait().await;
    assert_replayed(&create(&one, KEY).await, &first);
    assert_replayed(&create(&two, KEY).await, &first);
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn a_restart_on_the_same_file_does_not_forget() {
    let double = double(Data::Recorded100).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let edge = Edge::start(on(&double, &KeyValue::file(&file).unwrap())).await;
    let first = create(&edge, KEY).await.expect(201);
    edge.host.recycle_and_wait().await;
    drop(edge);
    let mut reopened = KeyValue::file(&file);
    for _ in 0..100 {
        if reopened.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            reopened = KeyValue::file(&file);
        }
    }
    let edge = Edge::start(on(&double, &reopened.unwrap())).await;
    assert_replayed(&create(&edge, KEY).await, &first);
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn the_key_of_another_request_is_refused() {
    let (double, edge) = warm().await;
    let first = create(&edge, KEY).await.expect(201);
    let other = with(new_segment(), json!({"vlan_id": 3001}));
    let address = first.header("location").to_owned();
    for (method, path, body) in [
        (Method::POST, "/api/segments", &other),
        (Method::PUT, &address, &new_segment()),
        (Method::DELETE, &address, &Value::Null),
        (Method::POST, "/api/segments?dry_run=true", &new_segment()),
    ] {
        let refused = keyed(&edge, method, path, KEY, body).await.expect(422);
        assert_eq!(kind(&refused), "idempotency-key-reused");
        assert_eq!(refused.netbox_calls(), 0);
    }
    assert_eq!(counts(&double), (101, 101));
    // A slash at the end of the path makes no other request of it.
    let again = keyed(&edge, Method::POST, "/api/segments/", KEY, &new_segment()).await;
    assert_replayed(&again, &first);
}

#[tokio::test]
async fn of_two_instances_at_once_exactly_one_carries_it_out() {
    let (double, one, two) = two_on_one_store().await;
    double.set_latency(Duration::from_millis(100));
    for round in 0..8 {
        let key = format!("round-{round}");
        let body = with(
            new_segment(),
            json!({
                "vlan_id": 3000 + round,
                "epg_name": format!("EPG_{round}"),
                "segment": format!("172.20.{round}.0/24"),
            }),
        );
        let send = |edge| keyed(edge, Method::POST, "/api/segments", &key, &body);
        let (first, second) = tokio::join!(send(&one), send(&two));
        let (made, refused) = if first.status == 201 {
            (first, second)
        } else {
            (second, first)
        };
        let (made, refused) = (made.expect(201), refused.expect(409));
        assert_eq!(kind(&refused), "idempotency-key-running");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.netbox_calls(), 0);
        for edge in [&one, &two] {
            assert_replayed(&send(edge).await, &made);
        }
    }
    assert_eq!(counts(&double), (108, 108));
}

#[tokio::test]
async fn of_sixteen_at_once_in_one_instance_one_carries_it_out() {
    let (double, edge) = warm().await;
    double.set_latency(Duration::from_millis(20));
    let replies = join_all((0..16).map(|_| create(&edge, KEY))).await;
    let (made, rest): (Vec<Reply>, Vec<Reply>) =
        replies.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(made.len(), 1);
    for refused in rest {
        assert_eq!(kind(&refused.expect(409)), "idempotency-key-running");
    }
    assert_eq!(counts(&double), (101, 101));
    assert_replayed(&create(&edge, KEY).await, &made[0]);
}

#[tokio::test]
async fn of_many_fresh_instances_at_once_one_carries_it_out() {
    let double = double(Data::Recorded100).await;
    let alone = Reuse {
        max_requests: 1,
        max_concurrent: 1,
        ..Reuse::default()
    };
    let edge = Edge::start(on(&double, &store()).reuse(alone)).await;
    edge.get("/api/segments").await.expect(200);
    double.set_latency(Duration::from_millis(100));
    let replies = join_all((0..12).map(|_| create(&edge, KEY))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    let refused = replies.iter().filter(|reply| reply.status == 409).count();
    assert_eq!((made, refused), (1, 11));
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn a_request_that_failed_runs_anew_when_it_is_repeated() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    for fault in [
        Fault::html(500, "<h1>Server Error</h1>"),
        Fault::throttled(503, 40),
    ] {
        double.fail_always(make_vlan(), fault);
        let failed = create(&edge, KEY).await;
        double.heal();
        assert!(failed.status.is_server_error(), "{failed:?}");
        assert_as_before(&double, &before);
    }
    let made = create(&edge, KEY).await.expect(201);
    assert_replayed(&create(&edge, KEY).await, &made);
}

#[tokio::test]
async fn a_refusal_stays_a_refusal() {
    let (double, edge) = warm().await;
    let address = "/api/segments/1";
    let taken = with(new_segment(), json!({"segment": "10.0.0.0/24"}));
    for (method, path, body, status) in [
        (Method::POST, "/api/segments", &taken, 409),
        (Method::POST, "/api/segments", &json!({}), 422),
        (Method::DELETE, "/api/segments/99999", &Value::Null, 404),
    ] {
        let key = format!("{KEY}-{status}");
        let first = keyed(&edge, method.clone(), path, &key, body).await;
        let first = first.expect(status);
        edge.delete(address).await;
        assert_replayed(&keyed(&edge, method, path, &key, body).await, &first);
    }
    assert_eq!(counts(&double), (99, 99));
}

#[tokio::test]
async fn what_is_no_key_is_refused_and_so_is_a_key_on_a_read() {
    let (double, edge) = warm().await;
    for wrong in ["", "a b", &"k".repeat(256)] {
        let refused = create(&edge, wrong).await.expect(400);
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Idempotency-Key"), "{detail}");
        assert!(detail.contains("1 to 255 visible ASCII"), "{detail}");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    edge.call(Method::POST, "/api/segments", &twice, &new_segment())
        .await
        .expect(400);
    for path in [
        "/api/segments",
        "/api/segments/search?q=EPG",
        "/api/segments/1",
        "/api/stats",
        "/api/health",
    ] {
        for method in [Method::GET, Method::HEAD] {
            keyed(&edge, method, path, KEY, &Value::Null)
                .await
                .expect(400);
        }
    }
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn a_write_with_a_key_is_refused_while_the_store_fails() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(on(&double, &store)).await;
    edge.get("/api/segments").await.expect(200);
    store.set_failing(true);
    let refused = create(&edge, KEY).await.expect(503);
    assert_eq!(kind(&refused), "store-unavailable");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(refused.netbox_calls(), 0);
    assert_eq!(counts(&double), (100, 100));
    // Without a key nothing is asked of the store that could not be done without it.
    edge.post("/api/segments", &new_segment()).await.expect(201);
    store.set_failing(false);
    let other = with(
        new_segment(),
        json!({"vlan_id": 3001, "epg_name": "EPG_OTHER", "segment": "172.21.0.0/24"}),
    );
    keyed(&edge, Method::POST, "/api/segments", KEY, &other)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_store_that_fails_while_the_write_runs_does_not_hide_that_it_was_done() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(on(&double, &store)).await;
    edge.get("/api/segments").await.expect(200);
    let gate = Gate::closed();
    double.fail_next(make_vlan(), Fault::Hold(gate.clone()));
    let fail = async {
        gate.reached().await;
        store.set_failing(true);
        gate.open();
    };
    let (made, ()) = tokio::join!(create(&edge, KEY), fail);
    made.expect(201);
    store.set_failing(false);
    // Its answer could not be kept, so the key stays taken until the lease is over.
    let refused = create(&edge, KEY).await.expect(409);
    assert_eq!(kind(&refused), "idempotency-key-running");
}

#[tokio::test]
async fn a_request_that_runs_long_renews_its_mark() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(on(&double, &store).variable("netbox_timeout", "7")).await;
    edge.get("/api/segments").await.expect(200);
    for path in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
        let slow = Fault::Delay(Duration::from_secs(6));
        double.fail_next(Matcher::call("POST", path), slow);
    }
    let mark = || {
        let keys = store.keys().unwrap();
        let name = keys.iter().find(|key| key.contains("/once/")).unwrap();
        store.get(name).unwrap().unwrap()
    };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let first = mark();
        // It is renewed every 10 s.
        tokio::time::sleep(Duration::from_millis(6_500)).await;
        assert_ne!(mark(), first);
    };
    let (made, ()) = tokio::join!(create(&edge, KEY), meanwhile);
    assert_replayed(&create(&edge, KEY).await, &made.expect(201));
}

#[tokio::test]
async fn a_write_without_a_key_asks_the_store_for_no_more_than_before() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(on(&double, &store)).await;
    edge.get("/api/segments").await.expect(200);
    let before = store.ops();
    edge.post("/api/segments", &new_segment()).await.expect(201);
    let after = store.ops();
    assert_eq!(after.lists - before.lists, 1);
    assert_eq!(
        after.sets - before.sets,
        3,
        "its intent, its note, a new edition"
    );
    assert!(
        store
            .keys()
            .unwrap()
            .iter()
            .all(|key| !key.contains("/once/"))
    );
    // With a key: two looks, a mark and the answer.
    let before = store.ops();
    keyed(&edge, Method::DELETE, "/api/segments/1", KEY, &Value::Null)
        .await
        .expect(204);
    let after = store.ops();
    assert_eq!(after.lists - before.lists, 3);
    assert_eq!(
        after.sets - before.sets,
        5,
        "mark, intent, note, edition, answer"
    );
    assert!(double.state().get(Kind::Prefix, 1).is_none());
}
