//! How long a mark counts.

use std::time::Duration;

use super::key::Request;
use super::record::Record;
use crate::timestamp::Timestamp;

/// How long the mark of an instance that died keeps others from running its request. While a request runs its mark is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease(Duration);

impl Lease {
    /// The lease where one call to NetBox may take so long.
    ///
    /// What a dead instance has left at NetBox is not taken for abandoned before twice that time: until then the same request would be
    /// refused, and that answer kept. So its key must not be free earlier, counted from the last renewal.
    #[must_use]
    pub fn for_calls_of(timeout: Duration) -> Self {
        Self(Duration::from_secs(30).max(timeout.saturating_mul(4)))
    }

    /// How long it is.
    #[must_use]
    pub fn length(self) -> Duration {
        self.0
    }

    /// How often a running request renews it.
    #[must_use]
    pub fn renewed_every(self) -> Duration {
        self.0 / 3
    }

    /// The value of a mark put up or renewed now.
    #[must_use]
    pub fn mark(self, request: Request, now: Timestamp) -> Vec<u8> {
        let until = now.plus(self.0);
        Record::Running { request, until }.encode()
    }
}
