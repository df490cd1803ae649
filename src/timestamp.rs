//! Instants in UTC, to the microsecond, as NetBox writes them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Microseconds since the Unix epoch, UTC.
///
/// NetBox keeps `last_updated` and `created` to the microsecond (PostgreSQL's `timestamptz`), and builds its ETag
/// from `last_updated`, so nothing coarser would do.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `micros` microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, with `Z` (NetBox's REST API) or `+00:00` (its GraphQL API and ETags).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(parsed.unix_timestamp_nanos() / 1_000)
            .ok()
            .map(Self)
    }

    /// Reads the `Date` header of an HTTP answer (RFC 9110, IMF-fixdate; whole seconds).
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let format = time::format_description::well_known::Rfc2822;
        let rfc2822 = text.strip_suffix("GMT").map(|t| format!("{t}+0000"))?;
        let parsed = OffsetDateTime::parse(&rfc2822, &format).ok()?;
        Some(Self(parsed.unix_timestamp().checked_mul(1_000_000)?))
    }

    /// This instant, `by` later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// This instant, `by` earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this instant is; zero when it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The ETag that NetBox gives an object last updated now: `W/"<isoformat, +00:00>"` (measured on 4.7.3).
    ///
    /// Python's `isoformat` leaves the fraction out when it is zero and writes six digits otherwise.
    #[must_use]
    pub fn etag(self) -> String {
        format!("W/\"{self}\"")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000_000);
        let micros = self.0.rem_euclid(1_000_000);
        let at = OffsetDateTime::from_unix_timestamp(seconds)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::UTC);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        write!(f, "+00:00")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_etag_is_the_one_netbox_gives() {
        let at = Timestamp::parse("2026-11-23T08:25:58.614496Z").unwrap();
        assert_eq!(at.etag(), "W/\"2026-11-23T08:25:58.614496+00:00\"");
        let whole = Timestamp::parse("2026-11-23T08:25:58Z").unwrap();
        assert_eq!(whole.etag(), "W/\"2026-11-23T08:25:58+00:00\"");
    }

    #[test]
    fn an_http_date_is_read_to_the_second() {
        let at = Timestamp::parse_http_date("Mon, 23 Nov 2026 08:25:58 GMT").unwrap();
        assert_eq!(at, Timestamp::parse("2026-11-23T08:25:58Z").unwrap());
        assert_eq!(Timestamp::parse_http_date("yesterday"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(micros in 0_i64..4_102_444_800_000_000) {
            let at = Timestamp::from_micros(micros);
            prop_assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _ = Timestamp::parse(&text);
            let _ = Timestamp::parse_http_date(&text);
        }
    }
}
