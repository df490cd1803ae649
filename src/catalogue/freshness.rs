//! How long the catalogue may be believed. State only: time comes in as an argument.

use std::time::Duration;

/// The lifetimes of the catalogue (RFC 5861 gives the two last ones their names).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// It answers without a look at NetBox for this long.
    pub fresh: Duration,
    /// For this long afterwards it answers at once, and is read again meanwhile.
    pub stale_while_revalidate: Duration,
    /// For this long afterwards it answers when NetBox can't be read.
    pub stale_if_error: Duration,
}

/// What to do with a catalogue of some age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answer from it.
    Fresh,
    /// Answer from it, and read NetBox meanwhile.
    Refreshing,
    /// Read NetBox first; if that fails, answer from it.
    RefreshOrStale,
    /// Read NetBox first; it is too old to answer from.
    Refresh,
}

impl Lifetimes {
    /// What to do with a catalogue of this age.
    #[must_use]
    pub fn judge(&self, age: Duration) -> Verdict {
        if age < self.fresh {
            Verdict::Fresh
        } else if age < self.fresh.saturating_add(self.stale_while_revalidate) {
            Verdict::Refreshing
        } else if age < self.fresh.saturating_add(self.stale_if_error) {
            Verdict::RefreshOrStale
        } else {
            Verdict::Refresh
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ages_from_fresh_to_useless() {
        let s = Duration::from_secs;
        let lifetimes = Lifetimes {
            fresh: s(300),
            stale_while_revalidate: s(60),
            stale_if_error: s(3_600),
        };
        assert_eq!(lifetimes.judge(s(0)), Verdict::Fresh);
        assert_eq!(lifetimes.judge(s(299)), Verdict::Fresh);
        assert_eq!(lifetimes.judge(s(300)), Verdict::Refreshing);
        assert_eq!(lifetimes.judge(s(360)), Verdict::RefreshOrStale);
        assert_eq!(lifetimes.judge(s(3_900)), Verdict::Refresh);
    }

    #[test]
    fn without_grace_it_is_read_again_at_once() {
        let lifetimes = Lifetimes {
            fresh: Duration::from_secs(1),
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
        };
        assert_eq!(lifetimes.judge(Duration::from_secs(1)), Verdict::Refresh);
    }
}
