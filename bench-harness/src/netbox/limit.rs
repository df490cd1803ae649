//! A rate limit in front of NetBox, as a proxy keeps it: what is too much is turned back before any work.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::reply::Reply;

/// The page of a proxy that has had enough, as nginx shows it.
const PAGE: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n\
    <center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// So many calls a second on the average, so many at once after a pause, and what the others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls a second, 1 at least.
    pub per_second: u32,
    /// Calls at once after a pause, 1 at least.
    pub burst: u32,
    /// What a call beyond is answered.
    pub refusal: Refusal,
}

/// How a call beyond the limit is turned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 503 and an HTML page, without `Retry-After`: nginx with `limit_req`, as it comes.
    Unavailable,
    /// 429 with `Retry-After`, in seconds.
    TooMany {
        /// The seconds.
        retry_after: u32,
    },
}

impl RateLimit {
    /// This rate, and 503 with an HTML page beyond it.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            burst: burst.max(1),
            refusal: Refusal::Unavailable,
        }
    }

    /// The same rate, and 429 with this `Retry-After` beyond it.
    #[must_use]
    pub fn telling(mut self, retry_after: u32) -> Self {
        self.refusal = Refusal::TooMany { retry_after };
        self
    }

    pub(super) fn reply(&self) -> Reply {
        match self.refusal {
            Refusal::Unavailable => Reply::text(503, "text/html", PAGE),
            Refusal::TooMany { retry_after } => {
                Reply::text(429, "text/plain", "Too many requests\n")
                    .with("Retry-After", retry_after.to_string())
            }
        }
    }
}

impl FromStr for RateLimit {
    type Err = String;

    /// Reads `10/s:20`: ten a second, twenty at once.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{text:?} is not a rate: expected calls a second and at once, such as 10/s:20")
        };
        let (rate, burst) = text.split_once("/s:").ok_or_else(wrong)?;
        match (rate.parse(), burst.parse()) {
            (Ok(rate @ 1..), Ok(burst @ 1..)) => Ok(Self::new(rate, burst)),
            _ => Err(wrong()),
        }
    }
}

/// Keeps a rate limit, or none.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<Option<Bucket>>);

#[derive(Debug)]
struct Bucket {
    limit: RateLimit,
    left: f64,
    at: Instant,
}

impl Limiter {
    pub(super) fn new(limit: Option<RateLimit>) -> Self {
        let limiter = Self::default();
        limiter.set(limit);
        limiter
    }

    /// Another limit, or none; its burst is there from the start.
    pub(super) fn set(&self, limit: Option<RateLimit>) {
        let bucket = limit.map(|limit| Bucket {
            limit,
            left: f64::from(limit.burst),
            at: Instant::now(),
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bucket;
    }

    /// Takes a call, or says how to turn it back.
    pub(super) fn refuse(&self) -> Option<Reply> {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = bucket.as_mut()?;
        let now = Instant::now();
        let earned =
            now.duration_since(bucket.at).as_secs_f64() * f64::from(bucket.limit.per_second);
        bucket.at = now;
        bucket.left = (bucket.left + earned).min(f64::from(bucket.limit.burst));
        if bucket.left < 1.0 {
            return Some(bucket.limit.reply());
        }
        bucket.left -= 1.0;
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_rate_limit_is_read_strictly() {
        assert_eq!("10/s:20".parse(), Ok(RateLimit::new(10, 20)));
        for bad in ["10", "10/s", "10/s:0", "0/s:1", "10/m:20", "10/s:x"] {
            assert!(bad.parse::<RateLimit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_burst_passes_and_the_next_is_turned_back() {
        let limiter = Limiter::new(Some(RateLimit::new(1, 3)));
        let turned_back = (0..4).filter_map(|_| limiter.refuse()).count();
        assert_eq!(turned_back, 1);
        limiter.set(Some(RateLimit::new(1, 1).telling(7)));
        assert!(limiter.refuse().is_none());
        let reply = limiter.refuse().unwrap();
        assert_eq!((reply.status, reply.headers.len()), (429, 1));
    }
}
