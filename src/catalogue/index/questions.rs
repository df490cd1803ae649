//! Questions to the catalogue.

use super::Catalogue;
use crate::catalogue::sheet::{PrefixRow, Words};
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::segment::{
    Cidr, ClusterName, ClustersView, Conflict, ConflictIndex, Draft, Filter, Search, Segment,
    SegmentId, SegmentView, SiteSlug, VrfName,
};
use crate::sorted::{self, Set};

impl Catalogue {
    /// All segments, by id.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView<'_>> {
        let packed = self.sheet.prefixes().filter_map(|row| self.view(row));
        let beside = self.segments.values().map(Segment::view);
        merged(packed, beside, |segment| segment.id)
    }

    /// The segments that meet a filter, by id. What it asks for decides how they are found, and none is looked at more than the
    /// filter needs.
    pub fn find<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = Found<'a>> {
        let search = filter.q.as_ref().filter(|search| !search.text().is_empty());
        let sites = filter.site.as_ref().map(|site| self.sites_of(site));
        let vrfs = filter.vrf.as_ref().map(|vrf| self.vrfs_of(vrf));
        let candidates: Box<dyn Iterator<Item = PrefixRow<'a>>> = match (search, &sites, &vrfs) {
            (Some(search), ..) => Box::new(self.search(search)),
            (None, Some(sites), Some(vrfs)) => {
                let places = vrfs
                    .iter()
                    .flat_map(|vrf| sites.iter().map(|site| (*vrf, *site)));
                let rows = places.flat_map(|(vrf, site)| self.sheet.at(vrf, site));
                Box::new(self.sheet.by_id(rows.collect()))
            }
            _ => match filter.vlan_id {
                Some(vlan_id) => {
                    let vlans = self
                        .sheet
                        .vlans()
                        .filter(|vlan| vlan.vid() == vlan_id.get());
                    let rows = vlans.flat_map(|vlan| self.sheet.users(vlan.id()));
                    Box::new(self.sheet.by_id(rows.collect()))
                }
                None => Box::new(self.sheet.prefixes()),
            },
        };
        let among = |ids: &Option<Vec<Id>>, id: Option<Id>| {
            ids.as_ref()
                .is_none_or(|ids| id.is_some_and(|id| ids.contains(&id)))
        };
        let meets = move |row: &PrefixRow<'a>| {
            let clusters = ClustersView::Text(row.cluster());
            let vid = || row.vlan_row().map(|vlan| vlan.vid());
            row.is_segment()
                && self.counts(*row)
                && among(&sites, row.site_group())
                && among(&vrfs, row.vrf())
                && (filter.allocated).is_none_or(|allocated| allocated != clusters.is_empty())
                && (filter.vlan_id).is_none_or(|wanted| vid() == Some(wanted.get()))
                && (filter.cluster_name.as_ref()).is_none_or(|name| clusters.contains(name))
        };
        let packed = candidates.filter(meets).map(Found::Packed);
        let beside = self.segments.values();
        let beside = beside.filter(|segment| filter.matches(&segment.view()));
        merged(packed, beside.map(Found::Beside), Found::id)
    }

    /// A segment that was found.
    #[must_use]
    pub fn show<'a>(&'a self, found: &Found<'a>) -> Option<SegmentView<'a>> {
        match found {
            Found::Packed(row) => self.view(*row),
            Found::Beside(segment) => Some(segment.view()),
        }
    }

    /// The segments of the sheet that a search finds, by id.
    fn search<'a>(&'a self, search: &Search) -> Box<dyn Iterator<Item = PrefixRow<'a>> + 'a> {
        let words = self.words.get_or_init(|| Words::of(&self.sheet));
        let found = words.find(&self.sheet, search.text(), search.is_in_numbers());
        if let Some(network) = search.network() {
            let vrfs = self.vrfs.keys();
            let around = vrfs.flat_map(|vrf| self.sheet.overlapping(*vrf, network));
            return Box::new(self.sheet.by_id(found.chain(around).collect()));
        }
        Box::new(found)
    }

    /// The segments at a site and in a VRF, by VLAN id and id.
    pub fn segments_at(
        &self,
        site: &SiteSlug,
        vrf: &VrfName,
    ) -> Box<dyn Iterator<Item = SegmentView<'_>> + '_> {
        let order = |segment: &SegmentView<'_>| (segment.vlan_id, segment.id);
        let mut beside: Vec<SegmentView<'_>> = self.beside_at(site, vrf).collect();
        let places = self.places_of(site, vrf);
        // Nearly always there is one place of these names, whose rows lie in the wanted order.
        if let &[(vrf, site)] = places.as_slice() {
            beside.sort_unstable_by_key(order);
            let packed = self.sheet.at(vrf, site).filter_map(|row| self.view(row));
            return Box::new(merged(packed, beside.into_iter(), order));
        }
        let places = places.into_iter();
        let packed = places.flat_map(|(vrf, site)| self.sheet.at(vrf, site));
        beside.extend(packed.filter_map(|row| self.view(row)));
        beside.sort_unstable_by_key(order);
        Box::new(beside.into_iter())
    }

    /// The segment that a cluster has at a site and in a VRF; of several that with the lowest VLAN id.
    #[must_use]
    pub fn held(
        &self,
        site: &SiteSlug,
        vrf: &VrfName,
        cluster: &ClusterName,
    ) -> Option<SegmentView<'_>> {
        let packed = self
            .packed_at(site, vrf)
            .filter(|row| ClustersView::Text(row.cluster()).contains(cluster))
            .filter_map(|row| self.view(row));
        let beside = self.beside_at(site, vrf);
        let beside = beside.filter(|segment| segment.clusters.contains(cluster));
        packed.chain(beside).min_by_key(|s| (s.vlan_id, s.id))
    }

    /// One segment.
    #[must_use]
    pub fn segment(&self, id: SegmentId) -> Option<SegmentView<'_>> {
        let beside = self.segments.get(&id).map(Segment::view);
        beside.or_else(|| self.view(self.sheet.prefix(id.0)?))
    }

    /// Every conflict of `wanted` with a segment other than `except`, as [`ConflictIndex::conflicts`] tells them.
    #[must_use]
    pub fn conflicts(&self, wanted: &Draft, except: Option<SegmentId>) -> Vec<Conflict> {
        let mut rivals = ConflictIndex::default();
        let beside = self.conflicts.conflicts(wanted, except);
        let beside = beside.iter().filter_map(|c| self.segments.get(&c.rival));
        beside.for_each(|segment| rivals.insert(segment));
        for vrf in self.vrfs_of(&wanted.vrf) {
            let around = self.sheet.overlapping(vrf, wanted.cidr);
            let around = around.filter_map(|row| self.view(row));
            around.for_each(|view| rivals.insert(&view.to_segment()));
        }
        let same = |row: &PrefixRow<'_>| {
            let vlan = row.vlan_row();
            vlan.is_some_and(|vlan| {
                vlan.vid() == wanted.vlan_id.get() || vlan.name() == wanted.epg_name.as_str()
            })
        };
        let here = self.packed_at(&wanted.site, &wanted.vrf).filter(same);
        let here = here.filter_map(|row| self.view(row));
        here.for_each(|view| rivals.insert(&view.to_segment()));
        rivals.conflicts(wanted, except)
    }

    /// The networks of a VRF that overlap `block`.
    #[must_use]
    pub fn networks(&self, vrf: &VrfName, block: Cidr) -> Vec<Cidr> {
        let packed = self.vrfs_of(vrf).into_iter();
        let packed = packed.flat_map(|vrf| self.sheet.overlapping(vrf, block));
        let packed = packed.filter(|row| self.counts(*row));
        let packed = packed.filter_map(|row| row.cidr());
        packed.chain(self.conflicts.networks(vrf, block)).collect()
    }

    fn vrfs_of(&self, name: &VrfName) -> Vec<Id> {
        let named = self.vrfs.iter().filter(|(_, (_, known))| known == name);
        named.map(|(id, _)| *id).collect()
    }

    /// The rows of the sheet at a site and in a VRF, covered ones too.
    fn packed_at(&self, site: &SiteSlug, vrf: &VrfName) -> impl Iterator<Item = PrefixRow<'_>> {
        let places = self.places_of(site, vrf).into_iter();
        places.flat_map(|(vrf, site)| self.sheet.at(vrf, site))
    }

    /// The segments beside the sheet at a site and in a VRF.
    fn beside_at(&self, site: &SiteSlug, vrf: &VrfName) -> impl Iterator<Item = SegmentView<'_>> {
        let ids = self.conflicts.at(site, vrf);
        ids.filter_map(|id| Some(self.segments.get(&id)?.view()))
    }

    /// The ids that a VRF's name and a site's slug stand for, in pairs.
    fn places_of(&self, site: &SiteSlug, vrf: &VrfName) -> Vec<(Id, Id)> {
        let sites = self.sites_of(site);
        let vrfs = self.vrfs_of(vrf).into_iter();
        let places = vrfs.flat_map(|vrf| sites.iter().map(move |site| (vrf, *site)));
        places.collect()
    }

    fn sites_of(&self, slug: &SiteSlug) -> Vec<Id> {
        let named = self
            .site_groups
            .iter()
            .filter(|(_, (_, known))| known == slug);
        named.map(|(id, _)| *id).collect()
    }

    /// Prefixes of ours that make no segment, and what they lack.
    pub fn incomplete(&self) -> impl Iterator<Item = (&Prefix, &'static str)> {
        let of = |(id, lack): (&Id, &&'static str)| Some((self.prefixes.get(id)?, *lack));
        self.incomplete.iter().filter_map(of)
    }

    /// All site groups, by id.
    pub fn site_groups(&self) -> impl Iterator<Item = &Named> {
        self.site_groups.values().map(|(site, _)| site)
    }

    /// The site group with this slug, without regard to case.
    #[must_use]
    pub fn site_group(&self, slug: &str) -> Option<&Named> {
        self.site_groups()
            .find(|s| s.slug.eq_ignore_ascii_case(slug))
    }

    /// All VRFs, by id.
    pub fn vrfs(&self) -> impl Iterator<Item = &Vrf> {
        self.vrfs.values().map(|(vrf, _)| vrf)
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
    pub fn vlan(&self, id: Id) -> Option<Vlan> {
        let beside = self.vlans.get(&id).cloned();
        let packed = || self.sheet.vlan(id).filter(|row| self.counts_vlan(*row));
        beside.or_else(|| Some(packed()?.to_vlan()))
    }

    /// The VLAN of ours with this VLAN id in this group.
    #[must_use]
    pub fn vlan_at(&self, group: Id, vid: u16) -> Option<Vlan> {
        let beside = self.vlan_at.get(&(group, vid));
        let beside = beside.and_then(|id| self.vlans.get(id)).cloned();
        let packed = || {
            let rows = self.sheet.vlans_of(group, vid);
            let mut rows = rows.take_while(|row| row.vid() == vid);
            rows.find(|row| self.counts_vlan(*row))
        };
        beside.or_else(|| Some(packed()?.to_vlan()))
    }

    /// The VLAN ids of ours in this group.
    #[must_use]
    pub fn vlan_ids(&self, group: Id) -> Set<u16> {
        let packed = self.sheet.vlans_of(group, 0);
        let packed = packed
            .filter(|row| self.counts_vlan(*row))
            .map(|row| row.vid());
        let beside = self.vlans_beside(group);
        packed.chain(beside.map(|(vid, _)| vid)).collect()
    }

    /// The VLANs of this group beside the sheet, by VLAN id.
    fn vlans_beside(&self, group: Id) -> impl Iterator<Item = (u16, Id)> + '_ {
        let from = sorted::from(&self.vlan_at, &(group, 0)).iter();
        let of_group = from.take_while(move |((of, _), _)| *of == group);
        of_group.map(|((_, vid), id)| (*vid, *id))
    }

    /// The VLAN of ours with this name in this group, exactly as NetBox compares it.
    #[must_use]
    pub fn vlan_named(&self, group: Id, name: &str) -> Option<Vlan> {
        let beside = self.vlans_beside(group);
        let beside = beside
            .filter_map(|(_, id)| self.vlans.get(&id))
            .find(|vlan| vlan.name == name)
            .cloned();
        let packed = || {
            let mut rows = self.sheet.vlans_of(group, 0);
            rows.find(|row| row.name() == name && self.counts_vlan(*row))
        };
        beside.or_else(|| Some(packed()?.to_vlan()))
    }

    /// The prefixes of ours on a VLAN, by id.
    pub fn users(&self, vlan: Id) -> impl Iterator<Item = Id> + use<> {
        let packed = self.sheet.users(vlan).filter(|row| self.counts(*row));
        let beside = self
            .users
            .get(&vlan)
            .into_iter()
            .flat_map(Set::iter)
            .copied();
        let users: Set<Id> = packed.map(|row| row.id()).chain(beside).collect();
        users.into_iter()
    }

    /// One prefix.
    #[must_use]
    pub fn prefix(&self, id: Id) -> Option<Prefix> {
        let beside = self.prefixes.get(&id).cloned();
        let packed = || self.sheet.prefix(id).filter(|row| self.counts(*row));
        beside.or_else(|| Some(packed()?.to_prefix()))
    }
}

/// A segment that was found, and not looked at yet.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// In the sheet.
    Packed(PrefixRow<'a>),
    /// Beside it.
    Beside(&'a Segment),
}

impl Found<'_> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> SegmentId {
        match self {
            Self::Packed(row) => SegmentId(row.id()),
            Self::Beside(segment) => segment.id,
        }
    }
}

/// Two lists, each in the order of keys and without one of the other's, as one.
fn merged<T, K: Ord>(
    one: impl Iterator<Item = T>,
    other: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = T> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(first), Some(second)) if key(first) < key(second) => one.next(),
        (_, Some(_)) => other.next(),
        (_, None) => one.next(),
    })
}
