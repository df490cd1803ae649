//! One row of a sheet.
//!
//! No reader panics: what lies outside the bytes reads as zero or nothing. It can't come to that, since sheets out of the
//! store are checked by their checksum first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::Sheet;
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::segment::Cidr;
use crate::timestamp::Timestamp;

/// What stands for no id. NetBox counts from 1, and not that far.
pub(super) const NONE: Id = Id::MAX;
/// What stands for no row.
pub(super) const NO_ROW: u32 = u32::MAX;

/// A flag of a prefix.
pub(super) mod flag {
    pub(in super::super) const V4: u8 = 1;
    pub(in super::super) const DHCP: u8 = 2;
    pub(in super::super) const SEGMENT: u8 = 4;
    pub(in super::super) const RESERVED: u8 = 8;
    pub(in super::super) const ALLOCATED_AT: u8 = 16;
    pub(in super::super) const RELEASED_AT: u8 = 32;
    pub(in super::super) const NETWORK: u8 = 64;
}

/// Where the parts of a row are, in bytes from its beginning.
pub(super) mod part {
    pub(in super::super) const ID: usize = 0;
    pub(in super::super) const CREATED: usize = 8;
    pub(in super::super) const LAST_UPDATED: usize = 16;
    pub(in super::super) const GROUP: usize = 24;
    pub(in super::super) const VID: usize = 32;
    pub(in super::super) const NAME: usize = 34;

    pub(in super::super) const VLAN: usize = 24;
    pub(in super::super) const VRF: usize = 32;
    pub(in super::super) const SITE_GROUP: usize = 40;
    pub(in super::super) const ADDRESS: usize = 48;
    pub(in super::super) const LENGTH: usize = 64;
    pub(in super::super) const FLAGS: usize = 65;
    pub(in super::super) const VLAN_ROW: usize = 66;
    pub(in super::super) const STATUS: usize = 70;
    pub(in super::super) const TEXT: usize = 78;
    pub(in super::super) const LENGTHS: usize = 82;
}

/// How many texts a prefix has besides its status: network (only where it can't be told from the address), cluster,
/// comments, and the two times.
pub(super) const TEXTS: usize = 5;

/// Reading numbers out of bytes.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    sheet: &'a Sheet,
    at: usize,
}

impl<'a> Numbers<'a> {
    fn bytes<const N: usize>(self, part: usize) -> [u8; N] {
        let at = self.at + part;
        let bytes = self.sheet.bytes.get(at..at + N);
        bytes.and_then(|b| b.try_into().ok()).unwrap_or([0; N])
    }

    fn id(self, part: usize) -> Id {
        Id::from_le_bytes(self.bytes(part))
    }

    fn some_id(self, part: usize) -> Option<Id> {
        Some(self.id(part)).filter(|id| *id != NONE)
    }

    fn time(self, part: usize) -> Timestamp {
        Timestamp::from_micros(i64::from_le_bytes(self.bytes(part)))
    }

    fn small(self, part: usize) -> u32 {
        u32::from_le_bytes(self.bytes(part))
    }

    fn size(self, part: usize) -> usize {
        usize::try_from(self.small(part)).unwrap_or_default()
    }

    fn text(self, from: usize, length: usize) -> &'a str {
        let at = self.sheet.layout.texts + from;
        let bytes = self.sheet.bytes.get(at..at + length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// A VLAN in a sheet.
#[derive(Clone, Copy)]
pub struct VlanRow<'a>(Numbers<'a>);

impl<'a> VlanRow<'a> {
    pub(super) fn at(sheet: &'a Sheet, at: usize) -> Self {
        Self(Numbers { sheet, at })
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> Id {
        self.0.id(part::ID)
    }

    /// Its VLAN group.
    #[must_use]
    pub fn group(self) -> Option<Id> {
        self.0.some_id(part::GROUP)
    }

    /// Its VLAN id.
    #[must_use]
    pub fn vid(self) -> u16 {
        u16::from_le_bytes(self.0.bytes(part::VID))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        let (from, length) = (self.0.size(part::NAME), self.0.size(part::NAME + 4));
        self.0.text(from, length)
    }

    /// A row of its own.
    #[must_use]
    pub fn to_vlan(self) -> Vlan {
        Vlan {
            id: self.id(),
            vid: self.vid(),
            name: self.name().to_owned(),
            group: self.group(),
            created: self.0.time(part::CREATED),
            last_updated: self.0.time(part::LAST_UPDATED),
        }
    }
}

/// A prefix in a sheet.
#[derive(Clone, Copy)]
pub struct PrefixRow<'a>(Numbers<'a>);

impl<'a> PrefixRow<'a> {
    pub(super) fn at(sheet: &'a Sheet, at: usize) -> Self {
        Self(Numbers { sheet, at })
    }

