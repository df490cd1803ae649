//! Small notes of single writes, so that every instance on the same store sees a write as soon as it was confirmed.
//!
//! Writers do not rewrite the shared snapshot: two of them would lose one another's work, since the store has no
//! compare-and-swap. Each adds a note under a key of its own, and whoever loads the snapshot reads the notes as well.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use crate::timestamp::Timestamp;

/// How far the clocks of two instances may differ before one takes the other's note for older than it is.
pub const SKEW: Duration = Duration::from_secs(5);

/// One row that somebody made, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// This VLAN group is there.
    VlanGroup(VlanGroup),
    /// This VLAN is there, like this.
    Vlan(Vlan),
    /// This prefix is there, like this.
    Prefix(Prefix),
    /// The VLAN with this id is gone. NetBox never uses an id twice.
    VlanGone(Id),
    /// The prefix with this id is gone.
    PrefixGone(Id),
    /// This VRF is there, like this.
    Vrf(Vrf),
    /// This site group is there, like this.
    SiteGroup(Named),
    /// The VLAN group with this id is gone.
    VlanGroupGone(Id),
    /// The VRF with this id is gone.
    VrfGone(Id),
    /// The site group with this id is gone.
    SiteGroupGone(Id),
    /// The VLAN with this id was given to another tenant. It may come back.
    VlanAway {
        /// The VLAN.
        id: Id,
        /// When, by NetBox's clock: what was written up to then is of no use any more.
        as_of: Timestamp,
    },
    /// The prefix with this id was given to another tenant or role. It may come back.
    PrefixAway {
        /// The prefix.
        id: Id,
        /// When, by NetBox's clock: what was written up to then is of no use any more.
        as_of: Timestamp,
    },
}

/// The note of one write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When NetBox had confirmed the write, by the writer's clock.
    pub at: Timestamp,
    /// What the write did.
    pub changes: Vec<Change>,
}

impl Note {
    /// Whether a read of NetBox that began at `read_started` may have missed this write.
    #[must_use]
    pub fn may_be_missed_by(&self, read_started: Timestamp) -> bool {
        may_be_missed(self.at, read_started)
    }
}

/// Whether a read of NetBox that began at `read_started` may have missed a write confirmed at `at`.
///
/// A read that began after the write was confirmed has it, or has what others made of it since; then the write's note has
/// nothing to add. In doubt it counts: [`Catalogue::apply`](super::Catalogue::apply) takes no older row for a newer one.
#[must_use]
pub fn may_be_missed(at: Timestamp, read_started: Timestamp) -> bool {
    at >= read_started.minus(SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_began_before_a_write_ended_may_have_missed_it() {
        let s = |n: i64| Timestamp::from_micros(n * 1_000_000);
        let note = Note {
            at: s(100),
            changes: vec![],
        };
        assert!(note.may_be_missed_by(s(90)));
        assert!(note.may_be_missed_by(s(105)));
        assert!(!note.may_be_missed_by(s(106)));
    }
}
