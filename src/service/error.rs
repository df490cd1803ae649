//! Why a use case did not do what was asked.

use crate::netbox::NetboxError;
use crate::segment::{SegmentId, Violation};

/// Something in the way of a write: which rule, who has it, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// A stable code: `overlap`, `vlan-id-taken`, `epg-name-taken`, `vlan-shared`.
    pub code: &'static str,
    /// The field of the request that it concerns, as a JSON pointer.
    pub pointer: &'static str,
    /// The segment that is in the way, if it is one.
    pub rival: Option<SegmentId>,
    /// What is in the way, in words.
    pub detail: String,
    /// What would be right.
    pub expected: String,
}

/// Why a use case did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such segment.
    #[error("there is no segment with the id {0}")]
    NoSuchSegment(SegmentId),
    /// What was asked for breaks rules; nothing was changed.
    #[error("{} rule(s) broken", .0.len())]
    Invalid(Vec<Violation>),
    /// Something else is in the way; nothing was changed.
    #[error("{}", .0.iter().map(|o| o.detail.as_str()).collect::<Vec<_>>().join("; "))]
    Conflict(Vec<Obstacle>),
    /// The segment is not in the state that the caller thinks; nothing was changed.
    #[error("segment {0} has changed since it was read")]
    Changed(SegmentId),
    /// NetBox lacks an object that we need and do not make.
    #[error("{0}")]
    Unprepared(String),
    /// NetBox did not do its part; nothing was changed.
    #[error(transparent)]
    Netbox(#[from] NetboxError),
    /// It failed half-way, and what had been done could not be undone.
    #[error("{error}; left behind: {}", .left.join(", "))]
    Left {
        /// Why it failed.
        error: Box<ServiceError>,
        /// What is left in NetBox, in words.
        left: Vec<String>,
    },
}

impl ServiceError {
    /// This error, with what could not be undone, if anything.
    #[must_use]
    pub fn leaving(self, more: Vec<String>) -> Self {
        match self {
            error if more.is_empty() => error,
            Self::Left { error, mut left } => {
                left.extend(more);
                Self::Left { error, left }
            }
            error => Self::Left {
                error: Box::new(error),
                left: more,
            },
        }
    }
}
