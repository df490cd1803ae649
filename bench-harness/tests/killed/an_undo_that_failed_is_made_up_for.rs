use std::time::Duration;

use bench_harness::netbox::{Fault, Matcher};
use bench_harness::process::Process;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::kit::{Lab, get, patch, post, segment, value};
use crate::picture::Picture;

async fn send(process: &Process, request: Request<Bytes>) -> (StatusCode, Value) {
    let answer = process.send(request).await.unwrap();
    (answer.status(), value(&answer))
}

/// How many intents the deep health check counts as open.
async fn open(process: &Process) -> String {
    let (_, health) = send(process, get("/api/health?deep=true")).await;
    let checks = health["checks"].as_array().unwrap();
    let intents = checks
        .iter()
        .find(|check| check["name"] == "intents")
        .unwrap();
    assert_eq!(intents["ok"], true);
    intents["detail"].as_str().unwrap().to_owned()
}

async fn another_write(process: &Process) {
    let (status, body) = send(
        process,
        patch(
            "/api/segments/100",
            &json!({"description": "another write"}),
        ),
    )
    .await;
    assert_eq!(status, 200, "{body}");
}

fn refused() -> Fault {
    Fault::json(403, r#"{"detail":"not now"}"#)
}

#[tokio::test]
async fn by_the_next_write_when_a_vlan_could_not_be_taken_back() {
    let lab = Lab::new().await;
    let process = lab.warm().await;
    lab.double
        .fail_always(Matcher::call("POST", "/api/ipam/prefixes/"), refused());
    lab.double
        .fail_always(Matcher::call("DELETE", "/api/ipam/vlans/"), refused());
    let (status, body) = send(&process, post("/api/segments", &segment(0))).await;
    assert!(status.is_server_error(), "{body}");
    assert!(
        body["left"][0].as_str().unwrap().starts_with("VLAN "),
        "{body}"
    );
    assert_eq!(
        open(&process).await,
        "1 open, 1 of them left by their writers"
    );
    // NetBox still refuses, so the next write finds nothing to mend, and is done all the same.
    another_write(&process).await;
    assert_eq!(lab.counts(), (101, 100));
    lab.double.heal();
    tokio::time::sleep(Duration::from_millis(4_200)).await;
    another_write(&process).await;
    assert_eq!(lab.counts(), (100, 100));
    lab.assert_sound(&process, "a VLAN left behind").await;
}

#[tokio::test]
async fn by_the_next_write_when_a_move_could_not_be_written_back() {
    let lab = Lab::new().await;
    let process = lab.warm().await;
    let (status, body) = send(&process, post("/api/segments", &segment(0))).await;
    assert_eq!(status, 201, "{body}");
    let before = Picture::of(&lab.double);
    lab.double
        .fail_always(Matcher::call("PATCH", "/api/ipam/prefixes/"), refused());
    lab.double
        .fail_nth(2, Matcher::call("PATCH", "/api/ipam/vlans/"), refused());
    let (status, body) = send(
        &process,
        patch("/api/segments/101", &json!({"site": "site2"})),
    )
    .await;
    assert!(status.is_server_error(), "{body}");
    assert!(
        body["left"][0].as_str().unwrap().starts_with("VLAN "),
        "{body}"
    );
    assert_ne!(Picture::of(&lab.double), before);
    lab.double.heal();
    another_write(&process).await;
    let first = "\"10.0.99.0/24\"";
    let now = Picture::of(&lab.double).without(first);
    assert_eq!(
        now.differences(&before.without(first)),
        Vec::<String>::new()
    );
    lab.assert_sound(&process, "a move half undone").await;
}

#[tokio::test]
async fn and_a_create_that_was_made_by_a_second_try_stays() {
    for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
        let lab = Lab::new().await;
        let process = lab.warm().await;
        // Nobody knows whether NetBox will still make it.
        lab.double
            .fail_always(Matcher::call("POST", route), Fault::DropBefore);
        let (status, body) = send(&process, post("/api/segments", &segment(0))).await;
        assert!(status.is_server_error(), "{route}: {body}");
        lab.double.heal();
        let (status, body) = send(&process, post("/api/segments", &segment(0))).await;
        assert_eq!(status, 201, "{route}: {body}");
        tokio::time::sleep(Duration::from_millis(4_200)).await;
        another_write(&process).await;
        assert_eq!(lab.counts(), (101, 101), "{route}");
        lab.assert_sound(&process, route).await;
    }
}

#[tokio::test]
async fn and_a_change_that_was_made_by_a_second_try_stays() {
    for change in [
        json!({"epg_name": "EPG_OTHER"}),
        json!({"site": "site2"}),
        json!({"vrf": "Network2"}),
    ] {
        let lab = Lab::new().await;
        let process = lab.warm().await;
        let (status, body) = send(&process, post("/api/segments", &segment(0))).await;
        assert_eq!(status, 201, "{body}");
        lab.double
            .fail_always(Matcher::call("PATCH", "/api/ipam/"), Fault::DropBefore);
        let (status, body) = send(&process, patch("/api/segments/101", &change)).await;
        assert!(status.is_server_error(), "{change}: {body}");
        lab.double.heal();
        let mut made = send(&process, patch("/api/segments/101", &change)).await;
        for _ in 0..10 {
            if made.0 == 200 {
                break;
            }
            // It waits until nobody has to reckon with the first one any more.
            assert_eq!(
                made.1["type"], "urn:segment-edge:problem:outrun",
                "{change}"
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
            made = send(&process, patch("/api/segments/101", &change)).await;
        }
        assert_eq!(made.0, 200, "{change}: {}", made.1);
        tokio::time::sleep(Duration::from_millis(4_200)).await;
        another_write(&process).await;
        let (_, now) = send(&process, get("/api/segments/101")).await;
        for (name, value) in change.as_object().unwrap() {
            assert_eq!(now[name], *value, "{change}");
        }
        lab.assert_sound(&process, "a change tried again").await;
    }
}
