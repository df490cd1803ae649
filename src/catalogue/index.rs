//! The rows of NetBox, and the segments they make.
//!
//! What the last read brought lies packed in a [`Sheet`]; what was written since lies beside it, row by row, with indexes of its
//! own. A row that is among the latter, or gone, covers the one in the sheet, and so does a prefix whose VLAN was changed. So
//! the cost of opening a catalogue does not grow with its size, and a write costs what it changes.

mod changes;
mod questions;

pub use questions::Found;

use std::cell::OnceCell;

use super::sheet::{PrefixRow, Sheet, VlanRow, Words};
use super::snapshot::{Departed, Snapshot};
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::segment::{
    Cidr, Clusters, ClustersView, ConflictIndex, Description, EpgName, Segment, SegmentId,
    SegmentView, SiteSlug, VlanId, VrfName,
};
use crate::sorted::{Map, Set};
use crate::timestamp::Timestamp;

/// The status of a prefix that only groups others and is no segment itself (NetBox's own word).
pub const CONTAINER: &str = "container";
/// The status of a segment that has been allocated at least once.
pub const RESERVED: &str = "reserved";
/// The status of a segment that has never been allocated.
pub const ACTIVE: &str = "active";

/// What we know of NetBox, ready for questions.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The tenant's id, when it exists.
    pub tenant: Option<Id>,
    /// The role's id, when it exists.
    pub role: Option<Id>,
    /// Up to when, by NetBox's clock, rows that were written are known, but for writes that were not committed then.
    pub watermark: Timestamp,
    /// Another number after every change.
    revision: u64,
    /// Site groups and VRFs, with their names as segments have them.
    site_groups: Map<Id, (Named, SiteSlug)>,
    vrfs: Map<Id, (Vrf, VrfName)>,
    vlan_groups: Map<Id, VlanGroup>,
    sheet: Sheet,
    /// The sheet's texts, once somebody has searched.
    words: OnceCell<Words>,
    /// The rows of the sheet that no longer count.
    covered_vlans: Set<Id>,
    covered_prefixes: Set<Id>,
    /// The rows beside the sheet, and what is known of them.
    vlans: Map<Id, Vlan>,
    prefixes: Map<Id, Prefix>,
    vlan_at: Map<(Id, u16), Id>,
    users: Map<Id, Set<Id>>,
    segments: Map<SegmentId, Segment>,
    conflicts: ConflictIndex,
    incomplete: Map<Id, &'static str>,
    departed_vlans: Departed,
    departed_prefixes: Departed,
}

impl From<Snapshot> for Catalogue {
    fn from(snapshot: Snapshot) -> Self {
        let mut catalogue = Self {
            tenant: snapshot.tenant,
            role: snapshot.role,
            watermark: snapshot.watermark,
            departed_vlans: snapshot.departed_vlans,
            departed_prefixes: snapshot.departed_prefixes,
            sheet: snapshot.sheet,
            ..Self::default()
        };
        for site in snapshot.site_groups {
            catalogue.put_site_group(site);
        }
        for vrf in snapshot.vrfs {
            catalogue.put_vrf(vrf);
        }
        let groups = snapshot.vlan_groups.into_iter();
        catalogue.vlan_groups = groups.map(|group| (group.id, group)).collect();
        let odd: Vec<Prefix> = catalogue.sheet.odd().map(PrefixRow::to_prefix).collect();
        for prefix in odd {
            catalogue.put_prefix(prefix);
        }
        catalogue
    }
}

impl Catalogue {
    /// All that is known, for the store, as a read that began at `read_started` has confirmed it.
    #[must_use]
    pub fn snapshot(&self, read_started: Timestamp, whole: Timestamp) -> Snapshot {
        let packed = self.sheet.vlans().filter(|row| self.counts_vlan(*row));
        let mut vlans: Vec<Vlan> = packed.map(VlanRow::to_vlan).collect();
        vlans.extend(self.vlans.values().cloned());
        let packed = self.sheet.prefixes().filter(|row| self.counts(*row));
        let mut prefixes: Vec<Prefix> = packed.map(PrefixRow::to_prefix).collect();
        prefixes.extend(self.prefixes.values().cloned());
        Snapshot {
            read_started,
            whole,
            watermark: self.watermark,
            tenant: self.tenant,
            role: self.role,
            site_groups: self.site_groups().cloned().collect(),
            vrfs: self.vrfs().cloned().collect(),
            vlan_groups: self.vlan_groups.values().cloned().collect(),
            departed_vlans: self.departed_vlans.clone(),
            departed_prefixes: self.departed_prefixes.clone(),
            sheet: Sheet::default(),
        }
        .with_rows(vlans, prefixes)
    }

