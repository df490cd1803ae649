use std::rc::Rc;
use std::time::Duration;

use http::Method;

use super::*;
use crate::catalogue::Source;
use crate::metrics::Counts;
use crate::metrics::labels::Class;

/// Compared with a file, which `UPDATE_GOLDEN=1` writes anew.
#[test]
fn the_whole_text_is_the_golden_one() {
    let started = Timestamp::from_micros(1_795_465_000_999_999);
    let counts = Rc::new(Counts::new(started));
    let in_flight = counts.come();
    counts.answered(5, &Method::DELETE, 204);
    counts.answered(1, &Method::POST, 201);
    for _ in 0..3 {
        counts.answered(1, &Method::GET, 200);
    }
    counts.answered(0, &Method::TRACE, 404);
    counts.read(Source::Cache);
    counts.read(Source::Cache);
    counts.read(Source::StaleOnError);
    counts.read(Source::Netbox);
    counts.called("/graphql/", Class::Ok, Duration::from_millis(71));
    counts.called(
        "/api/ipam/vlans/12/",
        Class::Throttled,
        Duration::from_micros(5_000_001),
    );
    counts.called("/api/ipam/vlans/", Class::Severe, Duration::from_secs(21));
    counts.wrote(1);
    counts.wrote(10);
    counts.wrote(51);
    let figures = Figures {
        counts: counts.tally(),
        age: Some(17),
        segments: Some(100),
        intents: 2,
        requests_in_flight: counts.in_flight(),
        calls_in_flight: 4,
        started: counts.started(),
    };
    let text = figures.text();
    drop(in_flight);
    assert_eq!(counts.in_flight(), 0);
    let path = std::path::Path::new(file!()).with_file_name("golden.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, include_str!("golden.txt"), "see {}", path.display());
}

#[test]
fn what_is_not_known_has_no_sample_and_what_was_not_counted_is_zero() {
    let figures = Figures {
        counts: Tally::default(),
        age: None,
        segments: None,
        intents: 0,
        requests_in_flight: 1,
        calls_in_flight: 0,
        started: Timestamp::from_micros(-1),
    };
    let text = figures.text();
    assert!(!text.contains("\nsegment_edge_catalogue_age_seconds "));
    assert!(text.contains("\nsegment_edge_reads_total{source=\"hit\"} 0\n"));
    assert!(text.contains("\nsegment_edge_netbox_call_duration_seconds_sum 0.000000\n"));
}

#[test]
fn a_label_value_is_escaped() {
    let mut text = Text(String::new());
    text.sample("x", &[("a", "b\"c\\d\ne"), ("f", "ü")], &1);
    assert_eq!(text.0, "segment_edge_x{a=\"b\\\"c\\\\d\\ne\",f=\"ü\"} 1\n");
}

#[test]
fn what_a_later_version_counts_is_other() {
    let mut counts = Tally::default();
    counts.add(Series::new(Family::Requests, 200, 9, 200), 1);
    let figures = Figures {
        counts,
        age: None,
        segments: None,
        intents: 0,
        requests_in_flight: 1,
        calls_in_flight: 0,
        started: Timestamp::from_micros(0),
    };
    let line = "requests_total{route=\"other\",method=\"other\",status=\"200\"} 1";
    assert!(figures.text().contains(line));
}
