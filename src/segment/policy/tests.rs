//! Tests of the address policy.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::segment::testing::{any_cidr, cidr};

fn codes(policy: &AddressPolicy, site: &str, network: &str) -> Vec<&'static str> {
    policy
        .check(&SiteSlug::stored(site), &cidr(network))
        .iter()
        .map(Rule::code)
        .collect()
}

fn open() -> AddressPolicy {
    AddressPolicy {
        prefix_lengths_v4: 0..=32,
        prefix_lengths_v6: Some(0..=128),
        ..AddressPolicy::default()
    }
}

#[test]
fn by_default_prefix_lengths_from_16_to_29_are_allowed() {
    let policy = AddressPolicy::default();
    assert_eq!(codes(&policy, "s", "10.0.0.0/16"), [""; 0]);
    assert_eq!(codes(&policy, "s", "10.0.0.0/29"), [""; 0]);
    assert_eq!(codes(&policy, "s", "10.0.0.0/15"), ["prefix-length"]);
    assert_eq!(codes(&policy, "s", "10.0.0.0/30"), ["prefix-length"]);
}

#[test]
fn ipv6_is_refused_until_it_is_configured() {
    assert_eq!(
        codes(&AddressPolicy::default(), "s", "fd00::/64"),
        ["address-family"]
    );
    let policy = AddressPolicy {
        prefix_lengths_v6: Some(48..=64),
        ..AddressPolicy::default()
    };
    assert_eq!(codes(&policy, "s", "fd00::/64"), [""; 0]);
    assert_eq!(codes(&policy, "s", "fd00::/65"), ["prefix-length"]);
}

#[test]
fn a_network_in_or_around_a_reserved_block_is_refused() {
    for network in [
        "0.1.0.0/16",
        "127.0.0.0/24",
        "169.254.1.0/24",
        "224.0.0.0/24",
        "239.255.0.0/16",
        "240.0.0.0/24",
        "255.255.255.248/29",
        "168.0.0.0/6",
        "::/128",
        "::1/128",
        "::/64",
        "::ffff:10.0.0.0/120",
        "fe80::/64",
        "febf::/64",
        "ff02::/64",
    ] {
        assert_eq!(codes(&open(), "s", network), ["cidr-reserved"], "{network}");
    }
    for network in [
        "1.0.0.0/24",
        "126.255.255.0/24",
        "128.0.0.0/24",
        "169.253.0.0/16",
        "223.255.255.0/24",
        "2001:db8::/48",
        "fec0::/64",
        "fd00::/64",
    ] {
        assert_eq!(codes(&open(), "s", network), [""; 0], "{network}");
    }
}

#[test]
fn a_network_must_lie_wholly_inside_a_prefix_of_its_site() {
    let prefixes = ["10.1.0.0/16", "10.2.0.0/16"]
        .map(|text| cidr(text).net())
        .to_vec();
    let policy = AddressPolicy {
        site_prefixes: [("site1".to_owned(), prefixes)].into_iter().collect(),
        ..open()
    };
    assert_eq!(codes(&policy, "SITE1", "10.2.3.0/24"), [""; 0]);
    assert_eq!(
        codes(&policy, "site1", "10.3.0.0/24"),
        ["cidr-outside-site"]
    );
    assert_eq!(codes(&policy, "site1", "10.0.0.0/8"), ["cidr-outside-site"]);
    assert_eq!(codes(&policy, "site1", "fd00::/64"), ["cidr-outside-site"]);
    assert_eq!(codes(&policy, "site2", "10.3.0.0/24"), [""; 0]);
    let rule = policy
        .check(&SiteSlug::stored("site1"), &cidr("10.3.0.0/24"))
        .remove(0);
    assert_eq!(rule.expected(), "a network inside 10.1.0.0/16, 10.2.0.0/16");
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let prefixes = vec![cidr("10.1.0.0/16").net()];
    let policy = AddressPolicy {
        site_prefixes: [("s".to_owned(), prefixes)].into_iter().collect(),
        ..AddressPolicy::default()
    };
    assert_eq!(
        codes(&policy, "s", "127.0.0.0/30"),
        ["prefix-length", "cidr-reserved", "cidr-outside-site"]
    );
}

proptest! {
    #[test]
    fn what_passes_has_an_allowed_length_and_no_reserved_address(network in any_cidr()) {
        let policy = open();
        let passes = policy.check(&SiteSlug::stored("s"), &network).is_empty();
        let reserved = policy.reserved.iter().any(|block| {
            block.contains(&network.net().network()) || network.contains_address(block.network())
        });
        prop_assert_eq!(passes, !reserved);
    }
}
