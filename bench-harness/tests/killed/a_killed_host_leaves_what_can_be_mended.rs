use std::time::Duration;

use bench_harness::netbox::Matcher;
use bench_harness::process::{Fate, Moment, Process};
use bytes::Bytes;
use http::{Method, Request, Response};

use crate::kit::{Lab, get, request, segment};
use crate::picture::wrongs;

fn create(key: &str) -> Request<Bytes> {
    request(&Method::POST, "/api/segments", Some(key), &segment(0))
}

/// Sends a create until it is answered with 201, for at most so many seconds.
async fn until_made(process: &Process, key: &str, seconds: u64) -> Response<Bytes> {
    let mut last = None;
    for _ in 0..seconds * 2 {
        let answer = process.send(create(key)).await.unwrap();
        if answer.status() == 201 {
            return answer;
        }
        last = Some(answer);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("it was not made: {last:?}");
}

#[tokio::test]
async fn a_key_of_a_killed_host_is_free_when_its_lease_is_over() {
    let lab = Lab::new().await;
    let vlan = Matcher::call("POST", "/api/ipam/vlans/");
    let process = lab.served.start().await.unwrap();
    let fate = process.killed_at(&lab.double, 1, vlan, Moment::AfterTheWork, create("key"));
    assert!(matches!(fate.await.unwrap(), Fate::Killed));

    let process = lab.served.start().await.unwrap();
    let refused = process.send(create("key")).await.unwrap();
    assert_eq!(refused.status(), 409);
    assert!(refused.headers().contains_key("retry-after"));
    // The lease of a key is 30 s.
    let made = until_made(&process, "key", 40).await;
    assert_eq!(wrongs(&lab.double), Vec::<String>::new());
    assert_eq!(lab.counts(), (101, 101));

    process.kill().await.unwrap();
    let process = lab.served.start().await.unwrap();
    let again = process.send(create("key")).await.unwrap();
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.body(), made.body());
}

#[tokio::test]
async fn a_request_that_makes_fewer_calls_is_answered() {
    let lab = Lab::new().await;
    let process = lab.served.start().await.unwrap();
    let far = process.killed_at(
        &lab.double,
        50,
        Matcher::any(),
        Moment::AfterTheWork,
        create("key"),
    );
    let Fate::Answered(answer, process) = far.await.unwrap() else {
        panic!("it was killed");
    };
    assert_eq!(answer.status(), 201);
    let list = process.send(get("/api/segments")).await.unwrap();
    assert_eq!(list.headers()["x-total-count"], "101");
}
