use bench_harness::netbox::{Cell, Double, Kind};
use serde_json::json;

use crate::rows::{exists, prepared, row, vlan_of};

/// Puts segment 10, of the same site and VRF, onto the VLAN of segment 1.
fn share(double: &Double) {
    double.edit(|db| {
        db.change(Kind::Prefix, 10, |row| row.set("vlan", Cell::Ref(1)));
        db.delete(Kind::Vlan, 10);
    });
}

#[tokio::test]
async fn it_is_not_deleted_with_one_of_them() {
    let (double, edge) = prepared(share).await;
    let mark = double.ledger().mark();
    edge.delete("/api/segments/1").await.expect(204);
    assert_eq!(double.ledger().since(mark).count(), 1);
    assert_eq!(vlan_of(&double, 10).id, 1);
    edge.delete("/api/segments/10").await.expect(204);
    assert!(!exists(&double, Kind::Vlan, 1), "nobody uses it any more");
}

#[tokio::test]
async fn it_is_not_renamed_by_one_of_them() {
    let (double, edge) = prepared(share).await;
    let before = row(&double, Kind::Vlan, 1);
    let body = json!({"epg_name": "EPG_OTHER"});
    let refused = edge.patch("/api/segments/1", &body).await.expect(409);
    assert_eq!(refused.rules(), ["vlan-shared"]);
    assert_eq!(refused.json()["errors"][0]["rival"], "10");
    assert!(row(&double, Kind::Vlan, 1).same_values(&before));
}

#[tokio::test]
async fn another_vlan_id_gives_the_one_a_vlan_of_its_own() {
    let (double, edge) = prepared(share).await;
    let body = json!({"vlan_id": 3500, "epg_name": "EPG_OWN"});
    edge.patch("/api/segments/1", &body).await.expect(200);
    assert_eq!(vlan_of(&double, 10).int("vid"), 100);
    let own = vlan_of(&double, 1);
    assert_ne!(own.id, 1);
    assert_eq!((own.int("vid"), own.text("name")), (3500, "EPG_OWN"));
}

#[tokio::test]
async fn attributes_of_one_of_them_can_be_changed() {
    let (double, edge) = prepared(share).await;
    let body = json!({"dhcp": false, "cluster_name": "cl-x"});
    edge.patch("/api/segments/1", &body).await.expect(200);
    assert_eq!(row(&double, Kind::Prefix, 1).custom("Cluster"), "cl-x");
    assert_ne!(row(&double, Kind::Prefix, 10).custom("Cluster"), "cl-x");
}
