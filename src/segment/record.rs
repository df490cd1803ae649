//! The segment itself.

use serde::{Deserialize, Serialize};

use super::{
    Cidr, Clusters, ClustersView, Description, EpgName, SegmentId, SegmentView, SiteSlug, VlanId,
    VrfName,
};

/// A network segment: a prefix with the VLAN that carries it, at a site and in a VRF.
///
/// Its own serde form is the one for the store; the API's is [`SegmentView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The id of its prefix.
    pub id: SegmentId,
    /// Where it is.
    pub site: SiteSlug,
    /// The VRF its addresses are in.
    pub vrf: VrfName,
    /// The id of its VLAN.
    pub vlan_id: VlanId,
    /// The name of its VLAN.
    pub epg_name: EpgName,
    /// Its network.
    pub cidr: Cidr,
    /// Whether addresses are handed out by DHCP.
    pub dhcp: bool,
    /// Free text.
    pub description: Description,
    /// The clusters it is allocated to.
    pub clusters: Clusters,
    /// Whether it was allocated once and given back.
    pub released: bool,
    /// When it was allocated last, in the form of RFC 3339, where that is known.
    pub allocated_at: Option<String>,
    /// When it was given back last, in the form of RFC 3339, where that is known.
    pub released_at: Option<String>,
}

impl Segment {
    /// Whether it is allocated, which means: to one cluster at least.
    #[must_use]
    pub fn is_allocated(&self) -> bool {
        !self.clusters.is_empty()
    }

    /// The same without a copy, as lists and searches look at it; and its form in the API.
    #[must_use]
    pub fn view(&self) -> SegmentView<'_> {
        SegmentView {
            id: self.id,
            site: &self.site,
            vrf: &self.vrf,
            vlan_id: self.vlan_id,
            epg_name: self.epg_name.as_str(),
            cidr: self.cidr,
            dhcp: self.dhcp,
            description: self.description.as_str(),
            clusters: ClustersView::List(&self.clusters),
            released: self.released,
            allocated_at: self.allocated_at.as_deref(),
            released_at: self.released_at.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::{any_segment, segment};

    #[test]
    fn an_available_segment_looks_as_the_contract_says() {
        let segment = segment(41, "site1", "Network1", 100, "web", "10.0.0.0/24");
        assert_eq!(
            serde_json::to_string(&segment.view()).unwrap(),
            r#"{"id":"41","site":"site1","vlan_id":100,"epg_name":"web","segment":"10.0.0.0/24","vrf":"Network1","dhcp":false,"description":"","cluster_name":null,"allocated_at":null,"released":false,"released_at":null}"#
        );
    }

    #[test]
    fn an_allocated_segment_looks_as_the_contract_says() {
        let mut segment = segment(42, "Site1", "Network1", 4094, "db/1", "10.0.1.0/26");
        segment.dhcp = true;
        segment.description = Description::stored("rack \"4\"");
        segment.clusters = Clusters::stored("c1, c2");
        segment.allocated_at = Some("2026-01-02T03:04:05Z".to_owned());
        segment.released = true;
        segment.released_at = Some("2026-01-01T00:00:00Z".to_owned());
        assert_eq!(
            serde_json::to_string(&segment.view()).unwrap(),
            r#"{"id":"42","site":"Site1","vlan_id":4094,"epg_name":"db/1","segment":"10.0.1.0/26","vrf":"Network1","dhcp":true,"description":"rack \"4\"","cluster_name":"c1,c2","allocated_at":"2026-01-02T03:04:05Z","released":true,"released_at":"2026-01-01T00:00:00Z"}"#
        );
    }

    proptest! {
        #[test]
        fn a_segment_comes_out_of_the_store_as_it_went_in(segment in any_segment()) {
            let bytes = postcard::to_allocvec(&segment).unwrap();
            let back: Segment = postcard::from_bytes(&bytes).unwrap();
            prop_assert_eq!(back.site.as_str(), segment.site.as_str());
            prop_assert_eq!(back, segment.clone());
            let json = serde_json::to_string(&segment).unwrap();
            prop_assert_eq!(serde_json::from_str::<Segment>(&json).unwrap(), segment);
        }
    }
}
