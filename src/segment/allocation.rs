//! Giving a free segment to a cluster, and taking it back.

use serde_json::Value;

use super::body::{self, Body, Field, ReadOnly};
use super::{ClusterName, Clusters, Rule, SegmentId, SegmentView, SiteSlug, Violation, VrfName};
use crate::sorted::Set;

/// The most segments that one allocation may exclude.
const MOST_EXCLUDED: usize = 500;
/// The words for [`Strategy`].
pub const STRATEGIES: &str = "first, last or random";
const EXCLUDED: &str = "a list of up to 500 segment ids, such as [\"12\", \"13\"]";
const ALLOCATION: [&str; 6] = [
    "cluster_name",
    "site",
    "vrf",
    "strategy",
    "prefix_length",
    "exclude",
];
const RELEASE: [&str; 4] = ["cluster_name", "site", "vrf", "id"];
const CLUSTERS: [&str; 2] = ["clusters", "cluster_name"];

/// Which of the free segments is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// That with the lowest VLAN id.
    #[default]
    First,
    /// That with the highest VLAN id.
    Last,
    /// Any.
    Random,
}

/// That a cluster wants a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// For whom.
    pub cluster: ClusterName,
    /// Where.
    pub site: SiteSlug,
    /// In which VRF.
    pub vrf: VrfName,
    /// Which of the free ones.
    pub strategy: Strategy,
    /// Only segments of this prefix length.
    pub prefix_length: Option<u8>,
    /// Not these.
    pub exclude: Set<SegmentId>,
}

/// That a cluster gives a segment back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Who.
    pub cluster: ClusterName,
    /// Where.
    pub site: SiteSlug,
    /// In which VRF.
    pub vrf: VrfName,
    /// Only this segment, where the cluster has several.
    pub id: Option<SegmentId>,
}

const STRATEGY: Field<Strategy> = Field {
    name: "strategy",
    right: STRATEGIES,
    read: |v| {
        let given = v.as_str()?;
        Some(match given {
            "first" => Ok(Strategy::First),
            "last" => Ok(Strategy::Last),
            "random" => Ok(Strategy::Random),
            _ => Err(vec![Rule::Choice {
                given: given.to_owned(),
                right: STRATEGIES,
            }]),
        })
    },
};

const EXCLUDE: Field<Set<SegmentId>> = Field {
    name: "exclude",
    right: EXCLUDED,
    read: |v| {
        let items = v.as_array()?;
        if items.len() > MOST_EXCLUDED {
            return Some(Err(vec![Rule::ListLength {
                length: items.len(),
                most: MOST_EXCLUDED,
            }]));
        }
        let ids: Option<Vec<_>> = items.iter().map(|item| item.as_str()).collect();
        let ids: Result<Set<SegmentId>, Rule> = ids?.into_iter().map(SegmentId::parse).collect();
        Some(ids.map_err(|rule| vec![rule]))
    },
};

pub(super) const ID: Field<SegmentId> = Field {
    name: "id",
    right: "a string: the id of a segment, such as \"12\"",
    read: |v| {
        v.as_str()
            .map(|text| SegmentId::parse(text).map_err(|rule| vec![rule]))
    },
};

const CLUSTER_LIST: Field<Clusters> = Field {
    name: "clusters",
    right: "a list of cluster names, empty for none",
    read: |v| {
        let names: Option<Vec<_>> = v.as_array()?.iter().map(Value::as_str).collect();
        let (mut clusters, mut broken) = (Vec::new(), Vec::new());
        for name in names? {
            match ClusterName::parse(name) {
                Ok(name) => clusters.push(name),
                Err(rules) => broken.extend(rules),
            }
        }
        Some(if broken.is_empty() {
            Ok(clusters.into_iter().collect())
        } else {
            Err(broken)
        })
    },
};

