//! The rules a caller can break, each with a stable code, what is wrong and what would be right.

use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::{Cidr, TextKind};

/// A rule that is broken, with what is needed to say how.
///
/// [`Rule::code`] is stable and meant for programs; the texts are meant for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A body that is not a JSON object.
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// A value of the wrong JSON type. Nothing is converted: `"100"`, `100.0` and `true` are not the number 100.
    Type {
        /// What was found.
        found: &'static str,
        /// What would be right.
        right: &'static str,
    },
    /// A required field that is not there.
    Required {
        /// What the field holds.
        right: &'static str,
    },
    /// `null` for a field that a segment cannot be without.
    NotNull {
        /// What the field holds.
        right: &'static str,
    },
    /// A field that no segment has.
    UnknownField {
        /// The field.
        name: String,
        /// The known field it resembles most, if any does.
        nearest: Option<&'static str>,
        /// The fields there are.
        fields: &'static [&'static str],
    },
    /// More unknown fields than are named one by one.
    UnknownFields {
        /// How many more.
        more: usize,
    },
    /// A field that the service sets itself.
    ReadOnly {
        /// The field.
        name: &'static str,
    },
    /// A change that changes nothing.
    NothingToChange,
    /// A VLAN id outside 1 to 4094 (IEEE 802.1Q).
    VlanIdRange {
        /// What was given.
        given: String,
    },
    /// A segment id that is not a plain decimal number.
    SegmentId {
        /// What was given.
        given: String,
    },
    /// A text too short or too long.
    Length {
        /// What kind of text.
        kind: TextKind,
        /// The text in quotes, cut when long.
        shown: String,
        /// Its length in characters.
        length: usize,
    },
    /// A text with characters that its kind may not have.
    Characters {
        /// What kind of text.
        kind: TextKind,
        /// The text in quotes, cut when long.
        shown: String,
        /// The first of the wrong characters, each once.
        wrong: Vec<char>,
    },
    /// A text that begins or ends with a space.
    EdgeSpace {
        /// What kind of text.
        kind: TextKind,
        /// The text in quotes, cut when long.
        shown: String,
    },
    /// A text that is not in CIDR notation (RFC 4632, RFC 4291).
    CidrSyntax {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// An address with bits set beyond the prefix length.
    CidrHostBits {
        /// What was given.
        given: String,
        /// The network it lies in.
        network: Cidr,
    },
    /// IPv6 where only IPv4 is configured.
    AddressFamily {
        /// What was given.
        given: Cidr,
    },
    /// A prefix length outside the configured range.
    PrefixLength {
        /// What was given.
        given: Cidr,
        /// The lengths allowed for its family.
        allowed: RangeInclusive<u8>,
    },
    /// A network in a block reserved for other uses.
    CidrReserved {
        /// What was given.
        given: Cidr,
        /// The reserved block.
        block: IpNet,
    },
    /// A network outside the prefixes of its site.
    CidrOutsideSite {
        /// What was given.
        given: Cidr,
        /// The site.
        site: String,
        /// The prefixes of the site.
        allowed: Vec<IpNet>,
    },
    /// The name of something that does not exist, such as a site or a VRF.
    UnknownName {
        /// What is missing: `site`, `VRF`.
        noun: &'static str,
        /// The name.
        name: String,
        /// The names there are, as far as they are worth listing.
        known: Vec<String>,
    },
    /// A name that several things have, such as a VRF whose name NetBox has twice.
    AmbiguousName {
        /// What has it: `VRF`.
        noun: &'static str,
        /// The name.
        name: String,
        /// What tells those apart that have it.
        choices: Vec<String>,
    },
    /// A query parameter that the list does not know.
    UnknownParameter {
        /// The parameter.
        name: String,
        /// The known parameter it resembles most, if any does.
        nearest: Option<&'static str>,
    },
    /// A value that is none of a few words, or a number out of its range.
    Choice {
        /// The value as it was given.
        given: String,
        /// What would be right, in words.
        right: &'static str,
    },
    /// A list with too many items, or none.
    ListLength {
        /// How many it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
    /// A row of a table with other cells than its header has columns.
    Cells {
        /// How many cells it has.
        cells: usize,
        /// How many columns there are.
        columns: usize,
    },
    /// The same segment twice in a list.
    Repeated {
        /// What is there twice.
        given: String,
    },
    /// A site for which no prefixes are set, where one is to be found.
    SiteWithoutPrefixes {
        /// The site.
        site: String,
    },
    /// A query parameter without a value.
    ParameterEmpty,
    /// A query parameter given more than once.
    ParameterRepeated,
    /// A query parameter whose value cannot be used.
    ParameterValue {
        /// What was given.
        given: String,
        /// What would be right.
        right: &'static str,
    },
}

impl Rule {
    /// The stable code of the rule.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        use TextKind::{ClusterName, Description, EpgName, Site, Vrf};
        match self {
            Self::NotAnObject { .. } => "not-an-object",
            Self::Type { .. } => "type",
            Self::Required { .. } => "required",
            Self::NotNull { .. } => "not-null",
            Self::UnknownField { .. } | Self::UnknownFields { .. } => "unknown-field",
            Self::ReadOnly { .. } => "read-only",
            Self::NothingToChange => "nothing-to-change",
            Self::Choice { .. } => "value",
            Self::ListLength { .. } => "list-length",
            Self::Cells { .. } => "cells",
            Self::Repeated { .. } => "repeated",
            Self::SiteWithoutPrefixes { .. } => "site-without-prefixes",
            Self::VlanIdRange { .. } => "vlan-id-range",
            Self::SegmentId { .. } => "segment-id",
            Self::Length { kind: Site, .. } => "site-length",
            Self::Length { kind: Vrf, .. } => "vrf-length",
            Self::Length { kind: EpgName, .. } => "epg-name-length",
            Self::Length {
                kind: ClusterName, ..
            } => "cluster-name-length",
            Self::Length {
                kind: Description, ..
            } => "description-length",
            Self::Characters { kind: Site, .. } => "site-characters",
            Self::Characters { kind: Vrf, .. } => "vrf-characters",
            Self::Characters { kind: EpgName, .. } => "epg-name-characters",
            Self::Characters {
                kind: ClusterName, ..
            } => "cluster-name-characters",
            Self::Characters {
                kind: Description, ..
            } => "description-characters",
            Self::EdgeSpace { kind: Site, .. } => "site-edge-space",
            Self::EdgeSpace { kind: Vrf, .. } => "vrf-edge-space",
            Self::EdgeSpace { kind: EpgName, .. } => "epg-name-edge-space",
            Self::EdgeSpace {
                kind: ClusterName, ..
            } => "cluster-name-edge-space",
            Self::EdgeSpace {
                kind: Description, ..
            } => "description-edge-space",
            Self::CidrSyntax { .. } => "cidr-syntax",
            Self::CidrHostBits { .. } => "cidr-host-bits",
            Self::AddressFamily { .. } => "address-family",
            Self::PrefixLength { .. } => "prefix-length",
            Self::CidrReserved { .. } => "cidr-reserved",
            Self::CidrOutsideSite { .. } => "cidr-outside-site",
            Self::UnknownName { .. } => "unknown-name",
            Self::AmbiguousName { .. } => "ambiguous-name",
            Self::UnknownParameter { .. } => "unknown-parameter",
            Self::ParameterEmpty => "parameter-empty",
            Self::ParameterRepeated => "parameter-repeated",
            Self::ParameterValue { .. } => "parameter-value",
        }
    }
}
