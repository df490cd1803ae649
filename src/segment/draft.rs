//! What a caller wants a segment to be.

use serde_json::Value;

use super::body::{self, Body, ReadOnly};
use super::{
    Cidr, Clusters, Description, EpgName, Segment, SegmentId, SiteSlug, Violation, VlanId, VrfName,
};

/// A whole wanted state: everything of a segment that a caller decides.
///
/// Whether the site and the VRF exist is decided elsewhere; here they are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where it is to be.
    pub site: SiteSlug,
    /// The VRF its addresses are to be in.
    pub vrf: VrfName,
    /// The id of its VLAN.
    pub vlan_id: VlanId,
    /// The name of its VLAN.
    pub epg_name: EpgName,
    /// Its network: the field `segment` of the body.
    pub cidr: Cidr,
    /// Whether addresses are handed out by DHCP; false when not said.
    pub dhcp: bool,
    /// Free text; empty when not said.
    pub description: Description,
    /// The clusters it is allocated to; none when not said.
    pub clusters: Clusters,
}

impl Draft {
    /// The draft in the body of a POST.
    ///
    /// Required: `site`, `vlan_id`, `epg_name`, `segment`, `vrf`. Optional: `dhcp`, `description`, `cluster_name`, where
    /// `null` is the same as leaving it out. The fields that the service sets itself are refused.
    ///
    /// # Errors
    /// Every mistake of the body at once: first of the known fields, in the order above, then of the others.
    pub fn parse(value: &Value) -> Result<Self, Vec<Violation>> {
        Self::read(value, ReadOnly::Refuse)
    }

    /// The draft in the body of a PUT: as [`Draft::parse`], but `id`, `allocated_at`, `released` and `released_at` are
    /// ignored, whatever they hold, so that a client may send back what a GET gave it.
    ///
    /// # Errors
    /// As [`Draft::parse`].
    pub fn parse_put(value: &Value) -> Result<Self, Vec<Violation>> {
        Self::read(value, ReadOnly::Ignore)
    }

    fn read(value: &Value, read_only: ReadOnly) -> Result<Self, Vec<Violation>> {
        let mut body = Body::of(value)?;
        let site = body.required(&body::SITE);
        let vlan_id = body.required(&body::VLAN_ID);
        let epg_name = body.required(&body::EPG_NAME);
        let cidr = body.required(&body::SEGMENT);
        let vrf = body.required(&body::VRF);
        let dhcp = body.optional(&body::DHCP);
        let description = body.optional(&body::DESCRIPTION);
        let clusters = body.optional(&body::CLUSTERS);
        let violations = body.finish(read_only);
        match (
            site,
            vrf,
            vlan_id,
            epg_name,
            cidr,
            dhcp,
            description,
            clusters,
        ) {
            (
                Some(site),
                Some(vrf),
                Some(vlan_id),
                Some(epg_name),
                Some(cidr),
                Some(dhcp),
                Some(description),
                Some(clusters),
            ) if violations.is_empty() => Ok(Self {
                site,
                vrf,
                vlan_id,
                epg_name,
                cidr,
                dhcp,
                description,
                clusters,
            }),
            _ => Err(violations),
        }
    }

    /// The segment this draft becomes under the id `id`, never released before.
    #[must_use]
    pub fn into_segment(self, id: SegmentId) -> Segment {
        Segment {
            id,
            site: self.site,
            vrf: self.vrf,
            vlan_id: self.vlan_id,
            epg_name: self.epg_name,
            cidr: self.cidr,
            dhcp: self.dhcp,
            description: self.description,
            clusters: self.clusters,
            released: false,
            allocated_at: None,
            released_at: None,
        }
    }
}

impl From<&Segment> for Draft {
    /// The state that leaves `segment` as it is.
    fn from(segment: &Segment) -> Self {
        Self {
            site: segment.site.clone(),
            vrf: segment.vrf.clone(),
            vlan_id: segment.vlan_id,
            epg_name: segment.epg_name.clone(),
            cidr: segment.cidr,
            dhcp: segment.dhcp,
            description: segment.description.clone(),
            clusters: segment.clusters.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
