use bench_harness::netbox::Data;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::golden::assert_golden;
use crate::support::{Edge, Reply, double, new_segment, recorded, settings};

/// A POST of these bytes as this type.
async fn post(edge: &Edge, kind: &str, body: &str) -> Reply {
    let request = Request::post("http://edge.test/api/segments")
        .header("content-type", kind)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    edge.send(request).await
}

fn kind(reply: &Reply) -> String {
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let body = reply.json();
    assert_eq!(body["status"], reply.status.as_u16());
    assert_eq!(body["request_id"], reply.header("x-request-id"));
    let kind = body["type"].as_str().unwrap();
    kind.rsplit(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_unknown_path_and_an_unknown_segment_are_404() {
    let (_double, edge) = recorded().await;
    for path in ["/api", "/api/segment", "/api/segments/1/2"] {
        assert_eq!(kind(&edge.get(path).await.expect(404)), "no-such-path");
    }
    let reply = edge.get("/api/segments/9999").await.expect(404);
    assert_eq!(kind(&reply), "no-such-segment");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405_with_those_it_takes() {
    let (double, edge) = recorded().await;
    let reply = edge.delete("/api/segments").await.expect(405);
    assert_eq!(kind(&reply), "method-not-allowed");
    assert_eq!(reply.header("allow"), "GET, POST");
    let reply = edge.post("/api/segments/1", &json!({})).await.expect(405);
    assert_eq!(reply.header("allow"), "GET, PUT, PATCH, DELETE");
    let reply = edge.put("/api/sites", &json!({})).await.expect(405);
    assert_eq!(reply.header("allow"), "GET");
    assert_eq!(double.ledger().count(), 0);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let (double, edge) = recorded().await;
    let reply = post(&edge, "text/plain", "{}").await.expect(415);
    assert_eq!(kind(&reply), "unsupported-media-type");
    for body in ["", "{", "{\"site\":", "nonsense", "{} {}"] {
        let reply = post(&edge, "application/json", body).await.expect(400);
        assert_eq!(kind(&reply), "malformed", "{body}");
    }
    let body = new_segment().to_string();
    let charset = "application/json; charset=utf-8";
    assert_eq!(double.ledger().calls().writes(), 0);
    post(&edge, charset, &body).await.expect(201);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).variable("max_body", "1024");
    let edge = Edge::start(settings).await;
    let mut body = new_segment();
    body["description"] = "x".repeat(1_100).into();
    let reply = edge.post("/api/segments", &body).await.expect(413);
    assert_eq!(kind(&reply), "body-too-large");
    assert!(reply.json()["detail"].as_str().unwrap().contains("1024"));
    assert_eq!(double.ledger().count(), 0);
    edge.post("/api/segments", &new_segment()).await.expect(201);
}

#[tokio::test]
async fn what_could_be_taken_for_carried_out_is_400() {
    let (double, edge) = recorded().await;
    for path in [
        "/api/segments/1?verbose=1",
        "/api/sites?limit=1",
        "/api/health?deep=maybe",
    ] {
        assert_eq!(kind(&edge.get(path).await.expect(400)), "malformed");
    }
    let reply = edge
        .get("/api/segments?stie=site1&vlan_id=0&allocated=yes")
        .await;
    let pointers = reply.expect(400).pointers();
    assert_eq!(pointers, ["?stie", "?vlan_id", "?allocated"]);
    edge.post("/api/segments?dry_run=perhaps", &new_segment())
        .await
        .expect(400);
    let key = [("idempotency-key", "1")];
    edge.call(Method::GET, "/api/segments", &key, &Value::Null)
        .await
        .expect(400);
    assert_eq!(double.ledger().calls().writes(), 0);
}

#[tokio::test]
async fn every_mistake_of_a_body_is_told_at_once() {
    let (double, edge) = recorded().await;
    let body = json!({
        "id": "7", "site": "", "vrf": null, "vlan_id": "100", "epg_name": "EPG one",
        "segment": "10.0.0.1/24", "dhcp": "yes", "descripton": "x"
    });
    let id = [("x-request-id", "every-mistake")];
    let reply = edge.call(Method::POST, "/api/segments", &id, &body).await;
    assert_golden("every_mistake", &reply.expect(422).json());
    assert_eq!(double.ledger().calls().writes(), 0);
}

#[tokio::test]
async fn every_wrong_setting_is_named_at_once() {
    let settings = settings("netbox", "nbt_secret token")
        .variable("cache_ttl", "601")
        .variable("auth", "maybe");
    let edge = Edge::start(bench_harness::host::Settings {
        allowed_hosts: Vec::new(),
        ..settings
    })
    .await;
    for path in ["/api/segments", "/api/health"] {
        let reply = edge.get(path).await.expect(500);
        assert_eq!(kind(&reply), "misconfigured");
        let errors = reply.json()["errors"].clone();
        let named: Vec<&Value> = errors
            .as_array()
            .unwrap()
            .iter()
            .map(|e| &e["setting"])
            .collect();
        assert_eq!(named, ["netbox_url", "netbox_token", "auth", "cache_ttl"]);
        assert!(!String::from_utf8_lossy(&reply.bytes).contains("nbt_secret"));
    }
    assert!(edge.host.log().contains("cache_ttl"));
    assert!(!edge.host.log().contains("nbt_secret"));
}
