//! Tests of the settings of the address policy.
#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::segment::testing::cidr;

#[test]
fn blank_settings_are_the_defaults() {
    assert_eq!(
        AddressPolicy::from_settings("", " ", "").unwrap(),
        AddressPolicy::default()
    );
}

#[test]
fn prefix_lengths_are_read_for_both_families() {
    assert_eq!(parse_prefix_lengths("16-29").unwrap(), (16..=29, None));
    assert_eq!(
        parse_prefix_lengths("20 - 28, ipv6 48-64").unwrap(),
        (20..=28, Some(48..=64))
    );
    assert_eq!(
        parse_prefix_lengths("ipv6 64").unwrap(),
        (16..=29, Some(64..=64))
    );
    assert_eq!(parse_prefix_lengths("ipv4 24").unwrap(), (24..=24, None));
}

#[test]
fn a_wrong_range_is_named_with_what_would_be_right() {
    for (text, why) in [
        ("29-16", "29 is more than 16"),
        ("16-33", "\"33\" is not a prefix length from 0 to 32"),
        ("16-29, 20-24", "the family has a range already"),
        (
            "ipv6 48-129",
            "\"129\" is not a prefix length from 0 to 128",
        ),
        ("16-29-30", "\"29-30\" is not"),
        ("+16-29", "\"+16\" is not"),
        ("ipv6", "\"\" is not"),
    ] {
        let errors = parse_prefix_lengths(text).unwrap_err();
        assert!(errors[0].to_string().contains(why), "{text}: {}", errors[0]);
        assert!(errors[0].right.contains("such as"), "{text}");
    }
}

#[test]
fn site_prefixes_are_read_by_site_in_lower_case() {
    let sites = parse_site_prefixes("Site1=10.0.0.0/8, 172.16.0.0/12; site-2 = fd00::/8;").unwrap();
    let prefixes = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| cidr(text).net())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        sites[&"site1".to_owned()],
        prefixes(&["10.0.0.0/8", "172.16.0.0/12"])
    );
    assert_eq!(sites[&"site-2".to_owned()], prefixes(&["fd00::/8"]));
    assert_eq!(sites.len(), 2);
}

#[test]
fn every_wrong_piece_of_every_setting_is_reported() {
    let errors = AddressPolicy::from_settings(
        "40-50",
        "site1; site 2=10.0.0.0/8; a=10.0.0.1/8,x; b=; c=10.0.0.0/8; C=11.0.0.0/8",
        "10.0.0.0",
    )
    .unwrap_err();
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let parts = [
        "\"40\"",
        "there is no =",
        "a space",
        "right would be 10.0.0.0/8",
        "\"x\"",
        "no prefixes",
        "named twice",
        "no slash",
    ];
    assert_eq!(texts.len(), parts.len(), "{texts:#?}");
    for (text, part) in texts.iter().zip(parts) {
        assert!(text.contains(part), "{text} says nothing of {part}");
    }
}

#[test]
fn reserved_prefixes_come_on_top_of_the_built_in_ones() {
    let policy = AddressPolicy::from_settings("", "", "10.0.0.0/24").unwrap();
    assert_eq!(
        policy.reserved.len(),
        AddressPolicy::default().reserved.len() + 1
    );
    assert_eq!(
        policy.check(&SiteSlug::stored("s"), &cidr("10.0.0.0/16"))[0].code(),
        "cidr-reserved"
    );
}

proptest! {
    #[test]
    fn any_range_that_is_one_is_read(first in 0..=32u8, more in 0..=32u8) {
        let last = first.saturating_add(more).min(32);
        prop_assert_eq!(parse_prefix_lengths(&format!("{first}-{last}")), Ok((first..=last, None)));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "[a-z0-9=;,./: -]{0,40}", wild in any::<String>()) {
        for text in [&text, &wild] {
            for errors in [
                parse_prefix_lengths(text).err(),
                parse_site_prefixes(text).err(),
                parse_reserved_prefixes(text).err(),
            ].into_iter().flatten() {
                prop_assert!(!errors.is_empty());
            }
        }
    }
}
