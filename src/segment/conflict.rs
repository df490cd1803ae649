//! What two segments may not have in common.

use super::{Diff, SegmentId};

/// What two segments have in common that they may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    /// Addresses, in the same VRF. NetBox does not refuse that.
    Overlap,
    /// The VLAN id, at the same site and in the same VRF, which share a VLAN group.
    VlanId,
    /// The EPG name, at the same site and in the same VRF. Compared exactly, as NetBox compares VLAN names in a group.
    EpgName,
}

impl ConflictKind {
    /// The stable code of the kind.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::VlanId => "vlan-id-taken",
            Self::EpgName => "epg-name-taken",
        }
    }

    /// The field of a body that is in conflict, as a JSON pointer.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Overlap => "/segment",
            Self::VlanId => "/vlan_id",
            Self::EpgName => "/epg_name",
        }
    }

    /// Whether a change can bring about a conflict of this kind that was not there before.
    #[must_use]
    pub const fn can_come_from(self, diff: &Diff) -> bool {
        match self {
            Self::Overlap => diff.cidr || diff.vrf,
            Self::VlanId => diff.vlan_id || diff.group_move(),
            Self::EpgName => diff.epg_name || diff.group_move(),
        }
    }
}

/// One conflict of a wanted state with a segment that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What the two have in common.
    pub kind: ConflictKind,
    /// The segment that is there.
    pub rival: SegmentId,
    /// The conflict in words.
    pub detail: String,
}
