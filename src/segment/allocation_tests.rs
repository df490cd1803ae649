#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;
use crate::segment::Segment;
use crate::segment::testing::segment;

fn wanted(more: Value) -> Allocation {
    let mut body = json!({"cluster_name": "bench.a", "site": "site1", "vrf": "Network1"});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    Allocation::parse(&body).unwrap()
}

#[test]
fn the_lowest_or_the_highest_vlan_id_is_taken() {
    let free = [
        segment(3, "site1", "Network1", 300, "c", "10.0.2.0/24"),
        segment(1, "site1", "Network1", 100, "a", "10.0.0.0/24"),
        segment(2, "site1", "Network1", 200, "b", "10.0.1.0/24"),
    ];
    let chosen = |strategy| {
        let wanted = wanted(json!({ "strategy": strategy }));
        wanted
            .choose(free.iter().map(Segment::view), 4)
            .unwrap()
            .id
            .get()
    };
    assert_eq!(chosen("first"), 1);
    assert_eq!(chosen("last"), 3);
    assert_eq!(chosen("random"), 1, "the second of three");
    for strategy in ["first", "last", "random"] {
        let wanted = wanted(json!({ "strategy": strategy }));
        assert_eq!(wanted.choose(std::iter::empty(), 7), None);
    }
}

#[test]
fn a_wanted_prefix_length_and_excluded_segments_count() {
    let small = segment(7, "site1", "Network1", 100, "a", "10.0.0.0/28");
    assert!(wanted(json!({"prefix_length": 28})).suits(&small.view()));
    assert!(!wanted(json!({"prefix_length": 24})).suits(&small.view()));
    assert!(!wanted(json!({"exclude": ["7"]})).suits(&small.view()));
    assert!(wanted(json!({"exclude": ["8"]})).suits(&small.view()));
}

#[test]
fn a_cluster_name_is_compared_as_a_whole() {
    let body = json!({"cluster_name": "bench.a", "site": "site1", "vrf": "Network1"});
    let release = Release::parse(&body).unwrap();
    let mut held = segment(7, "site1", "Network1", 100, "a", "10.0.0.0/28");
    for (name, means) in [
        ("bench.a", true),
        ("benchXa", false),
        ("bench.ab", false),
        ("x,bench.a", true),
    ] {
        held.clusters = Clusters::stored(name);
        assert_eq!(release.means(&held.view()), means, "{name}");
    }
}

#[test]
fn every_mistake_of_an_allocation_is_told_at_once() {
    let body = json!({"cluster_name": "a b", "site": 7, "strategy": "best", "prefix_length": 0, "exclude": [5], "cluster": "x"});
    let mistakes = Allocation::parse(&body).unwrap_err();
    let mut found: Vec<(&str, &str)> = mistakes
        .iter()
        .map(|m| (m.pointer.as_str(), m.rule.code()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("/cluster", "unknown-field"),
            ("/cluster_name", "cluster-name-characters"),
            ("/exclude", "type"),
            ("/prefix_length", "value"),
            ("/site", "type"),
            ("/strategy", "value"),
            ("/vrf", "required"),
        ]
    );
}

#[test]
fn clusters_come_as_a_list_or_as_a_text() {
    let both = Clusters::stored("a,b");
    assert_eq!(
        clusters_of(&json!({"clusters": ["a", "b"]})),
        Ok(both.clone())
    );
    assert_eq!(clusters_of(&json!({"cluster_name": "a, b"})), Ok(both));
    assert_eq!(
        clusters_of(&json!({"cluster_name": null})),
        Ok(Clusters::default())
    );
    assert_eq!(
        clusters_of(&json!({"clusters": []})),
        Ok(Clusters::default())
    );
    assert!(clusters_of(&json!({})).is_err());
    assert!(clusters_of(&json!({"clusters": ["a b"]})).is_err());
    assert!(clusters_of(&json!({"clusters": "a"})).is_err());
}
