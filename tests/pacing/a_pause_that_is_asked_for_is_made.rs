use std::time::{Duration, Instant};

use bench_harness::netbox::{Fault, Matcher};
use futures::future::join_all;

use crate::support::recorded;
use crate::{rows, segment};

const PAUSE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_create_succeeds_after_the_pause_and_makes_nothing_twice() {
    for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
        let (double, edge) = recorded().await;
        edge.get("/api/segments").await.expect(200);
        let mark = double.ledger().mark();
        double.fail_next(Matcher::call("POST", route), Fault::throttled(429, 1));
        let started = Instant::now();
        edge.post("/api/segments", &segment(0)).await.expect(201);
        assert!(started.elapsed() >= PAUSE, "{route}");
        assert_eq!(rows(&double), (101, 101), "{route}");
        assert_eq!(double.ledger().since(mark).count(), 4, "{route}");
    }
}

#[tokio::test]
async fn every_other_call_of_the_instance_waits_too() {
    let (double, edge) = recorded().await;
    edge.get("/api/segments").await.expect(200);
    let post = Matcher::call("POST", "/api/ipam/vlans/");
    double.fail_next(post, Fault::throttled(429, 1));
    let mark = double.ledger().mark();
    let bodies: Vec<_> = (0..6).map(segment).collect();
    let replies = join_all(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
    for reply in replies {
        reply.expect(201);
    }
    assert_eq!(rows(&double), (106, 106));
    let calls = double.ledger().since(mark).0;
    let told = calls.iter().find(|call| call.status == 429).unwrap();
    let told_at = told.end.unwrap();
    let pause = u64::try_from(PAUSE.as_micros()).unwrap();
    // Calls that were on their way when the answer came, and the moment it took to come, are not held against it.
    let on_their_way = told_at + 100_000;
    let held = calls
        .iter()
        .all(|call| call.start < on_their_way || call.start >= told_at + pause);
    assert!(held, "{calls:#?}");
}
