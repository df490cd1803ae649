//! All rows that are ours, as they go into the store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::netbox::read::Everything;
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::timestamp::Timestamp;

/// The rows of NetBox that are ours, and what they refer to, as one read found them or as later ones changed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the last read began, by our clock: what was written before is in it.
    pub read_started: Timestamp,
    /// When the last read of everything began, by our clock.
    pub whole: Timestamp,
    /// Up to when, by NetBox's clock, rows that were written are known, but for writes that were not committed then.
    pub watermark: Timestamp,
    /// The tenant's id, when the tenant exists.
    pub tenant: Option<Id>,
    /// The role's id, when the role exists.
    pub role: Option<Id>,
    /// All site groups.
    pub site_groups: Vec<Named>,
    /// All VRFs.
    pub vrfs: Vec<Vrf>,
    /// All VLAN groups.
    pub vlan_groups: Vec<VlanGroup>,
    /// The tenant's VLANs.
    pub vlans: Vec<Vlan>,
    /// The tenant's prefixes of our role.
    pub prefixes: Vec<Prefix>,
    /// VLANs that are gone, or not ours: what was written up to the instant is of no use.
    pub departed_vlans: Departed,
    /// Prefixes that are gone, or not ours.
    pub departed_prefixes: Departed,
}

/// Rows that have left, each with the last instant, by NetBox's clock, whose state of it is of no use any more.
pub type Departed = BTreeMap<Id, Timestamp>;

impl Snapshot {
    /// What a read of everything that began at `read_started`, and not before `begun` by NetBox's clock, brought.
    #[must_use]
    pub fn new(read_started: Timestamp, begun: Timestamp, all: Everything) -> Self {
        let vlans = all.vlans.iter().map(|v| v.last_updated);
        let prefixes = all.prefixes.iter().map(|p| p.last_updated);
        Self {
            read_started,
            whole: read_started,
            watermark: vlans.chain(prefixes).max().unwrap_or_default().max(begun),
            tenant: all.tenant.map(|t| t.id),
            role: all.role.map(|r| r.id),
            site_groups: all.site_groups,
            vrfs: all.vrfs,
            vlan_groups: all.vlan_groups,
            vlans: all.vlans,
            prefixes: all.prefixes,
            departed_vlans: Departed::new(),
            departed_prefixes: Departed::new(),
        }
    }
}
