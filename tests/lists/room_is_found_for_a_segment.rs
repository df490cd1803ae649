use std::collections::BTreeSet;
use std::time::Duration;

use bench_harness::netbox::{Cell, Data, Double, Kind};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::rows::{counts, with};
use crate::support::{Edge, double, settings};

const PROVISION: &str = "/api/segments/provision";

async fn with_room(prefixes: &str) -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let edge = another(&double, prefixes).await;
    (double, edge)
}

async fn another(double: &Double, prefixes: &str) -> Edge {
    let settings = settings(&double.url(), double.token()).variable("site_prefixes", prefixes);
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    edge
}

fn wish(name: &str) -> Value {
    json!({"site": "site1", "vrf": "Network1", "prefix_length": 24, "epg_name": name})
}

#[tokio::test]
async fn the_next_free_prefix_and_vlan_id_are_one_unit_in_three_calls() {
    let (double, edge) = with_room("site1=172.20.0.0/16").await;
    let mark = double.ledger().mark();
    let one = edge.post(PROVISION, &wish("EPG_A")).await.expect(201);
    assert_eq!(double.ledger().since(mark).count(), 3);
    assert_eq!(one.json()["segment"], "172.20.0.0/24");
    assert_eq!(one.json()["vlan_id"], 1);
    assert_eq!(one.json()["message"], "Segment provisioned");
    let range = with(
        wish("EPG_B"),
        json!({"vlan_range": "100-199", "cluster_name": "c"}),
    );
    let two = edge.post(PROVISION, &range).await.expect(201).json();
    assert_eq!(two["segment"], "172.20.1.0/24");
    assert!((100..200).contains(&two["vlan_id"].as_u64().unwrap()));
    assert_eq!(two["cluster_name"], "c");
    let small = with(wish("EPG_C"), json!({"prefix_length": 28}));
    let three = edge.post(PROVISION, &small).await.expect(201).json();
    assert_eq!(three["segment"], "172.20.2.0/28");
    assert_eq!(counts(&double), (103, 103));
}

#[tokio::test]
async fn where_there_is_no_room_nothing_is_made_and_it_is_said_what_is_full() {
    let (double, edge) = with_room("site1=172.20.0.0/24").await;
    edge.post(PROVISION, &wish("EPG_A")).await.expect(201);
    let full = edge
        .post(PROVISION, &wish("EPG_B"))
        .await
        .expect(409)
        .json();
    assert_eq!(full["type"], "urn:segment-edge:problem:no-room");
    assert!(full["detail"].as_str().unwrap().contains("172.20.0.0/24"));
    let (_other, edge) = with_room("site1=172.20.0.0/16").await;
    let taken = with(wish("EPG_C"), json!({"vlan_range": "7-7"}));
    edge.post(PROVISION, &taken).await.expect(201);
    let taken = with(wish("EPG_D"), json!({"vlan_range": "7-7"}));
    let full = edge.post(PROVISION, &taken).await.expect(409).json();
    assert!(
        full["detail"].as_str().unwrap().contains("VLAN id"),
        "{full}"
    );
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn a_prefix_without_a_vlan_takes_room_in_its_own_vrf_only() {
    let double = double(Data::Recorded100).await;
    let of = |id| crate::rows::row(&double, Kind::Prefix, id).reference("vrf");
    assert_eq!(of(1), Some(1), "Network1, which the wish names");
    double.edit(|db| {
        db.change(Kind::Prefix, 100, |row| {
            row.set("prefix", Cell::Net("172.20.0.0/16".parse().unwrap()));
            row.set("vlan", Cell::Null);
            row.set("vrf", Cell::Ref(2));
        });
    });
    let edge = another(&double, "site1=172.20.0.0/24").await;
    let made = edge.post(PROVISION, &wish("EPG_A")).await.expect(201);
    assert_eq!(made.json()["segment"], "172.20.0.0/24");
}

#[tokio::test]
async fn a_length_that_suits_one_of_the_prefixes_of_a_site_is_right() {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token())
        .variable("prefix_lengths", "16-29, ipv6 56-64")
        .variable("site_prefixes", "site1=2001:db8::/48,172.20.0.0/16");
    let edge = Edge::start(settings).await;
    let made = edge.post(PROVISION, &wish("EPG_A")).await.expect(201);
    assert_eq!(made.json()["segment"], "172.20.0.0/24");
    let long = with(wish("EPG_B"), json!({"prefix_length": 64}));
    let made = edge.post(PROVISION, &long).await.expect(201);
    assert_eq!(made.json()["segment"], "2001:db8::/64");
    let neither = with(wish("EPG_C"), json!({"prefix_length": 30}));
    let refused = edge.post(PROVISION, &neither).await.expect(422);
    assert_eq!(refused.rules(), ["prefix-length"]);
    assert_eq!(refused.pointers(), ["/prefix_length"]);
}

