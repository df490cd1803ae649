//! What the tests of this module share.
#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Cidr, Clusters, Description, EpgName, Segment, SegmentId, SiteSlug, VlanId, VrfName};

pub(super) fn cidr(text: &str) -> Cidr {
    Cidr::parse(text).unwrap()
}

pub(super) fn segment(
    id: u64,
    site: &str,
    vrf: &str,
    vid: u64,
    epg: &str,
    network: &str,
) -> Segment {
    Segment {
        id: SegmentId(id),
        site: SiteSlug::stored(site),
        vrf: VrfName::stored(vrf),
        vlan_id: VlanId::new(vid).unwrap(),
        epg_name: EpgName::stored(epg),
        cidr: cidr(network),
        dhcp: false,
        description: Description::default(),
        clusters: Clusters::default(),
        released: false,
        allocated_at: None,
        released_at: None,
    }
}

/// Any network of either family.
pub(super) fn any_cidr() -> impl Strategy<Value = Cidr> {
    let v4 = (any::<u32>(), 0..=32u8)
        .prop_map(|(bits, len)| IpNet::V4(Ipv4Net::new(Ipv4Addr::from(bits), len).unwrap()));
    let v6 = (any::<u128>(), 0..=128u8)
        .prop_map(|(bits, len)| IpNet::V6(Ipv6Net::new(Ipv6Addr::from(bits), len).unwrap()));
    prop_oneof![v4, v6].prop_map(Cidr::from)
}

/// A network from a space so small that overlaps are common.
pub(super) fn crowded_cidr() -> impl Strategy<Value = Cidr> {
    let v4 = (0..64u32, 24..=32u8).prop_map(|(last, len)| {
        IpNet::V4(Ipv4Net::new(Ipv4Addr::from(0x0a00_0000 + last * 4), len).unwrap())
    });
    let v6 = (0..16u128, 120..=128u8).prop_map(|(last, len)| {
        IpNet::V6(Ipv6Net::new(Ipv6Addr::from((0xfd00u128 << 112) + last * 16), len).unwrap())
    });
    prop_oneof![4 => v4, 1 => v6].prop_map(Cidr::from)
}

fn with_network(
    network: impl Strategy<Value = Cidr>,
    names: &'static str,
) -> impl Strategy<Value = Segment> {
    let place = (
        1..=u64::MAX,
        "[sS]ite[12]",
        prop::sample::select(vec!["Network1", "Network2", "network1"]),
    );
    let vlan = (1..=6u64, names, network);
    let rest = (
        any::<bool>(),
        "[a-zA-Z0-9]([a-zA-Z0-9 ]{0,8}[a-zA-Z0-9])?",
        "([a-c]{1,2}(,[a-c]{1,2}){0,2})?",
        any::<bool>(),
    );
    let times = (any::<Option<u8>>(), any::<Option<u8>>());
    (place, vlan, rest, times).prop_map(
        |(
            (id, site, vrf),
            (vid, epg, network),
            (dhcp, text, clusters, released),
            (allocated, given_back),
        )| Segment {
            dhcp,
            description: Description::stored(text),
            clusters: Clusters::stored(&clusters),
            released,
            allocated_at: allocated.map(|n| format!("2026-01-01T00:00:{n:02}Z")),
            released_at: given_back.map(|n| format!("2026-02-01T00:00:{n:02}Z")),
            cidr: network,
            ..segment(id, &site, vrf, vid, &epg, "10.0.0.0/24")
        },
    )
}

/// Any segment that a caller could have made.
pub(super) fn any_segment() -> impl Strategy<Value = Segment> {
    with_network(any_cidr(), "[A-Za-z0-9_./-]{1,10}")
}

/// A segment that is often in conflict with another one.
pub(super) fn crowded_segment() -> impl Strategy<Value = Segment> {
    with_network(crowded_cidr(), "[abcA]")
}

/// Any JSON, often an object with the fields of a segment.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec![
            json!(100),
            json!("10.0.0.0/24"),
            json!("site1"),
            json!("a,b")
        ]),
    ];
    let names = prop_oneof![
        4 => prop::sample::select(vec!["site", "vlan_id", "epg_name", "segment", "vrf", "dhcp", "description", "cluster_name", "id"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    leaf.prop_recursive(2, 24, 9, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..9)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