    /// A number that is another one after every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    fn counts(&self, row: PrefixRow<'_>) -> bool {
        self.covered_prefixes.is_empty() || !self.covered_prefixes.contains(&row.id())
    }

    fn counts_vlan(&self, row: VlanRow<'_>) -> bool {
        self.covered_vlans.is_empty() || !self.covered_vlans.contains(&row.id())
    }

    fn slug(&self, site_group: Option<Id>) -> Option<&SiteSlug> {
        Some(&self.site_groups.get(&site_group?)?.1)
    }

    fn vrf_name(&self, vrf: Option<Id>) -> Option<&VrfName> {
        Some(&self.vrfs.get(&vrf?)?.1)
    }

    /// The segment that a row of the sheet makes; `None` when it makes none, or no longer counts.
    fn view<'a>(&'a self, row: PrefixRow<'a>) -> Option<SegmentView<'a>> {
        if !row.is_segment() || !self.counts(row) {
            return None;
        }
        let vlan = row.vlan_row()?;
        let clusters = ClustersView::Text(row.cluster());
        Some(SegmentView {
            id: SegmentId(row.id()),
            site: self.slug(row.site_group())?,
            vrf: self.vrf_name(row.vrf())?,
            vlan_id: VlanId::new(u64::from(vlan.vid())).ok()?,
            epg_name: vlan.name(),
            cidr: row.cidr()?,
            dhcp: row.dhcp(),
            description: row.comments(),
            released: row.is_reserved() && clusters.is_empty(),
            clusters,
            allocated_at: row.allocated_at(),
            released_at: row.released_at(),
        })
    }

    /// Makes the segment of a prefix beside the sheet anew.
    fn reread(&mut self, id: Id) {
        self.forget_segment(id);
        let Some(prefix) = self.prefixes.get(&id) else {
            return;
        };
        match self.segment_of(prefix) {
            Ok(Some(segment)) => {
                self.conflicts.insert(&segment);
                self.segments.insert(segment.id, segment);
            }
            Ok(None) => {}
            Err(lack) => {
                self.incomplete.insert(id, lack);
            }
        }
    }

    /// The segment that a prefix is; `None` for a container, an error with what it lacks otherwise.
    fn segment_of(&self, prefix: &Prefix) -> Result<Option<Segment>, &'static str> {
        if prefix.status == CONTAINER {
            return Ok(None);
        }
        let cidr = Cidr::parse(&prefix.cidr).map_err(|_| "a CIDR we can read")?;
        let vrf = self.vrf_name(prefix.vrf);
        let site = self.slug(prefix.site_group);
        let vlan = prefix.vlan.and_then(|id| self.vlan(id));
        let vlan = vlan.ok_or("a VLAN of our tenant")?;
        let clusters = Clusters::stored(&prefix.cluster);
        Ok(Some(Segment {
            id: SegmentId(prefix.id),
            site: site.ok_or("a site group as its scope")?.clone(),
            vrf: vrf.ok_or("a VRF")?.clone(),
            vlan_id: VlanId::new(u64::from(vlan.vid)).map_err(|_| "a VLAN id from 1 to 4094")?,
            epg_name: EpgName::stored(vlan.name),
            cidr,
            dhcp: prefix.dhcp,
            description: Description::stored(&prefix.comments),
            released: prefix.status == RESERVED && clusters.is_empty(),
            clusters,
            allocated_at: prefix.allocated_at.clone(),
            released_at: prefix.released_at.clone(),
        }))
    }
}

#[cfg(test)]
mod tests;
