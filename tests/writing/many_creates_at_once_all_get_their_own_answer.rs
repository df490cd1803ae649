use std::collections::BTreeSet;
use std::time::Duration;

use bench_harness::netbox::{Fault, Gate, Matcher};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::rows::{counts, id, vlan_of, warm, with};
use crate::support::{left_out_on_wasip2, new_segment};

#[tokio::test]
async fn sixteen_different_segments_are_all_made() {
    let (double, edge) = warm().await;
    let bodies: Vec<Value> = (0..16)
        .map(|n| {
            let own = json!({"vlan_id": 3000 + n, "epg_name": format!("EPG_{n}"), "segment": format!("172.20.{n}.0/24")});
            with(new_segment(), own)
        })
        .collect();
    let posts = bodies.iter().map(|body| edge.post("/api/segments", body));
    let replies = join_all(posts).await;
    let mut ids = BTreeSet::new();
    for (reply, body) in replies.into_iter().zip(&bodies) {
        let made = reply.expect(201).json();
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&made[name], value);
        }
        let segment = id(&made);
        assert_eq!(vlan_of(&double, segment).int("vid"), made["vlan_id"]);
        ids.insert(segment);
    }
    assert_eq!(ids.len(), 16);
    assert_eq!(counts(&double), (116, 116));
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.netbox_calls(), 0);
    assert_eq!(list.json().as_array().unwrap().len(), 116);
}

#[tokio::test]
async fn of_sixteen_that_want_the_same_one_is_made_and_the_others_are_told() {
    let (double, edge) = warm().await;
    let body = new_segment();
    let posts = (0..16).map(|_| edge.post("/api/segments", &body));
    let replies = join_all(posts).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 201);
    assert_eq!(made.len(), 1);
    for reply in refused {
        let reply = reply.expect(409);
        assert!(reply.rules().contains(&"vlan-id-taken".to_owned()));
    }
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn in_one_instance_the_second_waits_and_is_refused_without_a_write() {
    if left_out_on_wasip2("it needs requests at once in one instance") {
        return;
    }
    let (double, edge) = warm().await;
    let body = new_segment();
    let gate = Gate::closed();
    double.fail_next(
        Matcher::call("POST", "/api/ipam/vlans/"),
        Fault::HoldAnswer(gate.clone()),
    );
    let mark = double.ledger().mark();
    let second = async {
        gate.reached().await;
        let opened = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            gate.open();
        };
        tokio::join!(edge.post("/api/segments", &body), opened).0
    };
    let (first, second) = tokio::join!(edge.post("/api/segments", &body), second);
    let made = first.expect(201).json();
    let refused = second.expect(409);
    assert_eq!(edge.host.instances_started(), 1);
    assert_eq!(refused.json()["errors"][0]["rival"], made["id"]);
    assert_eq!(double.ledger().since(mark).writes(), 2);
}
