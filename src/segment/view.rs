//! A segment as it lies somewhere: what lists, searches and choices look at, without a copy; and its form in the API.

use serde::Serialize;

use super::{
    Cidr, ClusterName, Clusters, Description, EpgName, Segment, SegmentId, SiteSlug, VlanId,
    VrfName,
};

/// A segment of which nothing is copied.
///
/// Its serde form is that of the API: twelve fields in a fixed order, the id as a string, `cluster_name` as names separated
/// by commas, or `null` when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentView<'a> {
    /// The id of its prefix.
    pub id: SegmentId,
    /// Where it is.
    pub site: &'a SiteSlug,
    /// The VRF its addresses are in.
    pub vrf: &'a VrfName,
    /// The id of its VLAN.
    pub vlan_id: VlanId,
    /// The name of its VLAN.
    pub epg_name: &'a str,
    /// Its network.
    pub cidr: Cidr,
    /// Whether addresses are handed out by DHCP.
    pub dhcp: bool,
    /// Free text.
    pub description: &'a str,
    /// The clusters it is allocated to.
    pub clusters: ClustersView<'a>,
    /// Whether it was allocated once and given back.
    pub released: bool,
    /// When it was allocated last, in the form of RFC 3339, where that is known.
    pub allocated_at: Option<&'a str>,
    /// When it was given back last, in the form of RFC 3339, where that is known.
    pub released_at: Option<&'a str>,
}

/// The clusters of a segment.
#[derive(Clone, Copy, Debug)]
pub enum ClustersView<'a> {
    /// As a text in the form that [`Clusters`] are written in: names separated by commas, none of them empty or there twice.
    Text(&'a str),
    /// As a list.
    List(&'a Clusters),
}

impl<'a> ClustersView<'a> {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
        }
    }

    /// Whether `name` is one of them, compared as a whole.
    #[must_use]
    pub fn contains(self, name: &ClusterName) -> bool {
        self.iter().any(|held| held == name.as_str())
    }

    /// The names, in order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let (text, list) = match self {
            Self::Text(text) => (Some(text), None),
            Self::List(list) => (None, Some(list)),
        };
        let pieces = text.into_iter().flat_map(|text| text.split(','));
        let names = list.into_iter().flatten().map(ClusterName::as_str);
        pieces.filter(|piece| !piece.is_empty()).chain(names)
    }
}

impl PartialEq for ClustersView<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ClustersView<'_> {}

impl std::fmt::Display for ClustersView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(list) => list.fmt(f),
        }
    }
}

impl SegmentView<'_> {
    /// Whether it is allocated, which means: to one cluster at least.
    #[must_use]
    pub fn is_allocated(&self) -> bool {
        !self.clusters.is_empty()
    }

    /// A segment of its own.
    #[must_use]
    pub fn to_segment(&self) -> Segment {
        Segment {
            id: self.id,
            site: self.site.clone(),
            vrf: self.vrf.clone(),
            vlan_id: self.vlan_id,
            epg_name: EpgName::stored(self.epg_name),
            cidr: self.cidr,
            dhcp: self.dhcp,
            description: Description::stored(self.description),
            clusters: self.clusters.iter().map(ClusterName::stored).collect(),
            released: self.released,
            allocated_at: self.allocated_at.map(str::to_owned),
            released_at: self.released_at.map(str::to_owned),
        }
    }
}

#[derive(Serialize)]
struct Fields<'a> {
    id: Shown<SegmentId>,
    site: &'a SiteSlug,
    vlan_id: VlanId,
    epg_name: &'a str,
    segment: Shown<Cidr>,
    vrf: &'a VrfName,
    dhcp: bool,
    description: &'a str,
    cluster_name: Option<Shown<ClustersView<'a>>>,
    allocated_at: Option<&'a str>,
    released: bool,
    released_at: Option<&'a str>,
}

struct Shown<T>(T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for SegmentView<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields {
            id: Shown(self.id),
            site: self.site,
            vlan_id: self.vlan_id,
            epg_name: self.epg_name,
            segment: Shown(self.cidr),
            vrf: self.vrf,
            dhcp: self.dhcp,
            description: self.description,
            cluster_name: self.is_allocated().then_some(Shown(self.clusters)),
            allocated_at: self.allocated_at,
            released: self.released,
            released_at: self.released_at,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::any_segment;

    proptest! {
        #[test]
        fn a_view_has_all_that_the_segment_has(segment in any_segment()) {
            prop_assert_eq!(segment.view().to_segment(), segment);
        }

        #[test]
        fn clusters_are_the_same_as_text_and_as_list(segment in any_segment(), asked in "[a-c]{1,2}") {
            let text = segment.clusters.to_string();
            let (text, list) = (ClustersView::Text(&text), ClustersView::List(&segment.clusters));
            prop_assert_eq!(text, list);
            prop_assert_eq!(text.is_empty(), list.is_empty());
            prop_assert_eq!(text.to_string(), list.to_string());
            let asked = ClusterName::stored(asked);
            prop_assert_eq!(text.contains(&asked), segment.clusters.contains(&asked));
        }
    }
}
