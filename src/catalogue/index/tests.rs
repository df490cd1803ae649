//! A catalogue that opens a sheet answers as one that was told every row, whatever is written afterwards.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::catalogue::journal::Change;
use crate::segment::{ClusterName, Conflict, Draft, Filter};

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn any_vlan() -> impl Strategy<Value = Vlan> {
    // NetBox keeps a VLAN id in a group to one VLAN, so two never have the same here.
    let vid = prop::sample::select(vec![0, 10, 4095]);
    let place = (1..8_u64, vid, "[a-c]", prop::option::of(1..3_u64));
    (place, 0..6_i64).prop_map(|((id, vid, name, group), written)| Vlan {
        id,
        vid: vid + u16::try_from(id).unwrap(),
        name,
        group,
        created: at(0),
        last_updated: at(written),
    })
}

fn any_prefix() -> impl Strategy<Value = Prefix> {
    let cidr = prop::sample::select(vec![
        "10.0.0.0/8",
        "10.0.0.0/24",
        "10.0.0.128/25",
        "10.0.1.0/24",
        "fd00::/64",
        "10.0.0.0/024",
        "junk",
    ]);
    let words = (
        cidr,
        prop::sample::select(vec![ACTIVE, RESERVED, CONTAINER, "deprecated"]),
        "[a-b]{0,2}",
        prop::sample::select(vec!["", "a", "a,b", " a , b", "b,,a"]),
    );
    let places = (
        prop::option::of(1..4_u64),
        prop::option::of(1..9_u64),
        prop::option::of(1..4_u64),
    );
    (1..12_u64, words, places, any::<bool>(), 0..6_i64).prop_map(
        |(id, (cidr, status, comments, cluster), (vrf, vlan, site_group), dhcp, written)| Prefix {
            id,
            cidr: cidr.to_owned(),
            status: status.to_owned(),
            comments,
            cluster: cluster.to_owned(),
            dhcp,
            allocated_at: dhcp.then(|| "2026-01-01T00:00:00Z".to_owned()),
            released_at: None,
            vrf,
            vlan,
            site_group,
            created: at(0),
            last_updated: at(written),
            shown_vlan: None,
        },
    )
}

fn vrf(id: Id, name: &str) -> Vrf {
    let name = name.to_owned();
    Vrf { id, name, rd: None }
}

fn site(id: Id, slug: &str) -> Named {
    let (name, slug) = (slug.to_owned(), slug.to_owned());
    Named { id, name, slug }
}

fn any_change() -> impl Strategy<Value = Change> {
    let names = prop::sample::select(vec!["Network1", "Network2"]);
    let slugs = prop::sample::select(vec!["site1", "SITE1", "site2"]);
    prop_oneof![
        4 => any_vlan().prop_map(Change::Vlan),
        4 => any_prefix().prop_map(Change::Prefix),
        1 => (1..8_u64).prop_map(Change::VlanGone),
        1 => (1..12_u64).prop_map(Change::PrefixGone),
        1 => (1..8_u64, 0..6_i64).prop_map(|(id, as_of)| Change::VlanAway { id, as_of: at(as_of) }),
        1 => (1..12_u64, 0..6_i64).prop_map(|(id, as_of)| Change::PrefixAway { id, as_of: at(as_of) }),
        1 => (1..4_u64, names).prop_map(|(id, name)| Change::Vrf(vrf(id, name))),
        1 => (1..4_u64, slugs).prop_map(|(id, slug)| Change::SiteGroup(site(id, slug))),
        1 => (1..4_u64).prop_map(Change::VrfGone),
        1 => (1..4_u64).prop_map(Change::SiteGroupGone),
    ]
}

/// The later of the rows with one id.
fn once<T: Clone>(rows: &[T], id: impl Fn(&T) -> Id) -> Vec<T> {
    let by_id: std::collections::BTreeMap<Id, T> =
        rows.iter().map(|row| (id(row), row.clone())).collect();
    by_id.into_values().collect()
}

fn place(vlan_id: u64, name: &str, cidr: &str) -> Draft {
    let segment = Segment {
        id: SegmentId(1),
        site: SiteSlug::stored("Site1"),
        vrf: VrfName::stored("Network1"),
        vlan_id: VlanId::new(vlan_id).unwrap(),
        epg_name: EpgName::stored(name),
        cidr: Cidr::parse(cidr).unwrap(),
        dhcp: false,
        description: Description::default(),
        clusters: Clusters::default(),
        released: false,
        allocated_at: None,
        released_at: None,
    };
    Draft::from(&segment)
}

