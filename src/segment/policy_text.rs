//! The settings for [`AddressPolicy`], read from their text.

use litemap::Entry;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::text::quoted;
use super::{AddressPolicy, Cidr, SiteSlug};
use crate::sorted::Map;

/// A piece of a setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: in {shown}, {why}; right would be {right}", shown = quoted(.piece))]
pub struct PolicyError {
    /// The name of the setting.
    pub setting: &'static str,
    /// The piece of its text that is wrong.
    pub piece: String,
    /// What is wrong with it.
    pub why: String,
    /// What would be right.
    pub right: String,
}

impl AddressPolicy {
    /// The policy of the three settings, each of which may be blank for its default. `reserved_prefixes` come on top of the
    /// built-in ones.
    ///
    /// # Errors
    /// Every wrong piece of every setting.
    pub fn from_settings(
        prefix_lengths: &str,
        site_prefixes: &str,
        reserved_prefixes: &str,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut policy = Self::default();
        let mut errors = Vec::new();
        match parse_prefix_lengths(prefix_lengths) {
            Ok((v4, v6)) => (policy.prefix_lengths_v4, policy.prefix_lengths_v6) = (v4, v6),
            Err(more) => errors.extend(more),
        }
        match parse_site_prefixes(site_prefixes) {
            Ok(prefixes) => policy.site_prefixes = prefixes,
            Err(more) => errors.extend(more),
        }
        match parse_reserved_prefixes(reserved_prefixes) {
            Ok(blocks) => policy.reserved.extend(blocks),
            Err(more) => errors.extend(more),
        }
        if errors.is_empty() {
            Ok(policy)
        } else {
            Err(errors)
        }
    }
}

/// The prefix lengths allowed for IPv4 and for IPv6.
type Lengths = (RangeInclusive<u8>, Option<RangeInclusive<u8>>);

/// The setting `prefix_lengths`: a range for IPv4, for IPv6 one after the word `ipv6`, separated by a comma, such as
/// `16-29` or `16-29, ipv6 48-64`. Either may be left out: then IPv4 has 16 to 29, and IPv6 is refused.
///
/// # Errors
/// Every wrong piece.
pub fn parse_prefix_lengths(text: &str) -> Result<Lengths, Vec<PolicyError>> {
    const SETTING: &str = "prefix_lengths";
    let (mut v4, mut v6, mut errors) = (None, None, Vec::new());
    for piece in pieces(text, ',') {
        let (range, longest, right, slot) = match piece.strip_prefix("ipv6") {
            Some(range) => (range, 128, "ipv6 and a range, such as ipv6 48-64", &mut v6),
            None => (
                piece.strip_prefix("ipv4").unwrap_or(piece),
                32,
                "a range, such as 16-29",
                &mut v4,
            ),
        };
        let why = match range_of(range, longest) {
            Err(why) => why,
            Ok(_) if slot.is_some() => "the family has a range already".to_owned(),
            Ok(range) => {
                *slot = Some(range);
                continue;
            }
        };
        errors.push(PolicyError {
            setting: SETTING,
            piece: piece.to_owned(),
            why,
            right: right.to_owned(),
        });
    }
    let v4 = v4.unwrap_or_else(|| AddressPolicy::default().prefix_lengths_v4);
    if errors.is_empty() {
        Ok((v4, v6))
    } else {
        Err(errors)
    }
}

/// The setting `site_prefixes`: by site the prefixes that its networks must lie in, such as
/// `site1=10.0.0.0/8,172.16.0.0/12; site2=192.168.0.0/16`. The keys of the answer are in lower case.
///
/// # Errors
/// Every wrong piece.
pub fn parse_site_prefixes(text: &str) -> Result<Map<String, Vec<IpNet>>, Vec<PolicyError>> {
    const SETTING: &str = "site_prefixes";
    let wrong = |piece: &str, why: String, right: &str| PolicyError {
        setting: SETTING,
        piece: piece.to_owned(),
        why,
        right: right.to_owned(),
    };
    let (mut sites, mut errors) = (Map::new(), Vec::new());
    for piece in pieces(text, ';') {
        let Some((site, list)) = piece.split_once('=') else {
            let right = "a site, = and its prefixes, such as site1=10.0.0.0/8";
            errors.push(wrong(piece, "there is no =".to_owned(), right));
            continue;
        };
        let site = match SiteSlug::parse(site.trim()) {
            Ok(site) => site.key(),
            Err(rules) => {
                for rule in rules {
                    errors.push(wrong(
                        piece,
                        rule.detail().trim_end_matches('.').to_owned(),
                        &rule.expected(),
                    ));
                }
                continue;
            }
        };
        let prefixes = networks(SETTING, list, &mut errors);
        if pieces(list, ',').next().is_none() {
            let right = "one prefix at least, or the site left out";
            errors.push(wrong(piece, "the site has no prefixes".to_owned(), right));
            continue;
        }
        match sites.entry(site) {
            Entry::Vacant(place) => {
                place.insert(prefixes);
            }
            Entry::Occupied(place) => {
                let why = format!("the site {} is named twice", place.key());
                errors.push(wrong(piece, why, "each site once, with all its prefixes"));
            }
        }
    }
    if errors.is_empty() {
        Ok(sites)
    } else {
        Err(errors)
    }
}

/// The setting `reserved_prefixes`: blocks that no network may overlap, separated by commas, such as
/// `10.0.0.0/24, 10.255.0.0/16`.
///
/// # Errors
/// Every wrong piece.
pub fn parse_reserved_prefixes(text: &str) -> Result<Vec<IpNet>, Vec<PolicyError>> {
    let mut errors = Vec::new();
    let blocks = networks("reserved_prefixes", text, &mut errors);
    if errors.is_empty() {
        Ok(blocks)
    } else {
        Err(errors)
    }
}

/// What stands between the separators, blank pieces left out.
fn pieces(text: &str, separator: char) -> impl Iterator<Item = &str> {
    text.split(separator)
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
}

fn networks(setting: &'static str, list: &str, errors: &mut Vec<PolicyError>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for piece in pieces(list, ',') {
        match Cidr::parse(piece) {
            Ok(network) => networks.push(network.net()),
            Err(rule) => errors.push(PolicyError {
                setting,
                piece: piece.to_owned(),
                why: rule.detail().trim_end_matches('.').to_owned(),
                right: rule.expected(),
            }),
        }
    }
    networks
}

/// `16-29`, or `24` for one length only.
fn range_of(text: &str, longest: u8) -> Result<RangeInclusive<u8>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let length = |text: &str| {
        let digits = text.trim();
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        digits
            .parse::<u8>()
            .ok()
            .filter(|length| plain && *length <= longest)
            .ok_or_else(|| {
                format!(
                    "{} is not a prefix length from 0 to {longest}",
                    quoted(digits)
                )
            })
    };
    let (first, last) = (length(first)?, length(last)?);
    if first > last {
        Err(format!("{first} is more than {last}"))
    } else {
        Ok(first..=last)
    }
}

#[cfg(test)]
mod tests;
