//! What the server and the test share: the rows, the switches, the faults.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::auth::Tokens;
use super::db::Db;
use super::faults::Faults;
use super::ledger::Ledger;

/// The switches of a running double.
#[derive(Clone, Debug)]
pub(crate) struct Switches {
    pub(crate) latency: Duration,
    pub(crate) race_window: Duration,
    pub(crate) graphql: bool,
    /// Calls a second taken before 429 is answered.
    pub(crate) rate_limit: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    pub(crate) ledger: Ledger,
    db: Mutex<Db>,
    switches: Mutex<Switches>,
    faults: Mutex<Faults>,
    budget: Mutex<(Instant, f64)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(db: Db, switches: Switches) -> Self {
        Self {
            tokens: Tokens::random(),
            ledger: Ledger::default(),
            db: Mutex::new(db),
            budget: Mutex::new((Instant::now(), f64::from(switches.rate_limit.unwrap_or(0)))),
            switches: Mutex::new(switches),
            faults: Mutex::default(),
        }
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Db> {
        lock(&self.db)
    }

    pub(crate) fn switches(&self) -> MutexGuard<'_, Switches> {
        lock(&self.switches)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn race_window(&self) -> Duration {
        self.switches().race_window
    }

    /// Takes one call from the budget of the rate limit; false when it is spent.
    pub(crate) fn admit(&self) -> bool {
        let Some(rate) = self.switches().rate_limit.map(f64::from) else {
            return true;
        };
        let mut budget = lock(&self.budget);
        let (since, left) = *budget;
        let left = (left + since.elapsed().as_secs_f64() * rate).min(rate.max(1.0));
        let admitted = left >= 1.0;
        *budget = (Instant::now(), if admitted { left - 1.0 } else { left });
        admitted
    }
}
