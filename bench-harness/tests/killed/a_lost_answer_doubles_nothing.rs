use bench_harness::netbox::{Fault, Matcher};
use bench_harness::process::{Fate, Moment, Process};
use bytes::Bytes;
use http::{Method, Request, Response};

use crate::kit::{Lab, post, request, segment, value};

fn made(route: &str) -> Matcher {
    Matcher::call("POST", route)
}

async fn send(process: &Process, request: Request<Bytes>, status: u16) -> Response<Bytes> {
    let answer = process.send(request).await.unwrap();
    assert_eq!(answer.status().as_u16(), status, "{:?}", value(&answer));
    answer
}

/// A create sent again names the segment that is there.
async fn is_told_of(process: &Process, id: &str) {
    let again = send(process, post("/api/segments", &segment(0)), 409).await;
    let told = value(&again)["errors"].to_string();
    assert!(
        told.contains(&format!("segment {id} ")) || told.contains(&format!("\"{id}\"")),
        "{told}"
    );
}

#[tokio::test]
async fn netbox_made_it_and_its_answer_never_came() {
    for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
        let lab = Lab::new().await;
        let process = lab.warm().await;
        lab.double.fail_next(made(route), Fault::DropAfter);
        let first = value(&send(&process, post("/api/segments", &segment(0)), 201).await);
        assert_eq!(lab.counts(), (101, 101));
        is_told_of(&process, first["id"].as_str().unwrap()).await;
        assert_eq!(lab.counts(), (101, 101));
        lab.assert_sound(&process, route).await;
    }
}

#[tokio::test]
async fn the_host_died_when_netbox_had_made_it() {
    let lab = Lab::new().await;
    let process = lab.warm().await;
    let prefix = made("/api/ipam/prefixes/");
    let fate = process.killed_at(
        &lab.double,
        1,
        prefix,
        Moment::AfterTheWork,
        post("/api/segments", &segment(0)),
    );
    assert!(matches!(fate.await.unwrap(), Fate::Killed));
    let process = lab.served.start().await.unwrap();
    is_told_of(&process, "101").await;
    send(&process, crate::kit::reconcile(), 200).await;
    is_told_of(&process, "101").await;
    assert_eq!(lab.counts(), (101, 101));
    lab.assert_sound(&process, "after a reconciliation").await;
}

#[tokio::test]
async fn the_callers_connection_broke_and_the_key_brings_the_same_answer() {
    let lab = Lab::new().await;
    let process = lab.warm().await;
    let keyed = || request(&Method::POST, "/api/segments", Some("lost"), &segment(0));
    lab.double
        .fail_next(made("/api/ipam/prefixes/"), Fault::DropAfter);
    let first = send(&process, keyed(), 201).await;
    // The caller never saw it, and asks another host on the same store.
    process.kill().await.unwrap();
    let process = lab.served.start().await.unwrap();
    let again = send(&process, keyed(), 201).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.body(), first.body());
    assert_eq!(lab.counts(), (101, 101));
    lab.assert_sound(&process, "with a key").await;
}
