//! Making a sheet out of rows.

use std::net::IpAddr;

use super::layout::{COUNTS, Layout, PREFIX, VLAN};
use super::row::{NO_ROW, NONE, TEXTS, flag};
use super::{Sheet, halve};
use crate::catalogue::index::{CONTAINER, RESERVED};
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::segment::{Cidr, Clusters, VlanId};

/// The bytes under way.
struct Page {
    bytes: Vec<u8>,
    texts: Vec<u8>,
    /// The few statuses there are, each once.
    statuses: Vec<(String, (u32, u32))>,
}

/// What rows are sorted by, and the number of the row: one form for all orders, so that there is one code that sorts.
type Key = (Id, u8, u128, u8, u32);

fn place_key(vrf: Id, site_group: Id, vid: u16, row: u32) -> Key {
    let place = u128::from(site_group) << 16 | u128::from(vid);
    (vrf, 0, place, 0, row)
}

/// As [`Cidr`] is ordered: IPv4 first, then by address, the wider network before what it contains.
fn network_key(vrf: Id, cidr: Cidr, row: u32) -> Key {
    let (family, address) = match cidr.net().addr() {
        IpAddr::V4(v4) => (4, u128::from(v4.to_bits())),
        IpAddr::V6(v6) => (6, v6.to_bits()),
    };
    (vrf, family, address, cidr.prefix_len(), row)
}

/// The rows in the order of their keys.
fn rows(mut keys: Vec<Key>) -> Vec<u32> {
    keys.sort_unstable();
    keys.into_iter().map(|(.., row)| row).collect()
}

/// The rows by their ids.
fn by_id(ids: impl Iterator<Item = Id>) -> Vec<usize> {
    let keys = ids.zip(0..).map(|(id, row)| (id, 0, 0, 0, row)).collect();
    let rows = rows(keys).into_iter();
    rows.filter_map(|row| usize::try_from(row).ok()).collect()
}

