use std::time::Duration;

use bench_harness::host::{KeyValue, Settings};
use bench_harness::netbox::{Calls, Cell, Data, Double, DoubleSettings, Fault, Kind, Matcher};

use crate::support::{Edge, Reply, settings, store};

/// A double that takes its time, so that calls made at once overlap, and a component whose catalogue is old after a second.
async fn short_lived(data: Data) -> (Double, Edge, KeyValue) {
    let latency = Duration::from_millis(30);
    let double = Double::start(DoubleSettings {
        latency,
        ..DoubleSettings::with(data)
    })
    .await
    .unwrap();
    let shared = store();
    let edge = Edge::start(aging(&double, &shared)).await;
    edge.get("/api/segments?limit=1").await.expect(200);
    (double, edge, shared)
}

fn aging(double: &Double, shared: &KeyValue) -> Settings {
    settings(&double.url(), double.token())
        .store(shared.clone())
        .variable("cache_ttl", "1")
        .variable("stale_while_revalidate", "0")
}

/// The next answer after the catalogue has become old, and the calls it took.
async fn after_its_time(double: &Double, edge: &Edge, path: &str) -> (Reply, Calls) {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mark = double.ledger().mark();
    let reply = edge.get(path).await.expect(200);
    (reply, double.ledger().since(mark))
}

fn set(double: &Double, kind: Kind, id: u64, field: &'static str, value: Cell) {
    assert!(double.edit(|db| db.change(kind, id, |row| row.set(field, value))));
}

fn chunks(shared: &KeyValue) -> Vec<String> {
    let keys = shared.keys().unwrap();
    keys.into_iter()
        .filter(|k| k.contains("/snapshot/"))
        .collect()
}

#[tokio::test]
async fn with_ten_thousand_segments_and_no_change_it_takes_two_small_calls_at_once() {
    let (double, edge, shared) = short_lived(Data::Generated(10_000)).await;
    let before = chunks(&shared);
    let sets = shared.ops().sets;
    let (reply, calls) = after_its_time(&double, &edge, "/api/segments?limit=1").await;
    assert_eq!(reply.header("x-total-count"), "10000");
    assert_eq!(reply.netbox_calls(), 2);
    assert_eq!(reply.header("age"), "0");
    assert_eq!((calls.count(), calls.depth()), (2, 1), "{calls:#?}");
    assert!(calls.bytes() < 10_000, "{} bytes", calls.bytes());
    assert_eq!(chunks(&shared), before, "the snapshot stays as it is");
    assert_eq!(
        shared.ops().sets - sets,
        2,
        "one small key says that it is right, and the edition that it is there"
    );

    let (_, calls) = after_its_time(&double, &edge, "/api/segments?limit=1").await;
    assert_eq!((calls.count(), calls.depth()), (2, 1), "{calls:#?}");
    let checked = |key: &String| key.contains("/checked/");
    let keys = shared.keys().unwrap();
    assert_eq!(keys.iter().filter(|k| checked(k)).count(), 1, "{keys:?}");
}

#[tokio::test]
async fn other_instances_take_the_word_of_the_one_that_compared() {
    let (double, edge, shared) = short_lived(Data::Recorded100).await;
    let other = Edge::start(aging(&double, &shared)).await;
    after_its_time(&double, &edge, "/api/segments").await;
    let mark = double.ledger().mark();
    let reply = other.get("/api/segments").await.expect(200);
    assert_eq!(double.ledger().since(mark).count(), 0);
    assert!(reply.header("cache-status").contains("hit"), "{reply:?}");
    assert_eq!(reply.header("age"), "0");
}

#[tokio::test]
async fn every_kind_of_change_by_others_is_seen_and_shared() {
    let (double, edge, shared) = short_lived(Data::Recorded100).await;
    let text = |text: &str| Cell::Text(text.to_owned());
    let other_tenant = double.edit(|db| {
        db.add(Kind::Tenant, |row| {
            row.set("name", text("Other"));
            row.set("slug", text("other"));
        })
    });
    double.edit(|db| {
        db.rename_vlan(1, "EPG_RENAMED");
        db.delete(Kind::Prefix, 2);
        db.delete(Kind::Vlan, 2);
        db.set_custom_field(3, "Cluster", "cl-new".into());
    });
    set(&double, Kind::Prefix, 4, "tenant", Cell::Ref(other_tenant));
    let (list, calls) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!((calls.count(), calls.depth()), (3, 2), "{calls:#?}");
    let list = list.json();
    let of = |id: &str| list.as_array().unwrap().iter().find(|s| s["id"] == id);
    assert_eq!(of("1").unwrap()["epg_name"], "EPG_RENAMED");
    assert_eq!(of("3").unwrap()["cluster_name"], "cl-new");
    assert_eq!((of("2"), of("4")), (None, None), "gone, and given away");

    let vrf = double
        .state()
        .get(Kind::Prefix, 1)
        .unwrap()
        .reference("vrf")
        .unwrap();
    set(&double, Kind::Vrf, vrf, "name", text("Renamed"));
    let site = double.edit(|db| {
        db.add(Kind::SiteGroup, |row| {
            row.set("name", text("Site9"));
            row.set("slug", text("site9"));
        })
    });
    let (one, calls) = after_its_time(&double, &edge, "/api/segments/1").await;
    assert_eq!(one.json()["vrf"], "Renamed");
    assert_eq!(calls.count(), 2, "{calls:#?}");
    let sites = edge.get("/api/sites").await.expect(200).json();
    assert!(sites["sites"].as_array().unwrap().contains(&"site9".into()));

    double.edit(|db| db.delete(Kind::SiteGroup, site));
    let role = double
        .state()
        .get(Kind::Prefix, 1)
        .unwrap()
        .reference("tenant")
        .unwrap();
    set(&double, Kind::Prefix, 4, "tenant", Cell::Ref(role));
    let (list, calls) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!(calls.count(), 2, "{calls:#?}");
    assert_eq!(
        list.header("x-total-count"),
        "99",
        "what was given away is back"
    );

    let other = Edge::start(aging(&double, &shared)).await;
    let mark = double.ledger().mark();
    let there = other.get("/api/segments").await.expect(200);
    assert_eq!(there.bytes, list.bytes);
    let sites = other.get("/api/sites").await.expect(200).json();
    assert!(!sites["sites"].as_array().unwrap().contains(&"site9".into()));
    assert_eq!(double.ledger().since(mark).count(), 0);
}

