use bench_harness::netbox::{Cell, Kind};
use http::Method;
use serde_json::{Value, json};

use crate::rows::{assert_as_before, counts, everything, row, vlan_of, warm};

#[tokio::test]
async fn a_stale_tag_changes_nothing() {
    let (double, edge) = warm().await;
    let old = edge.get("/api/segments/1").await.expect(200);
    let old = [("if-match", old.header("etag"))];
    let first = json!({"dhcp": false});
    edge.patch("/api/segments/1", &first).await.expect(200);
    let full = edge.get("/api/segments/1").await.expect(200).json();
    let before = everything(&double);
    let mark = double.ledger().mark();
    for (method, body) in [
        (Method::PATCH, json!({"description": "late"})),
        (Method::PUT, full),
        (Method::DELETE, Value::Null),
    ] {
        let refused = edge.call(method, "/api/segments/1", &old, &body).await;
        refused.expect(412);
    }
    assert_eq!(double.ledger().since(mark).writes(), 0);
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn the_right_tag_and_the_star_let_a_write_pass() {
    let (double, edge) = warm().await;
    let mut tag = edge.get("/api/segments/1").await.expect(200);
    for (n, epg) in ["EPG_A", "EPG_B"].into_iter().enumerate() {
        let header = [("if-match", tag.header("etag"))];
        let body = json!({"epg_name": epg, "description": format!("change {n}")});
        let changed = edge
            .call(Method::PATCH, "/api/segments/1", &header, &body)
            .await
            .expect(200);
        assert_ne!(changed.header("etag"), tag.header("etag"));
        tag = changed;
    }
    let star = [("if-match", "*")];
    let body = json!({"epg_name": "EPG_C"});
    edge.call(Method::PATCH, "/api/segments/1", &star, &body)
        .await
        .expect(200);
    assert_eq!(vlan_of(&double, 1).text("name"), "EPG_C");
    let tag = edge.get("/api/segments/1").await.expect(200);
    let header = [("if-match", tag.header("etag"))];
    edge.call(Method::DELETE, "/api/segments/1", &header, &Value::Null)
        .await
        .expect(204);
    assert_eq!(counts(&double), (99, 99));
}

#[tokio::test]
async fn a_guard_that_cannot_be_read_is_refused_and_not_left_out() {
    let (double, edge) = warm().await;
    let before = everything(&double);
    for method in [Method::PATCH, Method::DELETE] {
        let tag = http::HeaderValue::from_bytes(b"\"caf\xe9\"").unwrap();
        let body = match method {
            Method::PATCH => bytes::Bytes::from_static(b"{\"dhcp\":false}"),
            _ => bytes::Bytes::new(),
        };
        let request = http::Request::builder()
            .method(method)
            .uri("http://edge.test/api/segments/1")
            .header("content-type", "application/json")
            .header("if-match", tag);
        let refused = edge.send(request.body(body).unwrap()).await.expect(400);
        assert!(
            refused.json()["detail"]
                .as_str()
                .unwrap()
                .contains("If-Match")
        );
    }
    assert_as_before(&double, &before);
}

#[tokio::test]
async fn a_change_by_another_user_of_netbox_is_seen_and_kept() {
    let (double, edge) = warm().await;
    double.edit(|db| {
        db.change(Kind::Prefix, 1, |row| {
            row.set("comments", Cell::Text("theirs".into()));
        })
    });
    let mark = double.ledger().mark();
    let body = json!({"cluster_name": "ours"});
    let changed = edge.patch("/api/segments/1", &body).await.expect(200);
    let statuses: Vec<u16> = double
        .ledger()
        .since(mark)
        .0
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(
        statuses,
        [412, 200, 200, 200],
        "refused by the guard, looked at by two reads at once, done"
    );
    assert_eq!(changed.json()["description"], "theirs");
    let prefix = row(&double, Kind::Prefix, 1);
    assert_eq!(prefix.text("comments"), "theirs");
    assert_eq!(prefix.custom("Cluster"), "ours");
}

#[tokio::test]
async fn a_caller_with_a_tag_is_told_of_a_change_by_another_user() {
    let (double, edge) = warm().await;
    let tag = edge.get("/api/segments/1").await.expect(200);
    double.edit(|db| db.set_custom_field(1, "Cluster", "theirs".into()));
    let header = [("if-match", tag.header("etag"))];
    let body = json!({"cluster_name": "ours"});
    edge.call(Method::PATCH, "/api/segments/1", &header, &body)
        .await
        .expect(412);
    let prefix = row(&double, Kind::Prefix, 1);
    assert_eq!(prefix.custom("Cluster"), "theirs");
    let now = edge.get("/api/segments/1").await.expect(200).json();
    assert_eq!(now["cluster_name"], "theirs");
}

#[tokio::test]
async fn a_delete_after_a_change_by_another_user_looks_again_first() {
    let (double, edge) = warm().await;
    double.edit(|db| db.set_custom_field(1, "DHCP", false.into()));
    double.edit(|db| db.rename_vlan(1, "EPG_THEIRS"));
    edge.delete("/api/segments/1").await.expect(204);
    assert_eq!(counts(&double), (99, 99));
}

#[tokio::test]
async fn a_segment_that_another_user_has_allocated_meanwhile_is_not_deleted() {
    let (double, edge) = warm().await;
    double.edit(|db| db.set_custom_field(1, "Cluster", "theirs".into()));
    let refused = edge.delete("/api/segments/1").await.expect(409);
    assert_eq!(refused.rules(), ["allocated"]);
    assert_eq!(counts(&double), (100, 100));
}

#[tokio::test]
async fn a_vlan_id_that_another_user_took_meanwhile_is_a_conflict() {
    let (double, edge) = warm().await;
    let group = vlan_of(&double, 1).reference("group").unwrap();
    let (tenant, role) = {
        let vlan = vlan_of(&double, 1);
        (
            vlan.reference("tenant").unwrap(),
            vlan.reference("role").unwrap(),
        )
    };
    double.edit(|db| db.add_vlan(group, 3500, "EPG_THEIRS", tenant, role));
    let body = json!({"vlan_id": 3500});
    let refused = edge.patch("/api/segments/1", &body).await.expect(409);
    assert_eq!(refused.rules(), ["vlan-id-taken"]);
    assert_eq!(vlan_of(&double, 1).int("vid"), 100);
}
