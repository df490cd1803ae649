//! Two components.

use bench_harness::compare::Known;
use bench_harness::netbox::{Cell, Kind as Rows};
use serde_json::json;

use crate::kit::{compare, double, edge};

#[tokio::test(flavor = "multi_thread")]
async fn two_components_before_the_same_netbox_do_not_differ() {
    let double = double().await;
    let (one, two) = (edge(&double).await, edge(&double).await);
    let ran = compare(&one.url(), &two.url(), &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.text);
    let report = ran.report();
    assert_eq!((report.left.segments, report.right.segments), (100, 100));
    assert!(report.questions > 300, "{}", report.questions);
    assert!(report.differences.is_empty(), "{}", ran.text);
    // Each refusal has a request id of its own.
    assert_eq!(ran.known(), [Known::Volatile], "{}", ran.text);
    let [known] = report.known.as_slice() else {
        panic!("{}", ran.text)
    };
    assert_eq!(
        (known.count, known.example.place.field.as_str()),
        (1, "/request_id")
    );
    assert!(
        ran.text.ends_with("no difference without a known reason\n"),
        "{}",
        ran.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_differs_is_told_with_route_field_and_both_values() {
    let (one, two) = (double().await, double().await);
    two.edit(|db| {
        assert!(db.change(Rows::Prefix, 7, |row| {
            row.set("comments", Cell::Text("another".into()))
        }));
    });
    let (left, right) = (edge(&one).await, edge(&two).await);
    let ran = compare(&left.url(), &right.url(), &[]).await;
    assert_eq!(ran.code, 1, "{}", ran.text);
    let first = &ran.report().differences[0];
    assert_eq!(first.route, "GET /api/segments");
    assert_eq!(
        (first.place.segment.as_deref(), first.place.field.as_str()),
        (Some("7"), "description")
    );
    assert_eq!(
        (&first.left, &first.right),
        (&Some(json!("")), &Some(json!("another")))
    );
    // The whole list, allocated, site, VRF, VLAN id, searches and the segment itself.
    assert!(first.answers > 5, "{first:?}");
    let line = "GET /api/segments: description of segment 7: left \"\", right \"another\", and in ";
    assert!(ran.text.contains(line), "{}", ran.text);
    // Beside it only the search for the word itself, which one of them finds.
    let others = &ran.places()[1..];
    assert_eq!(
        others,
        [(
            "GET /api/segments/search?q=another".to_owned(),
            Some("7".to_owned()),
            "segment".to_owned()
        )]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_one_of_them_does_not_have_is_told_and_so_are_the_counts() {
    let (one, two) = (double().await, double().await);
    two.edit(|db| assert!(db.delete(Rows::Prefix, 9)));
    let (left, right) = (edge(&one).await, edge(&two).await);
    let ran = compare(&left.url(), &right.url(), &["--sample", "3"]).await;
    assert_eq!(ran.code, 1, "{}", ran.text);
    let places = ran.places();
    let (list, stats) = ("GET /api/segments".to_owned(), "GET /api/stats".to_owned());
    assert_eq!(places[0], (list, Some("9".into()), "segment".into()));
    assert!(
        places.contains(&(stats, None, "/by_site/site3/total".into())),
        "{places:?}"
    );
    assert_eq!(ran.report().differences[0].right, None);
    assert!(ran.text.contains("segment 9: left {"), "{}", ran.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_of_a_vrf_is_told_for_the_list_of_vrfs_too() {
    let (one, two) = (double().await, double().await);
    two.edit(|db| {
        assert!(db.change(Rows::Vrf, 3, |row| {
            row.set("name", Cell::Text("NetworkX".into()))
        }));
    });
    let (left, right) = (edge(&one).await, edge(&two).await);
    let ran = compare(&left.url(), &right.url(), &["--sample", "2"]).await;
    assert_eq!(ran.code, 1, "{}", ran.text);
    let places = ran.places();
    assert!(
        places.contains(&("GET /api/vrfs".into(), None, "/vrfs/2".into())),
        "{places:?}"
    );
    assert!(
        places
            .iter()
            .any(|(_, segment, field)| segment.is_some() && field == "vrf"),
        "{places:?}"
    );
}