/// All that a catalogue says.
#[derive(Debug, PartialEq)]
struct Answers {
    segments: Vec<Segment>,
    single: Vec<Option<Segment>>,
    here: Vec<Vec<Segment>>,
    incomplete: Vec<(Prefix, &'static str)>,
    vlans: Vec<(Option<Vlan>, Vec<Id>)>,
    prefixes: Vec<Option<Prefix>>,
    groups: Vec<Set<u16>>,
    named: Vec<bool>,
    conflicts: Vec<Vec<Conflict>>,
    networks: Set<Cidr>,
    found: Vec<Vec<Segment>>,
    held: Vec<Option<SegmentId>>,
}

fn answers(catalogue: &Catalogue) -> Answers {
    let own = |view: SegmentView<'_>| view.to_segment();
    let (one, two) = (VrfName::stored("Network1"), VrfName::stored("Network2"));
    let sites = ["site1", "site2"].map(SiteSlug::stored);
    let places = sites.iter().flat_map(|site| [(site, &one), (site, &two)]);
    let wanted = [
        place(1, "a", "10.0.0.0/24"),
        place(2, "c", "10.0.0.0/16"),
        place(3, "z", "fd00::/64"),
    ];
    Answers {
        segments: catalogue.segments().map(own).collect(),
        single: (1..12)
            .map(|id| catalogue.segment(SegmentId(id)).map(own))
            .collect(),
        here: places
            .map(|(site, vrf)| catalogue.segments_at(site, vrf).map(own).collect())
            .collect(),
        incomplete: catalogue
            .incomplete()
            .map(|(p, lack)| (p.clone(), lack))
            .collect(),
        vlans: (1..8)
            .map(|id| (catalogue.vlan(id), catalogue.users(id).collect()))
            .collect(),
        prefixes: (1..12).map(|id| catalogue.prefix(id)).collect(),
        groups: (1..3).map(|id| catalogue.vlan_ids(id)).collect(),
        named: ["a", "b", "c"]
            .iter()
            .flat_map(|name| (1..3).map(|id| catalogue.vlan_named(id, name).is_some()))
            .collect(),
        conflicts: wanted
            .iter()
            .flat_map(|draft| [None, Some(SegmentId(3))].map(|id| catalogue.conflicts(draft, id)))
            .collect(),
        networks: catalogue
            .networks(&one, Cidr::parse("10.0.0.0/16").unwrap())
            .into_iter()
            .collect(),
        held: ["a", "b", "x"]
            .iter()
            .flat_map(|name| {
                sites
                    .iter()
                    .map(move |site| (ClusterName::stored(*name), site))
            })
            .map(|(name, site)| {
                let here = catalogue.segments_at(site, &one);
                let first = here
                    .filter(|s| s.clusters.contains(&name))
                    .map(|s| s.id)
                    .next();
                let held = catalogue.held(site, &one, &name).map(|s| s.id);
                assert_eq!(held, first);
                held
            })
            .collect(),
        found: filters()
            .iter()
            .map(|f| {
                catalogue
                    .find(f)
                    .filter_map(|found| catalogue.show(&found))
                    .map(own)
                    .collect()
            })
            .collect(),
    }
}

fn filters() -> Vec<Filter> {
    [
        "q=a",
        "q=B",
        "q=10",
        "q=0.0/2",
        "q=10.0.0.200",
        "q=10.0.0.0/9",
        "q=fd",
        "q=x",
        "q=a,b",
        "q=b&site=SITE1",
        "q=a&allocated=true",
        "site=site1&vrf=Network1",
        "vrf=Network2",
        "vlan_id=13",
        "cluster_name=b",
        "allocated=false",
    ]
    .map(|query| Filter::parse(url::form_urlencoded::parse(query.as_bytes())).unwrap())
    .into()
}

proptest! {
    #[test]
    fn packed_and_told_rows_are_the_same(
        vlans in prop::collection::vec(any_vlan(), 0..8),
        prefixes in prop::collection::vec(any_prefix(), 0..12),
        changes in prop::collection::vec(any_change(), 0..12),
    ) {
        let (vlans, prefixes) = (once(&vlans, |v| v.id), once(&prefixes, |p| p.id));
        let bare = Snapshot {
            vrfs: vec![vrf(1, "Network1"), vrf(2, "Network2")],
            site_groups: vec![site(1, "site1"), site(2, "site2")],
            ..Snapshot::default()
        };
        let mut packed = Catalogue::from(bare.clone().with_rows(vlans.clone(), prefixes.clone()));
        let mut told = Catalogue::from(bare);
        vlans.into_iter().for_each(|row| told.put_vlan(row));
        prefixes.into_iter().for_each(|row| told.put_prefix(row));
        prop_assert_eq!(answers(&packed), answers(&told));
        for filter in filters() {
            let all = packed.segments().filter(|segment| filter.matches(segment));
            prop_assert_eq!(packed.find(&filter).filter_map(|found| packed.show(&found)).collect::<Vec<_>>(), all.collect::<Vec<_>>(), "{:?}", filter);
        }
        for change in &changes {
            prop_assert_eq!(packed.is_news(change), told.is_news(change), "{:?}", change);
            let before = packed.revision();
            let news = packed.is_news(change);
            packed.apply(change);
            told.apply(change);
            prop_assert_eq!(packed.revision() != before, news);
            prop_assert_eq!(answers(&packed), answers(&told), "after {:?}", change);
        }
        let encoded = packed.snapshot(at(0), at(0)).encode().unwrap();
        let bytes: Vec<Vec<u8>> = encoded.chunks().collect();
        let again = Catalogue::from(Snapshot::decode(bytes.concat()).unwrap());
        prop_assert_eq!(answers(&again), answers(&told), "out of the store");
    }
}
