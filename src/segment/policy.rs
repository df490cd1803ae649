//! Which networks a segment may have.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Cidr, Rule, SiteSlug};
use crate::sorted::Map;

/// The rules for the network of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressPolicy {
    /// The prefix lengths allowed for IPv4; 16 to 29 by default.
    pub prefix_lengths_v4: RangeInclusive<u8>,
    /// The prefix lengths allowed for IPv6; none, the default, refuses IPv6.
    pub prefix_lengths_v6: Option<RangeInclusive<u8>>,
    /// Blocks that a network may not overlap; by default [`AddressPolicy::built_in_reserved`].
    pub reserved: Vec<IpNet>,
    /// By the lower-case slug of a site, the prefixes that its networks must lie in. A site that is not named may use any.
    pub site_prefixes: Map<String, Vec<IpNet>>,
}

impl Default for AddressPolicy {
    fn default() -> Self {
        Self {
            prefix_lengths_v4: 16..=29,
            prefix_lengths_v6: None,
            reserved: Self::built_in_reserved(),
            site_prefixes: Map::new(),
        }
    }
}

impl AddressPolicy {
    /// The blocks that no segment can use, whatever the settings: "this network", loopback, link-local, multicast and the
    /// former class E, and their IPv6 kin (unspecified, loopback, IPv4-mapped, link-local, multicast). From the IANA
    /// special-purpose address registries (RFC 6890) and, for multicast, RFC 5771 and RFC 4291.
    #[must_use]
    pub fn built_in_reserved() -> Vec<IpNet> {
        let v4 = [
            ([0, 0, 0, 0], 8),
            ([127, 0, 0, 0], 8),
            ([169, 254, 0, 0], 16),
            ([224, 0, 0, 0], 4),
            ([240, 0, 0, 0], 4),
        ]
        .map(|(octets, length)| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(octets), length)));
        let v6 = [
            (Ipv6Addr::UNSPECIFIED, 128),
            (Ipv6Addr::LOCALHOST, 128),
            (Ipv4Addr::UNSPECIFIED.to_ipv6_mapped(), 96),
            (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
            (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
        ]
        .map(|(address, length)| IpNet::V6(Ipv6Net::new_assert(address, length)));
        v4.into_iter().chain(v6).collect()
    }

    /// Every rule that the network `cidr` breaks at `site`; none when it may be used.
    #[must_use]
    pub fn check(&self, site: &SiteSlug, cidr: &Cidr) -> Vec<Rule> {
        let mut broken = Vec::new();
        let allowed = if cidr.is_ipv4() {
            Some(&self.prefix_lengths_v4)
        } else {
            self.prefix_lengths_v6.as_ref()
        };
        match allowed {
            None => broken.push(Rule::AddressFamily { given: *cidr }),
            Some(lengths) if !lengths.contains(&cidr.prefix_len()) => {
                broken.push(Rule::PrefixLength {
                    given: *cidr,
                    allowed: lengths.clone(),
                });
            }
            Some(_) => {}
        }
        if let Some(block) = self
            .reserved
            .iter()
            .find(|block| cidr.overlaps(&Cidr::from(**block)))
        {
            broken.push(Rule::CidrReserved {
                given: *cidr,
                block: *block,
            });
        }
        if let Some(prefixes) = self.site_prefixes.get(&site.key())
            && !prefixes
                .iter()
                .any(|prefix| Cidr::from(*prefix).contains(cidr))
        {
            broken.push(Rule::CidrOutsideSite {
                given: *cidr,
                site: site.to_string(),
                allowed: prefixes.clone(),
            });
        }
        broken
    }
}

#[cfg(test)]
mod tests;
