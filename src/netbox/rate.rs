//! A fixed rate of calls: the setting `rate_limit`, and the bucket that keeps to it.

use std::time::Duration;

/// The most calls a second, and the most at once, that the setting takes.
const MOST: u32 = 1_000;

/// So many calls a second on the average, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_second: u32,
    burst: u32,
}

impl RateLimit {
    /// Reads `10/s` or `10/s burst 20`; without a burst it is what one second allows.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (rate, burst) = match words.as_slice() {
            [rate] => (*rate, None),
            [rate, "burst", burst] => (*rate, Some(*burst)),
            _ => return Err(format!("`{text}` is not a rate")),
        };
        let rate = rate
            .strip_suffix("/s")
            .ok_or_else(|| format!("`{rate}` does not end in /s"))?;
        let per_second = number(rate)?;
        let burst = burst.map_or(Ok(per_second), number)?;
        Ok(Self { per_second, burst })
    }
}

fn number(text: &str) -> Result<u32, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|n| (1..=MOST).contains(n));
    number
        .filter(|_| digits)
        .ok_or_else(|| format!("`{text}` is not a whole number from 1 to {MOST}"))
}

/// A token bucket, kept as the time at which it will be full again.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// How long one call's token takes to come back.
    every: Duration,
    /// How much earlier than by its turn a call may go: the burst, less one call.
    ahead: Duration,
    /// When the bucket is full again.
    full_at: Duration,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        let every = Duration::from_secs(1) / limit.per_second;
        Self {
            every,
            ahead: every * (limit.burst - 1),
            full_at: Duration::ZERO,
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long until there is one, when there is none; nothing is taken then.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = self.full_at.saturating_sub(self.ahead);
        if now < earliest {
            return Err(earliest - now);
        }
        self.full_at = self.full_at.max(now) + self.every;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_is_read_with_and_without_a_burst() {
        let limit = |per_second, burst| Ok(RateLimit { per_second, burst });
        assert_eq!(RateLimit::parse("10/s"), limit(10, 10));
        assert_eq!(RateLimit::parse("10/s burst 20"), limit(10, 20));
    }

    #[test]
    fn anything_else_is_a_mistake_that_names_what_is_wrong() {
        for (text, piece) in [
            ("10", "`10` does not end in /s"),
            ("10/m", "`10/m`"),
            ("0/s", "`0`"),
            ("+5/s", "`+5`"),
            ("1.5/s", "`1.5`"),
            ("1001/s", "`1001`"),
            ("10/s burst", "`10/s burst`"),
            ("10/s burst 0", "`0`"),
            ("10/s peak 20", "`10/s peak 20`"),
            ("10/s burst 20 30", "not a rate"),
        ] {
            let mistake = RateLimit::parse(text).unwrap_err();
            assert!(mistake.contains(piece), "{text}: {mistake}");
        }
    }

    proptest! {
        #[test]
        fn in_no_span_of_time_more_go_than_burst_and_rate_allow(
            per_second in 1_u32..50,
            burst in 1_u32..50,
            pauses in proptest::collection::vec(0_u64..400, 1..300),
        ) {
            let mut bucket = Bucket::new(RateLimit { per_second, burst });
            let mut now = Duration::ZERO;
            let mut gone = Vec::new();
            for pause in pauses {
                now += Duration::from_millis(pause);
                match bucket.take(now) {
                    Ok(()) => gone.push(now),
                    Err(wait) => prop_assert!(bucket.clone().take(now + wait).is_ok()),
                }
            }
            for (n, from) in gone.iter().enumerate() {
                for (more, to) in gone.iter().skip(n).enumerate() {
                    let allowed = f64::from(burst) + (*to - *from).as_secs_f64() * f64::from(per_second);
                    prop_assert!((more + 1) as f64 <= allowed + 1e-3);
                }
            }
        }
    }
}
