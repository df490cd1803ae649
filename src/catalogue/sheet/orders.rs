//! Finding rows by the orders that a sheet keeps of them.

use super::layout::Run;
use super::{PrefixRow, Sheet, VlanRow, halve};
use crate::netbox::rows::Id;
use crate::segment::Cidr;

impl Sheet {
    fn entry(&self, order: Run, n: usize) -> usize {
        let at = order.item(n);
        let bytes = self.bytes.get(at..at + 4).and_then(|b| b.try_into().ok());
        usize::try_from(bytes.map_or(0, u32::from_le_bytes)).unwrap_or_default()
    }

    /// The rows of an order from the first for which `before` no longer holds.
    fn from<'a, R>(
        &'a self,
        order: Run,
        row: impl Fn(usize) -> R + Copy + 'a,
        before: impl Fn(R) -> bool,
    ) -> impl Iterator<Item = R> + 'a {
        let first = halve(order.count, |n| before(row(self.entry(order, n))));
        (first..order.count).map(move |n| row(self.entry(order, n)))
    }

    /// The VLANs of a group from a VLAN id on, by VLAN id.
    pub fn vlans_of(&self, group: Id, from: u16) -> impl Iterator<Item = VlanRow<'_>> {
        let key = |row: VlanRow<'_>| (row.group().unwrap_or_default(), row.vid());
        let order = self.layout.by_group;
        self.from(
            order,
            |n| self.vlan_row(n),
            move |row| key(row) < (group, from),
        )
        .take_while(move |row| row.group() == Some(group))
    }

    /// The prefixes on a VLAN, by id.
    pub fn users(&self, vlan: Id) -> impl Iterator<Item = PrefixRow<'_>> {
        let before = move |row: PrefixRow<'_>| row.vlan().is_none_or(|id| id < vlan);
        self.from(self.layout.by_user, |n| self.prefix_row(n), before)
            .take_while(move |row| row.vlan() == Some(vlan))
    }

    /// The segments in a VRF and at a site group, by VLAN id.
    pub fn at(&self, vrf: Id, site_group: Id) -> impl Iterator<Item = PrefixRow<'_>> {
        let key = |row: PrefixRow<'_>| Some((row.vrf()?, row.site_group()?));
        let wanted = Some((vrf, site_group));
        let order = self.layout.by_place;
        self.from(order, |n| self.prefix_row(n), move |row| key(row) < wanted)
            .take_while(move |row| key(*row) == wanted)
    }

    /// The segments in a VRF whose networks overlap `network`: those inside it by number, and those around it.
    pub fn overlapping(&self, vrf: Id, network: Cidr) -> impl Iterator<Item = PrefixRow<'_>> {
        let key = |row: PrefixRow<'_>| Some((row.vrf()?, row.cidr()?));
        let exactly = move |wanted: Cidr| {
            let wanted = Some((vrf, wanted));
            let order = self.layout.by_network;
            self.from(order, |n| self.prefix_row(n), move |row| key(row) < wanted)
        };
        let around =
            std::iter::successors(network.supernet(), Cidr::supernet).flat_map(move |wider| {
                exactly(wider).take_while(move |row| key(*row) == Some((vrf, wider)))
            });
        // A network sorts before all it contains, and after all that begins where it does and is wider.
        let inside = exactly(network).take_while(move |row| {
            key(*row).is_some_and(|(of, inner)| of == vrf && network.contains(&inner))
        });
        around.chain(inside)
    }

    /// Rows by id, each once.
    pub fn by_id(&self, rows: Vec<PrefixRow<'_>>) -> impl Iterator<Item = PrefixRow<'_>> {
        // They lie in the order of their ids.
        let mut places: Vec<usize> = rows.into_iter().map(PrefixRow::place).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|at| PrefixRow::at(self, at))
    }

    /// The prefixes that are no segments, though they are no containers, by id; and those that are written in some way that
    /// is not ours.
    pub fn odd(&self) -> impl Iterator<Item = PrefixRow<'_>> {
        let order = self.layout.odd;
        (0..order.count).map(move |n| self.prefix_row(self.entry(order, n)))
    }
}
