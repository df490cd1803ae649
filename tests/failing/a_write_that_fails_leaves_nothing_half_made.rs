use std::time::{Duration, Instant};

use bench_harness::netbox::{Double, Fault, Kind, Matcher};
use serde_json::{Value, json};

use crate::problems::{assert_problem, quick};
use crate::support::{Edge, Reply, new_segment, recorded, settings};

fn rows(double: &Double) -> (usize, usize) {
    let db = double.state();
    (db.rows(Kind::Vlan).len(), db.rows(Kind::Prefix).len())
}

/// Each with the status and the kind that the caller sees.
fn faults() -> Vec<(Fault, u16, &'static str)> {
    let gone = r#"{"error":"the database is gone","exception":"OperationalError"}"#;
    vec![
        (Fault::DropBefore, 503, "netbox-unreachable"),
        (Fault::html(200, "<html>"), 502, "netbox-unusable"),
        (Fault::html(502, "<html>"), 502, "netbox-unusable"),
        (Fault::json(500, gone), 502, "netbox-unusable"),
        (
            Fault::json(403, r#"{"detail":"no"}"#),
            502,
            "netbox-forbidden",
        ),
        (Fault::throttled(503, 1), 503, "netbox-busy"),
        (Fault::json(400, r#"{"vid":["no"]}"#), 422, "netbox-refused"),
    ]
}

/// A component that does not try for long.
async fn impatient() -> (Double, Edge) {
    let (double, _) = recorded().await;
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "1");
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    (double, edge)
}

/// A create whose calls of this kind all fail.
async fn create_with(route: &str, fault: &Fault) -> (Double, Edge, Reply) {
    let (double, edge) = impatient().await;
    double.fail_always(Matcher::call("POST", route), fault.clone());
    let started = Instant::now();
    let reply = quick(started, edge.post("/api/segments", &new_segment()).await);
    double.heal();
    (double, edge, reply)
}

#[tokio::test]
async fn a_create_that_fails_at_any_step_is_undone() {
    for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
        for (fault, _, _) in faults() {
            let (double, edge, reply) = create_with(route, &fault).await;
            let refused = reply.status.is_server_error() || reply.status.as_u16() == 422;
            assert!(refused, "{route} {fault:?}: {reply:?}");
            // What NetBox may still do after all is told, too.
            let body = reply.json();
            let left = body["left"].as_array().cloned().unwrap_or_default();
            let perhaps = |left: &Value| left.as_str().unwrap().starts_with("perhaps");
            assert!(left.iter().all(perhaps), "{route} {fault:?}: {left:?}");
            assert_eq!(rows(&double), (100, 100), "{route} {fault:?}");
            let list = edge.get("/api/segments").await.expect(200);
            assert_eq!(list.header("x-total-count"), "100");
        }
    }
}

#[tokio::test]
async fn a_create_that_failed_can_be_tried_again() {
    for (fault, _, kind) in faults() {
        let mut routes = vec!["/api/ipam/vlans/"];
        if kind != "netbox-refused" {
            routes.push("/api/ipam/prefixes/");
        }
        for route in routes {
            let (double, edge, _) = create_with(route, &fault).await;
            edge.post("/api/segments", &new_segment()).await.expect(201);
            assert_eq!(rows(&double), (101, 101), "{route} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_create_whose_prefix_was_refused_can_be_tried_again() {
    let fault = Fault::json(400, r#"{"prefix":["no"]}"#);
    let (double, edge, _) = create_with("/api/ipam/prefixes/", &fault).await;
    edge.post("/api/segments", &new_segment()).await.expect(201);
    assert_eq!(rows(&double), (101, 101));
}

#[tokio::test]
async fn a_create_without_its_vlan_says_why() {
    for (fault, status, kind) in faults() {
        let (_double, _edge, reply) = create_with("/api/ipam/vlans/", &fault).await;
        assert_problem(&reply, status, kind);
        if kind == "netbox-busy" {
            assert_eq!(reply.header("retry-after"), "1");
        }
    }
}

#[tokio::test]
async fn a_create_without_its_prefix_says_why() {
    for (fault, status, kind) in faults() {
        let (_double, _edge, reply) = create_with("/api/ipam/prefixes/", &fault).await;
        assert_problem(&reply, status, kind);
        if kind == "netbox-busy" {
            assert_eq!(reply.header("retry-after"), "1");
        }
    }
}

#[tokio::test]
async fn a_create_that_netbox_turns_back_for_long_is_undone_at_once_all_the_same() {
    for status in [429, 503] {
        for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
            let (double, edge, reply) = create_with(route, &Fault::throttled(status, 40)).await;
            assert_problem(&reply, 503, "netbox-busy");
            assert_eq!(reply.header("retry-after"), "40");
            assert_eq!(reply.json().get("left"), None, "{route} {status}");
            assert_eq!(rows(&double), (100, 100), "{route} {status}");
            edge.get("/api/segments").await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_change_that_fails_is_told_and_not_shown() {
    for (fault, status, kind) in faults() {
        let (double, edge) = impatient().await;
        let before = edge.get("/api/segments/1").await.expect(200);
        double.fail_always(Matcher::call("PATCH", "/api/ipam/"), fault.clone());
        let body = json!({"epg_name": "EPG_OTHER"});
        let reply = edge.patch("/api/segments/1", &body).await;
        double.heal();
        assert_problem(&reply, status, kind);
        let after = edge.get("/api/segments/1").await.expect(200);
        assert_eq!(after.bytes, before.bytes, "{fault:?}");
        edge.patch("/api/segments/1", &body).await.expect(200);
    }
}

#[tokio::test]
async fn a_write_to_a_netbox_that_is_too_slow_is_504() {
    let (double, _) = recorded().await;
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", "1");
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    double.fail_always(
        Matcher::call("PATCH", "/api/ipam/"),
        Fault::Delay(Duration::from_secs(20)),
    );
    let started = Instant::now();
    let body = json!({"epg_name": "EPG_OTHER"});
    let reply = quick(started, edge.patch("/api/segments/1", &body).await);
    assert_problem(&reply, 504, "netbox-timeout");
}