fn small(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl Page {
    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn small(&mut self, number: u32) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Puts a text behind the others; where it lies and how long it is.
    fn text(&mut self, text: &str) -> (u32, u32) {
        let at = small(self.texts.len());
        self.texts.extend_from_slice(text.as_bytes());
        (at, small(text.len()))
    }

    fn vlan(&mut self, vlan: &Vlan) {
        self.number(vlan.id);
        self.bytes
            .extend_from_slice(&vlan.created.micros().to_le_bytes());
        self.bytes
            .extend_from_slice(&vlan.last_updated.micros().to_le_bytes());
        self.number(vlan.group.unwrap_or(NONE));
        self.bytes.extend_from_slice(&vlan.vid.to_le_bytes());
        let (at, length) = self.text(&vlan.name);
        self.small(at);
        self.small(length);
    }

    fn prefix(&mut self, prefix: &Prefix, cidr: Option<Cidr>, vlan_row: u32, is_segment: bool) {
        self.number(prefix.id);
        for time in [prefix.created, prefix.last_updated] {
            self.bytes.extend_from_slice(&time.micros().to_le_bytes());
        }
        self.number(prefix.vlan.unwrap_or(NONE));
        self.number(prefix.vrf.unwrap_or(NONE));
        self.number(prefix.site_group.unwrap_or(NONE));
        let mut address = [0; 16];
        let mut flags = 0;
        match cidr.map(|cidr| cidr.net().addr()) {
            Some(IpAddr::V4(v4)) => {
                flags |= flag::V4;
                for (to, from) in address.iter_mut().zip(v4.octets()) {
                    *to = from;
                }
            }
            Some(IpAddr::V6(v6)) => address = v6.octets(),
            None => {}
        }
        for (set, flag) in [
            (cidr.is_some(), flag::NETWORK),
            (prefix.dhcp, flag::DHCP),
            (is_segment, flag::SEGMENT),
            (prefix.status == RESERVED, flag::RESERVED),
            (prefix.allocated_at.is_some(), flag::ALLOCATED_AT),
            (prefix.released_at.is_some(), flag::RELEASED_AT),
        ] {
            flags |= if set { flag } else { 0 };
        }
        self.bytes.extend_from_slice(&address);
        self.bytes.push(cidr.map_or(0, |cidr| cidr.prefix_len()));
        self.bytes.push(flags);
        self.small(vlan_row);
        let mut statuses = self.statuses.iter();
        let known = statuses.find(|(status, _)| *status == prefix.status);
        let status = match known.map(|(_, place)| *place) {
            Some(known) => known,
            None => {
                let new = self.text(&prefix.status);
                self.statuses.push((prefix.status.clone(), new));
                new
            }
        };
        self.small(status.0);
        self.small(status.1);
        let texts: [&str; TEXTS] = [
            if cidr.is_some() { "" } else { &prefix.cidr },
            &prefix.cluster,
            &prefix.comments,
            prefix.allocated_at.as_deref().unwrap_or_default(),
            prefix.released_at.as_deref().unwrap_or_default(),
        ];
        self.small(small(self.texts.len()));
        for text in texts {
            let (_, length) = self.text(text);
            self.small(length);
        }
    }
}

/// The network, where its text is the one that we would write.
fn plain(text: &str) -> Option<Cidr> {
    let cidr = Cidr::parse(text).ok()?;
    (cidr.to_string() == text).then_some(cidr)
}

impl Sheet {
    /// Packs rows. `known` says whether a VRF and a site group are there, without which a prefix makes no segment.
    #[must_use]
    pub fn build(vlans: &[Vlan], prefixes: &[Prefix], known: impl Fn(Id, Id) -> bool) -> Self {
        let size = vlans.len() * (VLAN + 40) + prefixes.len() * (PREFIX + 40);
        let mut page = Page {
            bytes: Vec::with_capacity(size),
            texts: Vec::new(),
            statuses: Vec::new(),
        };
        page.bytes.resize(COUNTS * 4, 0);
        let order = by_id(vlans.iter().map(|row| row.id));
        let vlans: Vec<&Vlan> = order.into_iter().filter_map(|n| vlans.get(n)).collect();
        let mut groups = Vec::new();
        for (vlan, row) in vlans.iter().zip(0..) {
            page.vlan(vlan);
            groups.extend(vlan.group.map(|group| place_key(group, 0, vlan.vid, row)));
        }
        let groups = rows(groups);
        let (mut users, mut odd) = (Vec::new(), Vec::new());
        let (mut places, mut networks) = (Vec::new(), Vec::new());
        let order = by_id(prefixes.iter().map(|row| row.id));
        let order = order.into_iter().filter_map(|n| prefixes.get(n));
        for (prefix, row) in order.zip(0..) {
            let cidr = plain(&prefix.cidr);
            let vlan = prefix.vlan.and_then(|id| {
                let n = halve(vlans.len(), |n| vlans.get(n).is_some_and(|v| v.id < id));
                let vlan = vlans.get(n).filter(|vlan| vlan.id == id)?;
                Some((small(n), vlan))
            });
            let place = || {
                let vid = VlanId::new(u64::from(vlan?.1.vid)).ok()?.get();
                let (vrf, site_group, cidr) = (prefix.vrf?, prefix.site_group?, cidr?);
                let tidy = Clusters::stored(&prefix.cluster).to_string() == prefix.cluster;
                let fit = tidy && prefix.status != CONTAINER && known(vrf, site_group);
                fit.then(|| {
                    let place = place_key(vrf, site_group, vid, row);
                    (place, network_key(vrf, cidr, row))
                })
            };
            let place = place();
            let vlan_row = vlan.map_or(NO_ROW, |(n, _)| n);
            page.prefix(prefix, cidr, vlan_row, place.is_some());
            users.extend(prefix.vlan.map(|vlan| place_key(vlan, 0, 0, row)));
            match place {
                Some((place, network)) => {
                    places.push(place);
                    networks.push(network);
                }
                None if prefix.status == CONTAINER => {}
                None => odd.push(row),
            }
        }
        let counts = [vlans.len(), prefixes.len()];
        let orders = [groups, rows(users), rows(places), rows(networks), odd];
        page.finish(counts, &orders)
    }
}

impl Page {
    fn finish(mut self, rows: [usize; 2], orders: &[Vec<u32>; 5]) -> Sheet {
        let mut counts = rows.to_vec();
        counts.extend(orders.iter().map(Vec::len));
        counts.push(self.texts.len());
        for order in orders {
            for row in order {
                self.small(*row);
            }
        }
        self.bytes.extend_from_slice(&self.texts);
        for (at, count) in self.bytes.chunks_exact_mut(4).zip(counts) {
            at.copy_from_slice(&small(count).to_le_bytes());
        }
        let layout = Layout::read(&self.bytes, 0).unwrap_or_default();
        Sheet {
            bytes: self.bytes.into(),
            layout,
        }
    }
}
