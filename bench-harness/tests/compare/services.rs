//! The service before and the component, in either order, and two services before.

use bench_harness::compare::{Kind, Known};
use bench_harness::netbox::{Cell, Kind as Rows};
use serde_json::{Value, json};

use crate::before::{Before, Twist};
use crate::kit::{compare, double, edge};

/// All known differences that the data of these tests lead to.
const ALWAYS: [Known; 10] = [
    Known::IdName,
    Known::Order,
    Known::Released,
    Known::AllocatedAt,
    Known::NoFilter,
    Known::Search,
    Known::StatsForm,
    Known::StatsCount,
    Known::Health,
    Known::Problem,
];

#[tokio::test(flavor = "multi_thread")]
async fn the_python_service_and_the_component_differ_only_as_is_known() {
    let double = double().await;
    let (before, edge) = (Before::start(&double).await, edge(&double).await);
    for (left, right) in [
        (before.url.clone(), edge.url()),
        (edge.url(), before.url.clone()),
    ] {
        let ran = compare(&left, &right, &[]).await;
        assert_eq!(ran.code, 0, "{}", ran.text);
        assert_eq!(ran.known(), ALWAYS, "{}", ran.text);
        let kinds = [ran.report().left.kind, ran.report().right.kind];
        assert_eq!(
            kinds.contains(&Kind::Python),
            kinds.contains(&Kind::SegmentEdge)
        );
        for known in &ran.report().known {
            assert!(ran.text.contains(&known.reason), "{}", ran.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_some_data_show_is_known_too() {
    let double = double().await;
    double.edit(|db| {
        db.set_custom_field(3, "Cluster", json!("alpha , beta"));
        assert!(db.change(Rows::Prefix, 8, |row| row.set("vlan", Cell::Null)));
        // The setting SITES does not name this one.
        let site = db.add(Rows::SiteGroup, |row| {
            row.set("name", Cell::Text("Site9".into()));
            row.set("slug", Cell::Text("site9".into()));
        });
        assert!(db.change(Rows::Prefix, 10, |row| row.set("scope_id", Cell::Ref(site))));
    });
    let (before, edge) = (Before::start(&double).await, edge(&double).await);
    let ran = compare(&before.url, &edge.url(), &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.text);
    let mut expected = ALWAYS.to_vec();
    expected.extend([Known::ClusterSpelling, Known::NoVlan, Known::Sites]);
    expected.sort();
    assert_eq!(ran.known(), expected, "{}", ran.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_difference_to_the_python_service_is_told() {
    let double = double().await;
    let edge = edge(&double).await;
    for (what, twist, route, segment, field) in SPOILED {
        let before = Before::spoiled(&double, twist).await;
        let ran = compare(&before.url, &edge.url(), &["--sample", "4"]).await;
        assert_eq!(ran.code, 1, "{what}: {}", ran.text);
        let expected = (
            route.to_owned(),
            segment.map(str::to_owned),
            field.to_owned(),
        );
        assert!(ran.places().contains(&expected), "{what}: {}", ran.text);
    }
}

type Spoiled = (
    &'static str,
    Twist,
    &'static str,
    Option<&'static str>,
    &'static str,
);

/// What is spoiled, and where that must be told.
const SPOILED: [Spoiled; 9] = [
    (
        "a field",
        |_, body| each(body, "4", |row| row["dhcp"] = json!("yes")),
        "GET /api/segments",
        Some("4"),
        "dhcp",
    ),
    (
        "a field that is gone",
        |_, body| {
            each(body, "4", |row| {
                drop(row.as_object_mut().unwrap().remove("epg_name"))
            })
        },
        "GET /api/segments",
        Some("4"),
        "epg_name",
    ),
    // Segment 2 has a cluster, 5 is reserved without one: what both services say can't be true of one prefix.
    (
        "released of a free one",
        |_, body| each(body, "5", |row| row["released"] = json!(true)),
        "GET /api/segments",
        Some("5"),
        "released",
    ),
    (
        "a filter",
        |path, body| {
            if path.ends_with("allocated=true") {
                drop(body.as_array_mut().unwrap().remove(0))
            }
        },
        "GET /api/segments?allocated=true",
        Some("2"),
        "segment",
    ),
    (
        "a segment twice",
        |path, body| {
            if path == "/api/segments" {
                let row = body[0].clone();
                body.as_array_mut().unwrap().push(row)
            }
        },
        "GET /api/segments",
        Some("1"),
        "repeated",
    ),
    (
        "the counts",
        |path, body| {
            if path == "/api/stats" {
                body[0]["total_segments"] = json!(1)
            }
        },
        "GET /api/stats",
        None,
        "/by_site/site1/total",
    ),
    (
        "the sites",
        |path, body| {
            if path == "/api/sites" {
                body["sites"][0] = json!("elsewhere")
            }
        },
        "GET /api/sites",
        None,
        "/sites",
    ),
    (
        "the VRFs",
        |path, body| {
            if path == "/api/vrfs" {
                body["vrfs"][0] = json!("Network7")
            }
        },
        "GET /api/vrfs",
        None,
        "/vrfs",
    ),
    (
        "the health",
        |path, body| {
            if path == "/api/health" {
                body["status"] = json!("unhealthy")
            }
        },
        "GET /api/health",
        None,
        "/status",
    ),
];

/// Changes a segment wherever it is in a body.
fn each(body: &mut Value, id: &str, change: impl Fn(&mut Value)) {
    match body {
        Value::Array(rows) => rows
            .iter_mut()
            .filter(|row| row["_id"] == id)
            .for_each(change),
        row if row["_id"] == id => change(row),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_python_services_are_compared_as_they_are() {
    let double = double().await;
    let one = Before::start(&double).await;
    let two = Before::spoiled(&double, |path, body| {
        each(body, "2", |row| {
            row["allocated_at"] = json!("2025-11-21T00:00:00Z")
        });
        if path == "/api/health" {
            body["timestamp"] = json!("2025-11-21T00:00:00");
        }
    })
    .await;
    let ran = compare(&one.url, &two.url, &[]).await;
    assert_eq!(
        (ran.code, ran.known()),
        (0, vec![Known::Volatile]),
        "{}",
        ran.text
    );
    let two = Before::spoiled(&double, |_, body| {
        each(body, "1", |row| row["released"] = json!(false));
        each(body, "2", |row| row["allocated_at"] = json!(null));
    })
    .await;
    let ran = compare(&one.url, &two.url, &["--sample", "1"]).await;
    let places = ran.places();
    for (id, field) in [("1", "released"), ("2", "allocated_at")] {
        assert!(
            places.contains(&("GET /api/segments".into(), Some(id.into()), field.into())),
            "{places:?}"
        );
    }
    assert_eq!(ran.code, 1);
}