#[tokio::test]
async fn sixteen_at_once_get_different_room() {
    let (double, edge) = with_room("site1=172.20.0.0/16").await;
    double.set_latency(Duration::from_millis(10));
    let bodies: Vec<Value> = (0..16).map(|n| wish(&format!("EPG_{n}"))).collect();
    let made = join_all(bodies.iter().map(|b| edge.post(PROVISION, b))).await;
    let of = |name: &str, body: &Value| body[name].to_string();
    let made: Vec<Value> = made.into_iter().map(|r| r.expect(201).json()).collect();
    for name in ["segment", "vlan_id", "id"] {
        let different: BTreeSet<String> = made.iter().map(|b| of(name, b)).collect();
        assert_eq!(different.len(), 16, "{name}");
    }
    assert_eq!(counts(&double), (116, 116));
}

#[tokio::test]
async fn what_only_netbox_knows_is_passed_over() {
    let (double, edge) = with_room("site1=172.20.0.0/16").await;
    let group = crate::rows::vlan_of(&double, 1).reference("group").unwrap();
    double.edit(|db| db.add_vlan(group, 1, "THEIRS", 0, 0));
    let made = edge
        .post(PROVISION, &wish("EPG_A"))
        .await
        .expect(201)
        .json();
    assert_ne!(made["vlan_id"], 1);
}

#[tokio::test]
async fn two_hosts_that_know_nothing_of_one_another_get_different_room() {
    let (double, one) = with_room("site1=172.20.0.0/16").await;
    let two = another(&double, "site1=172.20.0.0/16").await;
    double.set_race_window(Duration::from_millis(10));
    for round in 0..5 {
        let (name, other) = (format!("EPG_A{round}"), format!("EPG_B{round}"));
        let (body, other) = (wish(&name), wish(&other));
        let (a, b) = tokio::join!(one.post(PROVISION, &body), two.post(PROVISION, &other));
        let (a, b) = (a.expect(201).json(), b.expect(201).json());
        assert_ne!(a["segment"], b["segment"]);
        assert_ne!(a["vlan_id"], b["vlan_id"]);
    }
    assert_eq!(counts(&double), (110, 110));
}

#[tokio::test]
async fn a_deleted_name_gets_its_addresses_and_vlan_id_back_while_they_are_free() {
    let (_double, edge) = with_room("site1=172.20.0.0/16").await;
    for name in ["EPG_A", "EPG_B"] {
        edge.post(PROVISION, &wish(name)).await.expect(201);
    }
    let made = edge
        .post(PROVISION, &wish("EPG_BACK"))
        .await
        .expect(201)
        .json();
    let address = |body: &Value| format!("/api/segments/{}", body["id"].as_str().unwrap());
    edge.delete(&address(&made)).await.expect(204);
    let other = edge.get("/api/segments?q=EPG_A").await.expect(200).json();
    edge.delete(&address(&other[0])).await.expect(204);
    let restore = with(wish("EPG_BACK"), json!({"restore": true}));
    let back = edge.post(PROVISION, &restore).await.expect(201).json();
    assert_eq!(back["message"], "Segment restored");
    for name in ["vlan_id", "segment"] {
        assert_eq!(back[name], made[name], "{name}");
    }
    edge.delete(&address(&back)).await.expect(204);
    // Somebody else takes the addresses.
    let taken = json!({"site": "site1", "vrf": "Network1", "vlan_id": 900, "epg_name": "EPG_OTHER",
        "segment": made["segment"]});
    edge.post("/api/segments", &taken).await.expect(201);
    let restore = with(wish("EPG_BACK"), json!({"restore": true}));
    let moved = edge.post(PROVISION, &restore).await.expect(201).json();
    assert_eq!(moved["message"], "Segment provisioned");
    assert_ne!(moved["segment"], made["segment"]);
}

#[tokio::test]
async fn a_released_name_is_given_again() {
    let (_double, edge) = with_room("site1=172.20.0.0/16").await;
    let mine = with(wish("EPG_MINE"), json!({"cluster_name": "a"}));
    let made = edge.post(PROVISION, &mine).await.expect(201).json();
    let place = json!({"cluster_name": "a", "site": "site1", "vrf": "Network1"});
    edge.post("/api/release-vlan", &place).await.expect(200);
    let restore = with(
        wish("EPG_MINE"),
        json!({"cluster_name": "b", "restore": true}),
    );
    let back = edge.post(PROVISION, &restore).await.expect(201).json();
    assert_eq!(back["id"], made["id"]);
    assert_eq!(back["cluster_name"], "b");
    let again = edge.post(PROVISION, &wish("EPG_MINE")).await.expect(409);
    assert!(again.rules().contains(&"epg-name-taken".to_owned()));
}
