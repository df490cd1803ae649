use bench_harness::netbox::{Cell, Kind};
use serde_json::{Value, json};

use crate::rows::{counts, row, warm, with};
use crate::support::{Edge, Reply};

/// What a cluster asks for.
fn wanted(cluster: &str, vrf: &str) -> Value {
    json!({"cluster_name": cluster, "site": "site1", "vrf": vrf})
}

async fn allocate(edge: &Edge, body: &Value) -> Reply {
    edge.post("/api/allocate-vlan", body).await
}

async fn release(edge: &Edge, body: &Value) -> Reply {
    edge.post("/api/release-vlan", body).await
}

/// The VLAN ids that are free at site1 in Network1, lowest first.
async fn free(edge: &Edge) -> Vec<u64> {
    let path = "/api/segments?site=site1&vrf=Network1&allocated=false";
    let list = edge.get(path).await.expect(200).json();
    let mut ids: Vec<u64> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["vlan_id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn the_lowest_vlan_id_is_taken_in_one_call() {
    let (double, edge) = warm().await;
    let lowest = free(&edge).await[0];
    let mark = double.ledger().mark();
    let given = allocate(&edge, &wanted("bench.a", "Network1")).await;
    let given = given.expect(200).json();
    assert_eq!(double.ledger().since(mark).count(), 1);
    assert_eq!(given["vlan_id"], lowest);
    assert_eq!(given["cluster_name"], "bench.a");
    assert_eq!(given["message"], "Segment allocated");
    let id: u64 = given["id"].as_str().unwrap().parse().unwrap();
    let prefix = row(&double, Kind::Prefix, id);
    assert_eq!(prefix.custom("Cluster"), "bench.a");
    assert_eq!(prefix.text("status"), "reserved");
}

#[tokio::test]
async fn another_strategy_length_or_exclusion_gives_another_one() {
    let (_double, edge) = warm().await;
    let all = free(&edge).await;
    let last = with(wanted("a", "Network1"), json!({"strategy": "last"}));
    let last = allocate(&edge, &last).await.expect(200).json();
    assert_eq!(last["vlan_id"], *all.last().unwrap());
    let any = with(wanted("b", "Network1"), json!({"strategy": "random"}));
    let any = allocate(&edge, &any).await.expect(200).json();
    assert!(all.contains(&any["vlan_id"].as_u64().unwrap()));
    let first = edge
        .get("/api/segments?site=site1&vrf=Network1&limit=1")
        .await;
    let id = first.expect(200).json()[0]["id"].clone();
    let other = with(wanted("c", "Network1"), json!({ "exclude": [id.clone()] }));
    let other = allocate(&edge, &other).await.expect(200).json();
    assert_ne!(other["id"], id);
    let none = with(wanted("d", "Network1"), json!({"prefix_length": 29}));
    let none = allocate(&edge, &none).await.expect(409).json();
    assert_eq!(none["type"], "urn:segment-edge:problem:none-free");
    assert!(none["counts"]["unsuitable"].as_u64().unwrap() > 0, "{none}");
}

#[tokio::test]
async fn the_same_cluster_gets_the_same_segment_again() {
    let (double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let mark = double.ledger().mark();
    let again = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_eq!(again.json()["id"], given.json()["id"]);
    assert_eq!(
        again.json()["message"],
        "The cluster has this segment already"
    );
    // One that another VRF of the site gives is another one.
    let other = allocate(&edge, &wanted("a", "Network2")).await.expect(200);
    assert_ne!(other.json()["id"], given.json()["id"]);
}

#[tokio::test]
async fn what_somebody_took_away_meanwhile_is_not_called_the_clusters() {
    let (double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let id: u64 = given.json()["id"].as_str().unwrap().parse().unwrap();
    double.edit(|db| db.set_custom_field(id, "Cluster", "theirs".into()));
    let again = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    assert_ne!(again.json()["id"], given.json()["id"]);
    assert_eq!(row(&double, Kind::Prefix, id).custom("Cluster"), "theirs");
}

#[tokio::test]
async fn a_segment_that_another_took_meanwhile_is_passed_over() {
    let (double, edge) = warm().await;
    let first = edge
        .get("/api/segments?site=site1&vrf=Network1&limit=1")
        .await;
    let id: u64 = first.expect(200).json()[0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    double.edit(|db| db.set_custom_field(id, "Cluster", "theirs".into()));
    let mark = double.ledger().mark();
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    assert_ne!(given.json()["id"], id.to_string());
    assert_eq!(row(&double, Kind::Prefix, id).custom("Cluster"), "theirs");
    assert!(double.ledger().since(mark).count() <= 6);
}

#[tokio::test]
async fn when_none_is_free_the_nearest_places_are_named() {
    let (double, edge) = warm().await;
    let count = free(&edge).await.len();
    for n in 0..count {
        let body = wanted(&format!("c{n}"), "Network1");
        allocate(&edge, &body).await.expect(200);
    }
    let mark = double.ledger().mark();
    let none = allocate(&edge, &wanted("late", "Network1")).await;
    let none = none.expect(409).json();
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_eq!(none["type"], "urn:segment-edge:problem:none-free");
    assert_eq!(none["counts"]["allocated"], count);
    let nearest = &none["alternatives"][0];
    assert_eq!(nearest["site"], "site1");
    assert!(nearest["available"].as_u64().unwrap() > 0, "{none}");
}

#[tokio::test]
async fn a_release_is_one_call_and_the_segment_is_free_again() {
    let (double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let mark = double.ledger().mark();
    let free = release(&edge, &wanted("a", "Network1")).await.expect(200);
    assert_eq!(double.ledger().since(mark).count(), 1);
    assert_eq!(free.json()["id"], given.json()["id"]);
    assert_eq!(free.json()["cluster_name"], Value::Null);
    assert_eq!(free.json()["released"], true);
    let none = release(&edge, &wanted("a", "Network1")).await.expect(404);
    assert_eq!(
        none.json()["type"],
        "urn:segment-edge:problem:not-allocated"
    );
    let again = allocate(&edge, &wanted("b", "Network1")).await.expect(200);
    assert_eq!(again.json()["id"], given.json()["id"]);
}

#[tokio::test]
async fn a_cluster_leaves_a_shared_segment_and_the_others_stay() {
    let (_double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let address = format!("/api/segments/{}", given.json()["id"].as_str().unwrap());
    let body = json!({"clusters": ["a", "b"]});
    let shared = edge.put(&format!("{address}/clusters"), &body).await;
    assert_eq!(shared.expect(200).json()["cluster_name"], "a,b");
    release(&edge, &wanted("a", "Network1")).await.expect(200);
    let left = edge.get(&address).await.expect(200).json();
    assert_eq!(left["cluster_name"], "b");
    assert_eq!(left["released"], false);
    let nobody = json!({"clusters": []});
    let free = edge.put(&format!("{address}/clusters"), &nobody).await;
    assert_eq!(free.expect(200).json()["released"], true);
}

#[tokio::test]
async fn a_cluster_name_is_no_pattern() {
    let (_double, edge) = warm().await;
    let given = allocate(&edge, &wanted("benchXa", "Network1"))
        .await
        .expect(200);
    let other = allocate(&edge, &wanted("bench.a", "Network1"))
        .await
        .expect(200);
    assert_ne!(other.json()["id"], given.json()["id"]);
    release(&edge, &wanted("bench.a", "Network1"))
        .await
        .expect(200);
    release(&edge, &wanted("bench.", "Network1"))
        .await
        .expect(404);
    let list = edge.get("/api/segments?cluster_name=bench.a").await;
    assert_eq!(list.expect(200).json(), json!([]));
    let list = edge.get("/api/segments?cluster_name=benchXa").await;
    assert_eq!(list.expect(200).json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_allocated_segment_is_neither_deleted_nor_given_other_addresses() {
    let (double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let address = format!("/api/segments/{}", given.json()["id"].as_str().unwrap());
    let before = counts(&double);
    let mark = double.ledger().mark();
    for refused in [
        edge.delete(&address).await,
        edge.patch(&address, &json!({"segment": "172.20.0.0/24"}))
            .await,
        edge.patch(&address, &json!({"vlan_id": 3999})).await,
        edge.patch(&address, &json!({"site": "site2"})).await,
        edge.patch(&address, &json!({"vrf": "Network2"})).await,
    ] {
        assert_eq!(refused.expect(409).rules(), ["allocated"]);
    }
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_eq!(counts(&double), before);
    edge.patch(&address, &json!({"description": "in use"}))
        .await
        .expect(200);
    edge.patch(&address, &json!({"epg_name": "EPG_IN_USE"}))
        .await
        .expect(200);
}

#[tokio::test]
async fn an_allocation_tells_the_vlan_id_that_netbox_has_by_now() {
    let (double, edge) = warm().await;
    let first = edge
        .get("/api/segments?site=site1&vrf=Network1&allocated=false&limit=1")
        .await;
    let id = first.expect(200).json()[0]["id"].clone();
    let prefix = row(&double, Kind::Prefix, id.as_str().unwrap().parse().unwrap());
    let vlan = prefix.reference("vlan").unwrap();
    double.edit(|db| {
        db.change(Kind::Vlan, vlan, |row| {
            row.set("vid", Cell::Int(3999));
            row.set("name", Cell::Text("EPG_BY_HAND".into()));
        })
    });
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let given = given.json();
    assert_eq!(given["id"], id);
    assert_eq!(given["vlan_id"], 3999);
    assert_eq!(given["epg_name"], "EPG_BY_HAND");
    let address = format!("/api/segments/{}", id.as_str().unwrap());
    let read = edge.get(&address).await.expect(200);
    assert_eq!(read.json()["vlan_id"], 3999);
}

#[tokio::test]
async fn a_cluster_with_two_segments_must_say_which_one_it_gives_back() {
    let (_double, edge) = warm().await;
    let one = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let list = edge
        .get("/api/segments?site=site1&vrf=Network1&allocated=false&limit=1")
        .await;
    let second = list.expect(200).json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"clusters": ["a"]});
    edge.put(&format!("/api/segments/{second}/clusters"), &body)
        .await
        .expect(200);
    let refused = release(&edge, &wanted("a", "Network1")).await.expect(409);
    assert_eq!(refused.rules(), ["several-allocated"]);
    let exact = with(wanted("a", "Network1"), json!({ "id": second }));
    assert_eq!(
        release(&edge, &exact).await.expect(200).json()["id"],
        second
    );
    let left = release(&edge, &wanted("a", "Network1")).await.expect(200);
    assert_eq!(left.json()["id"], one.json()["id"]);
}

#[tokio::test]
async fn two_clusters_leave_one_segment_in_one_list() {
    let (double, edge) = warm().await;
    let given = allocate(&edge, &wanted("a", "Network1")).await.expect(200);
    let address = format!("/api/segments/{}", given.json()["id"].as_str().unwrap());
    let body = json!({"clusters": ["a", "b", "c"]});
    edge.put(&format!("{address}/clusters"), &body)
        .await
        .expect(200);
    let both = json!([wanted("a", "Network1"), wanted("b", "Network1")]);
    let mark = double.ledger().mark();
    let free = release(&edge, &both).await.expect(200).json();
    assert_eq!(free["succeeded"], 2);
    assert_eq!(double.ledger().since(mark).count(), 1);
    let left = edge.get(&address).await.expect(200).json();
    assert_eq!(left["cluster_name"], "c");
}
