use bench_harness::netbox::{Data, Double};
use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, everything};
use crate::support::{Edge, double, new_segment, settings};

async fn strict() -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).variable("require_if_match", "on");
    let edge = Edge::start(settings).await;
    (double, edge)
}

#[tokio::test]
async fn a_change_without_if_match_is_refused_and_told_where_the_tag_is() {
    let (double, edge) = strict().await;
    let before = everything(&double);
    let patch = json!({"description": "changed"});
    for (method, body) in [
        (Method::PUT, &new_segment()),
        (Method::PATCH, &patch),
        (Method::DELETE, &Value::Null),
    ] {
        let refused = edge.call(method, "/api/segments/1", &[], body).await;
        let problem = refused.expect(428).json();
        assert_eq!(
            problem["type"],
            "urn:segment-edge:problem:if-match-required"
        );
        let detail = problem["detail"].as_str().unwrap();
        for word in ["If-Match", "ETag", "GET of the segment", "require_if_match"] {
            assert!(detail.contains(word), "{detail}");
        }
    }
    assert_eq!(double.ledger().count(), 0);
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn with_the_tag_or_a_star_it_is_carried_out() {
    let (_double, edge) = strict().await;
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let address = made.header("location").to_owned();
    let tag = [("if-match", made.header("etag"))];
    let patch = json!({"description": "changed"});
    edge.call(Method::PATCH, &address, &tag, &patch)
        .await
        .expect(200);
    edge.call(Method::PATCH, &address, &tag, &patch)
        .await
        .expect(412);
    edge.call(Method::DELETE, &address, &[("if-match", "*")], &Value::Null)
        .await
        .expect(204);
}

#[tokio::test]
async fn each_item_of_a_list_needs_a_tag_too() {
    let (double, edge) = strict().await;
    let before = everything(&double);
    let path = "/api/segments/bulk";
    let change = json!([{"id": "1", "description": "x"}]);
    edge.call(Method::PATCH, path, &[], &change)
        .await
        .expect(428);
    edge.call(Method::DELETE, path, &[], &json!(["1"]))
        .await
        .expect(428);
    assert_as_before(&double, &before);
    let change = json!([{"id": "1", "description": "x", "if_match": "*"}]);
    edge.call(Method::PATCH, path, &[], &change)
        .await
        .expect(200);
}
