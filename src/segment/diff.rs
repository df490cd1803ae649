//! What a wanted state changes about a segment.

use super::{Draft, Segment};

/// Which parts of a segment a wanted state changes, grouped by what has to be written for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The VLAN gets another id.
    pub vlan_id: bool,
    /// The VLAN gets another name.
    pub epg_name: bool,
    /// The segment moves to another site. Another spelling of the same slug is no move.
    pub site: bool,
    /// The segment moves to another VRF.
    pub vrf: bool,
    /// The network changes.
    pub cidr: bool,
    /// The DHCP flag changes.
    pub dhcp: bool,
    /// The free text changes.
    pub description: bool,
    /// The clusters change, or their order.
    pub clusters: bool,
}

impl Diff {
    /// What `wanted` changes about `held`.
    #[must_use]
    pub fn between(held: &Segment, wanted: &Draft) -> Self {
        Self {
            vlan_id: held.vlan_id != wanted.vlan_id,
            epg_name: held.epg_name != wanted.epg_name,
            site: held.site != wanted.site,
            vrf: held.vrf != wanted.vrf,
            cidr: held.cidr != wanted.cidr,
            dhcp: held.dhcp != wanted.dhcp,
            description: held.description != wanted.description,
            clusters: held.clusters != wanted.clusters,
        }
    }

    /// Nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The VLAN itself changes: its id or its name.
    #[must_use]
    pub const fn vlan(&self) -> bool {
        self.vlan_id || self.epg_name
    }

    /// The segment moves to another VLAN group: another site or VRF.
    #[must_use]
    pub const fn group_move(&self) -> bool {
        self.site || self.vrf
    }

    /// Attributes of the prefix change that bear on no other segment: DHCP, free text, clusters.
    #[must_use]
    pub const fn prefix_attributes(&self) -> bool {
        self.dhcp || self.description || self.clusters
    }

    /// Something changes that other segments could be in conflict with.
    #[must_use]
    pub const fn concerns_others(&self) -> bool {
        self.vlan() || self.group_move() || self.cidr
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::segment::Change;
    use crate::segment::testing::segment;

    #[test]
    fn each_field_changes_its_own_part() {
        let held = segment(1, "site1", "Network1", 100, "web", "10.0.0.0/24");
        let empty = Diff::default();
        for (body, diff) in [
            (
                json!({"vlan_id": 101}),
                Diff {
                    vlan_id: true,
                    ..empty
                },
            ),
            (
                json!({"epg_name": "db"}),
                Diff {
                    epg_name: true,
                    ..empty
                },
            ),
            (
                json!({"site": "site2"}),
                Diff {
                    site: true,
                    ..empty
                },
            ),
            (json!({"vrf": "Network2"}), Diff { vrf: true, ..empty }),
            (
                json!({"segment": "10.0.0.0/25"}),
                Diff {
                    cidr: true,
                    ..empty
                },
            ),
            (
                json!({"dhcp": true}),
                Diff {
                    dhcp: true,
                    ..empty
                },
            ),
            (
                json!({"description": "x"}),
                Diff {
                    description: true,
                    ..empty
                },
            ),
            (
                json!({"cluster_name": "a"}),
                Diff {
                    clusters: true,
                    ..empty
                },
            ),
            (json!({"site": "SITE1"}), empty),
        ] {
            let wanted = Change::parse(&body).unwrap().apply(&held);
            assert_eq!(Diff::between(&held, &wanted), diff, "{body}");
        }
    }

    #[test]
    fn the_parts_are_grouped_by_what_has_to_be_written() {
        let empty = Diff::default();
        let groups = |diff: Diff| {
            [
                diff.vlan(),
                diff.group_move(),
                diff.prefix_attributes(),
                diff.concerns_others(),
                diff.is_empty(),
            ]
        };
        assert_eq!(groups(empty), [false, false, false, false, true]);
        assert_eq!(
            groups(Diff {
                epg_name: true,
                ..empty
            }),
            [true, false, false, true, false]
        );
        assert_eq!(
            groups(Diff { vrf: true, ..empty }),
            [false, true, false, true, false]
        );
        assert_eq!(
            groups(Diff {
                clusters: true,
                ..empty
            }),
            [false, false, true, false, false]
        );
        assert_eq!(
            groups(Diff {
                cidr: true,
                ..empty
            }),
            [false, false, false, true, false]
        );
    }
}
