#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn making(n: u16) -> Making {
    Making {
        group: 1,
        vid: 100 + n,
        name: format!("EPG_{n}"),
        vrf: 1,
        cidr: format!("10.0.{n}.0/24"),
        cluster: String::new(),
    }
}

fn vlan(n: u16, created: i64) -> Vlan {
    let Making {
        group, vid, name, ..
    } = making(n);
    Vlan {
        id: 1_000 + u64::from(n),
        vid,
        name,
        group: Some(group),
        created: at(created),
        last_updated: at(created),
    }
}

fn prefix(n: u16, created: i64) -> Prefix {
    Prefix {
        id: 2_000 + u64::from(n),
        cidr: making(n).cidr,
        status: "active".to_owned(),
        comments: String::new(),
        cluster: String::new(),
        dhcp: false,
        allocated_at: None,
        released_at: None,
        vrf: Some(1),
        vlan: Some(1_000 + u64::from(n)),
        site_group: Some(1),
        created: at(created),
        last_updated: at(created),
        shown_vlan: None,
    }
}

/// The write began at 10. How many stay, and the ids of what goes.
fn plan(fate: Fate, count: u16, found: &Found, alone: bool) -> (usize, Vec<u64>, Vec<u64>) {
    let segments: Vec<Making> = (0..count).map(making).collect();
    let list = List {
        fate,
        segments: &segments,
        started: at(10),
    };
    let plan = list.plan(found, |_| alone);
    let prefixes = plan.prefixes.iter().map(|row| row.id).collect();
    (
        plan.kept,
        prefixes,
        plan.vlans.iter().map(|row| row.id).collect(),
    )
}

fn found(vlans: &[(u16, i64)], prefixes: &[(u16, i64)]) -> Found {
    Found {
        vlans: vlans
            .iter()
            .map(|(n, created)| vlan(*n, *created))
            .collect(),
        prefixes: prefixes
            .iter()
            .map(|(n, created)| prefix(*n, *created))
            .collect(),
    }
}

#[test]
fn a_vlan_without_its_prefix_goes() {
    let found = found(&[(0, 11)], &[]);
    assert_eq!(plan(Fate::Each, 1, &found, true), (0, vec![], vec![1_000]));
}

#[test]
fn a_whole_segment_stays() {
    let found = found(&[(0, 11)], &[(0, 12)]);
    assert_eq!(plan(Fate::Each, 1, &found, true), (1, vec![], vec![]));
}

#[test]
fn a_whole_segment_with_a_rival_goes() {
    let found = found(&[(0, 11)], &[(0, 12)]);
    assert_eq!(
        plan(Fate::Each, 1, &found, false),
        (0, vec![2_000], vec![1_000])
    );
}

#[test]
fn a_list_on_a_vlan_that_somebody_had_left_behind_is_complete() {
    let found = found(&[(0, 5), (1, 11)], &[(0, 12), (1, 12)]);
    assert_eq!(plan(Fate::AllOrNone, 2, &found, true), (2, vec![], vec![]));
}

#[test]
fn of_half_a_list_nothing_stays_but_the_vlan_that_was_there_before() {
    let found = found(&[(0, 5), (1, 11)], &[(0, 12)]);
    assert_eq!(
        plan(Fate::AllOrNone, 2, &found, true),
        (0, vec![2_000], vec![1_001])
    );
}

#[test]
fn somebody_elses_prefix_on_our_vlan_keeps_both() {
    let mut found = found(&[(0, 11)], &[(0, 12)]);
    found.prefixes[0].cidr = "10.9.0.0/24".to_owned();
    assert_eq!(plan(Fate::None, 1, &found, true), (0, vec![], vec![]));
}

#[test]
fn a_segment_that_somebody_has_allocated_since_stays_with_its_vlan() {
    for fate in [Fate::None, Fate::AllOrNone] {
        let mut found = found(&[(0, 11), (1, 11)], &[(0, 12)]);
        found.prefixes[0].cluster = "c1".to_owned();
        found.prefixes[0].status = "reserved".to_owned();
        assert_eq!(plan(fate, 2, &found, true), (1, vec![], vec![1_001]));
    }
}

#[test]
fn a_segment_that_somebody_has_released_since_stays() {
    let mut found = found(&[(0, 11)], &[(0, 12)]);
    found.prefixes[0].status = "reserved".to_owned();
    assert_eq!(plan(Fate::None, 1, &found, true), (1, vec![], vec![]));
}

proptest! {
    #[test]
    fn afterwards_a_list_is_there_as_a_whole_or_not_at_all(
        vlans in prop::collection::vec(any::<bool>(), 6),
        prefixes in prop::collection::vec(any::<bool>(), 6),
    ) {
        let numbers = || 0_u16..6;
        let there = |n: &u16| vlans[usize::from(*n)];
        let made: Vec<_> = numbers().filter(there).map(|n| (n, 11)).collect();
        let on = numbers().filter(|n| there(n) && prefixes[usize::from(*n)]);
        let on: Vec<_> = on.map(|n| (n, 12)).collect();
        let found = found(&made, &on);
        let (kept, gone, idle) = plan(Fate::AllOrNone, 6, &found, true);
        if on.len() == 6 {
            prop_assert_eq!((kept, gone.len(), idle.len()), (6, 0, 0));
        } else {
            prop_assert_eq!((kept, gone.len(), idle.len()), (0, on.len(), made.len()));
        }
    }
}