    /// Where it begins.
    pub(super) fn place(self) -> usize {
        self.0.at
    }

    fn has(self, flag: u8) -> bool {
        let [flags] = self.0.bytes(part::FLAGS);
        flags & flag != 0
    }

    fn nth(self, n: usize) -> &'a str {
        let length = |n: usize| self.0.size(part::LENGTHS + 4 * n);
        let before: usize = (0..n).map(length).sum();
        self.0.text(self.0.size(part::TEXT) + before, length(n))
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> Id {
        self.0.id(part::ID)
    }

    /// Its VRF.
    #[must_use]
    pub fn vrf(self) -> Option<Id> {
        self.0.some_id(part::VRF)
    }

    /// Its VLAN.
    #[must_use]
    pub fn vlan(self) -> Option<Id> {
        self.0.some_id(part::VLAN)
    }

    /// The row of its VLAN, where the sheet has it.
    #[must_use]
    pub fn vlan_row(self) -> Option<VlanRow<'a>> {
        let n = Some(self.0.small(part::VLAN_ROW)).filter(|n| *n != NO_ROW)?;
        Some(self.0.sheet.vlan_row(usize::try_from(n).ok()?))
    }

    /// The site group it is scoped to.
    #[must_use]
    pub fn site_group(self) -> Option<Id> {
        self.0.some_id(part::SITE_GROUP)
    }

    /// Its network, where that can be read.
    #[must_use]
    pub fn cidr(self) -> Option<Cidr> {
        if !self.has(flag::NETWORK) {
            return None;
        }
        let address: [u8; 16] = self.0.bytes(part::ADDRESS);
        let [length] = self.0.bytes(part::LENGTH);
        let address = if self.has(flag::V4) {
            let [a, b, c, d, ..] = address;
            IpAddr::from(Ipv4Addr::new(a, b, c, d))
        } else {
            IpAddr::from(Ipv6Addr::from(address))
        };
        IpNet::new(address, length).ok().map(Cidr::from)
    }

    /// Whether addresses are handed out by DHCP.
    #[must_use]
    pub fn dhcp(self) -> bool {
        self.has(flag::DHCP)
    }

    /// Whether it made a segment with the rows of its own read.
    #[must_use]
    pub fn is_segment(self) -> bool {
        self.has(flag::SEGMENT)
    }

    /// Whether its status says that it was allocated at least once.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        self.has(flag::RESERVED)
    }

    /// The custom field `Cluster`.
    #[must_use]
    pub fn cluster(self) -> &'a str {
        self.nth(1)
    }

    /// The comments.
    #[must_use]
    pub fn comments(self) -> &'a str {
        self.nth(2)
    }

    /// The custom field `allocated_at`.
    #[must_use]
    pub fn allocated_at(self) -> Option<&'a str> {
        self.has(flag::ALLOCATED_AT).then(|| self.nth(3))
    }

    /// The custom field `released_at`.
    #[must_use]
    pub fn released_at(self) -> Option<&'a str> {
        self.has(flag::RELEASED_AT).then(|| self.nth(4))
    }

    /// A row of its own.
    #[must_use]
    pub fn to_prefix(self) -> Prefix {
        let status = (self.0.size(part::STATUS), self.0.size(part::STATUS + 4));
        Prefix {
            id: self.id(),
            cidr: self
                .cidr()
                .map_or_else(|| self.nth(0).to_owned(), |cidr| cidr.to_string()),
            status: self.0.text(status.0, status.1).to_owned(),
            comments: self.comments().to_owned(),
            cluster: self.cluster().to_owned(),
            dhcp: self.dhcp(),
            allocated_at: self.allocated_at().map(str::to_owned),
            released_at: self.released_at().map(str::to_owned),
            vrf: self.vrf(),
            vlan: self.vlan(),
            site_group: self.site_group(),
            created: self.0.time(part::CREATED),
            last_updated: self.0.time(part::LAST_UPDATED),
            shown_vlan: None,
        }
    }
}
