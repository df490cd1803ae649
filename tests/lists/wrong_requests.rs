//! Bad input for the routes of lists, allocation, provision and reconcile: what was sent, and what came back.

use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, everything, warm};

/// Method, path, body, status, and the pointers or, for problems without any, the kind.
fn table() -> Vec<(Method, &'static str, Value, u16, Vec<&'static str>)> {
    let (post, put) = (Method::POST, Method::PUT);
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    let place = json!({"cluster_name": "a", "site": "site1", "vrf": "Network1"});
    let many: Vec<Value> = vec![json!("1"); 501];
    let with = |more: Value| {
        let mut body = place.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let room = |more: Value| {
        let mut body =
            json!({"site": "site1", "vrf": "Network1", "prefix_length": 24, "epg_name": "E"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    vec![
        (post.clone(), "/api/segments/bulk", json!({}), 422, vec![""]),
        (post.clone(), "/api/segments/bulk", json!([]), 422, vec![""]),
        (
            post.clone(),
            "/api/segments/bulk",
            json!(many),
            422,
            vec![""],
        ),
        (
            post.clone(),
            "/api/segments/bulk",
            json!([5]),
            422,
            vec!["/0"],
        ),
        (
            post.clone(),
            "/api/segments/bulk?atomic=perhaps",
            json!([{}]),
            400,
            vec!["?atomic"],
        ),
        (
            post.clone(),
            "/api/segments/bulk?dry_run=",
            json!([{}]),
            400,
            vec!["?dry_run"],
        ),
        (
            post.clone(),
            "/api/segments/bulk?atomic=true&atomic=false",
            json!([{}]),
            400,
            vec!["?atomic"],
        ),
        (
            post.clone(),
            "/api/segments?atomic=true",
            json!({}),
            400,
            vec!["malformed"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"epg_name": "X"}]),
            422,
            vec!["/0/id"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": 1, "epg_name": "X"}]),
            422,
            vec!["/0/id"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": "01", "epg_name": "X"}]),
            422,
            vec!["/0/id"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": "1"}]),
            422,
            vec!["/0"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": "1", "dhcp": true}, {"id": "1", "dhcp": false}]),
            422,
            vec!["/1/id"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": "1", "dhcp": true, "if_match": 7}]),
            422,
            vec!["/0/if_match"],
        ),
        (
            patch.clone(),
            "/api/segments/bulk",
            json!([{"id": "999999", "dhcp": true}]),
            404,
            vec!["/0"],
        ),
        (patch, "/api/segments/bulk", json!(["1"]), 422, vec!["/0"]),
        (
            delete.clone(),
            "/api/segments/bulk",
            json!([1]),
            422,
            vec!["/0"],
        ),
        (
            delete.clone(),
            "/api/segments/bulk",
            json!(["1", "1"]),
            422,
            vec!["/1/id"],
        ),
        (
            delete.clone(),
            "/api/segments/bulk",
            json!([{"id": "1", "tag": "x"}]),
            422,
            vec!["/0/tag"],
        ),
        (
            delete,
            "/api/segments/bulk",
            Value::Null,
            400,
            vec!["malformed"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            json!({}),
            422,
            vec!["/cluster_name", "/site", "/vrf"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            json!("a"),
            422,
            vec![""],
        ),
        (post.clone(), "/api/allocate-vlan", json!([]), 422, vec![""]),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"cluster_name": "a,b"})),
            422,
            vec!["/cluster_name"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"site": "nowhere"})),
            422,
            vec!["/site"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"vrf": "none"})),
            422,
            vec!["/vrf"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"strategy": "best"})),
            422,
            vec!["/strategy"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"prefix_length": 129})),
            422,
            vec!["/prefix_length"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            with(json!({"exclude": "1"})),
            422,
            vec!["/exclude"],
        ),
        (
            post.clone(),
            "/api/allocate-vlan",
            json!([place.clone(), place.clone()]),
            422,
            vec!["/1/cluster_name"],
        ),
        (
            post.clone(),
            "/api/release-vlan",
            json!({"cluster_name": "a"}),
            422,
            vec!["/site", "/vrf"],
        ),
        (
            post.clone(),
            "/api/release-vlan",
            with(json!({"id": 5})),
            422,
            vec!["/id"],
        ),
        (
            post.clone(),
            "/api/release-vlan",
            with(json!({"segment": "x"})),
            422,
            vec!["/segment"],
        ),
        (
            post.clone(),
            "/api/release-vlan",
            place.clone(),
            404,
            vec!["not-allocated"],
        ),
        (
            put.clone(),
            "/api/segments/1/clusters",
            json!({}),
            422,
            vec!["/clusters"],
        ),
        (
            put.clone(),
            "/api/segments/1/clusters",
            json!({"clusters": "a"}),
            422,
            vec!["/clusters"],
        ),
        (
            put.clone(),
            "/api/segments/1/clusters",
            json!({"clusters": ["a b"]}),
            422,
            vec!["/clusters"],
        ),
        (
            put,
            "/api/segments/999999/clusters",
            json!({"clusters": []}),
            404,
            vec!["no-such-segment"],
        ),
        (
            post.clone(),
            "/api/segments/provision",
            json!({}),
            422,
            vec!["/site", "/vrf", "/prefix_length", "/epg_name"],
        ),
        (
            post.clone(),
            "/api/segments/provision",
            room(json!({"vlan_range": "9-5"})),
            422,
            vec!["/vlan_range"],
        ),
        (
            post.clone(),
            "/api/segments/provision",
            room(json!({"prefix_length": 0})),
            422,
            vec!["/prefix_length"],
        ),
        (
            post.clone(),
            "/api/segments/provision",
            room(json!({"site": "nowhere"})),
            422,
            vec!["/site"],
        ),
        // No prefixes are set for the site.
        (
            post.clone(),
            "/api/segments/provision",
            room(json!({})),
            422,
            vec!["/site"],
        ),
        (
            post.clone(),
            "/api/reconcile?force=yes",
            Value::Null,
            400,
            vec!["?force"],
        ),
        (
            post,
            "/api/reconcile?hard=true",
            Value::Null,
            400,
            vec!["malformed"],
        ),
        (
            Method::GET,
            "/api/allocate-vlan",
            Value::Null,
            405,
            vec!["method-not-allowed"],
        ),
        (
            Method::GET,
            "/api/segments/bulk",
            Value::Null,
            405,
            vec!["method-not-allowed"],
        ),
        (
            Method::POST,
            "/api/segments/1/clusters",
            json!({}),
            405,
            vec!["method-not-allowed"],
        ),
    ]
}

#[tokio::test]
async fn each_is_told_where_it_is_wrong_and_changes_nothing() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    let mark = double.ledger().mark();
    for (method, path, body, status, wrong) in table() {
        let what = format!(
            "{method} {path} {}",
            body.to_string().chars().take(120).collect::<String>()
        );
        let reply = edge.call(method, path, &[], &body).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.json());
        let pointers = reply.pointers();
        let kind = reply.json()["type"].as_str().unwrap().to_owned();
        if pointers.is_empty() {
            assert_eq!(vec![kind.rsplit(':').next().unwrap()], wrong, "{what}");
        } else {
            assert_eq!(pointers, wrong, "{what}: {}", reply.json());
        }
        assert!(
            reply
                .header("content-type")
                .starts_with("application/problem+json")
        );
    }
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_as_before(&double, &before);
}
