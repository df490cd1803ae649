//! What one request of ours cost at NetBox.

use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Follows one incoming request through all layers: its id, and the NetBox calls made for it.
#[derive(Debug, Default)]
pub struct Trail {
    request_id: String,
    began: Cell<Option<Duration>>,
    unsettled: Cell<bool>,
    calls: Cell<u32>,
    busy: RefCell<Vec<(Duration, Duration)>>,
}

impl Trail {
    /// A new trail for the request with this id (`X-Request-ID`, passed on to NetBox).
    #[must_use]
    pub fn new(request_id: String) -> Self {
        Self {
            request_id,
            ..Self::default()
        }
    }

    /// The id of the incoming request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When this request first needed NetBox, by the monotonic clock; `now` if that is now. Its patience counts from here.
    pub fn began(&self, now: Duration) -> Duration {
        let began = self.began.get().unwrap_or(now);
        self.began.set(Some(began));
        began
    }

    /// Whether this request has changed something at NetBox, or may have: then its calls are not refused, because what is
    /// half done must be finished, undone or at least looked at.
    #[must_use]
    pub fn unsettled(&self) -> bool {
        self.unsettled.get()
    }

    /// Notes that a write of this request was carried out, or may have been.
    pub fn unsettle(&self) {
        self.unsettled.set(true);
    }

    /// NetBox calls made so far, attempts that failed included.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// Notes one call that lasted from `start` to `end` on the monotonic clock.
    pub fn record(&self, start: Duration, end: Duration) {
        self.calls.set(self.calls.get().saturating_add(1));
        self.busy.borrow_mut().push((start, end));
    }

    /// Adds the calls of another trail, made on behalf of the same request.
    pub fn add(&self, other: &Self) {
        self.calls
            .set(self.calls.get().saturating_add(other.calls()));
        self.busy
            .borrow_mut()
            .extend(other.busy.borrow().iter().copied());
    }

    /// Time during which at least one call was under way: calls that overlap count once.
    #[must_use]
    pub fn waited(&self) -> Duration {
        let mut spans = self.busy.borrow().clone();
        spans.sort_unstable();
        let mut total = Duration::ZERO;
        let mut covered = Duration::ZERO;
        for (start, end) in spans {
            let from = start.max(covered);
            if end > from {
                total += end - from;
                covered = end;
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_overlap_are_waited_for_once() {
        let trail = Trail::new("r".to_owned());
        let ms = Duration::from_millis;
        trail.record(ms(0), ms(10));
        trail.record(ms(5), ms(15));
        trail.record(ms(20), ms(30));
        assert_eq!(trail.calls(), 3);
        assert_eq!(trail.waited(), ms(25));
    }
}
