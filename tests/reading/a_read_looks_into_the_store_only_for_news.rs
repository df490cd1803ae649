use std::time::Duration;

use bench_harness::host::KeyValue;
use bench_harness::netbox::Double;
use serde_json::json;

use crate::support::{Edge, is_wasip2, recorded, settings, store};

/// Two components on one store, both warm.
async fn two() -> (Edge, Edge, KeyValue, Double) {
    let (double, _) = recorded().await;
    let shared = store();
    let base = settings(&double.url(), double.token()).store(shared.clone());
    let (one, other) = (Edge::start(base.clone()).await, Edge::start(base).await);
    for edge in [&one, &other, &one, &other] {
        edge.get("/api/segments").await.expect(200);
    }
    (one, other, shared, double)
}

fn edition(shared: &KeyValue) -> (String, Vec<u8>) {
    let keys = shared.keys().unwrap();
    let key = keys.into_iter().find(|key| key.ends_with("/edition"));
    let key = key.expect("the store has an edition");
    let value = shared.get(&key).unwrap().unwrap();
    (key, value)
}

async fn rename(edge: &Edge, name: &str) {
    let body = json!({"cluster_name": name});
    edge.patch("/api/segments/1", &body).await.expect(200);
}

async fn shows(edge: &Edge, name: &str) -> bool {
    let list = edge.get("/api/segments").await.expect(200);
    let list = list.json();
    let mut segments = list.as_array().unwrap().iter();
    segments.any(|segment| segment["cluster_name"] == name)
}

#[tokio::test]
async fn while_nothing_is_added_the_keys_are_listed_at_most_once_a_second() {
    let (one, _other, shared, _double) = two().await;
    let before = shared.ops();
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        one.get("/api/segments").await.expect(200);
    }
    let after = shared.ops();
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
    let lists = after.lists - before.lists;
    // Of an instance that serves one request, each lists once: it knows nothing yet.
    let most = if is_wasip2() { 50 } else { 1 + seconds };
    assert!(lists <= most, "{lists} lists in {seconds} s");
    assert!(after.gets - before.gets >= 50, "each asks for the edition");
}

#[tokio::test]
async fn what_was_added_is_in_the_next_read() {
    let (one, other, shared, _double) = two().await;
    let lists = shared.ops().lists;
    for n in 0..5 {
        let name = format!("cl-{n}");
        rename(&one, &name).await;
        assert!(shows(&other, &name).await, "{name}");
    }
    assert!(
        shared.ops().lists - lists >= 5,
        "a new edition is looked into"
    );
}

#[tokio::test]
async fn what_came_without_a_new_edition_is_seen_within_a_second() {
    let (one, other, shared, _double) = two().await;
    let (key, value) = edition(&shared);
    rename(&one, "cl-late").await;
    // As if the writer had died before it said so.
    shared.set(&key, &value).unwrap();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert!(shows(&other, "cl-late").await);
}

#[tokio::test]
async fn a_store_without_an_edition_is_listed_by_each_read() {
    let (one, other, shared, _double) = two().await;
    rename(&one, "cl-old").await;
    shared.delete(&edition(&shared).0).unwrap();
    let lists = shared.ops().lists;
    assert!(shows(&other, "cl-old").await);
    assert!(shows(&other, "cl-old").await);
    assert_eq!(shared.ops().lists - lists, 2);
}
