//! From what was written and deleted in NetBox to what that means for what we know. State only, no input or output.
//!
//! No watermark is safe by itself: times are taken when a row is written, not when its transaction commits, so a row may
//! appear below a watermark that has passed it (measured on NetBox 4.7.3). Hence each look overlaps the one before.

use std::time::Duration;

use super::index::Catalogue;
use super::journal::Change;
use crate::netbox::delta::{Delta, Kind, StillOurs};
use crate::netbox::rows::Id;
use crate::sorted::{Map, Set};
use crate::timestamp::Timestamp;

/// How much of the time before the watermark is looked at again: longer than NetBox's longest transaction should be.
pub const OVERLAP: Duration = Duration::from_secs(60);
/// How long looks for changes may stand in for reading everything.
pub const WHOLE_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The `Date` of an answer is cut to whole seconds.
const DATE_GRAIN: Duration = Duration::from_secs(1);

/// An instant by NetBox's clock that is certainly not after the beginning of calls that took so long, the last of which
/// was answered at `answered`. The earliest instant there is when NetBox does not say its time.
#[must_use]
pub fn begun(answered: Option<Timestamp>, took: Duration) -> Timestamp {
    answered
        .unwrap_or_default()
        .minus(took.saturating_add(DATE_GRAIN))
}

/// The watermark after a look for changes that began at `begun`; it never goes back.
#[must_use]
pub fn watermark(known: Timestamp, delta: &Delta, begun: Timestamp) -> Timestamp {
    let vlans = delta.vlans.iter().map(|v| v.last_updated);
    let prefixes = delta.prefixes.iter().map(|p| p.last_updated);
    vlans.chain(prefixes).fold(known.max(begun), Timestamp::max)
}

/// Rows of ours that were written, as the change log says, but not brought: somebody else's now, or written just then.
/// Each with the time of its entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubtful {
    /// VLANs.
    pub vlans: Map<Id, Timestamp>,
    /// Prefixes.
    pub prefixes: Map<Id, Timestamp>,
}

impl Doubtful {
    /// The rows that must be looked at one by one after a look for changes.
    #[must_use]
    pub fn of(delta: &Delta, catalogue: &Catalogue) -> Self {
        let vlans: Set<Id> = delta.vlans.iter().map(|v| v.id).collect();
        let prefixes: Set<Id> = delta.prefixes.iter().map(|p| p.id).collect();
        let gone: Set<(Kind, Id)> = delta.deleted.iter().map(|e| (e.kind, e.id)).collect();
        let mut doubtful = Self::default();
        for entry in &delta.written {
            if gone.contains(&(entry.kind, entry.id)) {
                continue;
            }
            let rows = match entry.kind {
                Kind::Vlan if catalogue.vlan(entry.id).is_some() && !vlans.contains(&entry.id) => {
                    &mut doubtful.vlans
                }
                Kind::Prefix
                    if catalogue.prefix(entry.id).is_some() && !prefixes.contains(&entry.id) =>
                {
                    &mut doubtful.prefixes
                }
                _ => continue,
            };
            let at = rows.entry(entry.id).or_insert(entry.at);
            *at = entry.at.max(*at);
        }
        doubtful
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.vlans.is_empty() && self.prefixes.is_empty()
    }
}

/// What a look for changes tells the catalogue that it does not know yet. `found` is what became of the doubtful rows.
#[must_use]
pub fn news(
    delta: &Delta,
    doubtful: &Doubtful,
    found: &StillOurs,
    catalogue: &Catalogue,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    changes.extend(delta.site_groups.iter().cloned().map(Change::SiteGroup));
    changes.extend(delta.vrfs.iter().cloned().map(Change::Vrf));
    changes.extend(delta.vlan_groups.iter().cloned().map(Change::VlanGroup));
    let vlans = delta.vlans.iter().chain(&found.vlans);
    changes.extend(vlans.cloned().map(Change::Vlan));
    let prefixes = delta.prefixes.iter().chain(&found.prefixes);
    changes.extend(prefixes.cloned().map(Change::Prefix));
    // Deletes come after rows: a row that was read before it was deleted is gone all the same.
    for entry in &delta.deleted {
        let id = entry.id;
        changes.push(match entry.kind {
            Kind::Prefix if catalogue.prefix(id).is_some() || has_prefix(delta, id) => {
                Change::PrefixGone(id)
            }
            Kind::Vlan if catalogue.vlan(id).is_some() || has_vlan(delta, id) => {
                Change::VlanGone(id)
            }
            // The log tells of everybody's rows; those that never were ours concern nobody here.
            Kind::Prefix | Kind::Vlan => continue,
            Kind::VlanGroup => Change::VlanGroupGone(id),
            Kind::Vrf => Change::VrfGone(id),
            Kind::SiteGroup => Change::SiteGroupGone(id),
        });
    }
    for (&id, &as_of) in &doubtful.vlans {
        if found.vlans.iter().all(|v| v.id != id) {
            changes.push(Change::VlanAway { id, as_of });
        }
    }
    for (&id, &as_of) in &doubtful.prefixes {
        if found.prefixes.iter().all(|p| p.id != id) {
            changes.push(Change::PrefixAway { id, as_of });
        }
    }
    changes.retain(|change| catalogue.is_news(change));
    changes
}

