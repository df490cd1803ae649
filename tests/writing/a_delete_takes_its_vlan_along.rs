use bench_harness::netbox::{Cell, Fault, Kind, Matcher};

use crate::rows::{counts, exists, id, vlan_of, warm};
use crate::support::new_segment;

#[tokio::test]
async fn a_delete_is_two_calls_and_neither_prefix_nor_vlan_stays() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, 1).id;
    let mark = double.ledger().mark();
    let gone = edge.delete("/api/segments/1").await.expect(204);
    assert!(gone.bytes.is_empty());
    let calls = double.ledger().since(mark);
    assert_eq!((calls.count(), calls.depth()), (2, 2));
    assert!(!exists(&double, Kind::Prefix, 1));
    assert!(!exists(&double, Kind::Vlan, vlan));
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.netbox_calls(), 0);
    assert_eq!(list.json().as_array().unwrap().len(), 99);
    assert_eq!(counts(&double), (99, 99));
}

#[tokio::test]
async fn a_vlan_that_another_prefix_uses_is_never_deleted_with_a_segment() {
    let (double, edge) = warm().await;
    let vlan = vlan_of(&double, 1).id;
    // Added after our read, and not ours: only NetBox knows of it.
    let other = double.edit(|db| {
        db.add_prefix(Some(1), "192.168.7.0/24".parse().unwrap(), |row| {
            row.set("vlan", Cell::Ref(vlan));
        })
    });
    edge.delete("/api/segments/1").await.expect(204);
    assert!(!exists(&double, Kind::Prefix, 1));
    assert!(exists(&double, Kind::Prefix, other));
    assert_eq!(vlan_of(&double, other).id, vlan);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done_and_says_so() {
    let (double, edge) = warm().await;
    let prefixes = Matcher::call("DELETE", "/api/ipam/prefixes/");
    double.fail_next(prefixes, Fault::DropAfter);
    edge.delete("/api/segments/1").await.expect(204);
    assert_eq!(counts(&double), (99, 99));
}

#[tokio::test]
async fn a_delete_that_netbox_did_not_do_is_no_success() {
    let (double, edge) = warm().await;
    let prefixes = Matcher::call("DELETE", "/api/ipam/prefixes/");
    double.fail_always(prefixes, Fault::html(502, "<h1>Bad Gateway</h1>"));
    let failed = edge.delete("/api/segments/1").await;
    assert!(failed.status.is_server_error(), "{failed:?}");
    assert_eq!(counts(&double), (100, 100));
    edge.get("/api/segments/1").await.expect(200);
}

#[tokio::test]
async fn a_vlan_that_could_not_be_deleted_is_named_and_removed_by_the_next_write() {
    let (double, edge) = warm().await;
    let made = edge.post("/api/segments", &new_segment()).await.expect(201);
    let segment = id(&made.json());
    let vlan = vlan_of(&double, segment).id;
    let vlans = Matcher::call("DELETE", "/api/ipam/vlans/");
    double.fail_always(vlans, Fault::html(500, "<h1>Server Error</h1>"));
    let deleted = edge.delete(&format!("/api/segments/{segment}")).await;
    double.heal();
    let left = deleted.expect(200).json()["left"][0].to_string();
    assert!(left.contains(&format!("VLAN {vlan} ")), "{left}");
    assert_eq!(counts(&double), (101, 100));

    let again = edge.post("/api/segments", &new_segment()).await.expect(201);
    assert_ne!(vlan_of(&double, id(&again.json())).id, vlan);
    assert!(!exists(&double, Kind::Vlan, vlan));
    assert_eq!(counts(&double), (101, 101));
}

#[tokio::test]
async fn a_segment_that_is_gone_already_is_not_found() {
    let (double, edge) = warm().await;
    double.edit(|db| db.delete(Kind::Prefix, 1));
    edge.delete("/api/segments/1").await.expect(404);
    assert_eq!(edge.get("/api/segments/1").await.status, 404);
}

#[tokio::test]
async fn a_delete_that_met_a_deadlock_in_netbox_is_carried_out_all_the_same() {
    let (double, edge) = warm().await;
    let deadlock = r#"{"error":"deadlock detected","exception":"OperationalError"}"#;
    double.fail_next(
        Matcher::call("DELETE", "/api/ipam/prefixes/"),
        Fault::json(500, deadlock),
    );
    edge.delete("/api/segments/1").await.expect(204);
    edge.get("/api/segments/1").await.expect(404);
    let rows = edge.get("/api/segments").await.expect(200).json();
    assert_eq!(rows.as_array().unwrap().len(), 99);
}
