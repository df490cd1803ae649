//! What the errors of the layers below look like from outside.

use std::time::Duration;

use http::StatusCode;

use super::{Problem, SOON};
use crate::netbox::NetboxError;
use crate::service::ServiceError;

impl Problem {
    pub(super) fn netbox(error: &NetboxError) -> Self {
        let detail = error.to_string();
        let at = |status, kind, title| Self::new(status, kind, title, detail.clone());
        match error {
            NetboxError::Unreachable(_) | NetboxError::Broken { .. } => at(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-unreachable",
                "NetBox can't be reached",
            )
            .retry_after(SOON),
            NetboxError::Throttled { retry_after, .. } => at(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-busy",
                "NetBox asks for fewer requests",
            )
            .retry_after(retry_after.map_or(SOON, whole_seconds)),
            NetboxError::Held { retry_after } => at(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-busy",
                "NetBox is overloaded",
            )
            .retry_after(whole_seconds(*retry_after)),
            NetboxError::TimedOut { .. } => at(
                StatusCode::GATEWAY_TIMEOUT,
                "netbox-timeout",
                "NetBox did not answer in time",
            ),
            NetboxError::Refused { .. } | NetboxError::Items { .. } => at(
                StatusCode::UNPROCESSABLE_ENTITY,
                "netbox-refused",
                "NetBox refused the change",
            ),
            NetboxError::Raced { .. } | NetboxError::InUse { .. } | NetboxError::Stale { .. } => {
                at(StatusCode::CONFLICT, "conflict", "Something is in the way")
            }
            NetboxError::Withheld { .. } => Self::withheld(),
            NetboxError::Forbidden { .. } | NetboxError::NotAllowed => {
                let mut problem = at(
                    StatusCode::BAD_GATEWAY,
                    "netbox-forbidden",
                    "NetBox does not let us",
                );
                problem
                    .detail
                    .push_str("; GET /api/health?deep=true names the remedy");
                problem
            }
            NetboxError::Missing { .. } | NetboxError::Unusable { .. } => at(
                StatusCode::BAD_GATEWAY,
                "netbox-unusable",
                "NetBox's answer can't be used",
            ),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NoSuchSegment(_) => Self::new(
                StatusCode::NOT_FOUND,
                "no-such-segment",
                "There is no such segment",
                error.to_string(),
            ),
            ServiceError::Invalid(violations) => Self::invalid(violations),
            ServiceError::Conflict(obstacles) => Self::conflict(&obstacles),
            ServiceError::Changed(_) => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "changed",
                "The segment has changed",
                format!("{error}; read it again, and decide by what it is now"),
            ),
            ServiceError::Withheld => Self::withheld(),
            ServiceError::NoneFree(shortage) => Self::none_free(&shortage),
            ServiceError::NoRoom(detail) => Self::new(
                StatusCode::CONFLICT,
                "no-room",
                "There is no room",
                format!("{detail}; nothing was changed"),
            ),
            ServiceError::Busy(_) => Self::new(
                StatusCode::CONFLICT,
                "outrun",
                "Others were faster",
                error.to_string(),
            )
            .retry_after(1),
            ServiceError::NotAllocated { .. } => Self::new(
                StatusCode::NOT_FOUND,
                "not-allocated",
                "There is nothing to release",
                error.to_string(),
            ),
            ServiceError::Unprepared(what) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "netbox-unprepared",
                "NetBox lacks something we need",
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
