//! The rows of one read of NetBox, packed: bytes that stay as they come out of the store, and are looked into where they lie.
//!
//! A platform may give an instance to every hundred requests or fewer, so an instance must not begin by taking a hundred
//! thousand rows apart. A sheet is opened in constant time: rows of one size in the order of their ids, texts behind them,
//! and lists of row numbers in the orders that questions need, each searched by halving. It never changes; what changed
//! since lies in the [`Catalogue`](super::Catalogue) that holds it.
//!
//! - `layout`: where in the bytes things lie. `build`: making a sheet. `row`: one row. `orders`: finding rows. `words`: searching
//!   texts.

mod build;
mod layout;
mod orders;
mod row;
mod words;

use std::rc::Rc;

use layout::Layout;

use crate::netbox::rows::Id;

pub use row::{PrefixRow, VlanRow};
pub use words::Words;

/// The rows of one read of NetBox, packed. A clone is the same bytes.
#[derive(Clone, Default)]
pub struct Sheet {
    bytes: Rc<Vec<u8>>,
    layout: Layout,
}

impl Sheet {
    /// The sheet that lies in `bytes` from `start` on; `None` when there is none.
    #[must_use]
    pub fn open(bytes: Vec<u8>, start: usize) -> Option<Self> {
        let layout = Layout::read(&bytes, start)?;
        let bytes = Rc::new(bytes);
        Some(Self { bytes, layout })
    }

    /// The bytes of the sheet alone.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.layout.start..).unwrap_or_default()
    }

    /// How many VLANs it has.
    #[must_use]
    pub fn vlan_count(&self) -> usize {
        self.layout.vlans.count
    }

    /// How many prefixes it has.
    #[must_use]
    pub fn prefix_count(&self) -> usize {
        self.layout.prefixes.count
    }

    /// The VLANs, by id.
    pub fn vlans(&self) -> impl Iterator<Item = VlanRow<'_>> {
        (0..self.vlan_count()).map(|n| self.vlan_row(n))
    }

    /// The prefixes, by id.
    pub fn prefixes(&self) -> impl Iterator<Item = PrefixRow<'_>> {
        (0..self.prefix_count()).map(|n| self.prefix_row(n))
    }

    /// The VLAN with this id.
    #[must_use]
    pub fn vlan(&self, id: Id) -> Option<VlanRow<'_>> {
        let n = halve(self.vlan_count(), |n| self.vlan_row(n).id() < id);
        (n < self.vlan_count())
            .then(|| self.vlan_row(n))
            .filter(|row| row.id() == id)
    }

    /// The prefix with this id.
    #[must_use]
    pub fn prefix(&self, id: Id) -> Option<PrefixRow<'_>> {
        let n = halve(self.prefix_count(), |n| self.prefix_row(n).id() < id);
        (n < self.prefix_count())
            .then(|| self.prefix_row(n))
            .filter(|row| row.id() == id)
    }

    fn vlan_row(&self, n: usize) -> VlanRow<'_> {
        VlanRow::at(self, self.layout.vlans.item(n))
    }

    fn prefix_row(&self, n: usize) -> PrefixRow<'_> {
        PrefixRow::at(self, self.layout.prefixes.item(n))
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("vlans", &self.vlan_count())
            .field("prefixes", &self.prefix_count())
            .finish_non_exhaustive()
    }
}

/// The first of `count` numbers for which `before` no longer holds; it must hold for none after that.
fn halve(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests;
