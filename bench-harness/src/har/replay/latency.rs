//! How long the answers of a replay wait.

use std::str::FromStr;
use std::time::Duration;

/// The longest an answer may be made to wait.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long the answers of a replay wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// As long as recorded.
    Recorded,
    /// Not at all.
    None,
    /// This many times as long as recorded.
    Scaled(f64),
    /// All of them this long.
    Fixed(Duration),
}

impl Latency {
    /// How long an answer waits that took so many milliseconds when it was recorded.
    #[must_use]
    pub fn of(self, recorded_ms: f64) -> Duration {
        let times = |factor: f64| {
            let seconds = recorded_ms * factor / 1e3;
            let time = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
            time.min(LONGEST)
        };
        match self {
            Self::Recorded => times(1.0),
            Self::None => Duration::ZERO,
            Self::Scaled(factor) => times(factor),
            Self::Fixed(time) => time,
        }
    }
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no latency: expected recorded, none, a factor such as x0.5, or a time such as 50ms or 1s"
            )
        };
        if let Some(factor) = text.strip_prefix('x') {
            let factor: f64 = factor.parse().map_err(|_| wrong())?;
            return match factor.is_finite() && factor >= 0.0 {
                true => Ok(Self::Scaled(factor)),
                false => Err(wrong()),
            };
        }
        let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong());
        match text {
            "recorded" => Ok(Self::Recorded),
            "none" => Ok(Self::None),
            _ => {
                let time = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
                    (Some(digits), _) => Duration::from_millis(number(digits)?),
                    (None, Some(digits)) => Duration::from_secs(number(digits)?),
                    (None, None) => return Err(wrong()),
                };
                Ok(Self::Fixed(time.min(LONGEST)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn latencies_are_kept_dropped_scaled_and_replaced() {
        let planned = |text: &str| text.parse::<Latency>().unwrap().of(80.0);
        let ms = Duration::from_millis;
        assert_eq!(planned("recorded"), ms(80));
        assert_eq!(planned("none"), ms(0));
        assert_eq!(planned("x0.5"), ms(40));
        assert_eq!(planned("x3"), ms(240));
        assert_eq!(planned("50ms"), ms(50));
        assert_eq!(planned("2s"), ms(2_000));
    }

    #[test]
    fn what_is_no_latency_is_refused() {
        for bad in ["", "x", "x-1", "xNaN", "fast", "50", "-1ms", "ms"] {
            assert!(bad.parse::<Latency>().is_err(), "{bad}");
        }
    }
}
