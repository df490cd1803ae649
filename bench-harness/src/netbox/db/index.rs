//! What makes the checks quick at twenty thousand rows: who refers to whom, prefixes in order, VLANs by their unique keys.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Cell, Row};
use crate::netbox::schema::Kind;

/// A prefix in the order PostgreSQL sorts them: family, network, length. The VRF comes first, so that each VRF is one range.
type NetKey = (Option<u64>, u8, u128, u8);

#[derive(Debug, Default)]
pub(super) struct Index {
    references: HashMap<(Kind, &'static str, u64), usize>,
    nets: BTreeMap<NetKey, Vec<u64>>,
    vlan_vids: HashMap<(u64, i64), u64>,
    vlan_names: HashMap<(u64, String), u64>,
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn family(net: IpNet) -> u8 {
    if matches!(net, IpNet::V4(_)) { 4 } else { 6 }
}

fn key(vrf: Option<u64>, net: IpNet) -> NetKey {
    (vrf, family(net), number(net.network()), net.prefix_len())
}

impl Index {
    pub(super) fn attach(&mut self, kind: Kind, row: &Row) {
        for (name, cell) in row.cells() {
            if let Cell::Ref(id) = cell {
                *self.references.entry((kind, name, *id)).or_default() += 1;
            }
        }
        if let Some(net) = row.net() {
            self.nets
                .entry(key(row.reference("vrf"), net))
                .or_default()
                .push(row.id);
        }
        if kind == Kind::Vlan
            && let Some(group) = row.reference("group")
        {
            self.vlan_vids.insert((group, row.int("vid")), row.id);
            self.vlan_names
                .insert((group, row.text("name").to_owned()), row.id);
        }
    }

    pub(super) fn detach(&mut self, kind: Kind, row: &Row) {
        for (name, cell) in row.cells() {
            if let Cell::Ref(id) = cell
                && let Some(count) = self.references.get_mut(&(kind, *name, *id))
            {
                *count = count.saturating_sub(1);
            }
        }
        if let Some(net) = row.net() {
            let key = key(row.reference("vrf"), net);
            if let Some(ids) = self.nets.get_mut(&key) {
                ids.retain(|id| *id != row.id);
                if ids.is_empty() {
                    self.nets.remove(&key);
                }
            }
        }
        if kind == Kind::Vlan
            && let Some(group) = row.reference("group")
        {
            self.vlan_vids.remove(&(group, row.int("vid")));
            self.vlan_names
                .remove(&(group, row.text("name").to_owned()));
        }
    }

    pub(super) fn references(&self, kind: Kind, field: &'static str, id: u64) -> usize {
        self.references
            .get(&(kind, field, id))
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn same_prefix(&self, vrf: Option<u64>, net: IpNet) -> Vec<u64> {
        self.nets.get(&key(vrf, net)).cloned().unwrap_or_default()
    }

    pub(super) fn vlan_by_vid(&self, group: u64, vid: i64) -> Option<u64> {
        self.vlan_vids.get(&(group, vid)).copied()
    }

    pub(super) fn vlan_by_name(&self, group: u64, name: &str) -> Option<u64> {
        self.vlan_names.get(&(group, name.to_owned())).copied()
    }

    pub(super) fn family_of(&self, row: &Row) -> (usize, usize) {
        let Some(net) = row.net() else { return (0, 0) };
        let vrf = row.reference("vrf");
        let own = key(vrf, net);
        let last = (vrf, own.1, number(net.broadcast()), 128);
        let children = self
            .nets
            .range((vrf, own.1, own.2, own.3.saturating_add(1))..=last)
            .filter(|(inner, _)| inner.3 > own.3)
            .map(|(_, ids)| ids.len())
            .sum();
        let parents = (0..net.prefix_len())
            .filter_map(|length| IpNet::new(net.network(), length).ok())
            .filter_map(|outer| self.nets.get(&key(vrf, outer.trunc())))
            .map(Vec::len)
            .sum();
        (children, parents)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn prefix(id: u64, vrf: Option<u64>, net: &str) -> Row {
        let mut row = Row::blank(Kind::Prefix, id);
        row.set("prefix", Cell::Net(net.parse().unwrap()));
        row.set("vrf", vrf.map_or(Cell::Null, Cell::Ref));
        row
    }

    #[test]
    fn a_prefix_knows_its_children_and_its_parents_in_its_own_vrf() {
        let mut index = Index::default();
        let rows = [
            prefix(1, Some(1), "10.0.0.0/8"),
            prefix(2, Some(1), "10.1.0.0/16"),
            prefix(3, Some(1), "10.1.255.0/24"),
            prefix(4, Some(2), "10.1.2.0/24"),
            prefix(5, None, "10.1.2.0/24"),
        ];
        for row in &rows {
            index.attach(Kind::Prefix, row);
        }
        assert_eq!(index.family_of(&rows[0]), (2, 0));
        assert_eq!(index.family_of(&rows[1]), (1, 1));
        assert_eq!(index.family_of(&rows[2]), (0, 2));
        assert_eq!(index.family_of(&rows[3]), (0, 0));
        index.detach(Kind::Prefix, &rows[1]);
        assert_eq!(index.family_of(&rows[2]), (0, 1));
    }

    #[test]
    fn the_same_prefix_may_be_stored_twice_in_a_vrf() {
        let mut index = Index::default();
        index.attach(Kind::Prefix, &prefix(1, Some(1), "10.0.0.0/24"));
        index.attach(Kind::Prefix, &prefix(2, Some(1), "10.0.0.0/24"));
        assert_eq!(
            index.same_prefix(Some(1), "10.0.0.0/24".parse().unwrap()),
            [1, 2]
        );
    }
}
