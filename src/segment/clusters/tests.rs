//! Tests of clusters.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

#[test]
fn names_are_kept_once_each_in_their_order() {
    let clusters = Clusters::parse("b, a,b ,c").unwrap();
    assert_eq!(clusters.to_string(), "b,a,c");
    assert!(clusters.contains(&ClusterName::stored("a")));
    assert!(!clusters.contains(&ClusterName::stored("A")));
}

#[test]
fn a_blank_text_is_no_cluster_and_a_gap_between_commas_is_a_mistake() {
    assert!(Clusters::parse("").unwrap().is_empty());
    assert!(Clusters::parse("  ").unwrap().is_empty());
    for wrong in ["a,,b", "a,", ",", ", a"] {
        assert_eq!(
            Clusters::parse(wrong).unwrap_err()[0].code(),
            "cluster-name-length",
            "{wrong:?}"
        );
    }
}

#[test]
fn every_wrong_name_is_reported() {
    let codes: Vec<_> = Clusters::parse("a b,ok,,x!")
        .unwrap_err()
        .iter()
        .map(Rule::code)
        .collect();
    assert_eq!(
        codes,
        [
            "cluster-name-characters",
            "cluster-name-length",
            "cluster-name-characters"
        ]
    );
}

#[test]
fn what_others_wrote_is_read_without_its_gaps() {
    let clusters = Clusters::stored(" alt cluster,,b, b,");
    assert_eq!(
        clusters.iter().map(ClusterName::as_str).collect::<Vec<_>>(),
        ["alt cluster", "b"]
    );
    assert!(Clusters::stored(" , ").is_empty());
}

#[test]
fn a_cluster_joins_and_leaves_once() {
    let (mut clusters, name) = (Clusters::stored("a"), ClusterName::stored("b"));
    assert!(clusters.insert(name.clone()) && !clusters.insert(name.clone()));
    assert_eq!((clusters.len(), clusters.to_string().as_str()), (2, "a,b"));
    assert!(clusters.remove(&name) && !clusters.remove(&name));
}

proptest! {
    #[test]
    fn parsing_what_is_displayed_gives_the_same_clusters(names in prop::collection::vec("[A-Za-z0-9_.-]{1,12}", 0..8)) {
        let clusters: Clusters = names.into_iter().map(ClusterName::stored).collect();
        prop_assert_eq!(Clusters::parse(&clusters.to_string()), Ok(clusters.clone()));
        prop_assert_eq!(Clusters::stored(&clusters.to_string()), clusters);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        let held = Clusters::stored(&text);
        prop_assert!(held.iter().all(|name| !name.as_str().is_empty()));
        if let Ok(clusters) = Clusters::parse(&text) {
            prop_assert_eq!(clusters, held);
        }
    }
}
