//! A write with an `Idempotency-Key` is carried out once; whoever sends it again gets the first answer.
//!
//! - [`key`]: the key, whose it is, and what makes two requests the same.
//! - [`names`] and [`record`]: where in the key-value store it is written down, and what.
//! - [`claim`]: who may carry out a request, a pure state machine: of several instances on one store never two at once.
//! - [`sweep`]: what to clear away, since stores forget nothing by themselves.
//! - [`turn`]: the right to carry out one request, held while it runs. [`lease`]: for how long after its holder died.
//!
//! The store has no compare-and-swap, so nobody can take a key in one step. Each puts up a mark under a name of its own and looks
//! again: only who then sees nobody else may run. What is needed of the store is that a listing shows every value set before it.

pub mod claim;
pub mod key;
pub mod lease;
pub mod names;
pub mod record;
pub mod sweep;
pub mod turn;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub use claim::Refusal;
pub use key::{Caller, Key, Request};
pub use lease::Lease;
pub use names::Names;
pub use record::{Body, Kept};
pub use turn::Turn;

use crate::log::{Level, Logger};
use crate::platform::{Host, StoreError};
use crate::sorted::Map;
use claim::{Claim, Decision, Step};
use names::Folder;

/// What to do with a request that has a key.
pub enum Verdict<'a> {
    /// Carry it out, and say what came of it.
    Run(Turn<'a>),
    /// Give this answer again.
    Again(Kept),
    /// Refuse it.
    Refuse(Refusal),
}

/// The keys of one instance, and of all that share its store.
pub struct Once {
    host: Host,
    logger: Logger,
    names: Names,
    lease: Lease,
    most: usize,
    running: RefCell<Map<Folder, Request>>,
    sweeping: Rc<Cell<bool>>,
}

impl Once {
    /// Keys written down under these names; at most about `most` answers are kept.
    #[must_use]
    pub fn new(host: Host, logger: Logger, names: Names, lease: Lease, most: usize) -> Self {
        Self {
            host,
            logger,
            names,
            lease,
            most,
            running: RefCell::default(),
            sweeping: Rc::default(),
        }
    }

    /// Whether this request may be carried out now.
    ///
    /// # Errors
    /// When the store fails: then nobody can say whether the request was carried out before, and it must not be.
    pub async fn claim(
        &self,
        caller: Caller<'_>,
        key: &Key,
        request: Request,
    ) -> Result<Verdict<'_>, StoreError> {
        let folder = self.names.folder(caller, key);
        let seat = match self.sit_down(folder, request) {
            Ok(seat) => seat,
            Err(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        let (now, random) = (self.host.now(), self.host.random());
        let claim = Claim::new(&self.names, folder, now, random, request);
        let name = claim.name().to_owned();
        let lapsed = match self.decide(claim).await? {
            Decision::Mine { lapsed } => lapsed,
            Decision::Again(kept) => return Ok(Verdict::Again(kept)),
            Decision::Refused(refusal) => return Ok(Verdict::Refuse(refusal)),
        };
        for name in lapsed {
            // Whoever put it up is gone; left there it would only have to be read again.
            let _ = self.host.delete(name).await;
        }
        Ok(Verdict::Run(Turn::new(self, seat, name, request)))
    }

    /// Takes the steps of a claim. When the store fails, the mark is taken down again as far as that is possible.
    async fn decide(&self, claim: Claim) -> Result<Decision, StoreError> {
        let own = claim.name().to_owned();
        let mut marked = false;
        let mut step = Step::List(claim);
        loop {
            step = match self.take(step, &mut marked).await {
                Ok(Step::Decided(decision)) => return Ok(decision),
                Ok(next) => next,
                Err(error) => {
                    if marked {
                        let _ = self.host.delete(own).await;
                    }
                    self.logger.line(Level::Warn, "once", &error.to_string());
                    return Err(error);
                }
            };
        }
    }

    async fn take(&self, step: Step, marked: &mut bool) -> Result<Step, StoreError> {
        let names = &self.names;
        Ok(match step {
            Step::List(claim) => {
                let keys = self.host.keys().await?;
                if !*marked {
                    self.sweep(&keys);
                }
                claim.listed(names, &keys, self.host.now())
            }
            Step::Get(reading) => {
                let value = self.host.get(reading.name().to_owned()).await?;
                reading.got(value.as_deref(), self.host.now())
            }
            Step::Mark(claim) => {
                // Whether a failed set was carried out is not known.
                *marked = true;
                let mark = claim.mark(self.lease, self.host.now());
                self.host.set(claim.name().to_owned(), mark).await?;
                claim.marked()
            }
            Step::Pause(claim) => {
                let pause = claim::pause(self.host.random());
                self.host.sleep(pause).await;
                claim.paused()
            }
            Step::Withdraw(claim, decision) => {
                self.host.delete(claim.name().to_owned()).await?;
                Step::Decided(decision)
            }
            Step::Decided(decision) => Step::Decided(decision),
        })
    }

    /// Within the instance memory decides, without a look into the store.
    fn sit_down(&self, folder: Folder, request: Request) -> Result<Seat<'_>, Refusal> {
        let mut running = self.running.borrow_mut();
        match running.get(&folder) {
            Some(other) => Err(Refusal::of(*other, request)),
            None => {
                running.insert(folder, request);
                Ok(Seat { once: self, folder })
            }
        }
    }

    /// Clears away what is overdue, without making anybody wait for it.
    fn sweep(&self, keys: &[String]) {
        let overdue = sweep::overdue(&self.names, keys, self.host.now(), self.most);
        if overdue.is_empty() || self.sweeping.replace(true) {
            return;
        }
        let (host, sweeping) = (Rc::clone(&self.host), Rc::clone(&self.sweeping));
        self.host.spawn(Box::pin(async move {
            for name in overdue {
                if host.delete(name).await.is_err() {
                    break;
                }
            }
            sweeping.set(false);
        }));
    }
}

/// A request's place among those that run in this instance; dropping it leaves it.
struct Seat<'a> {
    once: &'a Once,
    folder: Folder,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.once.running.borrow_mut().remove(&self.folder);
    }
}

#[cfg(test)]
mod tests;
