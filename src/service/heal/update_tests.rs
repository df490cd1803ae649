#![allow(clippy::unwrap_used)]

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn vlan(group: u64) -> Vlan {
    Vlan {
        id: 10,
        vid: 100,
        name: "EPG".to_owned(),
        group: Some(group),
        created: at(1),
        last_updated: at(1),
    }
}

fn prefix(site: u64) -> Prefix {
    Prefix {
        id: 20,
        cidr: "10.0.0.0/24".to_owned(),
        status: "active".to_owned(),
        comments: String::new(),
        cluster: String::new(),
        dhcp: false,
        allocated_at: None,
        released_at: None,
        vrf: Some(1),
        vlan: Some(10),
        site_group: Some(site),
        created: at(1),
        last_updated: at(1),
        shown_vlan: None,
    }
}

/// A move from site and group 1 to site and group 2.
fn moving() -> Changing {
    Changing {
        prefix: prefix(1),
        vlan: vlan(1),
        prefix_wanted: prefix(2),
        vlan_wanted: vlan(2),
        new_vlan: None,
    }
}

fn plan(fate: Fate, segments: &[Changing], prefixes: &[Prefix], vlans: &[Vlan]) -> Plan {
    let found = Found {
        prefixes: prefixes.to_vec(),
        vlans: vlans.to_vec(),
        new_vlans: Vec::new(),
    };
    let started = at(10);
    let list = List {
        fate,
        segments,
        started,
    };
    list.plan(&found)
}

fn back(plan: &Plan) -> (usize, usize) {
    (plan.prefixes.len(), plan.vlans.len())
}

#[test]
fn a_move_that_is_done_stays() {
    let plan = plan(Fate::Each, &[moving()], &[prefix(2)], &[vlan(2)]);
    assert_eq!((plan.complete, back(&plan)), (1, (0, 0)));
}

#[test]
fn a_move_that_never_began_is_left_alone() {
    let plan = plan(Fate::Each, &[moving()], &[prefix(1)], &[vlan(1)]);
    assert_eq!((plan.complete, back(&plan)), (0, (0, 0)));
}

#[test]
fn half_a_move_is_written_back() {
    let plan = plan(Fate::Each, &[moving()], &[prefix(1)], &[vlan(2)]);
    let change = VlanChange {
        group: Some(1),
        ..VlanChange::default()
    };
    assert_eq!(back(&plan), (0, 1));
    assert_eq!(plan.vlans[0].change, change);
}

#[test]
fn half_a_move_is_written_back_although_somebody_has_changed_other_fields_since() {
    let mut now = vlan(2);
    now.name = "RENAMED".to_owned();
    let plan = plan(Fate::Each, &[moving()], &[prefix(1)], &[now]);
    let change = VlanChange {
        group: Some(1),
        ..VlanChange::default()
    };
    assert_eq!(plan.vlans[0].change, change);
}

#[test]
fn a_move_that_is_done_stays_although_somebody_has_allocated_the_segment_since() {
    let mut now = prefix(2);
    now.cluster = "c1".to_owned();
    now.status = "reserved".to_owned();
    let plan = plan(Fate::Each, &[moving()], &[now], &[vlan(2)]);
    assert_eq!((plan.complete, back(&plan)), (1, (0, 0)));
}

#[test]
fn a_move_that_failed_is_written_back_even_if_it_came_to_its_end_late() {
    let plan = plan(Fate::None, &[moving()], &[prefix(2)], &[vlan(2)]);
    assert_eq!(back(&plan), (1, 1));
}

#[test]
fn an_allocation_that_failed_is_not_written_back_where_another_cluster_has_the_segment() {
    let mut given = moving();
    (given.prefix_wanted, given.vlan_wanted) = (given.prefix.clone(), given.vlan.clone());
    given.prefix_wanted.status = "reserved".to_owned();
    given.prefix_wanted.cluster = "c1".to_owned();
    let mut now = given.prefix_wanted.clone();
    let late = plan(Fate::None, &[given.clone()], &[now.clone()], &[vlan(1)]);
    assert_eq!(back(&late), (1, 0));
    now.cluster = "c2".to_owned();
    let theirs = plan(Fate::None, &[given], &[now], &[vlan(1)]);
    assert_eq!(back(&theirs), (0, 0));
}

#[test]
fn half_a_list_of_moves_is_written_back() {
    let mut other = moving();
    for row in [&mut other.prefix, &mut other.prefix_wanted] {
        (row.id, row.vlan) = (21, Some(11));
    }
    (other.vlan.id, other.vlan_wanted.id) = (11, 11);
    let (still, still_on) = (other.prefix.clone(), other.vlan.clone());
    let (prefixes, vlans) = ([prefix(2), still], [vlan(2), still_on]);
    let plan = plan(Fate::AllOrNone, &[moving(), other], &prefixes, &vlans);
    assert_eq!((plan.complete, back(&plan)), (1, (1, 1)));
}

#[test]
fn a_segment_that_was_given_a_vlan_of_its_own_goes_back_to_the_shared_one() {
    let shared = Changing {
        new_vlan: Some((1, 200, "EPG".to_owned())),
        vlan_wanted: vlan(1),
        prefix_wanted: prefix(1),
        ..moving()
    };
    let mut moved = prefix(1);
    moved.vlan = Some(11);
    let plan = plan(Fate::None, &[shared], &[moved], &[vlan(1)]);
    assert_eq!(plan.prefixes[0].change.vlan, Some(10));
    assert_eq!(plan.vlans.len(), 0);
}
