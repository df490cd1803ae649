use std::time::{Duration, Instant};

use bench_harness::netbox::{Double, Fault, Matcher};

use crate::support::{Edge, left_out_on_wasip2, recorded, settings};
use crate::{assert_busy, rows, segment};

/// As many writes as it takes until none of them reaches NetBox any more.
async fn drowned() -> (Double, Edge) {
    let (double, _) = recorded().await;
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "2");
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    double.fail_always(Matcher::any(), Fault::html(503, "<html>"));
    for n in 0..9 {
        let reply = edge.post("/api/segments", &segment(n)).await;
        assert_busy(&reply);
        if reply.netbox_calls() == 0 {
            return (double, edge);
        }
    }
    panic!("writes still reach NetBox");
}

/// Lets time pass without the instance being idle: the host would drop it, and what it knows of NetBox with it.
async fn pass(edge: &Edge, seconds: u64) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(seconds) {
        edge.get("/api/segments").await.expect(200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn writes_fail_fast_and_reads_go_on() {
    if left_out_on_wasip2("it needs what an instance learns from earlier requests") {
        return;
    }
    let (double, edge) = drowned().await;
    let mark = double.ledger().mark();
    let started = Instant::now();
    for n in 10..15 {
        let reply = edge.post("/api/segments", &segment(n)).await;
        assert!(assert_busy(&reply) <= 30);
        assert_eq!(reply.json().get("left"), None);
        let list = edge.get("/api/segments").await.expect(200);
        assert_eq!(list.header("x-total-count"), "100");
    }
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(double.ledger().since(mark).count(), 0);
    assert_eq!(rows(&double), (100, 100));
}

#[tokio::test]
async fn it_is_asked_once_after_a_while_and_left_alone_again() {
    if left_out_on_wasip2("it needs what an instance learns from earlier requests") {
        return;
    }
    let (_double, edge) = drowned().await;
    let seconds = assert_busy(&edge.post("/api/segments", &segment(10)).await);
    pass(&edge, seconds).await;
    // The one that finds out may look whether its write was carried out all the same; the others ask nothing.
    let mut asked = 0;
    for n in 10..14 {
        let reply = edge.post("/api/segments", &segment(n)).await;
        assert_busy(&reply);
        asked += usize::from(reply.netbox_calls() > 0);
    }
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn it_is_used_again_as_soon_as_it_answers() {
    if left_out_on_wasip2("it needs what an instance learns from earlier requests") {
        return;
    }
    let (double, edge) = drowned().await;
    double.heal();
    let started = Instant::now();
    loop {
        let reply = edge.post("/api/segments", &segment(0)).await;
        if reply.status == 201 {
            break;
        }
        let seconds = assert_busy(&reply);
        assert!(started.elapsed() < Duration::from_secs(60));
        pass(&edge, seconds).await;
    }
    for n in 1..5 {
        edge.post("/api/segments", &segment(n)).await.expect(201);
    }
    assert_eq!(rows(&double), (105, 105));
}
