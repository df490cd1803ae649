use std::path::Path;
use std::time::Duration;

use bench_harness::host::KeyValue;
use serde_json::json;

use crate::support::{Edge, is_wasip2, new_segment, recorded, settings, store};

/// Opens the store again; the host that had it may need a moment to let go.
async fn reopen(path: &Path) -> KeyValue {
    for _ in 0..500 {
        if let Ok(store) = KeyValue::file(path) {
            return store;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    KeyValue::file(path).expect("the stopped host lets go of its store")
}

#[tokio::test]
async fn a_restart_on_a_file_store_needs_no_netbox_call() {
    let (double, _) = recorded().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let base = settings(&double.url(), double.token());
    let before = {
        let store = KeyValue::file(&path).unwrap();
        let edge = Edge::start(base.clone().store(store)).await;
        let reply = edge.get("/api/segments").await.expect(200);
        edge.host.recycle_and_wait().await;
        reply
    };
    assert_eq!(before.netbox_calls(), 1);
    let edge = Edge::start(base.store(reopen(&path).await)).await;
    let after = edge.get("/api/segments").await.expect(200);
    assert_eq!(after.netbox_calls(), 0);
    assert_eq!(after.bytes, before.bytes);
    assert_eq!(double.ledger().count(), 1);
}

#[tokio::test]
async fn a_broken_store_costs_calls_and_nothing_else() {
    let (double, sound) = recorded().await;
    let expected = sound.get("/api/segments").await.expect(200).bytes;
    let broken = store();
    broken.set_failing(true);
    let base = settings(&double.url(), double.token());
    let edge = Edge::start(base.store(broken.clone())).await;
    let first = edge.get("/api/segments").await.expect(200);
    assert_eq!((first.netbox_calls(), &first.bytes), (1, &expected));
    let warm = edge.get("/api/segments").await.expect(200);
    // Without a store, what is known is gone with the instance, and on WASIp2 that serves one request.
    let again = u32::from(is_wasip2());
    assert_eq!((warm.netbox_calls(), &warm.bytes), (again, &expected));
    edge.host.recycle_and_wait().await;
    let cold = edge.get("/api/segments").await.expect(200);
    assert_eq!((cold.netbox_calls(), &cold.bytes), (1, &expected));
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let seen = edge.get(&format!("/api/segments/{id}")).await.expect(200);
    assert_eq!(seen.netbox_calls(), again);
    assert!(broken.keys().unwrap().is_empty(), "nothing was stored");
}

#[tokio::test]
async fn a_write_through_one_host_is_seen_at_once_by_another() {
    let (double, _) = recorded().await;
    let shared = settings(&double.url(), double.token()).store(store());
    let one = Edge::start(shared.clone()).await;
    let other = Edge::start(shared).await;
    one.get("/api/segments").await.expect(200);
    other.get("/api/segments").await.expect(200);

    let made = one.post("/api/segments", &new_segment()).await.expect(201);
    let path = made.header("location").to_owned();
    let seen = other.get(&path).await.expect(200);
    assert_eq!(seen.netbox_calls(), 0);
    assert_eq!(seen.json()["epg_name"], "EPG_NEW");
    assert_eq!(seen.header("etag"), made.header("etag"));

    let body = json!({"cluster_name": "cl-new"});
    other.patch(&path, &body).await.expect(200);
    let seen = one.get("/api/segments?cluster_name=cl-new").await;
    let seen = seen.expect(200);
    assert_eq!(seen.header("x-total-count"), "1");
    assert_eq!(seen.netbox_calls(), 0);

    let body = json!({"cluster_name": null});
    one.patch(&path, &body).await.expect(200);
    other.delete(&path).await.expect(204);
    let list = one.get("/api/segments").await.expect(200);
    assert_eq!(list.netbox_calls(), 0);
    assert_eq!(list.header("x-total-count"), "100");
}
