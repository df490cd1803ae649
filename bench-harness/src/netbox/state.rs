//! What the server and the test share: the rows, the switches, the faults.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::auth::Tokens;
use super::chaos::Dice;
use super::db::Db;
use super::faults::Faults;
use super::ledger::Ledger;
use super::limit::{Limiter, RateLimit};
use super::release::Release;

/// The switches of a running double.
#[derive(Clone, Debug)]
pub(crate) struct Switches {
    pub(crate) latency: Duration,
    pub(crate) race_window: Duration,
    pub(crate) graphql: bool,
    pub(crate) release: Release,
    pub(crate) max_page: usize,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tokens: Tokens,
    pub(crate) ledger: Ledger,
    db: Mutex<Db>,
    switches: Mutex<Switches>,
    faults: Mutex<Faults>,
    dice: Mutex<Dice>,
    pub(super) limiter: Limiter,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn new(db: Db, switches: Switches, limit: Option<RateLimit>, dice: Dice) -> Self {
        Self {
            tokens: Tokens::random(),
            ledger: Ledger::default(),
            db: Mutex::new(db),
            switches: Mutex::new(switches),
            faults: Mutex::default(),
            dice: Mutex::new(dice),
            limiter: Limiter::new(limit),
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

    pub(super) fn dice(&self) -> MutexGuard<'_, Dice> {
        lock(&self.dice)
    }

    pub(crate) fn race_window(&self) -> Duration {
        self.switches().race_window
    }
}
