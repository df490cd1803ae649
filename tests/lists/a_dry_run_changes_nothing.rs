use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, everything, warm, with};
use crate::support::{Edge, double};
use crate::support::{new_segment, settings};

fn calls(body: &Value) -> Vec<(String, String, u64)> {
    let writes = body["netbox_writes"].as_array().unwrap();
    let of = |w: &Value| {
        let text = |name: &str| w[name].as_str().unwrap().to_owned();
        (text("method"), text("path"), w["objects"].as_u64().unwrap())
    };
    writes.iter().map(of).collect()
}

fn write(method: &str, kind: &str, objects: u64) -> (String, String, u64) {
    (method.to_owned(), format!("/api/ipam/{kind}/"), objects)
}

#[tokio::test]
async fn every_write_can_be_tried_and_says_what_would_follow() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let place = json!({"cluster_name": "a", "site": "site1", "vrf": "Network1"});
    let two = json!([
        new_segment(),
        with(
            new_segment(),
            json!({
        "vlan_id": 3001, "epg_name": "EPG_TWO", "segment": "172.20.1.0/24"})
        )
    ]);
    let full = with(new_segment(), json!({"site": "site2"}));
    let cases = [
        (
            Method::POST,
            "/api/segments",
            new_segment(),
            vec![write("POST", "vlans", 1), write("POST", "prefixes", 1)],
        ),
        (
            Method::POST,
            "/api/segments/bulk",
            two,
            vec![write("POST", "vlans", 2), write("POST", "prefixes", 2)],
        ),
        (
            Method::PATCH,
            "/api/segments/1",
            json!({"epg_name": "X"}),
            vec![write("PATCH", "vlans", 1)],
        ),
        (
            Method::PATCH,
            "/api/segments/1",
            json!({"dhcp": false}),
            vec![write("PATCH", "prefixes", 1)],
        ),
        (
            Method::PATCH,
            "/api/segments/1",
            json!({"site": "site1"}),
            vec![],
        ),
        (
            Method::PUT,
            "/api/segments/1",
            full,
            vec![write("PATCH", "vlans", 1), write("PATCH", "prefixes", 1)],
        ),
        (
            Method::PATCH,
            "/api/segments/bulk",
            json!([{"id": "1", "epg_name": "X"}, {"id": "100", "epg_name": "Y"}]),
            vec![write("PATCH", "vlans", 2)],
        ),
        (
            Method::DELETE,
            "/api/segments/1",
            Value::Null,
            vec![write("DELETE", "prefixes", 1), write("DELETE", "vlans", 1)],
        ),
        (
            Method::DELETE,
            "/api/segments/bulk",
            json!(["1", "100"]),
            vec![write("DELETE", "prefixes", 2), write("DELETE", "vlans", 2)],
        ),
        (
            Method::PUT,
            "/api/segments/1/clusters",
            json!({"clusters": ["a"]}),
            vec![write("PATCH", "prefixes", 1)],
        ),
        (
            Method::POST,
            "/api/allocate-vlan",
            place.clone(),
            vec![write("PATCH", "prefixes", 1)],
        ),
        (
            Method::POST,
            "/api/allocate-vlan",
            json!([place]),
            vec![write("PATCH", "prefixes", 1)],
        ),
        (
            Method::POST,
            "/api/release-vlan",
            json!({"cluster_name": "cl-1", "site": "site2", "vrf": "Network1"}),
            vec![write("PATCH", "prefixes", 1)],
        ),
    ];
    let mark = double.ledger().mark();
    for (method, path, body, expected) in cases {
        let dry = format!("{path}?dry_run=true");
        let said = edge.call(method.clone(), &dry, &[], &body).await;
        if path == "/api/release-vlan" && said.status == 409 {
            // The recorded cluster has several segments there.
            assert_eq!(said.rules(), ["several-allocated"]);
            continue;
        }
        let said = said.expect(200).json();
        assert_eq!(said["dry_run"], true, "{method} {path}");
        assert_eq!(calls(&said), expected, "{method} {path} {body}");
    }
    assert_eq!(double.ledger().since(mark).count(), 0);
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn a_dry_run_is_refused_as_the_write_would_be() {
    let (double, edge) = warm().await;
    let mark = double.ledger().mark();
    let taken = with(new_segment(), json!({"segment": "10.0.0.0/24"}));
    let refused = edge.post("/api/segments?dry_run=true", &taken).await;
    assert_eq!(refused.expect(409).rules(), ["overlap"]);
    let wrong = with(new_segment(), json!({"vlan_id": 0}));
    let refused = edge.post("/api/segments?dry_run=true", &wrong).await;
    assert_eq!(refused.expect(422).pointers(), ["/vlan_id"]);
    let list = json!([new_segment(), taken]);
    let refused = edge.post("/api/segments/bulk?dry_run=true", &list).await;
    assert_eq!(refused.expect(409).pointers(), ["/1/segment"]);
    let refused = edge.call(
        Method::DELETE,
        "/api/segments/2?dry_run=true",
        &[],
        &Value::Null,
    );
    assert_eq!(refused.await.expect(409).rules(), ["allocated"]);
    assert_eq!(double.ledger().since(mark).writes(), 0);
}

#[tokio::test]
async fn a_dry_provision_says_which_addresses_and_vlan_id_it_would_be() {
    let double = double(bench_harness::netbox::Data::Recorded100).await;
    let settings = settings(&double.url(), double.token())
        .variable("site_prefixes", "site1=10.0.0.0/8,172.20.0.0/16");
    let edge = Edge::start(settings).await;
    let body =
        json!({"site": "site1", "vrf": "Network1", "prefix_length": 24, "epg_name": "EPG_P"});
    let would = edge
        .post("/api/segments/provision?dry_run=true", &body)
        .await;
    let would = would.expect(200).json();
    let made = edge
        .post("/api/segments/provision", &body)
        .await
        .expect(201)
        .json();
    for name in ["vlan_id", "segment", "epg_name"] {
        assert_eq!(would["segments"][0][name], made[name]);
    }
    assert_eq!(would["segments"][0]["id"], Value::Null);
}
