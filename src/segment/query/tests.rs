//! Tests of the query of a list.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::segment::Clusters;
use crate::segment::testing::{any_segment, segment};

fn mistakes(pairs: &[(&str, &str)]) -> Vec<(String, &'static str)> {
    let violations = parse_list(pairs).unwrap_err();
    violations
        .into_iter()
        .map(|violation| (violation.pointer, violation.rule.code()))
        .collect()
}

fn mistake(name: &str, value: &str) -> &'static str {
    let mut found = mistakes(&[(name, value)]);
    assert_eq!(found.len(), 1, "{found:?}");
    let (pointer, code) = found.remove(0);
    assert_eq!(pointer, format!("?{name}"));
    code
}

#[test]
fn each_condition_leaves_out_what_does_not_meet_it() {
    let mut held = segment(1, "Site1", "Network1", 100, "web", "10.0.0.0/24");
    held.clusters = Clusters::stored("a,b");
    for (name, meets, fails) in [
        ("site", "sITE1", "site"),
        ("vrf", "Network1", "network1"),
        ("allocated", "true", "false"),
        ("vlan_id", "100", "10"),
        ("cluster_name", "b", "B"),
        ("q", "WE", "we b"),
    ] {
        assert!(
            Filter::parse([(name, meets)])
                .unwrap()
                .matches(&held.view()),
            "{name}={meets}"
        );
        assert!(
            !Filter::parse([(name, fails)])
                .unwrap()
                .matches(&held.view()),
            "{name}={fails}"
        );
    }
}

#[test]
fn a_segment_must_meet_every_condition() {
    let held = segment(1, "site1", "Network1", 100, "web", "10.0.0.0/24");
    assert!(
        Filter::parse([("site", "site1"), ("q", "web")])
            .unwrap()
            .matches(&held.view())
    );
    assert!(
        !Filter::parse([("site", "site1"), ("q", "db")])
            .unwrap()
            .matches(&held.view())
    );
    assert!(Filter::default().matches(&held.view()));
}

#[test]
fn an_unusable_value_is_refused_not_ignored() {
    assert_eq!(mistake("vlan_id", "4095"), "vlan-id-range");
    assert_eq!(mistake("vlan_id", "ten"), "vlan-id-range");
    assert_eq!(mistake("allocated", "yes"), "parameter-value");
    assert_eq!(mistake("allocated", "True"), "parameter-value");
    for name in LIST_PARAMETERS {
        assert_eq!(mistake(name, ""), "parameter-empty", "{name}");
    }
    assert_eq!(mistake("q", "  "), "parameter-empty");
}

#[test]
fn an_unknown_parameter_is_refused_with_the_one_that_was_meant() {
    assert_eq!(mistake("colour", "red"), "unknown-parameter");
    let violations = Filter::parse([("vlanid", "5")]).unwrap_err();
    assert!(
        violations[0].expected.starts_with("vlan_id"),
        "{}",
        violations[0].expected
    );
}

#[test]
fn every_mistake_of_a_query_is_reported_at_once() {
    let found = mistakes(&[
        ("site", "a"),
        ("site", "b"),
        ("limit", "0"),
        ("allocated", ""),
        ("x", "y"),
        ("cursor", "?"),
    ]);
    let found: Vec<_> = found
        .iter()
        .map(|(pointer, code)| (pointer.as_str(), *code))
        .collect();
    assert_eq!(
        found,
        [
            ("?site", "parameter-repeated"),
            ("?allocated", "parameter-empty"),
            ("?x", "unknown-parameter"),
            ("?limit", "parameter-value"),
            ("?cursor", "parameter-value"),
        ]
    );
}

proptest! {
    #[test]
    fn a_segment_is_found_by_each_of_its_own_values(segment in any_segment()) {
        let mut pairs = vec![
            ("site", segment.site.to_string().to_uppercase()),
            ("vrf", segment.vrf.to_string()),
            ("allocated", segment.is_allocated().to_string()),
            ("vlan_id", segment.vlan_id.to_string()),
            ("q", segment.cidr.to_string()),
        ];
        if let Some(name) = segment.clusters.iter().last() {
            pairs.push(("cluster_name", name.to_string()));
        }
        prop_assert!(Filter::parse(pairs).unwrap().matches(&segment.view()));
    }

    #[test]
    fn any_query_is_parsed_or_refused(pairs in prop::collection::vec((prop::sample::select(LIST_PARAMETERS.to_vec()), any::<String>()), 0..4)) {
        if let Err(violations) = parse_list(&pairs) {
            prop_assert!(violations.iter().all(|violation| violation.pointer.starts_with('?')));
            prop_assert!(!violations.is_empty());
        }
    }
}
