//! Why a use case did not do what was asked.

use crate::netbox::NetboxError;
use crate::segment::{SegmentId, Violation};

/// Something in the way of a write: which rule, who has it, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// A stable code: `overlap`, `vlan-id-taken`, `epg-name-taken`, `vlan-shared`, `allocated`, `several-allocated`,
    /// `conflict-in-list`.
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

/// That no segment is free, and where some are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// What is wrong, in words.
    pub detail: String,
    /// How many segments there are at the place.
    pub total: usize,
    /// How many of them are allocated.
    pub allocated: usize,
    /// How many are free, but not as wanted.
    pub unsuitable: usize,
    /// Where segments are free: site, VRF and how many, the nearest place first.
    pub alternatives: Vec<(String, String, usize)>,
}

impl std::fmt::Display for Shortage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
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
    /// Not carried out, because another item of the same list failed; nothing was changed.
    #[error("not carried out, because another item of the list failed")]
    Withheld,
    /// There is nothing to take, or to give back.
    #[error("{0}")]
    NoneFree(Box<Shortage>),
    /// No addresses, or no VLAN id, are free where they are wanted.
    #[error("{0}")]
    NoRoom(String),
    /// Others were faster each time; nothing was changed, and trying again may help.
    #[error("{0}; nothing was changed")]
    Busy(String),
    /// No segment there is allocated to this cluster.
    #[error("no segment at site `{site}` in VRF `{vrf}` is allocated to cluster `{cluster}`")]
    NotAllocated {
        /// The cluster.
        cluster: String,
        /// The site.
        site: String,
        /// The VRF.
        vrf: String,
    },
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
