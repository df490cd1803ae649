use bench_harness::netbox::{Cell, Kind};
use serde_json::{Value, json};

use crate::rows::{count, counts, id, id_of, row, vlan_of, warm, with};
use crate::support::new_segment;

#[tokio::test]
async fn a_segment_becomes_the_rows_that_the_mapping_says() {
    let (double, edge) = warm().await;
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let prefix = row(&double, Kind::Prefix, id(&made.json()));
    let vlan = vlan_of(&double, prefix.id);
    let tenant = id_of(&double, Kind::Tenant, "RedBull");
    let role = id_of(&double, Kind::Role, "Data");
    for owned in [&prefix, &vlan] {
        assert!(tenant.is_some() && owned.reference("tenant") == tenant);
        assert!(role.is_some() && owned.reference("role") == role);
    }
    assert_eq!(prefix.net().unwrap().to_string(), "172.20.0.0/24");
    assert_eq!(
        prefix.reference("vrf"),
        id_of(&double, Kind::Vrf, "Network1")
    );
    assert_eq!(prefix.text("scope_type"), "dcim.sitegroup");
    assert_eq!(
        prefix.reference("scope_id"),
        id_of(&double, Kind::SiteGroup, "Site1")
    );
    assert_eq!(prefix.text("status"), "active");
    assert_eq!(prefix.text("comments"), "made by a test");
    assert_eq!(prefix.custom("DHCP"), &Value::Bool(true));
    assert_eq!(prefix.custom("Cluster"), &Value::Null);
    assert_eq!(vlan.int("vid"), 3000);
    assert_eq!(vlan.text("name"), "EPG_NEW");
    let group = id_of(&double, Kind::VlanGroup, "Network1-ClickCluster-Site1");
    assert!(group.is_some() && vlan.reference("group") == group);
}

#[tokio::test]
async fn a_create_is_three_calls_one_after_another_and_the_next_list_none() {
    let (double, edge) = warm().await;
    let mark = double.ledger().mark();
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth(), calls.writes()), (3, 3, 2));
    assert_eq!(made.netbox_calls(), 3);

    let body = made.json();
    let address = format!("/api/segments/{}", id(&body));
    assert_eq!(made.header("location"), address);
    assert_eq!(body["message"], "Segment created");
    assert_eq!(body["vlan_id"], 3000);

    let got = edge.get(&address).await.expect(200);
    assert_eq!(got.netbox_calls(), 0);
    assert!(!made.header("etag").is_empty());
    assert_eq!(got.header("etag"), made.header("etag"));
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.netbox_calls(), 0);
    let list = list.json();
    let listed = list.as_array().unwrap();
    assert_eq!(listed.len(), 101);
    assert!(listed.contains(&got.json()));
}

#[tokio::test]
async fn a_segment_made_with_a_cluster_is_reserved_for_it() {
    let (double, edge) = warm().await;
    let body = with(new_segment(), json!({"cluster_name": "cl-a, cl-b"}));
    let made = edge.post("/api/segments", &body).await.expect(201).json();
    assert_eq!(made["cluster_name"], "cl-a,cl-b");
    assert_eq!(made["released"], false);
    let prefix = row(&double, Kind::Prefix, id(&made));
    assert_eq!(prefix.text("status"), "reserved");
    assert_eq!(prefix.custom("Cluster"), "cl-a,cl-b");
}

#[tokio::test]
async fn two_sites_may_use_the_same_vlan_id_and_get_two_vlans() {
    let (double, edge) = warm().await;
    let first = edge.post("/api/segments", &new_segment()).await.expect(201);
    let other = with(
        new_segment(),
        json!({"site": "site2", "segment": "172.20.1.0/24"}),
    );
    let second = edge.post("/api/segments", &other).await.expect(201);
    let one = vlan_of(&double, id(&first.json()));
    let two = vlan_of(&double, id(&second.json()));
    assert_ne!(one.id, two.id);
    assert_ne!(one.reference("group"), two.reference("group"));
    assert_eq!((one.int("vid"), two.int("vid")), (3000, 3000));
}

#[tokio::test]
async fn a_site_written_in_other_capitals_makes_no_second_group() {
    let (double, edge) = warm().await;
    let groups = count(&double, Kind::VlanGroup);
    let body = with(new_segment(), json!({"site": "SITE1"}));
    let made = edge.post("/api/segments", &body).await.expect(201).json();
    assert_eq!(made["site"], "site1");
    assert_eq!(count(&double, Kind::VlanGroup), groups);
    let group = id_of(&double, Kind::VlanGroup, "Network1-ClickCluster-Site1");
    assert_eq!(vlan_of(&double, id(&made)).reference("group"), group);
}

#[tokio::test]
async fn a_network_with_host_bits_is_refused_without_a_call() {
    let (double, edge) = warm().await;
    let mark = double.ledger().mark();
    let body = with(new_segment(), json!({"segment": "172.20.0.1/24"}));
    let refused = edge.post("/api/segments", &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/segment"]);
    assert_eq!(refused.netbox_calls(), 0);
    assert_eq!(double.ledger().since(mark).count(), 0);
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn a_vlan_that_netbox_holds_for_somebody_else_is_a_conflict() {
    let (double, edge) = warm().await;
    // Not of our tenant and role, so the catalogue does not have it: only NetBox's refusal tells.
    let foreign = double.edit(|db| {
        db.add(Kind::Vlan, |row| {
            row.set("group", Cell::Ref(1));
            row.set("vid", Cell::Int(3000));
            row.set("name", Cell::Text("theirs".into()));
        })
    });
    let refused = edge.post("/api/segments", &new_segment()).await.expect(409);
    assert_eq!(refused.rules(), ["vlan-id-taken"]);
    assert_eq!(row(&double, Kind::Vlan, foreign).text("name"), "theirs");
    assert_eq!(counts(&double), (101, 100));
}
