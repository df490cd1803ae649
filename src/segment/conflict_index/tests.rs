//! Tests of the rules among segments.
use proptest::prelude::*;

use super::*;
use crate::segment::Diff;
use crate::segment::testing::{crowded_segment, segment};

fn kinds(index: &ConflictIndex, wanted: &Segment, except: Option<u64>) -> Vec<(&'static str, u64)> {
    let found = index.conflicts(&Draft::from(wanted), except.map(SegmentId));
    found
        .into_iter()
        .map(|conflict| (conflict.kind.code(), conflict.rival.get()))
        .collect()
}

fn one() -> ConflictIndex {
    [segment(7, "site1", "Network1", 100, "web", "10.0.0.0/24")]
        .iter()
        .collect()
}

#[test]
fn two_sites_may_use_the_same_vlan_id_and_name() {
    assert_eq!(
        kinds(
            &one(),
            &segment(0, "site2", "Network1", 100, "web", "10.0.1.0/24"),
            None
        ),
        []
    );
}

#[test]
fn two_vrfs_may_use_the_same_everything() {
    assert_eq!(
        kinds(
            &one(),
            &segment(0, "site1", "Network2", 100, "web", "10.0.0.0/24"),
            None
        ),
        []
    );
}

#[test]
fn another_spelling_of_a_site_is_the_same_site() {
    let wanted = segment(0, "SITE1", "Network1", 100, "db", "10.0.1.0/24");
    assert_eq!(kinds(&one(), &wanted, None), [("vlan-id-taken", 7)]);
}

#[test]
fn another_spelling_of_a_name_is_another_name() {
    assert_eq!(
        kinds(
            &one(),
            &segment(0, "site1", "Network1", 101, "Web", "10.0.1.0/24"),
            None
        ),
        []
    );
}

#[test]
fn networks_overlap_whichever_of_the_two_is_wider_and_at_any_site() {
    for network in ["10.0.0.128/25", "10.0.0.0/24", "10.0.0.0/16"] {
        let wanted = segment(0, "site9", "Network1", 9, "x", network);
        assert_eq!(kinds(&one(), &wanted, None), [("overlap", 7)], "{network}");
    }
}

#[test]
fn a_conflict_names_the_rival_and_what_is_shared() {
    let wanted = Draft::from(&segment(0, "site1", "Network1", 100, "web", "10.0.0.0/25"));
    let details: Vec<_> = one()
        .conflicts(&wanted, None)
        .into_iter()
        .map(|conflict| conflict.detail)
        .collect();
    assert_eq!(
        details,
        [
            "10.0.0.0/25 overlaps 10.0.0.0/24 of segment 7 in VRF \"Network1\".",
            "The VLAN id 100 is taken by segment 7 at site \"site1\" in VRF \"Network1\".",
            "The EPG name \"web\" is taken by segment 7 at site \"site1\" in VRF \"Network1\".",
        ]
    );
}

#[test]
fn a_segment_is_no_rival_of_itself() {
    assert_eq!(
        kinds(
            &one(),
            &segment(7, "site1", "Network1", 100, "web", "10.0.0.0/25"),
            Some(7)
        ),
        []
    );
}

#[test]
fn a_new_state_takes_the_place_of_the_old_one() {
    let mut index = one();
    index.insert_draft(
        SegmentId(7),
        &Draft::from(&segment(0, "site2", "Network2", 5, "db", "10.9.0.0/24")),
    );
    assert_eq!(
        kinds(
            &index,
            &segment(0, "site1", "Network1", 100, "web", "10.0.0.0/24"),
            None
        ),
        []
    );
    let wanted = segment(0, "site2", "Network2", 5, "other", "10.8.0.0/24");
    assert_eq!(kinds(&index, &wanted, None), [("vlan-id-taken", 7)]);
    assert!(
        index.remove(SegmentId(7))
            && !index.remove(SegmentId(7))
            && index.is_empty()
            && index.vrfs.is_empty()
    );
}

#[test]
fn a_change_of_one_thing_cannot_bring_a_conflict_about_another() {
    let diff = Diff {
        cidr: true,
        ..Diff::default()
    };
    let possible = [
        ConflictKind::Overlap,
        ConflictKind::VlanId,
        ConflictKind::EpgName,
    ]
    .map(|kind| kind.can_come_from(&diff));
    assert_eq!(possible, [true, false, false]);
}

#[test]
fn ten_thousand_segments_are_asked_without_looking_at_each() {
    let segments: Vec<_> = (0..10_000u64)
        .map(|n| {
            segment(
                n + 1,
                &format!("s{}", n % 50),
                "Network1",
                n / 50 + 1,
                &format!("e{n}"),
                &format!("10.{}.{}.0/24", n / 256, n % 256),
            )
        })
        .collect();
    let index: ConflictIndex = segments.iter().collect();
    assert_eq!(index.len(), 10_000);
    let conflicting: usize = segments
        .iter()
        .map(|s| index.conflicts(&Draft::from(s), Some(s.id)).len())
        .sum();
    assert_eq!(conflicting, 0);
    assert_eq!(
        kinds(
            &index,
            &segment(0, "s7", "Network1", 1, "x", "10.200.0.0/24"),
            None
        ),
        [("vlan-id-taken", 8)]
    );
}

fn brute_force(
    segments: &[Segment],
    wanted: &Draft,
    except: SegmentId,
) -> Vec<(ConflictKind, SegmentId)> {
    let mut found = Vec::new();
    for held in segments
        .iter()
        .filter(|held| held.id != except && held.vrf == wanted.vrf)
    {
        if held.cidr.overlaps(&wanted.cidr) {
            found.push((ConflictKind::Overlap, held.id));
        }
        let same_site = held.site.as_str().to_lowercase() == wanted.site.as_str().to_lowercase();
        if same_site && held.vlan_id == wanted.vlan_id {
            found.push((ConflictKind::VlanId, held.id));
        }
        if same_site && held.epg_name == wanted.epg_name {
            found.push((ConflictKind::EpgName, held.id));
        }
    }
    found.sort_unstable();
    found
}

proptest! {
    #[test]
    fn the_conflicts_are_those_of_comparing_with_every_segment(
        mut segments in prop::collection::vec(crowded_segment(), 1..40),
        moved in prop::collection::vec((any::<prop::sample::Index>(), crowded_segment()), 0..10),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        wanted in crowded_segment(),
        except in 0..40u64,
    ) {
        for (id, segment) in (1..).zip(&mut segments) {
            segment.id = SegmentId(id);
        }
        let mut index: ConflictIndex = segments.iter().collect();
        for (which, state) in moved {
            let at = which.index(segments.len());
            segments[at] = Segment { id: segments[at].id, ..state };
            index.insert(&segments[at]);
        }
        for which in gone {
            if !segments.is_empty() {
                let segment = segments.remove(which.index(segments.len()));
                prop_assert!(index.remove(segment.id));
            }
        }
        let wanted = Draft::from(&wanted);
        let conflicts = index.conflicts(&wanted, Some(SegmentId(except)));
        let mut found: Vec<_> = conflicts.iter().map(|conflict| (conflict.kind, conflict.rival)).collect();
        found.sort_unstable();
        prop_assert_eq!(found, brute_force(&segments, &wanted, SegmentId(except)));
    }
}
