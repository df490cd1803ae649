//! Faults and delays at random, the same for the same seed and order of calls.

use std::time::Duration;

use fastrand::Rng;

use super::faults::Fault;

/// What is to go wrong by chance from the start.
#[derive(Clone, Debug, Default)]
pub struct Chaos {
    /// Seeds all choices.
    pub seed: u64,
    /// Calls are delayed by up to this.
    pub delay: Duration,
    /// Faults, each with the share of calls it strikes, from 0 to 1.
    pub faults: Vec<(f64, Fault)>,
}

/// The dice of a running double.
#[derive(Debug, Default)]
pub(super) struct Dice {
    faults: Vec<(Rng, f64, Fault)>,
    delay: Option<(Rng, Duration)>,
}

impl Dice {
    pub(super) fn new(chaos: &Chaos) -> Self {
        let mut dice = Self::default();
        // Each fault has a sequence of its own, so that adding one does not change when the others strike.
        for (seed, (share, fault)) in (chaos.seed..).zip(&chaos.faults) {
            dice.fail(seed, *share, fault.clone());
        }
        dice.delay(chaos.seed, chaos.delay);
        dice
    }

    pub(super) fn fail(&mut self, seed: u64, share: f64, fault: Fault) {
        self.faults.push((Rng::with_seed(seed), share, fault));
    }

    pub(super) fn delay(&mut self, seed: u64, most: Duration) {
        self.delay = (!most.is_zero()).then(|| (Rng::with_seed(seed), most));
    }

    pub(super) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// The fault that strikes this call, if one does.
    pub(super) fn fault(&mut self) -> Option<Fault> {
        let strikes = self.faults.iter_mut();
        // Every die is thrown for every call: which calls one strikes does not depend on the others.
        let struck: Vec<&Fault> = strikes
            .filter_map(|(rng, share, fault)| (rng.f64() < *share).then_some(&*fault))
            .collect();
        struck.first().map(|fault| (*fault).clone())
    }

    /// How long this call waits on its way in and on its way out.
    pub(super) fn delays(&mut self) -> (Duration, Duration) {
        let Some((rng, most)) = &mut self.delay else {
            return (Duration::ZERO, Duration::ZERO);
        };
        let half = *most / 2;
        (half.mul_f64(rng.f64()), half.mul_f64(rng.f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(seed: u64, share: f64) -> Vec<bool> {
        let mut dice = Dice::default();
        dice.fail(seed, share, Fault::DropBefore);
        (0..1_000).map(|_| dice.fault().is_some()).collect()
    }

    #[test]
    fn about_the_share_of_calls_is_struck_and_the_same_for_the_same_seed() {
        let calls = struck(7, 0.2);
        let count = calls.iter().filter(|struck| **struck).count();
        assert!((150..250).contains(&count), "{count}");
        assert_eq!(calls, struck(7, 0.2));
        assert_ne!(calls, struck(8, 0.2));
        assert!(struck(7, 1.0).iter().all(|struck| *struck));
        assert!(!struck(7, 0.0).contains(&true));
    }

    #[test]
    fn delays_stay_below_the_most_allowed() {
        let mut dice = Dice::default();
        assert_eq!(dice.delays(), (Duration::ZERO, Duration::ZERO));
        dice.delay(1, Duration::from_millis(100));
        for _ in 0..100 {
            let (before, after) = dice.delays();
            assert!(before + after < Duration::from_millis(100));
        }
    }
}
