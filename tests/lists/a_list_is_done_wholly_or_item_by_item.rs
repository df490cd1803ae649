use bench_harness::netbox::{Fault, Kind, Matcher};
use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, counts, everything, exists, warm, with};
use crate::support::{Edge, Reply, new_segment};

const BULK: &str = "/api/segments/bulk";

fn segments(count: usize) -> Vec<Value> {
    let one = |n: usize| {
        let own = json!({
            "vlan_id": 2000 + n, "epg_name": format!("EPG_BULK_{n}"),
            "segment": format!("172.{}.{}.0/24", 20 + n / 256, n % 256),
        });
        with(new_segment(), own)
    };
    (0..count).map(one).collect()
}

async fn create(edge: &Edge, items: &[Value]) -> Reply {
    edge.post(BULK, &json!(items)).await
}

fn ids(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let results = body["results"].as_array().unwrap();
    let id = |r: &Value| r["segment"]["id"].as_str().unwrap().to_owned();
    results.iter().map(id).collect()
}

#[tokio::test]
async fn ten_are_made_in_three_calls_renamed_in_one_and_deleted_in_two() {
    let (double, edge) = warm().await;
    let mark = double.ledger().mark();
    let made = create(&edge, &segments(10)).await.expect(201);
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth()), (3, 3));
    assert_eq!(made.json()["succeeded"], 10);
    assert_eq!(counts(&double), (110, 110));
    for (n, result) in made.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(result["index"], n);
        assert_eq!(result["status"], 201);
        assert_eq!(result["segment"]["vlan_id"], 2000 + n);
    }

    let ids = ids(&made);
    let rename = |(n, id): (usize, &String)| json!({"id": id, "epg_name": format!("EPG_NEW_{n}")});
    let renames: Vec<Value> = ids.iter().enumerate().map(rename).collect();
    let mark = double.ledger().mark();
    let renamed = edge.call(Method::PATCH, BULK, &[], &json!(renames)).await;
    assert_eq!(renamed.expect(200).json()["succeeded"], 10);
    assert_eq!(double.ledger().since(mark).count(), 1);
    let seen = edge.get(&format!("/api/segments/{}", ids[7])).await;
    assert_eq!(seen.expect(200).json()["epg_name"], "EPG_NEW_7");

    let mark = double.ledger().mark();
    let gone = edge.call(Method::DELETE, BULK, &[], &json!(ids)).await;
    assert_eq!(gone.expect(200).json()["succeeded"], 10);
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth()), (2, 2));
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn a_hundred_and_twenty_go_in_lists_of_fifty() {
    let (double, edge) = warm().await;
    let mark = double.ledger().mark();
    let made = create(&edge, &segments(120)).await.expect(201);
    assert_eq!(made.json()["succeeded"], 120);
    assert_eq!(double.ledger().since(mark).count(), 3 + 3 + 1);
    assert_eq!(counts(&double), (220, 220));
    let ids = ids(&made);
    let mark = double.ledger().mark();
    edge.call(Method::DELETE, BULK, &[], &json!(ids))
        .await
        .expect(200);
    assert_eq!(double.ledger().since(mark).count(), 3 + 3);
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn a_list_with_bad_items_is_refused_as_a_whole_and_each_is_named() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let mut items = segments(5);
    items[1]["vlan_id"] = 5000.into();
    items[3]["segment"] = "10.0.0.0/24".into();
    items[4]["epg_name"] = items[0]["epg_name"].clone();
    let mark = double.ledger().mark();
    let refused = create(&edge, &items).await.expect(422);
    assert!(refused.pointers().contains(&"/1/vlan_id".to_owned()));
    items.remove(1);
    let refused = create(&edge, &items).await.expect(409);
    assert_eq!(refused.pointers(), ["/2/segment", "/3/epg_name"]);
    assert_eq!(refused.rules(), ["overlap", "epg-name-taken"]);
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn item_by_item_the_good_ones_are_made_and_the_others_told() {
    let (double, edge) = warm().await;
    let mut items = segments(5);
    items[1]["vlan_id"] = 5000.into();
    items[3]["segment"] = "10.0.0.0/24".into();
    let path = format!("{BULK}?atomic=false");
    let mixed = edge.post(&path, &json!(items)).await.expect(207).json();
    assert_eq!(
        (&mixed["succeeded"], &mixed["failed"]),
        (&json!(3), &json!(2))
    );
    let statuses: Vec<u64> = mixed["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 422, 201, 409, 201]);
    let pointer = &mixed["results"][3]["problem"]["errors"][0]["pointer"];
    assert_eq!(pointer, "/segment");
    assert_eq!(counts(&double), (103, 103));
}

#[tokio::test]
async fn what_netbox_refuses_of_one_item_fails_alone_or_all() {
    let (double, edge) = warm().await;
    // Not ours, so that only NetBox knows of it.
    let group = crate::rows::vlan_of(&double, 1).reference("group").unwrap();
    double.edit(|db| db.add_vlan(group, 2002, "THEIRS", 0, 0));
    let before = everything(&double);
    let refused = create(&edge, &segments(5)).await.expect(409);
    assert_eq!(refused.pointers(), ["/2/vlan_id"]);
    assert_as_before(&double, &before);
    let path = format!("{BULK}?atomic=false");
    let mixed = edge
        .post(&path, &json!(segments(5)))
        .await
        .expect(207)
        .json();
    assert_eq!(mixed["succeeded"], 4);
    assert_eq!(mixed["results"][2]["status"], 409);
    assert_eq!(counts(&double), (105, 104));
}

#[tokio::test]
async fn what_fails_in_a_later_chunk_undoes_the_earlier_ones() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let third = Matcher::call("POST", "/api/ipam/prefixes/").with_body("172.20.110.0/24");
    let refusal = r#"{"detail":"1 of 20 objects could not be created.","errors":[{"index":10,"errors":{"prefix":["not today"]}}]}"#;
    double.fail_always(third, Fault::json(400, refusal));
    let refused = create(&edge, &segments(120)).await.expect(422);
    assert_eq!(refused.pointers(), ["/110"]);
    assert!(refused.json()["left"].is_null());
    double.heal();
    assert_as_before(&double, &before);
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.header("x-total-count"), "100");
}

