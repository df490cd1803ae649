//! NetBox before 4.6 ignores `If-Match`.

use bench_harness::netbox::{Double, DoubleSettings, Kind, Release};
use serde_json::json;

use crate::rows::row;
use crate::support::Edge;

/// A NetBox 4.5 whose version the component has seen in an answer.
async fn older() -> (Double, Edge) {
    let settings = DoubleSettings {
        release: Release::V4_5,
        ..DoubleSettings::default()
    };
    let double = Double::start(settings).await.unwrap();
    let edge = Edge::before(&double).await;
    edge.get("/api/segments").await.expect(200);
    edge.patch("/api/segments/100", &json!({"description": "first"}))
        .await
        .expect(200);
    (double, edge)
}

#[tokio::test]
async fn a_segment_that_somebody_took_meanwhile_is_not_taken_from_him() {
    let (double, edge) = older().await;
    let path = "/api/segments?site=site1&vrf=Network1&limit=1";
    let first = edge.get(path).await.expect(200).json()[0]["id"].clone();
    let first: u64 = first.as_str().unwrap().parse().unwrap();
    double.edit(|db| db.set_custom_field(first, "Cluster", "theirs".into()));
    let wanted = json!({"cluster_name": "ours", "site": "site1", "vrf": "Network1"});
    let given = edge
        .post("/api/allocate-vlan", &wanted)
        .await
        .expect(200)
        .json();
    assert_ne!(given["id"], first.to_string());
    assert_eq!(
        row(&double, Kind::Prefix, first).custom("Cluster"),
        "theirs"
    );
}

#[tokio::test]
async fn an_instance_that_has_seen_no_version_looks_too() {
    let (double, edge) = older().await;
    edge.host.recycle_and_wait().await;
    let mark = double.ledger().mark();
    let body = json!({"description": "second"});
    edge.patch("/api/segments/1", &body).await.expect(200);
    assert_eq!(double.ledger().since(mark).count(), 3);
}

#[tokio::test]
async fn a_change_is_made_and_takes_two_looks_more() {
    let (double, edge) = older().await;
    let mark = double.ledger().mark();
    let changed = edge
        .patch("/api/segments/1", &json!({"epg_name": "EPG_X"}))
        .await;
    assert_eq!(changed.expect(200).json()["epg_name"], "EPG_X");
    assert_eq!(double.ledger().since(mark).count(), 3);
    edge.delete("/api/segments/1").await.expect(204);
}
