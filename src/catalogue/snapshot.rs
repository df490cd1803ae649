//! All rows that are ours, as they go into the store.

use serde::{Deserialize, Serialize};

use super::codec::{self, Encoded};
use super::sheet::Sheet;
use crate::netbox::read::Everything;
use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::sorted::{Map, Set};
use crate::timestamp::Timestamp;

/// The rows of NetBox that are ours, and what they refer to, as one read found them or as later ones changed them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
    /// VLANs that are gone, or not ours: what was written up to the instant is of no use.
    pub departed_vlans: Departed,
    /// Prefixes that are gone, or not ours.
    pub departed_prefixes: Departed,
    /// The tenant's VLANs, and its prefixes of our role. They follow the rest in the store as they are.
    #[serde(skip)]
    pub sheet: Sheet,
}

/// Rows that have left, each with the last instant, by NetBox's clock, whose state of it is of no use any more.
pub type Departed = Map<Id, Timestamp>;

impl Snapshot {
    /// What a read of everything that began at `read_started`, and not before `begun` by NetBox's clock, brought.
    #[must_use]
    pub fn new(read_started: Timestamp, begun: Timestamp, all: Everything) -> Self {
        let vlans = all.vlans.iter().map(|v| v.last_updated);
        let prefixes = all.prefixes.iter().map(|p| p.last_updated);
        let watermark = vlans.chain(prefixes).max().unwrap_or_default().max(begun);
        Self {
            read_started,
            whole: read_started,
            watermark,
            tenant: all.tenant.map(|t| t.id),
            role: all.role.map(|r| r.id),
            site_groups: all.site_groups,
            vrfs: all.vrfs,
            vlan_groups: all.vlan_groups,
            ..Self::default()
        }
        .with_rows(all.vlans, all.prefixes)
    }

    /// The same with these VLANs and prefixes, instead of those that it has.
    #[must_use]
    pub fn with_rows(self, vlans: Vec<Vlan>, prefixes: Vec<Prefix>) -> Self {
        let sites: Set<Id> = self.site_groups.iter().map(|site| site.id).collect();
        let vrfs: Set<Id> = self.vrfs.iter().map(|vrf| vrf.id).collect();
        let known = |vrf, site| vrfs.contains(&vrf) && sites.contains(&site);
        Self {
            sheet: Sheet::build(&vlans, &prefixes, known),
            ..self
        }
    }

    /// Its bytes for the store; `None` when it has no such form.
    #[must_use]
    pub fn encode(&self) -> Option<Encoded> {
        Encoded::new(self, self.sheet.clone())
    }

    /// Reads what [`Snapshot::encode`] made; `None` when it is anything else.
    #[must_use]
    pub fn decode(bytes: Vec<u8>) -> Option<Self> {
        let (snapshot, sheet_at) = codec::decode_front::<Self>(&bytes)?;
        Some(Self {
            sheet: Sheet::open(bytes, sheet_at)?,
            ..snapshot
        })
    }
}
