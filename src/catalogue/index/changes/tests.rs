use super::*;
use crate::catalogue::Snapshot;
use crate::netbox::rows::{Named, ShownVlan, Vrf};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn vlan(id: Id, written: i64) -> Change {
    Change::Vlan(Vlan {
        id,
        vid: 100,
        name: format!("EPG_{written}"),
        group: Some(1),
        created: at(0),
        last_updated: at(written),
    })
}

fn prefix(id: Id, written: i64) -> Change {
    Change::Prefix(Prefix {
        id,
        cidr: format!("10.0.{id}.0/24"),
        status: "active".to_owned(),
        comments: format!("{written}"),
        cluster: String::new(),
        dhcp: false,
        allocated_at: None,
        released_at: None,
        vrf: Some(1),
        vlan: Some(1),
        site_group: Some(1),
        created: at(0),
        last_updated: at(written),
        shown_vlan: None,
    })
}

fn catalogue() -> Catalogue {
    Catalogue::from(Snapshot {
        site_groups: vec![Named {
            id: 1,
            name: "Site1".to_owned(),
            slug: "site1".to_owned(),
        }],
        vrfs: vec![Vrf {
            id: 1,
            name: "Network1".to_owned(),
            rd: None,
        }],
        ..Snapshot::default()
    })
}

#[test]
fn a_slower_read_does_not_bring_back_what_is_gone() {
    let mut catalogue = catalogue();
    catalogue.apply(&prefix(1, 1));
    catalogue.apply(&Change::PrefixGone(1));
    catalogue.apply(&prefix(1, 9));
    assert!(catalogue.prefix(1).is_none());
    let mut read_anew = Catalogue::from(Catalogue::default().snapshot(at(0), at(0)));
    read_anew.apply(&prefix(1, 1));
    read_anew.follow(&catalogue);
    assert!(read_anew.prefix(1).is_none());
    let stored = Catalogue::from(catalogue.snapshot(at(0), at(0)));
    assert!(!stored.is_news(&prefix(1, 9)), "the store remembers it too");
}

#[test]
fn what_was_given_away_may_come_back() {
    let mut catalogue = catalogue();
    catalogue.apply(&vlan(1, 5));
    catalogue.apply(&Change::VlanAway {
        id: 1,
        as_of: at(7),
    });
    assert!(catalogue.vlan(1).is_none());
    catalogue.apply(&vlan(1, 6));
    assert!(catalogue.vlan(1).is_none(), "written before it left");
    catalogue.apply(&vlan(1, 8));
    assert!(catalogue.vlan(1).is_some());
    catalogue.apply(&Change::VlanAway {
        id: 1,
        as_of: at(7),
    });
    assert!(catalogue.vlan(1).is_some(), "told again, too late");
}

#[test]
fn a_segment_follows_its_vrf_and_its_site() {
    let mut catalogue = catalogue();
    catalogue.apply(&vlan(1, 1));
    catalogue.apply(&prefix(1, 1));
    let renamed = Change::Vrf(Vrf {
        id: 1,
        name: "Other".to_owned(),
        rd: None,
    });
    assert!(catalogue.is_news(&renamed));
    catalogue.apply(&renamed);
    assert!(!catalogue.is_news(&renamed));
    let vrf = |c: &Catalogue| c.segments().next().map(|s| s.vrf.to_string());
    assert_eq!(vrf(&catalogue), Some("Other".to_owned()));
    catalogue.apply(&Change::SiteGroupGone(1));
    assert_eq!(catalogue.segments().count(), 0);
    assert_eq!(catalogue.incomplete().count(), 1);
}

fn any_change() -> impl Strategy<Value = Change> {
    let id = 1_u64..3;
    prop_oneof![
        (id.clone(), 0_i64..9).prop_map(|(id, at)| vlan(id, at)),
        (id.clone(), 0_i64..9).prop_map(|(id, at)| prefix(id, at)),
        id.clone().prop_map(Change::VlanGone),
        id.clone().prop_map(Change::PrefixGone),
        (id.clone(), 0_i64..9).prop_map(|(id, s)| Change::VlanAway { id, as_of: at(s) }),
        (id, 0_i64..9).prop_map(|(id, s)| Change::PrefixAway { id, as_of: at(s) }),
    ]
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (given, shuffled) in proptest::collection::vec(any_change(), 0..12)
            .prop_flat_map(|changes| (Just(changes.clone()), Just(changes).prop_shuffle())),
    ) {
        let result = |changes: &[Change]| {
            let mut catalogue = catalogue();
            changes.iter().for_each(|change| catalogue.apply(change));
            let vlans: Vec<_> = (1..3).map(|id| catalogue.vlan(id)).collect();
            let prefixes: Vec<_> = (1..3).map(|id| catalogue.prefix(id)).collect();
            let segments: Vec<_> = catalogue.segments().map(|view| view.to_segment()).collect();
            (vlans, prefixes, segments)
        };
        prop_assert_eq!(result(&given), result(&shuffled));
    }

    #[test]
    fn what_is_applied_is_no_news_any_more(changes in proptest::collection::vec(any_change(), 0..12)) {
        let mut catalogue = catalogue();
        for change in &changes {
            catalogue.apply(change);
            prop_assert!(!catalogue.is_news(change));
        }
    }
}

fn showing(vid: u16, written: i64) -> Change {
    let Change::Prefix(row) = prefix(1, written) else {
        unreachable!()
    };
    let name = "seen".to_owned();
    Change::Prefix(Prefix {
        shown_vlan: Some(ShownVlan { vid, name }),
        ..row
    })
}

#[test]
fn the_answer_to_a_later_write_tells_what_became_of_the_vlan() {
    let mut catalogue = catalogue();
    catalogue.apply(&vlan(1, 1));
    let told = catalogue.shown_in(&showing(77, 12)).expect("news");
    catalogue.apply(&told);
    let known = catalogue.vlan(1).expect("is there");
    assert_eq!((known.vid, known.name.as_str()), (77, "seen"));
    assert_eq!(catalogue.shown_in(&showing(77, 13)), None, "known by now");
}

#[test]
fn what_was_changed_beside_a_write_is_not_judged_by_its_answer() {
    let mut catalogue = catalogue();
    catalogue.apply(&vlan(1, 5));
    assert_eq!(catalogue.shown_in(&showing(77, 12)), None);
    assert_eq!(catalogue.shown_in(&showing(77, 3)), None);
}