fn has_prefix(delta: &Delta, id: Id) -> bool {
    delta.prefixes.iter().any(|p| p.id == id)
}

fn has_vlan(delta: &Delta, id: Id) -> bool {
    delta.vlans.iter().any(|v| v.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Snapshot;
    use crate::netbox::delta::Logged;
    use crate::netbox::rows::{Vlan, Vrf};
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn vlan(id: Id, written: i64) -> Vlan {
        Vlan {
            id,
            vid: 100,
            name: format!("EPG_{written}"),
            group: Some(1),
            created: at(0),
            last_updated: at(written),
        }
    }

    fn logged(id: Id, second: i64) -> Logged {
        Logged {
            kind: Kind::Vlan,
            id,
            at: at(second),
        }
    }

    fn knowing(vlans: Vec<Vlan>) -> Catalogue {
        Catalogue::from(Snapshot::default().with_rows(vlans, Vec::new()))
    }

    #[test]
    fn the_watermark_moves_when_nothing_changes_and_never_back() {
        let nothing = Delta::default();
        let begun = begun(Some(at(100)), Duration::from_secs(2));
        assert_eq!(begun, at(97));
        assert_eq!(watermark(at(50), &nothing, begun), at(97));
        assert_eq!(watermark(at(98), &nothing, begun), at(98));
        let wrote = Delta {
            vlans: vec![vlan(1, 99)],
            ..Delta::default()
        };
        assert_eq!(watermark(at(50), &wrote, begun), at(99));
        assert!(super::begun(None, Duration::ZERO) < at(0));
    }

    #[test]
    fn a_row_that_was_written_but_not_brought_has_left_unless_it_is_found() {
        let catalogue = knowing(vec![vlan(1, 1), vlan(2, 1), vlan(3, 1)]);
        let delta = Delta {
            vlans: vec![vlan(3, 9)],
            written: vec![logged(1, 8), logged(2, 8), logged(3, 9), logged(77, 8)],
            ..Delta::default()
        };
        let doubtful = Doubtful::of(&delta, &catalogue);
        assert_eq!(
            doubtful.vlans,
            Map::from_iter([(1, at(8)), (2, at(8))]),
            "3 was brought, 77 never was ours"
        );
        let found = StillOurs {
            vlans: vec![vlan(2, 8)],
            ..StillOurs::default()
        };
        assert_eq!(
            news(&delta, &doubtful, &found, &catalogue),
            [
                Change::Vlan(vlan(3, 9)),
                Change::Vlan(vlan(2, 8)),
                Change::VlanAway {
                    id: 1,
                    as_of: at(8)
                }
            ]
        );
    }

    #[test]
    fn what_the_overlap_brings_again_is_no_news() {
        let vrf = Vrf {
            id: 1,
            name: "Network1".to_owned(),
            rd: None,
        };
        let mut catalogue = knowing(vec![vlan(1, 5)]);
        catalogue.apply(&Change::Vrf(vrf.clone()));
        let delta = Delta {
            vlans: vec![vlan(1, 5)],
            vrfs: vec![vrf],
            deleted: vec![logged(9, 4)],
            ..Delta::default()
        };
        let doubtful = Doubtful::of(&delta, &catalogue);
        assert!(news(&delta, &doubtful, &StillOurs::default(), &catalogue).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_came_between_the_catalogue_is_what_netbox_has(
            before in proptest::collection::btree_map(1_u64..9, 1_i64..9, 0..8),
            after in proptest::collection::btree_map(1_u64..9, 10_i64..19, 0..8),
            deleted in proptest::collection::btree_set(1_u64..9, 0..4),
            away in proptest::collection::btree_set(1_u64..9, 0..4),
        ) {
            let mut catalogue = knowing(before.iter().map(|(id, s)| vlan(*id, *s)).collect());
            let mut netbox = before;
            netbox.extend(after.clone());
            let gone = |id: &u64| deleted.contains(id);
            let given = |id: &u64| !gone(id) && away.contains(id);
            netbox.retain(|id, _| !gone(id) && !given(id));
            let delta = Delta {
                vlans: after.iter().filter(|(id, _)| !gone(id) && !given(id)).map(|(id, s)| vlan(*id, *s)).collect(),
                written: after.iter().map(|(id, s)| logged(*id, *s)).chain(away.iter().map(|id| logged(*id, 20))).collect(),
                deleted: deleted.iter().map(|id| logged(*id, 21)).collect(),
                ..Delta::default()
            };
            let doubtful = Doubtful::of(&delta, &catalogue);
            let changes = news(&delta, &doubtful, &StillOurs::default(), &catalogue);
            changes.iter().for_each(|change| catalogue.apply(change));
            let known: std::collections::BTreeMap<u64, i64> = (1..9)
                .filter_map(|id| Some((id, catalogue.vlan(id)?.last_updated.micros() / 1_000_000)))
                .collect();
            prop_assert_eq!(known, netbox);
            prop_assert!(news(&delta, &Doubtful::of(&delta, &catalogue), &StillOurs::default(), &catalogue).is_empty());
        }
    }
}
