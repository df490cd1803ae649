//! The free search over segments.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Cidr, SegmentView};

/// What is searched for: a text, an address or a network.
///
/// - A text is looked for in the EPG name, the description, the cluster names, the network and the VLAN id, anywhere in
///   them and whatever its case.
/// - An address finds the segments whose network contains it, a network those that overlap it (bits beyond its prefix
///   length are ignored). Both are looked for as text in the EPG name, the description and the cluster names too, but not
///   in the network: `10.0.0.1` is not meant to find `10.0.0.128/25`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The text in lower case.
    text: String,
    target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Text,
    Address(IpAddr),
    Network(Cidr),
}

impl Search {
    /// The search for `text`; spaces at either end are ignored. Blank text finds everything.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let target = if let Ok(address) = text.parse() {
            Target::Address(address)
        } else if let Ok(network) = Cidr::stored(text) {
            Target::Network(network)
        } else {
            Target::Text
        };
        Self {
            text: text.to_lowercase(),
            target,
        }
    }

    /// What is looked for in texts, in lower case; empty when everything is found.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether that may also be a part of a VLAN id or a network.
    #[must_use]
    pub fn is_in_numbers(&self) -> bool {
        let digit = |b: u8| b.is_ascii_hexdigit() || b":./".contains(&b);
        self.target == Target::Text && !self.text.is_empty() && self.text.bytes().all(digit)
    }

    /// The network that segments are found by when they overlap it: the one searched for, or the address alone.
    #[must_use]
    pub fn network(&self) -> Option<Cidr> {
        match self.target {
            Target::Text => None,
            Target::Address(address) => Some(Cidr::from(IpNet::from(address))),
            Target::Network(network) => Some(network),
        }
    }

    /// Whether `segment` is found.
    #[must_use]
    pub fn matches(&self, segment: &SegmentView<'_>) -> bool {
        let in_text = |text: &str| contains(text, &self.text);
        let by_target = match self.target {
            Target::Address(address) => segment.cidr.contains_address(address),
            Target::Network(network) => segment.cidr.overlaps(&network),
            Target::Text => {
                self.is_in_numbers()
                    && (in_text(&segment.vlan_id.to_string()) || in_text(&segment.cidr.to_string()))
            }
        };
        by_target
            || in_text(segment.epg_name)
            || in_text(segment.description)
            || segment.clusters.iter().any(in_text)
    }
}

/// Whether `needle`, which is in lower case, is somewhere in `text`, whatever the case of that.
fn contains(text: &str, needle: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(needle);
    }
    // Nearly every text is ASCII, and then no copy is needed.
    needle.is_empty()
        || text
            .as_bytes()
            .windows(needle.len())
            .any(|part| part.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::{any_segment, segment};
    use crate::segment::{Clusters, Description, Segment};

    fn sample() -> Segment {
        let mut segment = segment(1, "site1", "Network1", 1234, "Web-Front", "10.0.0.128/25");
        segment.description = Description::stored("Größe, gateway 192.0.2.1");
        segment.clusters = Clusters::stored("Alpha,beta.1");
        segment
    }

    #[test]
    fn a_text_is_found_in_every_field_whatever_its_case() {
        for text in [
            "web-f", "FRONT", "GRÖ", "größe", "alpha", "BETA.1", "23", "1234", "0.128/2",
            "10.0.0.", " front ",
        ] {
            assert!(Search::new(text).matches(&sample().view()), "{text}");
        }
        for text in ["backend", "site1", "Network1", "12345", "alphabet", "10.1"] {
            assert!(!Search::new(text).matches(&sample().view()), "{text}");
        }
    }

    #[test]
    fn an_address_finds_the_segment_that_contains_it() {
        assert!(Search::new("10.0.0.200").matches(&sample().view()));
        assert!(
            !Search::new("10.0.0.12").matches(&sample().view()),
            "though the text of the network begins so"
        );
        assert!(!Search::new("fd00::1").matches(&sample().view()));
        assert!(
            Search::new("192.0.2.1").matches(&sample().view()),
            "in the description"
        );
    }

    #[test]
    fn a_network_finds_the_segments_that_overlap_it() {
        for text in ["10.0.0.0/8", "10.0.0.192/26", "10.0.0.130/25", "0.0.0.0/0"] {
            assert!(Search::new(text).matches(&sample().view()), "{text}");
        }
        assert!(!Search::new("10.0.0.0/25").matches(&sample().view()));
    }

    #[test]
    fn an_ipv6_network_is_found_by_a_part_of_its_text() {
        let segment = segment(1, "s", "v", 7, "x", "fd00:beef::/64");
        assert!(Search::new("BEEF:").matches(&segment.view()));
        assert!(Search::new("beef").matches(&segment.view()));
    }

    proptest! {
        #[test]
        fn a_text_is_found_as_a_plain_search_in_lower_case_finds_it(segment in any_segment(), text in "[a-zA-Z0-9_ ./:]{1,3}") {
            let search = Search::new(&text);
            if search.target == Target::Text {
                let needle = text.trim().to_lowercase();
                let fields = [
                    segment.epg_name.to_string(),
                    segment.description.to_string(),
                    segment.cidr.to_string(),
                    segment.vlan_id.to_string(),
                ];
                let names = segment.clusters.iter().map(ToString::to_string);
                let found = fields.into_iter().chain(names).any(|field| field.to_lowercase().contains(&needle));
                prop_assert_eq!(search.matches(&segment.view()), found);
            }
        }

        #[test]
        fn any_text_can_be_searched_for(segment in any_segment(), text in any::<String>()) {
            let _ = Search::new(&text).matches(&segment.view());
        }
    }
}
