//! The rows of NetBox, indexed, and the segments they make.

mod changes;

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::{Departed, Snapshot};
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::segment::{
    Cidr, Clusters, ConflictIndex, Description, EpgName, Segment, SegmentId, SiteSlug, VlanId,
    VrfName,
};
use crate::timestamp::Timestamp;

/// The status of a prefix that only groups others and is no segment itself (NetBox's own word).
const CONTAINER: &str = "container";
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
    site_groups: BTreeMap<Id, Named>,
    vrfs: BTreeMap<Id, Vrf>,
    vlan_groups: BTreeMap<Id, VlanGroup>,
    vlans: BTreeMap<Id, Vlan>,
    prefixes: BTreeMap<Id, Prefix>,
    vlan_at: BTreeMap<(Id, u16), Id>,
    users: BTreeMap<Id, BTreeSet<Id>>,
    segments: BTreeMap<SegmentId, Segment>,
    conflicts: ConflictIndex,
    incomplete: BTreeMap<Id, &'static str>,
    departed_vlans: Departed,
    departed_prefixes: Departed,
}

impl From<Snapshot> for Catalogue {
    fn from(snapshot: Snapshot) -> Self {
        fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Id) -> BTreeMap<Id, T> {
            rows.into_iter().map(|row| (id(&row), row)).collect()
        }
        let mut catalogue = Self {
            tenant: snapshot.tenant,
            role: snapshot.role,
            watermark: snapshot.watermark,
            site_groups: by_id(snapshot.site_groups, |r| r.id),
            vrfs: by_id(snapshot.vrfs, |r| r.id),
            vlan_groups: by_id(snapshot.vlan_groups, |r| r.id),
            departed_vlans: snapshot.departed_vlans,
            departed_prefixes: snapshot.departed_prefixes,
            ..Self::default()
        };
        for vlan in snapshot.vlans {
            catalogue.put_vlan(vlan);
        }
        for prefix in snapshot.prefixes {
            catalogue.put_prefix(prefix);
        }
        catalogue
    }
}

impl Catalogue {
    /// All that is known, for the store, as a read that began at `read_started` has confirmed it.
    #[must_use]
    pub fn snapshot(&self, read_started: Timestamp, whole: Timestamp) -> Snapshot {
        Snapshot {
            read_started,
            whole,
            watermark: self.watermark,
            tenant: self.tenant,
            role: self.role,
            site_groups: self.site_groups.values().cloned().collect(),
            vrfs: self.vrfs.values().cloned().collect(),
            vlan_groups: self.vlan_groups.values().cloned().collect(),
            vlans: self.vlans.values().cloned().collect(),
            prefixes: self.prefixes.values().cloned().collect(),
            departed_vlans: self.departed_vlans.clone(),
            departed_prefixes: self.departed_prefixes.clone(),
        }
    }

