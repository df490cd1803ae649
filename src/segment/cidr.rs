//! The network of a segment.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};

use super::Rule;

/// A network in CIDR notation (RFC 4632; RFC 4291, section 2.3, for IPv6), never with bits set beyond its prefix length.
///
/// Ordered by number, not by text: IPv4 before IPv6, then by address, then the wider network first. IPv6 is displayed in
/// the form of RFC 5952.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The network written in `text`, which has an address, a slash and a prefix length, and nothing else.
    ///
    /// # Errors
    /// [`Rule::CidrSyntax`], or [`Rule::CidrHostBits`] with the network that was probably meant.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let net = Self::read(text)?;
        let network = Self::from(net);
        if network.0 == net {
            Ok(network)
        } else {
            Err(Rule::CidrHostBits {
                given: text.to_owned(),
                network,
            })
        }
    }

    /// The network that `text` lies in: as [`Cidr::parse`], but bits beyond the prefix length are dropped.
    ///
    /// # Errors
    /// [`Rule::CidrSyntax`].
    pub fn stored(text: &str) -> Result<Self, Rule> {
        Self::read(text).map(Self::from)
    }

    fn read(text: &str) -> Result<IpNet, Rule> {
        let wrong = |why| Rule::CidrSyntax {
            given: text.to_owned(),
            why,
        };
        let (address, length) = text
            .split_once('/')
            .ok_or_else(|| wrong("it has no slash and prefix length"))?;
        let address: IpAddr = address
            .parse()
            .map_err(|_| wrong("what is before the slash is not an IP address"))?;
        let plain = length.bytes().all(|b| b.is_ascii_digit())
            && (length == "0" || !length.starts_with('0'));
        let length: u8 = length
            .parse()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| wrong("what is after the slash is not a prefix length"))?;
        IpNet::new(address, length).map_err(|_| {
            wrong(if address.is_ipv4() {
                "an IPv4 prefix length is at most 32"
            } else {
                "an IPv6 prefix length is at most 128"
            })
        })
    }

    /// The network as the type of the `ipnet` crate.
    #[must_use]
    pub const fn net(&self) -> IpNet {
        self.0
    }

    /// The prefix length in bits.
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether it is IPv4.
    #[must_use]
    pub const fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// Whether every address of `other` is in this network.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether `address` is in this network.
    #[must_use]
    pub fn contains_address(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether the two have an address in common, which for networks means that one contains the other.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The network of the next shorter prefix length that contains this one; none above `/0`.
    #[must_use]
    pub fn supernet(&self) -> Option<Self> {
        self.0.supernet().map(Self)
    }
}

impl From<IpNet> for Cidr {
    /// Drops the bits beyond the prefix length.
    fn from(net: IpNet) -> Self {
        Self(net.trunc())
    }
}

impl From<Cidr> for IpNet {
    fn from(cidr: Cidr) -> Self {
        cidr.0
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IpNet::deserialize(deserializer).map(Self::from)
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
