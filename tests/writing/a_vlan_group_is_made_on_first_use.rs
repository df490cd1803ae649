use bench_harness::netbox::{Cell, Double, Kind};
use serde_json::json;

use crate::rows::{count, counts, id, id_of, prepared, row, vlan_of, with};
use crate::support::{Edge, new_segment};

const GROUP: &str = "Network9-ClickCluster-Site1";

fn new_vrf(double: &Double) {
    double.edit(|db| {
        db.add(Kind::Vrf, |row| {
            row.set("name", Cell::Text("Network9".into()));
            row.set("rd", Cell::Text("65000:9".into()));
        })
    });
}

fn groups_named(double: &Double, name: &str) -> usize {
    let db = double.state();
    let groups = db.rows(Kind::VlanGroup).values();
    groups.filter(|row| row.text("name") == name).count()
}

#[tokio::test]
async fn the_first_segment_of_a_vrf_at_a_site_makes_the_group_in_one_call_more() {
    let (double, edge) = prepared(new_vrf).await;
    let mark = double.ledger().mark();
    let body = with(new_segment(), json!({"vrf": "Network9"}));
    let made = edge.post("/api/segments", &body).await.expect(201);
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth()), (4, 4));
    let group = vlan_of(&double, id(&made.json())).reference("group");
    let group = row(&double, Kind::VlanGroup, group.unwrap());
    assert_eq!(group.text("name"), GROUP);
    assert_eq!(group.text("scope_type"), "dcim.sitegroup");
    assert_eq!(
        group.reference("scope_id"),
        id_of(&double, Kind::SiteGroup, "Site1")
    );

    let next = with(
        body,
        json!({"vlan_id": 3001, "epg_name": "EPG_NEXT", "segment": "172.20.1.0/24"}),
    );
    let next = edge.post("/api/segments", &next).await.expect(201);
    assert_eq!(next.netbox_calls(), 3);
    assert_eq!(groups_named(&double, GROUP), 1);
}

#[tokio::test]
async fn two_creates_at_once_that_need_the_same_new_group_make_one() {
    let (double, edge) = prepared(new_vrf).await;
    let one = with(new_segment(), json!({"vrf": "Network9"}));
    let two = with(
        one.clone(),
        json!({"vlan_id": 3001, "epg_name": "EPG_NEXT", "segment": "172.20.1.0/24"}),
    );
    let (first, second) = tokio::join!(
        edge.post("/api/segments", &one),
        edge.post("/api/segments", &two)
    );
    let first = vlan_of(&double, id(&first.expect(201).json()));
    let second = vlan_of(&double, id(&second.expect(201).json()));
    assert_eq!(groups_named(&double, GROUP), 1);
    assert_eq!(first.reference("group"), second.reference("group"));
}

#[tokio::test]
async fn a_group_that_another_host_made_meanwhile_is_used() {
    let (double, one) = prepared(new_vrf).await;
    let two = Edge::before(&double).await;
    two.get("/api/segments").await.expect(200);
    let body = with(new_segment(), json!({"vrf": "Network9"}));
    one.post("/api/segments", &body).await.expect(201);
    let next = with(
        body,
        json!({"vlan_id": 3001, "epg_name": "EPG_NEXT", "segment": "172.20.1.0/24"}),
    );
    two.post("/api/segments", &next).await.expect(201);
    assert_eq!(groups_named(&double, GROUP), 1);
    assert_eq!(counts(&double), (102, 102));
}

#[tokio::test]
async fn a_group_whose_answer_was_lost_is_used_and_not_made_again() {
    use bench_harness::netbox::{Fault, Matcher};
    let (double, edge) = prepared(new_vrf).await;
    let groups = count(&double, Kind::VlanGroup);
    double.fail_next(
        Matcher::call("POST", "/api/ipam/vlan-groups/"),
        Fault::DropAfter,
    );
    let body = with(new_segment(), json!({"vrf": "Network9"}));
    edge.post("/api/segments", &body).await.expect(201);
    assert_eq!(count(&double, Kind::VlanGroup), groups + 1);
    assert_eq!(groups_named(&double, GROUP), 1);
}
