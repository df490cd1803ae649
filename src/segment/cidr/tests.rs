//! Tests of networks.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::segment::testing::{any_cidr, cidr};

#[test]
fn host_bits_are_refused_with_the_network_that_was_meant() {
    let rule = Cidr::parse("10.0.0.7/24").unwrap_err();
    assert_eq!(
        (rule.code(), rule.expected().as_str()),
        ("cidr-host-bits", "10.0.0.0/24")
    );
    assert_eq!(Cidr::stored("10.0.0.7/24").unwrap(), cidr("10.0.0.0/24"));
}

#[test]
fn anything_but_an_address_a_slash_and_a_length_is_refused() {
    for wrong in [
        "",
        "/",
        "10.0.0.0",
        "10.0.0.0/",
        "/24",
        "10.0.0/24",
        "10.0.0.0/33",
        "10.0.0.0/024",
        "10.0.0.0/+24",
        "10.0.0.0/-1",
        " 10.0.0.0/24",
        "10.0.0.0/24 ",
        "10.0.0.0/24/24",
        "010.0.0.0/24",
        "10.0.0.0/255.255.255.0",
        "2001:db8::/129",
        "fe80::%1/64",
    ] {
        assert_eq!(
            Cidr::parse(wrong).unwrap_err().code(),
            "cidr-syntax",
            "{wrong:?}"
        );
    }
}

#[test]
fn networks_are_ordered_by_number_not_by_text() {
    let mut networks = [
        "2001:db8::/48",
        "10.0.0.0/24",
        "9.0.0.0/8",
        "10.0.0.0/16",
        "10.0.0.0/8",
    ]
    .map(cidr);
    networks.sort();
    let texts = networks.map(|network| network.to_string());
    assert_eq!(
        texts,
        [
            "9.0.0.0/8",
            "10.0.0.0/8",
            "10.0.0.0/16",
            "10.0.0.0/24",
            "2001:db8::/48"
        ]
    );
}

#[test]
fn the_two_families_never_overlap() {
    assert!(!cidr("0.0.0.0/0").overlaps(&cidr("::/0")));
    assert!(cidr("::/0").is_ipv4() != cidr("0.0.0.0/0").is_ipv4());
}

#[test]
fn json_holds_text_and_the_binary_form_six_bytes() {
    let network = cidr("10.0.0.0/24");
    assert_eq!(serde_json::to_string(&network).unwrap(), "\"10.0.0.0/24\"");
    assert_eq!(
        serde_json::from_str::<Cidr>("\"10.0.0.9/24\"").unwrap(),
        network
    );
    let bytes = postcard::to_allocvec(&network).unwrap();
    assert_eq!(bytes.len(), 6);
    assert_eq!(postcard::from_bytes::<Cidr>(&bytes).unwrap(), network);
}

proptest! {
    #[test]
    fn parsing_what_is_displayed_gives_the_same_network(network in any_cidr()) {
        prop_assert_eq!(Cidr::parse(&network.to_string()), Ok(network));
    }

    #[test]
    fn networks_overlap_exactly_when_their_ranges_of_addresses_do(a in any_cidr(), b in any_cidr()) {
        let apart = a.is_ipv4() != b.is_ipv4()
            || a.net().broadcast() < b.net().network()
            || b.net().broadcast() < a.net().network();
        prop_assert_eq!(a.overlaps(&b), !apart);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        prop_assert_eq!(Cidr::parse(&text).is_err(), true, "a network by chance is beyond belief");
    }

    #[test]
    fn any_text_like_a_network_is_parsed_or_refused(text in "[0-9a-f:.]{0,12}/?[0-9+]{0,4}") {
        if let Ok(network) = Cidr::parse(&text) {
            prop_assert_eq!(Cidr::stored(&text), Ok(network));
        }
    }
}
