//! Tests of drafts.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::segment::testing::{any_json, any_segment};

fn body() -> Value {
    json!({"site": "site1", "vlan_id": 100, "epg_name": "web", "segment": "10.0.0.0/24", "vrf": "Network1"})
}

fn with(name: &str, value: Value) -> Value {
    let mut body = body();
    body[name] = value;
    body
}

fn mistakes(value: &Value) -> Vec<(String, &'static str)> {
    let violations = Draft::parse(value).unwrap_err();
    violations
        .into_iter()
        .map(|violation| (violation.pointer, violation.rule.code()))
        .collect()
}

fn mistake(value: &Value) -> (String, &'static str) {
    let mut found = mistakes(value);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn what_is_left_out_has_its_default() {
    let draft = Draft::parse(&body()).unwrap();
    assert!(!draft.dhcp && draft.description.is_empty() && draft.clusters.is_empty());
    let nulls = json!({"dhcp": null, "description": null, "cluster_name": null});
    let mut spelled_out = body();
    spelled_out
        .as_object_mut()
        .unwrap()
        .extend(nulls.as_object().unwrap().clone());
    assert_eq!(Draft::parse(&spelled_out).unwrap(), draft);
}

#[test]
fn every_mistake_is_reported_at_once() {
    let body = json!({"site": "a b", "vlan_id": 4095, "epg_name": " x!", "segment": "10.0.0.1/24", "dhcp": 1, "colour": "red"});
    let found = mistakes(&body);
    let found: Vec<_> = found
        .iter()
        .map(|(pointer, code)| (pointer.as_str(), *code))
        .collect();
    assert_eq!(
        found,
        [
            ("/site", "site-characters"),
            ("/vlan_id", "vlan-id-range"),
            ("/epg_name", "epg-name-characters"),
            ("/epg_name", "epg-name-edge-space"),
            ("/segment", "cidr-host-bits"),
            ("/vrf", "required"),
            ("/dhcp", "type"),
            ("/colour", "unknown-field"),
        ]
    );
}

#[test]
fn a_vlan_id_is_a_whole_number_and_nothing_is_converted_to_one() {
    for wrong in [
        json!("100"),
        json!(100.0),
        json!(true),
        json!([100]),
        json!({}),
        json!(1e300),
    ] {
        let violations = Draft::parse(&with("vlan_id", wrong.clone())).unwrap_err();
        assert_eq!(violations[0].rule.code(), "type", "{wrong}");
        assert!(violations[0].expected.contains("a whole number"), "{wrong}");
    }
    for wrong in [
        json!(0),
        json!(-1),
        json!(4095),
        json!(u64::MAX),
        json!(i64::MIN),
    ] {
        assert_eq!(
            mistake(&with("vlan_id", wrong)),
            ("/vlan_id".to_owned(), "vlan-id-range")
        );
    }
}

#[test]
fn a_value_of_another_type_is_a_mistake_of_its_field() {
    for (name, wrong) in [
        ("site", json!(1)),
        ("vrf", json!(["Network1"])),
        ("epg_name", json!(7)),
        ("segment", json!({})),
        ("dhcp", json!("true")),
        ("description", json!(0)),
        ("cluster_name", json!(["a", "b"])),
    ] {
        assert_eq!(mistake(&with(name, wrong)), (format!("/{name}"), "type"));
    }
}

#[test]
fn null_is_no_value_for_a_required_field() {
    for name in ["site", "vlan_id", "epg_name", "segment", "vrf"] {
        assert_eq!(
            mistake(&with(name, Value::Null)),
            (format!("/{name}"), "not-null")
        );
    }
}

#[test]
fn an_unknown_field_is_refused_with_the_name_that_was_meant() {
    for (name, meant) in [
        ("vlanid", "vlan_id"),
        ("prefix", "segment"),
        ("vid", "vlan_id"),
        ("clusters", "cluster_name"),
        ("DHCP", "dhcp"),
    ] {
        let violations = Draft::parse(&with(name, json!(1))).unwrap_err();
        assert_eq!(violations[0].rule.code(), "unknown-field");
        assert!(
            violations[0].expected.starts_with(meant),
            "{name}: {}",
            violations[0].expected
        );
    }
}

#[test]
fn a_flood_of_unknown_fields_is_counted_not_listed() {
    let mut body = body();
    for n in 0..1_000 {
        body[format!("x{n}")] = json!(n);
    }
    let violations = Draft::parse(&body).unwrap_err();
    assert_eq!(violations.len(), 21);
    assert!(
        violations[20].detail.contains("980"),
        "{}",
        violations[20].detail
    );
}

#[test]
fn a_body_that_is_no_object_is_one_mistake() {
    for wrong in [
        json!([]),
        json!("x"),
        json!(1),
        json!(null),
        json!([body()]),
    ] {
        assert_eq!(mistake(&wrong), (String::new(), "not-an-object"));
    }
}

#[test]
fn what_the_service_sets_is_refused_in_a_post_and_ignored_in_a_put() {
    for name in ["id", "allocated_at", "released", "released_at"] {
        assert_eq!(
            mistake(&with(name, json!("7"))),
            (format!("/{name}"), "read-only")
        );
        assert_eq!(
            Draft::parse_put(&with(name, json!({}))).unwrap(),
            Draft::parse(&body()).unwrap()
        );
    }
}

proptest! {
    #[test]
    fn a_put_of_what_a_get_gave_asks_for_the_segment_as_it_is(segment in any_segment()) {
        let echo = serde_json::to_value(segment.view()).unwrap();
        prop_assert_eq!(Draft::parse_put(&echo).unwrap(), Draft::from(&segment));
    }

    #[test]
    fn any_json_is_a_draft_or_has_mistakes(value in any_json()) {
        if let Err(violations) = Draft::parse(&value) {
            prop_assert!(!violations.is_empty());
        }
    }
}
