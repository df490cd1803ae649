//! All rows of one read of NetBox.

use serde::{Deserialize, Serialize};

use crate::netbox::read::Everything;
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::timestamp::Timestamp;

/// The rows of NetBox that are ours, and what they refer to, as one read found them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the read began, by our clock: what was written before is in it.
    pub read_started: Timestamp,
    /// The latest `last_updated` of any row, by NetBox's clock.
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
}

impl Snapshot {
    /// What a read that began at `read_started` brought.
    #[must_use]
    pub fn new(read_started: Timestamp, all: Everything) -> Self {
        let vlans = all.vlans.iter().map(|v| v.last_updated);
        let prefixes = all.prefixes.iter().map(|p| p.last_updated);
        Self {
            read_started,
            watermark: vlans.chain(prefixes).max().unwrap_or_default(),
            tenant: all.tenant.map(|t| t.id),
            role: all.role.map(|r| r.id),
            site_groups: all.site_groups,
            vrfs: all.vrfs,
            vlan_groups: all.vlan_groups,
            vlans: all.vlans,
            prefixes: all.prefixes,
        }
    }
}