#[tokio::test]
async fn where_changes_cannot_be_told_everything_is_read() {
    let (double, edge, _) = short_lived(Data::Recorded100).await;
    let log = Matcher::call("GET", "/api/core/object-changes/");
    double.fail_always(log, Fault::json(403, r#"{"detail":"no"}"#));
    double.edit(|db| db.delete(Kind::Prefix, 2));
    let (list, calls) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!(list.header("x-total-count"), "99");
    assert_eq!((calls.count(), calls.depth()), (3, 2), "{calls:#?}");
    double.edit(|db| db.delete(Kind::Prefix, 3));
    let (list, calls) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!(list.header("x-total-count"), "98");
    assert_eq!(
        calls.count(),
        1,
        "the log is left alone for a while: {calls:#?}"
    );

    let (double, edge, _) = short_lived(Data::Recorded100).await;
    double.set_graphql(false);
    double.edit(|db| db.delete(Kind::Prefix, 2));
    let (list, _) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!(list.header("x-total-count"), "99");

    let (double, edge, _) = short_lived(Data::Generated(1_200)).await;
    double.edit(|db| (1..=1_100).for_each(|id| assert!(db.delete(Kind::Prefix, id))));
    let (list, _) = after_its_time(&double, &edge, "/api/segments").await;
    assert_eq!(list.header("x-total-count"), "100");
}

#[tokio::test]
async fn many_notes_are_folded_into_a_new_snapshot() {
    let (double, edge, shared) = short_lived(Data::Recorded100).await;
    let other = Edge::start(aging(&double, &shared).variable("cache_ttl", "600")).await;
    other.get("/api/segments").await.expect(200);
    for n in 0..70 {
        let body = serde_json::json!({"cluster_name": format!("cl-{n}")});
        other.patch("/api/segments/1", &body).await.expect(200);
    }
    let notes = || {
        let keys = shared.keys().unwrap();
        keys.into_iter().filter(|k| k.contains("/note/")).count()
    };
    assert!(notes() >= 70);
    let before = chunks(&shared);
    after_its_time(&double, &edge, "/api/segments").await;
    let after = chunks(&shared);
    assert!(after.len() == 2 && after.contains(&before[0]), "{after:?}");
    edge.host.recycle_and_wait().await;
    // Notes of the last seconds count again, since clocks may differ; the others are folded in.
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    other
        .patch(
            "/api/segments/1",
            &serde_json::json!({"cluster_name": "last"}),
        )
        .await
        .expect(200);
    let (one, calls) = after_its_time(&double, &edge, "/api/segments/1").await;
    assert_eq!(one.json()["cluster_name"], "last");
    assert!(calls.count() <= 2, "{calls:#?}");
}

#[tokio::test]
async fn after_a_write_every_fresh_instance_shows_it_while_netbox_is_compared_all_the_time() {
    for grace in ["0", "60"] {
        let (double, _, shared) = short_lived(Data::Recorded100).await;
        let base = aging(&double, &shared).variable("stale_while_revalidate", grace);
        let writer = Edge::start(base.clone()).await;
        let fresh = Edge::start(base.reuse(bench_harness::host::Reuse::NONE)).await;
        let made = writer
            .post("/api/segments", &crate::support::new_segment())
            .await;
        let path = made.expect(201).header("location").to_owned();
        let always = |path: String, holds: fn(&Reply) -> bool| {
            let fresh = &fresh;
            async move {
                for n in 0..200 {
                    let reply = fresh.get(&path).await;
                    assert!(holds(&reply), "read {n}: {reply:?}");
                    tokio::time::sleep(Duration::from_millis(6)).await;
                }
            }
        };
        always(path.clone(), |r| r.status == 200).await;
        let renamed = serde_json::json!({"epg_name": "EPG_AGAIN"});
        writer.patch(&path, &renamed).await.expect(200);
        always(path.clone(), |r| r.json()["epg_name"] == "EPG_AGAIN").await;
        let used = serde_json::json!({"cluster_name": "cl-1"});
        writer.patch(&path, &used).await.expect(200);
        always(path.clone(), |r| r.json()["cluster_name"] == "cl-1").await;
        let free = serde_json::json!({"cluster_name": null});
        writer.patch(&path, &free).await.expect(200);
        writer.delete(&path).await.expect(204);
        always("/api/segments".to_owned(), |r| {
            r.header("x-total-count") == "100"
        })
        .await;
        let calls = double.ledger().calls();
        let compared = calls
            .0
            .iter()
            .filter(|c| c.route() == "/api/core/object-changes/");
        assert!(
            compared.count() >= 4,
            "it was compared meanwhile: {calls:#?}"
        );
    }
}
