//! What the errors of the layers below look like from outside.

use std::time::Duration;

use super::{Kind, Problem, SOON};
use crate::netbox::NetboxError;
use crate::service::ServiceError;

impl Problem {
    pub(super) fn netbox(error: &NetboxError) -> Self {
        let detail = error.to_string();
        let at = |kind| Self::new(kind, detail.clone());
        match error {
            NetboxError::Unreachable(_) | NetboxError::Broken { .. } => {
                at(Kind::NetboxUnreachable).retry_after(SOON)
            }
            NetboxError::Throttled { retry_after, .. } => {
                at(Kind::NetboxBusy).retry_after(retry_after.map_or(SOON, whole_seconds))
            }
            NetboxError::Held { retry_after } => {
                at(Kind::NetboxBusy).retry_after(whole_seconds(*retry_after))
            }
            NetboxError::TimedOut { .. } => at(Kind::NetboxTimeout),
            NetboxError::Refused { .. } | NetboxError::Items { .. } => at(Kind::NetboxRefused),
            NetboxError::Raced { .. } | NetboxError::InUse { .. } | NetboxError::Stale { .. } => {
                at(Kind::Conflict)
            }
            NetboxError::Withheld { .. } => Self::withheld(),
            NetboxError::Forbidden { .. } | NetboxError::NotAllowed => {
                let mut problem = at(Kind::NetboxForbidden);
                problem
                    .detail
                    .push_str("; GET /api/health?deep=true names the remedy");
                problem
            }
            NetboxError::Missing { .. } | NetboxError::Unusable { .. } => at(Kind::NetboxUnusable),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NoSuchSegment(_) => Self::new(Kind::NoSuchSegment, error.to_string()),
            ServiceError::Invalid(violations) => Self::invalid(violations),
            ServiceError::Conflict(obstacles) => Self::conflict(&obstacles),
            ServiceError::Changed(_) => Self::new(
                Kind::Changed,
                format!("{error}; read it again, and decide by what it is now"),
            ),
            ServiceError::Withheld => Self::withheld(),
            ServiceError::NoneFree(shortage) => Self::none_free(&shortage),
            ServiceError::NoRoom(detail) => {
                Self::new(Kind::NoRoom, format!("{detail}; nothing was changed"))
            }
            ServiceError::Busy(_) => Self::new(Kind::Outrun, error.to_string()).retry_after(1),
            ServiceError::NotAllocated { .. } => Self::new(Kind::NotAllocated, error.to_string()),
            ServiceError::Unprepared(what) => Self::new(
                Kind::NetboxUnprepared,
                format!("{what}; GET /api/health?deep=true names the remedy"),
            )
            .retry_after(SOON),
            ServiceError::Netbox(error) => Self::netbox(&error),
            ServiceError::Left { error, left } => {
                let mut problem = Self::from(*error);
                problem.detail = problem.detail.replace("; nothing was changed", "");
                problem
                    .detail
                    .push_str("; what had been done could not be undone, see `left`");
                problem.left = left;
                problem
            }
        }
    }
}

/// Rounded up, so that nobody comes back too early; at least one.
fn whole_seconds(time: Duration) -> u64 {
    let more = u64::from(time.subsec_nanos() > 0);
    time.as_secs().saturating_add(more).max(1)
}
