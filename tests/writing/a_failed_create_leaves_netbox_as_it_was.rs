use std::time::Duration;

use bench_harness::netbox::{Double, Fault, Kind, Matcher};
use serde_json::json;

use crate::rows::{assert_as_before, counts, everything, exists, id, vlan_of, warm, with};
use crate::support::{Edge, double, new_segment, settings};

fn make_prefix() -> Matcher {
    Matcher::call("POST", "/api/ipam/prefixes/")
}

fn make_vlan() -> Matcher {
    Matcher::call("POST", "/api/ipam/vlans/")
}

fn remove_vlan() -> Matcher {
    Matcher::call("DELETE", "/api/ipam/vlans/")
}

fn server_error() -> Fault {
    Fault::html(500, "<h1>Server Error</h1>")
}

fn after_the_work(status: u16) -> Fault {
    Fault::AnswerAfter {
        status,
        content_type: "text/html".into(),
        body: "<h1>Gateway Timeout</h1>".into(),
    }
}

/// A create fails because of `fault`, leaves nothing, and the same create works afterwards.
async fn fails_without_a_trace(matcher: Matcher, fault: Fault, status: u16) {
    let (double, edge) = warm().await;
    let before = everything(&double);
    double.fail_always(matcher, fault.clone());
    let failed = edge.post("/api/segments", &new_segment()).await;
    double.heal();
    assert_eq!(failed.status, status, "{fault:?}: {failed:?}");
    assert!(failed.json()["left"].is_null(), "{fault:?}");
    assert_as_before(&double, &before);
    // Nothing remembers the VLAN that was taken back.
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let address = format!("/api/segments/{}", id(&made.json()));
    edge.delete(&address).await.expect(204);
    assert_as_before(&double, &before);
}

/// The answer to a create is lost or wrong although it was done: 201, since it is there.
async fn is_found_to_be_done(matcher: Matcher, fault: Fault) {
    let (double, edge) = warm().await;
    double.fail_next(matcher, fault);
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    assert_eq!(counts(&double), (101, 101));
    assert_eq!(vlan_of(&double, id(&made.json())).int("vid"), 3000);
}

#[tokio::test]
async fn when_netbox_refuses_the_prefix() {
    let refusal = Fault::json(400, r#"{"prefix":["not today"]}"#);
    fails_without_a_trace(make_prefix(), refusal, 422).await;
}

#[tokio::test]
async fn when_netbox_breaks_at_the_prefix() {
    fails_without_a_trace(make_prefix(), server_error(), 502).await;
}

#[tokio::test]
async fn when_the_connection_breaks_before_the_prefix_is_made() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    double.fail_next(make_prefix(), Fault::DropBefore);
    let failed = edge.post("/api/segments", &new_segment()).await;
    assert!(failed.status.is_server_error(), "{failed:?}");
    assert_as_before(&double, &before);
    edge.post("/api/segments", &new_segment()).await.expect(201);
}

#[tokio::test]
async fn when_netbox_asks_to_slow_down_at_the_prefix() {
    fails_without_a_trace(make_prefix(), Fault::throttled(503, 1), 503).await;
}

#[tokio::test]
async fn when_netbox_forbids_the_vlan() {
    let refusal = Fault::json(403, r#"{"detail":"You do not have permission"}"#);
    fails_without_a_trace(make_vlan(), refusal, 502).await;
}

#[tokio::test]
async fn when_the_vlan_id_is_free_again_for_another_epg() {
    let (double, edge) = warm().await;
    double.fail_next(
        make_prefix(),
        Fault::json(400, r#"{"prefix":["not today"]}"#),
    );
    edge.post("/api/segments", &new_segment()).await.expect(422);
    let other = with(new_segment(), json!({"epg_name": "EPG_OTHER"}));
    edge.post("/api/segments", &other).await.expect(201);
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn when_nobody_can_say_whether_there_is_a_rival() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let look = Matcher::graphql();
    double.fail_times(3, look, server_error());
    let failed = edge.post("/api/segments", &new_segment()).await;
    assert_eq!(failed.status, 502, "{failed:?}");
    assert_as_before(&double, &before);
    edge.post("/api/segments", &new_segment()).await.expect(201);
}

#[tokio::test]
async fn unless_it_was_done_although_the_answer_was_lost() {
    is_found_to_be_done(make_prefix(), Fault::DropAfter).await;
    is_found_to_be_done(make_vlan(), Fault::DropAfter).await;
}

#[tokio::test]
async fn unless_it_was_done_although_a_proxy_said_otherwise() {
    is_found_to_be_done(make_prefix(), after_the_work(504)).await;
    is_found_to_be_done(make_vlan(), after_the_work(502)).await;
}

/// A double, and the component that waits one second for it.
async fn impatient() -> (Double, Edge) {
    let double = double(bench_harness::netbox::Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "1");
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    (double, edge)
}

#[tokio::test]
async fn when_netbox_takes_longer_than_we_wait() {
    let (double, edge) = impatient().await;
    let before = everything(&double);
    double.fail_next(make_prefix(), Fault::Delay(Duration::from_millis(1_600)));
    let failed = edge.post("/api/segments", &new_segment()).await;
    assert!(failed.status.is_server_error(), "{failed:?}");
    // What the double still does of it must find no VLAN to be on.
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn or_says_what_is_left_and_the_next_write_removes_it() {
    let (double, edge) = warm().await;
    double.fail_always(make_prefix(), server_error());
    double.fail_always(remove_vlan(), server_error());
    let failed = edge.post("/api/segments", &new_segment()).await.expect(502);
    double.heal();
    let left = failed.json()["left"].clone();
    let left = left.as_array().unwrap();
    assert_eq!(left.len(), 1);
    let vlan = {
        let db = double.state();
        db.by_name(Kind::Vlan, "EPG_NEW").unwrap().id
    };
    assert!(
        left[0].as_str().unwrap().contains(&format!("VLAN {vlan} ")),
        "{left:?}"
    );
    assert_eq!(counts(&double), (101, 100));

    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    assert_ne!(vlan_of(&double, id(&made.json())).id, vlan);
    assert!(!exists(&double, Kind::Vlan, vlan));
    assert_eq!(counts(&double), (101, 101));
}
