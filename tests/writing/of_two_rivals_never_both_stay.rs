use std::time::Duration;

use bench_harness::netbox::{Data, Double, DoubleSettings, Kind};
use serde_json::{Value, json};

use crate::rows::{counts, id, vlan_of, with};
use crate::support::{Edge, Reply, new_segment};

/// Two components that know nothing of one another, before one double where a check and its write are apart.
async fn rivals() -> (Double, Edge, Edge) {
    let double = Double::start(DoubleSettings::with(Data::Recorded100))
        .await
        .unwrap();
    let (one, two) = (Edge::before(&double).await, Edge::before(&double).await);
    for edge in [&one, &two] {
        edge.get("/api/segments").await.expect(200);
    }
    double.set_race_window(Duration::from_millis(30));
    (double, one, two)
}

/// Both create at once. What stays is what was answered with 201; every other answer is a 409 that leaves nothing.
async fn race(double: &Double, one: &Edge, two: &Edge, bodies: [&Value; 2]) -> usize {
    let (vlans, prefixes) = counts(double);
    let (first, second) = tokio::join!(
        one.post("/api/segments", bodies[0]),
        two.post("/api/segments", bodies[1])
    );
    let mut won: Vec<u64> = Vec::new();
    for reply in [first, second] {
        if reply.status == 201 {
            won.push(id(&reply.json()));
        } else {
            lost(reply);
        }
    }
    assert_eq!(counts(double), (vlans + won.len(), prefixes + won.len()));
    for segment in &won {
        vlan_of(double, *segment);
    }
    won.len()
}

#[track_caller]
fn lost(reply: Reply) {
    let reply = reply.expect(409);
    assert!(reply.json()["left"].is_null());
    let outrun = reply.json()["type"] == "urn:segment-edge:problem:outrun";
    assert!(outrun || !reply.rules().is_empty());
}

fn numbered(round: usize) -> Value {
    with(
        new_segment(),
        json!({
            "vlan_id": 3000 + round,
            "epg_name": format!("EPG_{round}"),
            "segment": format!("172.20.{round}.0/24"),
        }),
    )
}

#[tokio::test]
async fn the_loser_of_a_creation_race_gets_a_409_and_not_a_500() {
    let (double, one, two) = rivals().await;
    for round in 0..4 {
        let body = numbered(round);
        // The VLAN is the lock, so exactly one wins.
        assert_eq!(race(&double, &one, &two, [&body, &body]).await, 1);
    }
}

#[tokio::test]
async fn of_two_segments_with_one_vlan_id_exactly_one_is_made() {
    let (double, one, two) = rivals().await;
    for round in 0..4 {
        let body = numbered(round);
        let other = with(
            body.clone(),
            json!({"epg_name": format!("EPG_OTHER_{round}"), "segment": format!("172.21.{round}.0/24")}),
        );
        assert_eq!(race(&double, &one, &two, [&body, &other]).await, 1);
    }
}

#[tokio::test]
async fn of_two_segments_with_the_same_prefix_at_most_one_stays() {
    let (double, one, two) = rivals().await;
    for round in 0..4 {
        let body = numbered(round);
        let other = with(
            body.clone(),
            json!({"vlan_id": 3500 + round, "epg_name": format!("EPG_OTHER_{round}")}),
        );
        assert!(race(&double, &one, &two, [&body, &other]).await <= 1);
    }
}

#[tokio::test]
async fn of_two_segments_that_overlap_at_most_one_stays() {
    let (double, one, two) = rivals().await;
    for round in 0..4 {
        let body = numbered(round);
        let other = with(
            body.clone(),
            json!({
                "site": "site2",
                "vlan_id": 3500 + round,
                "epg_name": format!("EPG_OTHER_{round}"),
                "segment": format!("172.20.{round}.128/25"),
            }),
        );
        assert!(race(&double, &one, &two, [&body, &other]).await <= 1);
    }
}

#[tokio::test]
async fn a_rival_that_was_there_before_wins_and_is_named() {
    let (double, one, two) = rivals().await;
    let body = numbered(0);
    let made = one.post("/api/segments", &body).await.expect(201).json();
    // The other has not heard of it, so it makes its own VLAN, and its look finds the rival.
    let other = with(
        body,
        json!({"vlan_id": 3500, "epg_name": "EPG_OTHER", "segment": "172.20.0.128/25"}),
    );
    let refused = two.post("/api/segments", &other).await.expect(409);
    assert_eq!(refused.rules(), ["overlap"]);
    assert_eq!(refused.json()["errors"][0]["rival"], made["id"]);
    assert_eq!(counts(&double), (101, 101));
    assert!(double.state().by_name(Kind::Vlan, "EPG_OTHER").is_none());
}

#[tokio::test]
async fn a_race_without_a_window_has_the_same_end() {
    let (double, one, two) = rivals().await;
    double.set_race_window(Duration::ZERO);
    for round in 0..4 {
        let body = numbered(round);
        assert_eq!(race(&double, &one, &two, [&body, &body]).await, 1);
    }
}