    /// Makes the segment of a prefix anew.
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
        let vrf = prefix.vrf.and_then(|id| self.vrfs.get(&id));
        let site = prefix.site_group.and_then(|id| self.site_groups.get(&id));
        let vlan = prefix.vlan.and_then(|id| self.vlans.get(&id));
        let vlan = vlan.ok_or("a VLAN of our tenant")?;
        let clusters = Clusters::stored(&prefix.cluster);
        Ok(Some(Segment {
            id: SegmentId(prefix.id),
            site: SiteSlug::stored(&site.ok_or("a site group as its scope")?.slug),
            vrf: VrfName::stored(&vrf.ok_or("a VRF")?.name),
            vlan_id: VlanId::new(u64::from(vlan.vid)).map_err(|_| "a VLAN id from 1 to 4094")?,
            epg_name: EpgName::stored(&vlan.name),
            cidr,
            dhcp: prefix.dhcp,
            description: Description::stored(&prefix.comments),
            released: prefix.status == RESERVED && clusters.is_empty(),
            clusters,
            allocated_at: prefix.allocated_at.clone(),
            released_at: prefix.released_at.clone(),
        }))
    }

    /// All segments, by id.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.segments.values()
    }

    /// The segments at a site and in a VRF, by VLAN id: few of all, so that ten thousand are no burden.
    pub fn segments_at(&self, site: &SiteSlug, vrf: &VrfName) -> impl Iterator<Item = &Segment> {
        let ids = self.conflicts.at(site, vrf);
        ids.filter_map(|id| self.segments.get(&id))
    }

    /// One segment.
    #[must_use]
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.get(&id)
    }

    /// The rules among segments.
    #[must_use]
    pub fn conflicts(&self) -> &ConflictIndex {
        &self.conflicts
    }

    /// Prefixes of ours that make no segment, and what they lack.
    pub fn incomplete(&self) -> impl Iterator<Item = (&Prefix, &'static str)> {
        let of = |(id, lack): (&Id, &&'static str)| Some((self.prefixes.get(id)?, *lack));
        self.incomplete.iter().filter_map(of)
    }

    /// All site groups, by id.
    pub fn site_groups(&self) -> impl Iterator<Item = &Named> {
        self.site_groups.values()
    }

    /// The site group with this slug, without regard to case.
    #[must_use]
    pub fn site_group(&self, slug: &str) -> Option<&Named> {
        self.site_groups()
            .find(|s| s.slug.eq_ignore_ascii_case(slug))
    }

    /// All VRFs, by id.
    pub fn vrfs(&self) -> impl Iterator<Item = &Vrf> {
        self.vrfs.values()
    }

    /// The VRFs with this name: NetBox allows several.
    #[must_use]
    pub fn vrfs_named(&self, name: &str) -> Vec<&Vrf> {
        self.vrfs().filter(|v| v.name == name).collect()
    }

    /// The VLAN group of this name in a site group's scope. Case does not count, so that nobody makes a second one.
    #[must_use]
    pub fn vlan_group(&self, site_group: Id, name: &str) -> Option<&VlanGroup> {
        let lower = name.to_lowercase();
        self.vlan_groups
            .values()
            .find(|g| g.site_group == Some(site_group) && g.name.to_lowercase() == lower)
    }

    /// The VLAN group with this id.
    #[must_use]
    pub fn vlan_group_by_id(&self, id: Id) -> Option<&VlanGroup> {
        self.vlan_groups.get(&id)
    }

    /// One VLAN.
    #[must_use]
    pub fn vlan(&self, id: Id) -> Option<&Vlan> {
        self.vlans.get(&id)
    }

    /// The VLAN of ours with this VLAN id in this group.
    #[must_use]
    pub fn vlan_at(&self, group: Id, vid: u16) -> Option<&Vlan> {
        self.vlan_at
            .get(&(group, vid))
            .and_then(|id| self.vlans.get(id))
    }

    /// The VLAN ids of ours in this group, in order.
    pub fn vlan_ids(&self, group: Id) -> impl Iterator<Item = u16> {
        let range = self.vlan_at.range((group, 0)..=(group, u16::MAX));
        range.map(|((_, vid), _)| *vid)
    }

    /// The VLAN of ours with this name in this group, exactly as NetBox compares it.
    #[must_use]
    pub fn vlan_named(&self, group: Id, name: &str) -> Option<&Vlan> {
        self.vlan_at
            .range((group, 0)..=(group, u16::MAX))
            .filter_map(|(_, id)| self.vlans.get(id))
            .find(|vlan| vlan.name == name)
    }

    /// The prefixes of ours on a VLAN.
    pub fn users(&self, vlan: Id) -> impl Iterator<Item = Id> {
        self.users.get(&vlan).into_iter().flatten().copied()
    }

    /// One prefix.
    #[must_use]
    pub fn prefix(&self, id: Id) -> Option<&Prefix> {
        self.prefixes.get(&id)
    }
}
