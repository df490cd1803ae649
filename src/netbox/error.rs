//! What can go wrong between us and NetBox, by what a caller may conclude.

use std::time::Duration;

use super::rows::Id;
use crate::platform::SendError;

/// Which item of a list NetBox means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemPlace {
    /// The item at this place, from 0.
    Index(usize),
    /// The item with this object's id.
    Id(Id),
}

/// A NetBox call that did not do what was asked.
///
/// Which status means what is measured on 4.7.3: authentication fails with 403 and never 401, a lost race on a VLAN is a
/// 500 that names `IntegrityError`, and any status may come with JSON, HTML or plain text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetboxError {
    /// The request did not reach NetBox: nothing was done.
    #[error("NetBox can't be reached: {0}")]
    Unreachable(String),
    /// The component's own host forbids the address: nothing was done.
    #[error("the host does not allow requests to netbox_url; add it to allowed_outbound_hosts")]
    NotAllowed,
    /// No complete answer in time; a write may have been carried out.
    #[error("NetBox did not answer `{operation}` within {} ms", .after.as_millis())]
    TimedOut {
        /// What was asked, in words.
        operation: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// The connection broke before the answer was complete; a write may have been carried out.
    #[error("the connection to NetBox broke during `{operation}`: {detail}")]
    Broken {
        /// What was asked, in words.
        operation: &'static str,
        /// What the host says.
        detail: String,
    },
    /// NetBox, or a proxy before it, asks for fewer calls (429, 503).
    #[error("NetBox asks us to slow down (status {status})")]
    Throttled {
        /// 429 or 503.
        status: u16,
        /// What `Retry-After` says, if it says anything.
        retry_after: Option<Duration>,
    },
    /// We made no call, because NetBox is overloaded or asked for time: nothing was done.
    #[error("NetBox is overloaded, and is left alone for {} s", .retry_after.as_millis().div_ceil(1_000))]
    Held {
        /// After which time a call may go again.
        retry_after: Duration,
    },
    /// 400: NetBox's rules forbid it. The text is NetBox's own.
    #[error("NetBox refused `{operation}`: {detail}")]
    Refused {
        /// What was asked, in words.
        operation: &'static str,
        /// NetBox's words.
        detail: String,
    },
    /// 500 `IntegrityError`: somebody else made the same thing at the same moment.
    #[error("NetBox refused `{operation}`, because another writer was first: {detail}")]
    Raced {
        /// What was asked, in words.
        operation: &'static str,
        /// The constraint, in the database's words.
        detail: String,
    },
    /// 400 or 409 on a list: these of its items are wrong, and nothing of the list was done.
    #[error("NetBox refused {} item(s) of the list of `{operation}`", .items.len())]
    Items {
        /// What was asked, in words.
        operation: &'static str,
        /// The items, and what is wrong with each.
        items: Vec<(ItemPlace, NetboxError)>,
    },
    /// Not sent, or not done, because another item of the same whole failed.
    #[error("`{operation}` was not carried out, because another item of the list failed")]
    Withheld {
        /// What was asked, in words.
        operation: &'static str,
    },
    /// 403: the token is not valid, or may not do this.
    #[error("NetBox refused our token for `{operation}`: {detail}")]
    Forbidden {
        /// What was asked, in words.
        operation: &'static str,
        /// NetBox's words.
        detail: String,
    },
    /// 404: the object, or the address, is not there.
    #[error("NetBox has nothing at the address of `{operation}`: {detail}")]
    Missing {
        /// What was asked, in words.
        operation: &'static str,
        /// NetBox's words.
        detail: String,
    },
    /// 409: the object is in use.
    #[error("NetBox refused `{operation}`, because the object is in use: {detail}")]
    InUse {
        /// What was asked, in words.
        operation: &'static str,
        /// NetBox's words.
        detail: String,
    },
    /// 412: the object has changed since we read it.
    #[error("the object of `{operation}` has changed in NetBox since it was read")]
    Stale {
        /// What was asked, in words.
        operation: &'static str,
    },
    /// An answer we can't use: HTML where JSON belongs, a 5xx, a shape we do not know.
    #[error("NetBox's answer to `{operation}` is unusable (status {status}): {detail}")]
    Unusable {
        /// What was asked, in words.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        detail: String,
    },
}

impl NetboxError {
    /// Whether a write may have been carried out all the same: the answer was lost, not the request.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Unusable { status, .. } => *status >= 500 || *status < 300,
            Self::Throttled { status, .. } => *status == 503,
            _ => false,
        }
    }

    /// Whether a write that was not carried out when we looked may still be: its answer is late, not refused.
    #[must_use]
    pub fn may_come_late(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Unusable { status, .. } => matches!(status, 502 | 504),
            _ => false,
        }
    }

    /// Whether the same read may well succeed a moment later.
    #[must_use]
    pub fn passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken { .. } | Self::Throttled { .. } => true,
            Self::Unusable { status, .. } => matches!(status, 500 | 502 | 504),
            _ => false,
        }
    }

    /// Whether a write was certainly not carried out, so that the very same one may be sent again: it did not leave, or a
    /// proxy turned it back (429; NetBox itself never sends it).
    #[must_use]
    pub fn not_carried_out(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Held { .. } => true,
            Self::Throttled { status, .. } => *status == 429,
            _ => false,
        }
    }

    pub(super) fn unsent(operation: &'static str, error: SendError) -> Self {
        match error {
            SendError::NotAllowed => Self::NotAllowed,
            SendError::Connect(detail) => Self::Unreachable(detail),
            SendError::TimedOut(after) => Self::TimedOut { operation, after },
            SendError::Broken(detail) => Self::Broken { operation, detail },
        }
    }
}
