//! The query parameters of a list.

use super::{
    ClusterName, Page, Rule, Search, SegmentView, SiteSlug, Violation, VlanId, VrfName, nearest,
};

/// The query parameters of a list: those of [`Filter`], then those of [`Page`].
pub const LIST_PARAMETERS: [&str; 8] = {
    let [site, vrf, allocated, vlan_id, cluster_name, q] = Filter::PARAMETERS;
    let [limit, cursor] = Page::PARAMETERS;
    [
        site,
        vrf,
        allocated,
        vlan_id,
        cluster_name,
        q,
        limit,
        cursor,
    ]
};

/// Which segments of the list are wanted: those that meet every condition given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// At this site, whatever the case.
    pub site: Option<SiteSlug>,
    /// In this VRF, exactly.
    pub vrf: Option<VrfName>,
    /// Allocated (or not).
    pub allocated: Option<bool>,
    /// With this VLAN id.
    pub vlan_id: Option<VlanId>,
    /// Allocated to this cluster, exactly.
    pub cluster_name: Option<ClusterName>,
    /// Found by this search.
    pub q: Option<Search>,
}

impl Filter {
    /// Their names in a query.
    pub const PARAMETERS: [&'static str; 6] =
        ["site", "vrf", "allocated", "vlan_id", "cluster_name", "q"];

    /// The filter in the query parameters `pairs`, decoded. `limit` and `cursor` are left to [`Page::parse`].
    ///
    /// # Errors
    /// Every parameter that is unknown, empty, given twice or unusable; the pointer of each is `?` and its name.
    pub fn parse<I, K, V>(pairs: I) -> Result<Self, Vec<Violation>>
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut filter = Self::default();
        let mut violations = Vec::new();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let Some(known) = LIST_PARAMETERS.into_iter().find(|known| *known == name) else {
                let rule = Rule::UnknownParameter {
                    name: name.to_owned(),
                    nearest: nearest(name, &LIST_PARAMETERS),
                };
                violations.push(Violation::of_parameter(name, rule));
                continue;
            };
            if Page::PARAMETERS.contains(&known) {
                continue;
            }
            let outcome = if seen.contains(&known) {
                Err(Rule::ParameterRepeated)
            } else {
                filter.set(known, value)
            };
            seen.push(known);
            if let Err(rule) = outcome {
                violations.push(Violation::of_parameter(known, rule));
            }
        }
        if violations.is_empty() {
            Ok(filter)
        } else {
            Err(violations)
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Rule> {
        if value.trim().is_empty() {
            return Err(Rule::ParameterEmpty);
        }
        match name {
            "site" => self.site = Some(SiteSlug::stored(value)),
            "vrf" => self.vrf = Some(VrfName::stored(value)),
            "allocated" => {
                self.allocated = Some(match value {
                    "true" => true,
                    "false" => false,
                    _ => {
                        return Err(Rule::ParameterValue {
                            given: value.to_owned(),
                            right: "true or false",
                        });
                    }
                });
            }
            "vlan_id" => self.vlan_id = Some(VlanId::parse(value)?),
            "cluster_name" => self.cluster_name = Some(ClusterName::stored(value)),
            _ => self.q = Some(Search::new(value)),
        }
        Ok(())
    }

    /// Whether `segment` meets every condition.
    #[must_use]
    pub fn matches(&self, segment: &SegmentView<'_>) -> bool {
        self.site.as_ref().is_none_or(|site| site == segment.site)
            && self.vrf.as_ref().is_none_or(|vrf| vrf == segment.vrf)
            && self
                .allocated
                .is_none_or(|allocated| allocated == segment.is_allocated())
            && self
                .vlan_id
                .is_none_or(|vlan_id| vlan_id == segment.vlan_id)
            && self
                .cluster_name
                .as_ref()
                .is_none_or(|name| segment.clusters.contains(name))
            && self.q.as_ref().is_none_or(|search| search.matches(segment))
    }
}

/// Filter and page of a list, with the mistakes of both at once.
///
/// # Errors
/// Those of [`Filter::parse`], then those of [`Page::parse`].
pub fn parse_list<K: AsRef<str>, V: AsRef<str>>(
    pairs: &[(K, V)],
) -> Result<(Filter, Page), Vec<Violation>> {
    let pairs = || {
        pairs
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    };
    match (Filter::parse(pairs()), Page::parse(pairs())) {
        (Ok(filter), Ok(page)) => Ok((filter, page)),
        (filter, page) => Err(filter
            .err()
            .into_iter()
            .chain(page.err())
            .flatten()
            .collect()),
    }
}

#[cfg(test)]
mod tests;
