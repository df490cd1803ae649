//! The broken rules in words.

use super::text::quoted;
use super::{LIST_PARAMETERS, Rule, body};

impl Rule {
    /// What is wrong.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::NotAnObject { found } => format!("The body is {found}."),
            Self::Type { found, .. } => format!("The value is {found}."),
            Self::Required { .. } => "The field is missing.".to_owned(),
            Self::NotNull { .. } => {
                "null would remove the field, and a segment cannot be without it.".to_owned()
            }
            Self::UnknownField { name, .. } => format!("There is no field {}.", quoted(name)),
            Self::UnknownFields { more } => format!("The body has {more} more unknown fields."),
            Self::ReadOnly { name } => format!("The service sets {name} itself."),
            Self::NothingToChange => "The body names no field that can be changed.".to_owned(),
            Self::Choice { given, .. } => format!("{} cannot be used here.", bare(given)),
            Self::ListLength { length, .. } => format!("The list has {length} items."),
            Self::Cells { cells, .. } => format!("The row has {cells} cells."),
            Self::Repeated { given } => format!("{given} is in the list more than once."),
            Self::SiteWithoutPrefixes { site } => {
                format!("The site {} has no prefixes to take from.", quoted(site))
            }
            Self::VlanIdRange { given } => format!("{} is not a VLAN id.", bare(given)),
            Self::SegmentId { given } => format!("{} is not the id of a segment.", quoted(given)),
            Self::Length {
                kind, length: 0, ..
            } => format!("The {} is empty.", kind.noun()),
            Self::Length {
                kind,
                shown,
                length,
            } => format!("The {} {shown} has {length} characters.", kind.noun()),
            Self::Characters { kind, shown, wrong } => {
                format!(
                    "The {} {shown} has {}.",
                    kind.noun(),
                    join(wrong.iter().map(|c| character(*c)))
                )
            }
            Self::EdgeSpace { kind, shown } => {
                format!("The {} {shown} begins or ends with a space.", kind.noun())
            }
            Self::CidrSyntax { given, why } => {
                format!("{} is not a network: {why}.", quoted(given))
            }
            Self::CidrHostBits { given, network } => {
                format!(
                    "{} has address bits set beyond /{}.",
                    quoted(given),
                    network.prefix_len()
                )
            }
            Self::AddressFamily { given } => {
                format!("{given} is an IPv6 network, and only IPv4 is allowed here.")
            }
            Self::PrefixLength { given, .. } => {
                format!("{given} has the prefix length {}.", given.prefix_len())
            }
            Self::CidrReserved { given, block } => {
                format!("{given} overlaps {block}, which is reserved.")
            }
            Self::CidrOutsideSite { given, site, .. } => {
                format!(
                    "{given} is outside the prefixes of the site {}.",
                    quoted(site)
                )
            }
            Self::UnknownName { noun, name, .. } => format!("There is no {noun} {}.", quoted(name)),
            Self::AmbiguousName {
                noun,
                name,
                choices,
            } => format!(
                "There is more than one {noun} {}: those with the route distinguishers {}.",
                quoted(name),
                join(choices)
            ),
            Self::UnknownParameter { name, .. } => {
                format!("There is no query parameter {}.", quoted(name))
            }
            Self::ParameterEmpty => "The query parameter has no value.".to_owned(),
            Self::ParameterRepeated => "The query parameter is given more than once.".to_owned(),
            Self::ParameterValue { given, .. } => format!("{} cannot be used here.", quoted(given)),
        }
    }

    /// What would be right.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::NotAnObject { .. } => "a JSON object with the fields of a segment".to_owned(),
            Self::Type { right, .. } | Self::Required { right } | Self::NotNull { right } => {
                (*right).to_owned()
            }
            Self::ParameterValue { right, .. } | Self::Choice { right, .. } => (*right).to_owned(),
            Self::ListLength { most, .. } => format!("1 to {most} items"),
            Self::Cells { columns, .. } => format!("{columns} cells, as the header has columns"),
            Self::Repeated { .. } => "each segment once".to_owned(),
            Self::SiteWithoutPrefixes { .. } => {
                "a site that the setting site_prefixes names, or `segment` in a plain create"
                    .to_owned()
            }
            Self::UnknownField {
                nearest: Some(nearest),
                ..
            }
            | Self::UnknownParameter {
                nearest: Some(nearest),
                ..
            } => {
                format!("{nearest}, if that was meant; else leave it out")
            }
            Self::UnknownField { fields, .. } => format!("one of {}", fields.join(", ")),
            Self::UnknownParameter { .. } => {
                format!("one of {}", LIST_PARAMETERS.join(", "))
            }
            Self::UnknownFields { .. } => "only fields of a segment".to_owned(),
            Self::ReadOnly { .. } => "a body without it".to_owned(),
            Self::NothingToChange => {
                format!("at least one of {}", body::WRITABLE.join(", "))
            }
            Self::VlanIdRange { .. } => {
                "a whole number from 1 to 4094 (IEEE 802.1Q reserves 0 and 4095)".to_owned()
            }
            Self::SegmentId { .. } => "decimal digits without a sign or leading zeros".to_owned(),
            Self::Length { kind, .. } => format!("{} to {} characters", kind.min(), kind.max()),
            Self::Characters { kind, .. } => kind.characters().to_owned(),
            Self::EdgeSpace { .. } => "no space at either end".to_owned(),
            Self::CidrSyntax { .. } => {
                "an address, a slash and a prefix length, such as 10.0.0.0/24".to_owned()
            }
            Self::CidrHostBits { network, .. } => network.to_string(),
            Self::AddressFamily { .. } => "an IPv4 network, such as 10.0.0.0/24".to_owned(),
            Self::PrefixLength { allowed, .. } => format!(
                "a prefix length from {} to {}",
                allowed.start(),
                allowed.end()
            ),
            Self::CidrReserved { .. } => "a network outside the reserved blocks".to_owned(),
            Self::CidrOutsideSite { allowed, .. } if allowed.is_empty() => {
                "no network at all: the site has none".to_owned()
            }
            Self::CidrOutsideSite { allowed, .. } => format!("a network inside {}", join(allowed)),
            Self::AmbiguousName { noun, .. } => {
                format!("a {noun} with a name of its own; rename the others in NetBox")
            }
            Self::UnknownName { noun, known, .. } if known.is_empty() => {
                format!("the name of a {noun} that exists")
            }
            Self::UnknownName { known, .. } => format!("one of {}", join(known)),
            Self::ParameterEmpty => "a value, or no such parameter".to_owned(),
            Self::ParameterRepeated => "the parameter once".to_owned(),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} Right would be: {}.", self.detail(), self.expected())
    }
}

impl std::error::Error for Rule {}

fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// A number as it was written; anything else in quotes.
fn bare(given: &str) -> String {
    let digits = given.strip_prefix('-').unwrap_or(given);
    let number =
        !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit());
    if number {
        given.to_owned()
    } else {
        quoted(given)
    }
}

/// A character as a message names it; by its code point when it cannot be seen.
fn character(wrong: char) -> String {
    if wrong == ' ' {
        "a space".to_owned()
    } else if wrong.is_control() || wrong.is_whitespace() {
        format!("U+{:04X}", u32::from(wrong))
    } else {
        format!("`{wrong}`")
    }
}
