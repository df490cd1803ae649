use std::time::{Duration, Instant};

use bench_harness::netbox::{Data, Double, Fault, Gate, Matcher};

use crate::problems::{assert_problem, quick};
use crate::support::{Edge, Reply, double, is_wasip2, new_segment, settings, store};

/// A component whose catalogue is old, before a double that is well.
async fn with_an_old_catalogue() -> (Double, Edge, Reply) {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token())
        .store(store())
        .variable("cache_ttl", "1")
        .variable("stale_while_revalidate", "0");
    let edge = Edge::start(settings).await;
    let list = edge.get("/api/segments").await.expect(200);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    (double, edge, list)
}

#[tokio::test]
async fn reads_go_on_while_netbox_fails_and_writes_fail_clearly() {
    for (fault, at_once) in [
        (Fault::DropBefore, true),
        (Fault::html(502, "<html>"), false),
        (Fault::throttled(503, 30), false),
        (Fault::json(403, r#"{"detail":"no"}"#), true),
    ] {
        let (double, edge, before) = with_an_old_catalogue().await;
        double.fail_always(Matcher::any(), fault.clone());
        let started = Instant::now();
        let stale = quick(started, edge.get("/api/segments").await).expect(200);
        assert_eq!(stale.bytes, before.bytes);
        let status = stale.header("cache-status");
        assert!(status.contains("detail=stale-if-error"), "{status}");
        assert!(stale.header("age").parse::<u32>().unwrap() >= 1);

        let started = Instant::now();
        let write = quick(started, edge.post("/api/segments", &new_segment()).await);
        assert!(write.status.is_server_error(), "{fault:?}: {write:?}");

        double.heal();
        let fresh = edge.get("/api/segments").await.expect(200);
        // An overloaded NetBox is left alone for a while.
        let read_again = fresh.header("cache-status").contains("fwd=");
        assert!(read_again || !at_once, "{fresh:?}");
        assert_eq!(fresh.bytes, before.bytes);
    }
}

#[tokio::test]
async fn while_netbox_hangs_a_read_waits_two_seconds_and_the_next_ones_not_at_all() {
    let (double, edge, before) = with_an_old_catalogue().await;
    let gate = Gate::closed();
    double.fail_always(Matcher::any(), Fault::Hold(gate.clone()));
    let started = Instant::now();
    let stale = edge.get("/api/segments").await.expect(200);
    let took = started.elapsed();
    assert!(
        (Duration::from_millis(1_900)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
    assert!(stale.header("cache-status").contains("stale-if-error"));
    assert_eq!(stale.bytes, before.bytes);
    let started = Instant::now();
    let stale = edge.get("/api/segments").await.expect(200);
    // Only the instance that waited knows that waiting is in vain.
    let patience = if is_wasip2() { 4_000 } else { 500 };
    assert!(started.elapsed() < Duration::from_millis(patience));
    assert!(stale.header("cache-status").contains("stale-if-error"));
    double.edit(|db| db.rename_vlan(1, "EPG_RENAMED"));
    double.heal();
    gate.open();
    for _ in 0..100 {
        let later = edge.get("/api/segments/1").await.expect(200);
        if later.json()["epg_name"] == "EPG_RENAMED" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the read did not go on in the background");
}

#[tokio::test]
async fn a_new_instance_reads_on_from_the_store_when_netbox_is_gone() {
    let (double, edge, before) = with_an_old_catalogue().await;
    edge.host.recycle_and_wait().await;
    double.stop();
    let started = Instant::now();
    let stale = quick(started, edge.get("/api/segments").await).expect(200);
    assert_eq!(stale.bytes, before.bytes);
    assert!(stale.header("cache-status").contains("stale-if-error"));
    let write = edge.post("/api/segments", &new_segment()).await;
    assert_problem(&write, 503, "netbox-unreachable");
}

#[tokio::test]
async fn a_catalogue_older_than_allowed_answers_nothing() {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token())
        .variable("cache_ttl", "1")
        .variable("stale_while_revalidate", "0")
        .variable("stale_if_error", "0");
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    double.fail_always(Matcher::any(), Fault::html(502, "<html>"));
    let reply = edge.get("/api/segments").await;
    assert_problem(&reply, 502, "netbox-unusable");
}