impl Allocation {
    /// The allocation in the body of a POST: `cluster_name`, `site` and `vrf`; optional `strategy`, `prefix_length` and
    /// `exclude`.
    ///
    /// # Errors
    /// Every mistake of the body at once.
    pub fn parse(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut body = Body::with(value, &ALLOCATION)?;
        let cluster = body.required(&body::CLUSTER);
        let site = body.required(&body::SITE);
        let vrf = body.required(&body::VRF);
        let strategy = body.perhaps(&STRATEGY).unwrap_or_default();
        let prefix_length = body.perhaps(&body::PREFIX_LENGTH);
        let exclude = body.perhaps(&EXCLUDE).unwrap_or_default();
        let violations = body.finish(ReadOnly::Refuse);
        match (cluster, site, vrf) {
            (Some(cluster), Some(site), Some(vrf)) if violations.is_empty() => Ok(Self {
                cluster,
                site,
                vrf,
                strategy,
                prefix_length,
                exclude,
            }),
            _ => Err(violations),
        }
    }

    /// Whether a segment is at the wanted place.
    #[must_use]
    pub fn is_here(&self, segment: &SegmentView<'_>) -> bool {
        *segment.site == self.site && *segment.vrf == self.vrf
    }

    /// Whether a free segment is as wanted.
    #[must_use]
    pub fn suits(&self, segment: &SegmentView<'_>) -> bool {
        let length = segment.cidr.prefix_len();
        self.prefix_length.is_none_or(|wanted| wanted == length)
            && !self.exclude.contains(&segment.id)
    }

    /// Chooses among segments, which are free and as wanted. Of two with the same VLAN id that of the lower id comes first.
    pub fn choose<'a>(
        &self,
        free: impl Iterator<Item = SegmentView<'a>>,
        random: u64,
    ) -> Option<SegmentView<'a>> {
        let order = |segment: &SegmentView<'_>| (segment.vlan_id, segment.id);
        match self.strategy {
            Strategy::First => free.min_by_key(order),
            Strategy::Last => free.max_by_key(order),
            Strategy::Random => {
                let free: Vec<SegmentView<'_>> = free.collect();
                let count = u64::try_from(free.len()).ok().filter(|n| *n > 0)?;
                free.get(usize::try_from(random % count).ok()?).copied()
            }
        }
    }
}

impl Release {
    /// The release in the body of a POST: `cluster_name`, `site` and `vrf`; optional `id`.
    ///
    /// # Errors
    /// Every mistake of the body at once.
    pub fn parse(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut body = Body::with(value, &RELEASE)?;
        let cluster = body.required(&body::CLUSTER);
        let site = body.required(&body::SITE);
        let vrf = body.required(&body::VRF);
        let id = body.perhaps(&ID);
        let violations = body.finish(ReadOnly::Refuse);
        match (cluster, site, vrf) {
            (Some(cluster), Some(site), Some(vrf)) if violations.is_empty() => Ok(Self {
                cluster,
                site,
                vrf,
                id,
            }),
            _ => Err(violations),
        }
    }

    /// Whether a segment is one that the cluster gives back. A name is compared as a whole, and never a pattern.
    #[must_use]
    pub fn means(&self, segment: &SegmentView<'_>) -> bool {
        *segment.site == self.site
            && *segment.vrf == self.vrf
            && segment.clusters.contains(&self.cluster)
            && self.id.is_none_or(|id| id == segment.id)
    }
}

/// The clusters in the body of a PUT: `clusters`, a list of names, or `cluster_name`, names separated by commas or `null`.
///
/// # Errors
/// Every mistake of the body at once.
pub fn clusters_of(value: &Value) -> Result<Clusters, Vec<Violation>> {
    let mut body = Body::with(value, &CLUSTERS)?;
    let text = value.get("cluster_name").is_some();
    let clusters = if text && value.get("clusters").is_none() {
        body.optional(&body::CLUSTERS)
    } else {
        body.required(&CLUSTER_LIST)
    };
    let violations = body.finish(ReadOnly::Refuse);
    clusters.filter(|_| violations.is_empty()).ok_or(violations)
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
