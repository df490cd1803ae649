//! How well NetBox took a call: the classes of the log and the metrics.

use std::time::Duration;

use crate::metrics::labels::Class;

/// From here a call counts as throttled (the thresholds of the service replaced).
const THROTTLED: Duration = Duration::from_secs(5);
/// From here a call counts as severe.
const SEVERE: Duration = Duration::from_secs(20);

/// The class of a call that took so long and was answered with this status, if at all; `slow` is where slow begins.
pub(super) fn class(took: Duration, status: Option<u16>, slow: Duration) -> Class {
    if took >= SEVERE {
        Class::Severe
    } else if took >= THROTTLED || matches!(status, Some(429 | 503)) {
        Class::Throttled
    } else if took >= slow {
        Class::Slow
    } else {
        Class::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_begins_at_its_time() {
        let slow = Duration::from_secs(2);
        let of = |ms| class(Duration::from_millis(ms), Some(200), slow);
        for (first, last, expected) in [
            (0, 1_999, Class::Ok),
            (2_000, 4_999, Class::Slow),
            (5_000, 19_999, Class::Throttled),
            (20_000, u64::MAX, Class::Severe),
        ] {
            assert_eq!((of(first), of(last)), (expected, expected), "{first} ms");
        }
        let tried = class(Duration::from_millis(6_000), Some(200), slow * 5);
        assert_eq!(tried, Class::Throttled);
    }

    #[test]
    fn a_call_that_is_turned_back_is_throttled_however_fast() {
        let slow = Duration::from_secs(2);
        for status in [429, 503] {
            assert_eq!(class(Duration::ZERO, Some(status), slow), Class::Throttled);
            assert_eq!(class(SEVERE, Some(status), slow), Class::Severe);
        }
        for status in [None, Some(201), Some(404), Some(500), Some(502), Some(504)] {
            assert_eq!(class(Duration::ZERO, status, slow), Class::Ok);
            assert_eq!(class(slow, status, slow), Class::Slow);
        }
    }
}
