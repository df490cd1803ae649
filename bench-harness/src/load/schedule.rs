//! When requests are due.

use std::str::FromStr;
use std::time::Duration;

/// How requests arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrivals {
    /// At equal distances.
    #[default]
    Constant,
    /// By chance, each independent of the others, as those of many users do.
    Poisson,
}

impl FromStr for Arrivals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "constant" => Ok(Self::Constant),
            "poisson" => Ok(Self::Poisson),
            _ => Err(format!(
                "{text:?} is no way to arrive: expected constant or poisson"
            )),
        }
    }
}

/// When each request is due, from the start of the run, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(pub Vec<Duration>);

/// The most requests of one run: all of them are planned before it starts.
const MOST: f64 = 50e6;

impl Schedule {
    /// Plans requests at `rate` a second for so long. The same seed gives the same plan.
    ///
    /// # Errors
    /// When the rate is not above zero, nothing would be due, or too much to plan.
    pub fn plan(
        rate: f64,
        duration: Duration,
        arrivals: Arrivals,
        seed: u64,
    ) -> Result<Self, String> {
        let expected = rate * duration.as_secs_f64();
        if !(rate.is_finite() && rate > 0.0) {
            return Err(format!(
                "the rate is {rate}: expected more than 0 requests a second"
            ));
        }
        if expected > MOST {
            return Err(format!(
                "{expected} requests are too many for one run: at most {MOST}"
            ));
        }
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut due = Vec::new();
        let mut at = 0.0;
        let mut nth = 0_u32;
        while at < duration.as_secs_f64() {
            due.push(Duration::from_secs_f64(at));
            nth += 1;
            at = match arrivals {
                // Not by adding up, which would drift.
                Arrivals::Constant => f64::from(nth) / rate,
                Arrivals::Poisson => at - (1.0 - dice.f64()).ln() / rate,
            };
        }
        if due.is_empty() {
            return Err("the duration is zero: nothing would be sent".to_owned());
        }
        Ok(Self(due))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SECONDS: Duration = Duration::from_secs(10);

    #[test]
    fn a_constant_rate_has_equal_distances_and_the_asked_number() {
        let Schedule(due) = Schedule::plan(300.0, SECONDS, Arrivals::Constant, 1).unwrap();
        assert_eq!(due.len(), 3_000);
        for pair in due.windows(2) {
            let apart = (pair[1] - pair[0]).as_secs_f64();
            assert!((apart - 1.0 / 300.0).abs() < 1e-6, "{apart}");
        }
    }

    #[test]
    fn poisson_arrivals_have_the_asked_mean_and_as_much_spread() {
        let Schedule(due) = Schedule::plan(1_000.0, SECONDS, Arrivals::Poisson, 7).unwrap();
        let apart: Vec<f64> = due
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).as_secs_f64())
            .collect();
        #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
        let count = apart.len() as f64;
        let mean = apart.iter().sum::<f64>() / count;
        let variance = apart.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        assert!((mean - 1e-3).abs() < 1e-4, "{mean}");
        // The gaps of a Poisson process vary by their mean; those of a constant rate not at all.
        assert!((variance.sqrt() - mean).abs() < 1e-4, "{variance}");
        let again = Schedule::plan(1_000.0, SECONDS, Arrivals::Poisson, 7).unwrap();
        assert_eq!(again, Schedule(due));
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(
                Schedule::plan(rate, SECONDS, Arrivals::Constant, 1).is_err(),
                "{rate}"
            );
        }
        assert!(Schedule::plan(1.0, Duration::ZERO, Arrivals::Constant, 1).is_err());
    }
}
