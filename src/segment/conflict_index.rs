//! The rules among segments, checked against all of them at once.

use super::overlap::Networks;
use super::text::quoted;
use super::{
    Cidr, Conflict, ConflictKind, Draft, EpgName, Segment, SegmentId, SiteSlug, VlanId, VrfName,
};
use crate::sorted::Map;

/// All segments, kept so that conflicts are found without looking at each: made for tens of thousands of them.
///
/// It holds whatever it is given, also segments that are in conflict with one another already.
#[derive(Clone, Debug, Default)]
pub struct ConflictIndex {
    vrfs: Map<VrfName, InVrf>,
    held: Map<SegmentId, Claim>,
}

#[derive(Clone, Debug, Default)]
struct InVrf {
    networks: Networks,
    sites: Map<SiteSlug, AtSite>,
}

#[derive(Clone, Debug, Default)]
struct AtSite {
    vlan_ids: Map<VlanId, Vec<SegmentId>>,
    epg_names: Map<EpgName, Vec<SegmentId>>,
}

/// What a segment keeps others from having.
#[derive(Clone, Debug)]
struct Claim {
    site: SiteSlug,
    vrf: VrfName,
    vlan_id: VlanId,
    epg_name: EpgName,
    cidr: Cidr,
}

impl ConflictIndex {
    /// How many segments it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Adds `segment`, in the place of an older state of it.
    pub fn insert(&mut self, segment: &Segment) {
        self.claim(
            segment.id,
            Claim {
                site: segment.site.clone(),
                vrf: segment.vrf.clone(),
                vlan_id: segment.vlan_id,
                epg_name: segment.epg_name.clone(),
                cidr: segment.cidr,
            },
        );
    }

    /// Adds `wanted` as the state of `id`, in the place of an older one: for segments that are about to be made or changed.
    pub fn insert_draft(&mut self, id: SegmentId, wanted: &Draft) {
        self.claim(
            id,
            Claim {
                site: wanted.site.clone(),
                vrf: wanted.vrf.clone(),
                vlan_id: wanted.vlan_id,
                epg_name: wanted.epg_name.clone(),
                cidr: wanted.cidr,
            },
        );
    }

    fn claim(&mut self, id: SegmentId, claim: Claim) {
        self.remove(id);
        let vrf = self.vrfs.entry(claim.vrf.clone()).or_default();
        vrf.networks.insert(claim.cidr, id);
        let site = vrf.sites.entry(claim.site.clone()).or_default();
        site.vlan_ids.entry(claim.vlan_id).or_default().push(id);
        site.epg_names
            .entry(claim.epg_name.clone())
            .or_default()
            .push(id);
        self.held.insert(id, claim);
    }

    /// Takes the segment `id` out; `false` when it was not there.
    pub fn remove(&mut self, id: SegmentId) -> bool {
        let Some(claim) = self.held.remove(&id) else {
            return false;
        };
        if let Some(vrf) = self.vrfs.get_mut(&claim.vrf) {
            vrf.networks.remove(claim.cidr, id);
            if let Some(site) = vrf.sites.get_mut(&claim.site) {
                drop_id(&mut site.vlan_ids, &claim.vlan_id, id);
                drop_id(&mut site.epg_names, &claim.epg_name, id);
                if site.vlan_ids.is_empty() {
                    vrf.sites.remove(&claim.site);
                }
            }
            if vrf.networks.is_empty() {
                self.vrfs.remove(&claim.vrf);
            }
        }
        true
    }

    /// The segments at a site and in a VRF, by VLAN id.
    pub fn at(&self, site: &SiteSlug, vrf: &VrfName) -> impl Iterator<Item = SegmentId> + '_ {
        let place = self.vrfs.get(vrf).and_then(|vrf| vrf.sites.get(site));
        let ids = place.into_iter().flat_map(|place| place.vlan_ids.values());
        ids.flatten().copied()
    }

    /// The networks of a VRF that overlap `block`: those around it first, then those inside, by number.
    pub fn networks(&self, vrf: &VrfName, block: Cidr) -> impl Iterator<Item = Cidr> + '_ {
        let networks = self.vrfs.get(vrf).map(|vrf| &vrf.networks);
        let overlapping = networks.into_iter().flat_map(move |n| n.overlapping(block));
        overlapping.map(|(network, _)| network)
    }

    /// Every conflict of `wanted` with a segment other than `except` (the one to be changed): overlaps first, then the VLAN
    /// id, then the EPG name.
    #[must_use]
    pub fn conflicts(&self, wanted: &Draft, except: Option<SegmentId>) -> Vec<Conflict> {
        let Some(vrf) = self.vrfs.get(&wanted.vrf) else {
            return Vec::new();
        };
        let others = |id: &SegmentId| Some(*id) != except;
        let place = format!("VRF {}", quoted(wanted.vrf.as_str()));
        let mut found: Vec<Conflict> = vrf
            .networks
            .overlapping(wanted.cidr)
            .filter(|(_, rival)| others(rival))
            .map(|(network, rival)| Conflict {
                kind: ConflictKind::Overlap,
                rival,
                detail: format!(
                    "{} overlaps {network} of segment {rival} in {place}.",
                    wanted.cidr
                ),
            })
            .collect();
        let Some(site) = vrf.sites.get(&wanted.site) else {
            return found;
        };
        let place = format!("at site {} in {place}", quoted(wanted.site.as_str()));
        let mut taken = |kind, rivals: Option<&Vec<SegmentId>>, what: &str| {
            let rivals = rivals.into_iter().flatten().copied().filter(others);
            found.extend(rivals.map(|rival| Conflict {
                kind,
                rival,
                detail: format!("{what} is taken by segment {rival} {place}."),
            }));
        };
        let same_id = site.vlan_ids.get(&wanted.vlan_id);
        taken(
            ConflictKind::VlanId,
            same_id,
            &format!("The VLAN id {}", wanted.vlan_id),
        );
        let same_name = site.epg_names.get(&wanted.epg_name);
        let name = quoted(wanted.epg_name.as_str());
        taken(
            ConflictKind::EpgName,
            same_name,
            &format!("The EPG name {name}"),
        );
        found
    }
}

impl<'a> FromIterator<&'a Segment> for ConflictIndex {
    fn from_iter<I: IntoIterator<Item = &'a Segment>>(segments: I) -> Self {
        let mut index = Self::default();
        for segment in segments {
            index.insert(segment);
        }
        index
    }
}

fn drop_id<K: Ord>(map: &mut Map<K, Vec<SegmentId>>, key: &K, id: SegmentId) {
    if let Some(ids) = map.get_mut(key) {
        ids.retain(|held| *held != id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
