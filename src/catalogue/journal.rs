//! Small notes of single writes, so that every instance on the same store sees a write as soon as it was confirmed.
//!
//! Writers do not rewrite the shared snapshot: two of them would lose one another's work, since the store has no
//! compare-and-swap. Each adds a note under a key of its own, and whoever loads the snapshot reads the notes as well.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::netbox::rows::{Id, Prefix, Vlan, VlanGroup};
use crate::timestamp::Timestamp;

/// How far the clocks of two instances may differ before one takes the other's note for older than it is.
pub const SKEW: Duration = Duration::from_secs(5);

/// One row that a write made, changed or removed.
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
    ///
    /// A read that began after the write was confirmed has it, or has what others made of it since; then the note has
    /// nothing to add. In doubt it counts: [`Catalogue::apply`](super::Catalogue::apply) takes no older row for a newer one.
    #[must_use]
    pub fn may_be_missed_by(&self, read_started: Timestamp) -> bool {
        self.at >= read_started.minus(SKEW)
    }
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
