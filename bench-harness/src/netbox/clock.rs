//! NetBox's times: microseconds, strictly increasing, written as `…Z` in REST and `…+00:00` in GraphQL and ETags.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in microseconds since 1970-01-01 UTC, the resolution PostgreSQL keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

impl Stamp {
    /// The present moment by the system clock.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    /// Reads `2026-11-23T07:55:28.421958Z`, an offset instead of `Z`, a space instead of `T`, a missing offset (UTC) or a bare date.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut text = text.trim().replacen(' ', "T", 1);
        if text.len() == 10 {
            text.push_str("T00:00:00");
        }
        let clock = text.get(10..)?;
        if !clock.ends_with(['Z', 'z']) && !clock.contains(['+', '-']) {
            text.push('Z');
        }
        let at = OffsetDateTime::parse(&text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1000)
            .ok()
            .map(Self)
    }

    fn text(self, zone: &str) -> String {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (date, clock) = (at.date(), at.time());
        let mut out = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second()
        );
        // Python's isoformat leaves the fraction out when it is zero.
        if clock.microsecond() != 0 {
            out.push_str(&format!(".{:06}", clock.microsecond()));
        }
        out.push_str(zone);
        out
    }

    /// The REST form, ending in `Z`.
    #[must_use]
    pub fn rest(self) -> String {
        self.text("Z")
    }

    /// The form of GraphQL and of ETags, ending in `+00:00`.
    #[must_use]
    pub fn offset(self) -> String {
        self.text("+00:00")
    }

    /// The weak ETag NetBox gives a row last changed at this moment.
    #[must_use]
    pub fn etag(self) -> String {
        format!("W/\"{}\"", self.offset())
    }
}

/// Gives every write its own moment: never the same one twice, never an earlier one.
#[derive(Debug, Default)]
pub struct Clock {
    last: i64,
}

impl Clock {
    /// The next moment, at least one microsecond after the one before.
    pub fn next(&mut self) -> Stamp {
        self.last = Stamp::now().0.max(self.last + 1);
        Stamp(self.last)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_reads_back_as_it_was_written() {
        let at = Stamp::parse("2026-11-23T07:55:28.421958Z").unwrap();
        assert_eq!(at.rest(), "2026-11-23T07:55:28.421958Z");
        assert_eq!(at.etag(), "W/\"2026-11-23T07:55:28.421958+00:00\"");
        assert_eq!(
            Stamp::parse("2026-11-23 09:55:28.421958+02:00").unwrap(),
            at
        );
        assert_eq!(
            Stamp::parse("2026-11-23").unwrap().rest(),
            "2026-11-23T00:00:00Z"
        );
        assert_eq!(Stamp::parse("yesterday"), None);
    }

    #[test]
    fn the_clock_never_gives_the_same_moment_twice() {
        let mut clock = Clock::default();
        let times: Vec<Stamp> = (0..1000).map(|_| clock.next()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
