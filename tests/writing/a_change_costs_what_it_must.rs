use bench_harness::netbox::{Fault, Kind, Matcher};
use serde_json::{Value, json};

use crate::rows::{assert_as_before, counts, everything, id_of, row, vlan_of, warm};

/// The last of the recorded segments: VLAN id 111, which no other site or VRF uses.
const LONE: u64 = 100;

#[tokio::test]
async fn a_rename_is_one_call() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, 1).id;
    let mark = double.ledger().mark();
    let body = json!({"epg_name": "EPG_OTHER"});
    let changed = edge.patch("/api/segments/1", &body).await.expect(200);
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth()), (1, 1));
    assert_eq!(changed.json()["epg_name"], "EPG_OTHER");
    assert_eq!(row(&double, Kind::Vlan, vlan).text("name"), "EPG_OTHER");
}

#[tokio::test]
async fn another_vlan_id_is_one_call_and_the_same_vlan_object() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, 1).id;
    let mark = double.ledger().mark();
    let changed = edge
        .patch("/api/segments/1", &json!({"vlan_id": 3500}))
        .await
        .expect(200);
    assert_eq!(double.ledger().since(mark).count(), 1);
    assert_eq!(changed.json()["vlan_id"], 3500);
    assert_eq!(vlan_of(&double, 1).id, vlan);
    assert_eq!(vlan_of(&double, 1).int("vid"), 3500);
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn attributes_of_the_prefix_are_one_call_and_nothing_else_changes() {
    let (double, edge) = warm().await;
    let before = row(&double, Kind::Prefix, 1);
    for body in [
        json!({"dhcp": false}),
        json!({"description": "words"}),
        json!({"segment": "172.21.0.0/24"}),
        json!({"cluster_name": "cl-x"}),
    ] {
        let mark = double.ledger().mark();
        let changed = edge.patch("/api/segments/1", &body).await.expect(200);
        let calls = double.ledger().since(mark);
        assert_eq!(calls.writes(), 1, "{body}");
        // Other addresses may have a rival, which takes one look.
        let looks = usize::from(body.get("segment").is_some());
        assert_eq!(calls.count(), 1 + looks, "{body}");
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&changed.json()[name], value);
        }
    }
    let now = row(&double, Kind::Prefix, 1);
    assert_eq!(now.custom("DHCP"), &Value::Bool(false));
    assert_eq!(now.text("comments"), "words");
    assert_eq!(now.custom("Cluster"), "cl-x");
    assert_eq!(now.text("status"), "reserved");
    assert_eq!(now.net().unwrap().to_string(), "172.21.0.0/24");
    assert_eq!(now.text("description"), before.text("description"));
    assert_eq!(now.reference("vlan"), before.reference("vlan"));
}

#[tokio::test]
async fn a_move_to_another_site_takes_the_vlan_along_in_two_calls() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, LONE).id;
    let mark = double.ledger().mark();
    let changed = edge
        .patch("/api/segments/100", &json!({"site": "Site2"}))
        .await
        .expect(200);
    assert_eq!(double.ledger().since(mark).count(), 2);
    assert_eq!(changed.json()["site"], "site2");
    let moved = vlan_of(&double, LONE);
    let group = id_of(&double, Kind::VlanGroup, "Network1-ClickCluster-Site2");
    assert_eq!((moved.id, moved.reference("group")), (vlan, group));
    assert_eq!(
        row(&double, Kind::Prefix, LONE).reference("scope_id"),
        id_of(&double, Kind::SiteGroup, "Site2")
    );
}

#[tokio::test]
async fn a_move_to_another_vrf_is_three_calls() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, LONE).id;
    let mark = double.ledger().mark();
    let changed = edge
        .patch("/api/segments/100", &json!({"vrf": "Network2"}))
        .await
        .expect(200);
    assert_eq!(double.ledger().since(mark).count(), 3);
    assert_eq!(changed.json()["vrf"], "Network2");
    let moved = vlan_of(&double, LONE);
    let group = id_of(&double, Kind::VlanGroup, "Network2-ClickCluster-Site1");
    assert_eq!((moved.id, moved.reference("group")), (vlan, group));
    let vrf = id_of(&double, Kind::Vrf, "Network2");
    assert_eq!(row(&double, Kind::Prefix, LONE).reference("vrf"), vrf);
}

#[tokio::test]
async fn a_move_whose_second_step_fails_is_taken_back() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    for fault in [
        Fault::json(400, r#"{"__all__":["not today"]}"#),
        Fault::html(500, "<h1>Server Error</h1>"),
        Fault::DropBefore,
    ] {
        double.fail_always(Matcher::call("PATCH", "/api/ipam/prefixes/"), fault.clone());
        let failed = edge
            .patch("/api/segments/100", &json!({"site": "site2"}))
            .await;
        double.heal();
        assert!(!failed.status.is_success(), "{fault:?}");
        assert!(failed.json()["left"].is_null(), "{fault:?}");
        assert_as_before(&double, &before);
        let seen = edge.get("/api/segments/100").await.expect(200);
        assert_eq!(seen.json()["site"], "site1");
    }
    let again = json!({"site": "site2"});
    edge.patch("/api/segments/100", &again).await.expect(200);
}

#[tokio::test]
async fn a_put_replaces_everything_and_a_patch_only_what_it_names() {
    let (_double, edge) = warm().await;
    let full = json!({"description": "words", "dhcp": true, "cluster_name": "cl-x"});
    let patched = edge.patch("/api/segments/1", &full).await.expect(200);
    let patched = patched.json();
    assert_eq!(patched["segment"], "10.0.0.0/24");
    assert_eq!(patched["description"], "words");
    let body = json!({
        "site": "site1", "vrf": "Network1", "vlan_id": 3500, "epg_name": "EPG_PUT", "segment": "172.21.0.0/24"
    });
    let put = edge.put("/api/segments/1", &body).await.expect(200).json();
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&put[name], value);
    }
    assert_eq!(put["dhcp"], false);
    assert_eq!(put["description"], "");
    assert_eq!(put["cluster_name"], Value::Null);
    assert_eq!(put["released"], true);
    let patched = edge
        .patch("/api/segments/1", &json!({"dhcp": true}))
        .await
        .expect(200);
    let mut wanted = put.clone();
    wanted["dhcp"] = true.into();
    assert_eq!(patched.json(), wanted);
}

#[tokio::test]
async fn what_changes_nothing_makes_no_call() {
    let (double, edge) = warm().await;
    let before = edge.get("/api/segments/1").await.expect(200);
    let mark = double.ledger().mark();
    let same = before.json();
    let put = edge.put("/api/segments/1", &same).await.expect(200);
    let patch = edge.patch("/api/segments/1", &same).await.expect(200);
    assert_eq!((put.json(), patch.json()), (same.clone(), same));
    assert_eq!(patch.header("etag"), before.header("etag"));
    assert_eq!(double.ledger().since(mark).count(), 0);
}
