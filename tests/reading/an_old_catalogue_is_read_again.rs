use std::time::Duration;

use bench_harness::host::Settings;
use bench_harness::netbox::{Cell, Data, Double, Kind};

use crate::support::{Edge, double, settings, store};

async fn short_lived(stale_while_revalidate: &str) -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let settings: Settings = settings(&double.url(), double.token())
        .store(store())
        .variable("cache_ttl", "1")
        .variable("stale_while_revalidate", stale_while_revalidate);
    let edge = Edge::start(settings).await;
    (double, edge)
}

async fn expire() {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

#[tokio::test]
async fn after_its_time_the_catalogue_is_read_before_the_answer() {
    let (double, edge) = short_lived("0").await;
    let cold = edge.get("/api/segments/1").await.expect(200);
    assert!(cold.header("cache-status").contains("fwd=miss"), "{cold:?}");
    double.edit(|db| db.rename_vlan(1, "EPG_RENAMED"));
    expire().await;
    let fresh = edge.get("/api/segments/1").await.expect(200);
    assert_eq!(fresh.json()["epg_name"], "EPG_RENAMED");
    assert!(fresh.netbox_calls() >= 1);
    assert!(fresh.header("cache-status").contains("fwd="), "{fresh:?}");
    assert_eq!(fresh.header("age"), "0");
    assert_ne!(fresh.header("etag"), cold.header("etag"));
}

#[tokio::test]
async fn while_it_is_being_read_the_old_answer_goes_out_at_once() {
    let (double, edge) = short_lived("60").await;
    let cold = edge.get("/api/segments/1").await.expect(200);
    double.edit(|db| db.rename_vlan(1, "EPG_RENAMED"));
    expire().await;
    let stale = edge.get("/api/segments/1").await.expect(200);
    assert_eq!(stale.bytes, cold.bytes);
    assert_eq!(stale.netbox_calls(), 0);
    let status = stale.header("cache-status");
    assert!(status.contains("detail=stale-while-revalidate"), "{status}");
    assert_eq!(stale.header("age"), "1");
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let later = edge.get("/api/segments/1").await.expect(200);
        assert_eq!(later.netbox_calls(), 0, "nobody waits for NetBox");
        if later.json()["epg_name"] == "EPG_RENAMED" {
            return;
        }
    }
    panic!("the catalogue was not read again");
}

#[tokio::test]
async fn a_segment_made_by_others_is_found_by_its_id_after_five_seconds() {
    let double = double(Data::Recorded100).await;
    let edge = Edge::before(&double).await;
    edge.get("/api/segments").await.expect(200);
    let id = double.edit(|db| {
        let like = db.get(Kind::Prefix, 1).unwrap().clone();
        let vlan = db.get(Kind::Vlan, 1).unwrap().clone();
        let of = |row: &bench_harness::netbox::Row, field| row.reference(field).unwrap();
        let (group, tenant, role) = (of(&vlan, "group"), of(&vlan, "tenant"), of(&vlan, "role"));
        let vlan = db.add_vlan(group, 2_000, "EPG_BY_OTHERS", tenant, role);
        let net = "172.30.0.0/24".parse().unwrap();
        db.add_prefix(Some(of(&like, "vrf")), net, |row| {
            for field in ["tenant", "role", "scope_type", "scope_id", "custom_fields"] {
                row.set(field, like.get(field).clone());
            }
            row.set("vlan", Cell::Ref(vlan));
        })
    });
    let path = format!("/api/segments/{id}");
    let early = edge.get(&path).await.expect(404);
    assert_eq!(early.netbox_calls(), 0, "asked again within moments");
    tokio::time::sleep(Duration::from_millis(5_050)).await;
    let found = edge.get(&path).await.expect(200);
    assert_eq!(found.json()["epg_name"], "EPG_BY_OTHERS");
    assert_eq!(found.netbox_calls(), 2);
}
