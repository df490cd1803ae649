use std::time::Duration;

use bench_harness::netbox::{Data, Double, DoubleSettings, Release};

use crate::support::Edge;

/// Long enough that calls made at once overlap at the double, however busy the machine is.
const LATENCY: Duration = Duration::from_millis(60);

async fn slow_double(segments: usize, graphql: bool) -> Double {
    Double::start(DoubleSettings {
        latency: LATENCY,
        graphql,
        ..DoubleSettings::with(Data::Generated(segments))
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_thousand_segments_take_two_calls() {
    let double = slow_double(1_000, true).await;
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.json().as_array().unwrap().len(), 1_000);
    assert_eq!(list.netbox_calls(), 2);
    assert_eq!(double.ledger().count(), 2);
    assert_eq!(double.ledger().depth(), 2);
    let again = edge.get("/api/segments").await.expect(200);
    assert_eq!(again.netbox_calls(), 0);
    assert_eq!(again.bytes, list.bytes);
}

#[tokio::test]
async fn ten_thousand_segments_take_four_calls_in_three_rounds() {
    let double = slow_double(10_000, true).await;
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments?limit=1").await.expect(200);
    assert_eq!(list.header("x-total-count"), "10000");
    assert!(double.ledger().count() <= 4, "{:#?}", double.ledger());
    assert!(double.ledger().depth() <= 3, "{:#?}", double.ledger());
    let again = edge.get("/api/segments?limit=1").await.expect(200);
    assert_eq!(again.netbox_calls(), 0);
}

#[tokio::test]
async fn without_graphql_rest_gives_the_same_list_with_four_calls_in_flight() {
    let by_graphql = slow_double(2_500, true).await;
    let by_rest = slow_double(2_500, false).await;
    let one = Edge::before(&by_graphql).await;
    let other = Edge::before(&by_rest).await;
    let one = one.get("/api/segments").await.expect(200);
    let other = other.get("/api/segments").await.expect(200);
    assert_eq!(one.json().as_array().unwrap().len(), 2_500);
    assert!(one.bytes == other.bytes, "GraphQL and REST differ");
    let calls = by_rest.ledger().calls();
    assert!(
        calls.0.iter().any(|call| call.method == "GET"),
        "{calls:#?}"
    );
    assert!((2..=4).contains(&calls.peak_concurrency()), "{calls:#?}");
    assert_eq!(calls.writes(), 0);
}

/// What a NetBox with these settings and 2,500 segments makes of the list, how many calls that took, and its text.
async fn list_before(settings: DoubleSettings) -> (usize, usize, bytes::Bytes) {
    let double = Double::start(DoubleSettings {
        data: Data::Generated(2_500),
        ..settings
    })
    .await
    .unwrap();
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments").await.expect(200);
    let segments = list.json().as_array().unwrap().len();
    (segments, double.ledger().count(), list.bytes)
}

#[tokio::test]
async fn a_netbox_that_knows_no_cursor_and_no_graphql_is_read_wholly() {
    let (_, _, as_always) = list_before(DoubleSettings::default()).await;
    let (segments, calls, list) = list_before(DoubleSettings {
        graphql: false,
        release: Release::V4_5,
        ..DoubleSettings::default()
    })
    .await;
    assert_eq!(segments, 2_500);
    assert!(list == as_always, "the lists differ");
    assert!(calls <= 20, "{calls}");
}

#[tokio::test]
async fn a_netbox_with_shorter_pages_is_read_wholly() {
    let (_, _, as_always) = list_before(DoubleSettings::default()).await;
    for graphql in [true, false] {
        for max_page in [250, 500] {
            let (segments, calls, list) = list_before(DoubleSettings {
                graphql,
                max_page,
                ..DoubleSettings::default()
            })
            .await;
            assert_eq!(segments, 2_500, "{max_page} rows a page, GraphQL {graphql}");
            assert!(list == as_always, "the lists differ");
            assert!(calls <= if graphql { 6 } else { 40 }, "{calls}");
        }
    }
}

#[tokio::test]
async fn a_hundred_segments_take_one_call() {
    let double = slow_double(100, true).await;
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.json().as_array().unwrap().len(), 100);
    assert_eq!(double.ledger().count(), 1);
}

/// GraphQL gives empty lists to a token that may not view, too: only REST tells.
#[tokio::test]
async fn without_a_segment_it_is_asked_at_once_whether_the_lists_only_seem_empty() {
    let double = slow_double(0, true).await;
    let edge = Edge::before(&double).await;
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.json(), serde_json::json!([]));
    let ledger = double.ledger();
    let calls = ledger.calls();
    let asked: Vec<&str> = calls.0[1..].iter().map(|call| call.path.as_str()).collect();
    let lists = ["vlans", "prefixes"];
    assert_eq!(
        asked,
        lists.map(|list| format!("/api/ipam/{list}/?fields=id&id__lt=1&limit=1000"))
    );
    assert_eq!((ledger.count(), ledger.depth()), (3, 2));
}

#[tokio::test]
async fn sixteen_requests_at_once_share_one_read_per_instance() {
    let double = slow_double(100, true).await;
    let edge = Edge::before(&double).await;
    let asked = (0..16).map(|_| edge.get("/api/segments"));
    let replies = futures::future::join_all(asked).await;
    let first = replies[0].bytes.clone();
    for reply in replies {
        let reply = reply.expect(200);
        assert_eq!(reply.bytes, first);
        assert_eq!(reply.json().as_array().unwrap().len(), 100);
    }
    assert!(
        double.ledger().count() <= edge.host.instances_started(),
        "{} reads by {} instances",
        double.ledger().count(),
        edge.host.instances_started()
    );
}