#[tokio::test]
async fn a_stale_item_is_decided_anew_and_a_tag_keeps_it() {
    let (double, edge) = warm().await;
    let tag = edge.get("/api/segments/1").await.expect(200);
    let tag = tag.header("etag").to_owned();
    double.edit(|db| db.set_custom_field(1, "DHCP", false.into()));
    let changes = json!([
        {"id": "1", "description": "one", "if_match": tag},
        {"id": "100", "description": "two"},
    ]);
    let refused = edge.call(Method::PATCH, BULK, &[], &changes).await;
    let refused = refused.expect(412);
    assert_eq!(refused.pointers(), ["/0"]);
    let seen = edge.get("/api/segments/100").await.expect(200);
    assert_eq!(seen.json()["description"], "");
    let path = format!("{BULK}?atomic=false");
    let mixed = edge.call(Method::PATCH, &path, &[], &changes).await;
    let mixed = mixed.expect(207).json();
    assert_eq!(mixed["results"][0]["status"], 412);
    assert_eq!(mixed["results"][1]["segment"]["description"], "two");
}

#[tokio::test]
async fn of_a_whole_delete_that_fails_nothing_is_deleted() {
    let (double, edge) = warm().await;
    let before = counts(&double);
    // Segment 2 is allocated.
    let refused = edge
        .call(Method::DELETE, BULK, &[], &json!(["1", "2"]))
        .await;
    let refused = refused.expect(409);
    assert_eq!(refused.pointers(), ["/1/cluster_name"]);
    assert_eq!(counts(&double), before);
    let path = format!("{BULK}?atomic=false");
    let body = json!(["1", "2", "999999"]);
    let mixed = edge
        .call(Method::DELETE, &path, &[], &body)
        .await
        .expect(207)
        .json();
    let statuses: Vec<u64> = mixed["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 409, 404]);
    assert!(!exists(&double, Kind::Prefix, 1));
}

#[tokio::test]
async fn a_list_of_allocations_is_one_call_and_so_is_that_of_releases() {
    let (double, edge) = warm().await;
    let wanted: Vec<Value> = (0..10)
        .map(|n| json!({"cluster_name": format!("c{n}"), "site": "site1", "vrf": "Network1"}))
        .collect();
    let mark = double.ledger().mark();
    let given = edge
        .post("/api/allocate-vlan", &json!(wanted))
        .await
        .expect(200);
    assert_eq!(double.ledger().since(mark).count(), 1);
    let mut given = ids(&given);
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 10, "each has one of its own");
    let mark = double.ledger().mark();
    let free = edge
        .post("/api/release-vlan", &json!(wanted))
        .await
        .expect(200);
    assert_eq!(free.json()["succeeded"], 10);
    assert_eq!(double.ledger().since(mark).count(), 1);
}

#[tokio::test]
async fn two_clusters_leave_a_shared_segment_in_one_list() {
    let (double, edge) = warm().await;
    let shared = json!({"clusters": ["one", "two"]});
    edge.put("/api/segments/1/clusters", &shared)
        .await
        .expect(200);
    let place =
        |cluster: &str| json!({"cluster_name": cluster, "site": "site1", "vrf": "Network1"});
    let mark = double.ledger().mark();
    let both = json!([place("one"), place("two")]);
    let left = edge.post("/api/release-vlan", &both).await.expect(200);
    assert_eq!(left.json()["succeeded"], 2);
    assert_eq!(double.ledger().since(mark).count(), 1);
    let segment = edge.get("/api/segments/1").await.expect(200).json();
    assert_eq!(segment["cluster_name"], Value::Null);
    assert_eq!(segment["released"], true);
}

#[tokio::test]
async fn a_list_of_more_allocations_than_are_free_gives_none() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let wanted: Vec<Value> = (0..40)
        .map(|n| json!({"cluster_name": format!("c{n}"), "site": "site1", "vrf": "Network1"}))
        .collect();
    let none = edge
        .post("/api/allocate-vlan", &json!(wanted))
        .await
        .expect(409);
    assert_eq!(none.json()["type"], "urn:segment-edge:problem:none-free");
    assert_as_before(&double, &before);
    let path = "/api/allocate-vlan?atomic=false";
    let some = edge.post(path, &json!(wanted)).await.expect(207).json();
    assert!(some["succeeded"].as_u64().unwrap() >= 10, "{some}");
    assert!(some["failed"].as_u64().unwrap() >= 20);
}
