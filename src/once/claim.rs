//! Who may carry out a request: a pure state machine that says what to ask the store next.
//!
//! A claim looks, puts up its mark, and looks again. It may run only when a look after its mark was up shows nobody else: of two
//! claims the one that put up its mark later sees the other, so never do both run. Of those that meet like this the one with the
//! lesser name, the earlier one, waits a moment; the others withdraw at once, so that one is left. Marks whose lease is over do
//! not count.

use std::time::Duration;

use super::key::Request;
use super::lease::Lease;
use super::names::{Folder, Names};
use super::record::{Kept, Record};
use super::sweep::KEPT;
use crate::timestamp::Timestamp;

/// How often a claim looks again after its mark is up, before it gives way.
const LOOKS: u8 = 6;

/// Why a request is refused. Nothing was carried out for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The same request is being carried out.
    Running,
    /// The key was used for another request.
    Reused,
    /// What lies under the key can't be read, so nobody knows what it was used for.
    Unreadable,
}

impl Refusal {
    /// Why a request is refused while `other` has its key.
    #[must_use]
    pub fn of(other: Request, request: Request) -> Self {
        if other == request {
            Self::Running
        } else {
            Self::Reused
        }
    }
}

/// How a claim ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The request may run. Its mark is up; these others were given up by those who put them up.
    Mine {
        /// The names of marks whose lease is over.
        lapsed: Vec<String>,
    },
    /// The request was answered before.
    Again(Kept),
    /// The request is refused.
    Refused(Refusal),
}

/// What to ask the store next; then tell the claim in it what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// List the store's keys.
    List(Claim),
    /// Get the value under [`Reading::name`].
    Get(Reading),
    /// Put [`Claim::mark`] under [`Claim::name`].
    Mark(Claim),
    /// Wait for [`pause`].
    Pause(Claim),
    /// Delete [`Claim::name`]; then it is decided.
    Withdraw(Claim, Decision),
    /// Done.
    Decided(Decision),
}

/// A request that wants to run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    folder: Folder,
    own: String,
    request: Request,
    /// Looks left once the mark is up; before, `None`.
    looks: Option<u8>,
}

/// A claim that reads what others have put up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    claim: Claim,
    name: String,
    rest: Vec<String>,
    lapsed: Vec<String>,
    met: Met,
}

/// Whom a claim has met in one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Met {
    /// Why the first that is running keeps us from running.
    running: Option<Refusal>,
    /// One of them has a lesser name, so it is not for us to wait.
    before_us: bool,
    /// One was listed and then gone.
    gone: bool,
}

/// The pause before a look is repeated.
#[must_use]
pub fn pause(random: u64) -> Duration {
    Duration::from_millis(10 + random % 20)
}

impl Claim {
    /// A claim to carry out `request`, begun at `now`.
    #[must_use]
    pub fn new(
        names: &Names,
        folder: Folder,
        now: Timestamp,
        random: u64,
        request: Request,
    ) -> Self {
        Self {
            folder,
            own: names.name(folder, now, random),
            request,
            looks: None,
        }
    }

    /// The name of the claim's mark.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.own
    }

    /// The mark, put up at `now`.
    #[must_use]
    pub fn mark(&self, lease: Lease, now: Timestamp) -> Vec<u8> {
        lease.mark(self.request, now)
    }

    /// The mark is up.
    #[must_use]
    pub fn marked(self) -> Step {
        Step::List(Self {
            looks: Some(LOOKS),
            ..self
        })
    }

    /// The pause is over.
    #[must_use]
    pub fn paused(self) -> Step {
        Step::List(self)
    }

    /// These are the store's keys.
    #[must_use]
    pub fn listed(self, names: &Names, keys: &[String], now: Timestamp) -> Step {
        let counts = |name: &&String| {
            let fresh = |begun| now.since(begun) <= KEPT;
            names.is_in(self.folder, name)
                && **name != self.own
                && names.begun(name).is_some_and(fresh)
        };
        let mut others: Vec<String> = keys.iter().filter(counts).cloned().collect();
        // Read from the end; the least name, that of the first claim, comes first.
        others.sort_unstable_by(|a, b| b.cmp(a));
        self.read(others, Vec::new(), Met::default())
    }

    fn read(self, mut rest: Vec<String>, lapsed: Vec<String>, met: Met) -> Step {
        match rest.pop() {
            Some(name) => Step::Get(Reading {
                claim: self,
                name,
                rest,
                lapsed,
                met,
            }),
            None => self.judge(lapsed, met),
        }
    }

    fn judge(self, lapsed: Vec<String>, met: Met) -> Step {
        let Some(looks) = self.looks else {
            // What went away while we read is no hindrance; the look after our mark will tell.
            return match met.running {
                None => Step::Mark(self),
                Some(refusal) => Step::Decided(Decision::Refused(refusal)),
            };
        };
        if met.running.is_none() && !met.gone {
            return Step::Decided(Decision::Mine { lapsed });
        }
        match looks.checked_sub(1) {
            Some(left) if !met.before_us => Step::Pause(Self {
                looks: Some(left),
                ..self
            }),
            _ => self.end(Decision::Refused(met.running.unwrap_or(Refusal::Running))),
        }
    }

    fn end(self, decision: Decision) -> Step {
        if self.looks.is_some() {
            Step::Withdraw(self, decision)
        } else {
            Step::Decided(decision)
        }
    }
}

impl Reading {
    /// The name whose value is wanted.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// This is the value.
    #[must_use]
    pub fn got(self, value: Option<&[u8]>, now: Timestamp) -> Step {
        let Self {
            claim,
            name,
            rest,
            mut lapsed,
            mut met,
        } = self;
        match value.map(Record::decode) {
            None => met.gone = true,
            Some(None) => return claim.end(Decision::Refused(Refusal::Unreadable)),
            Some(Some(Record::Answered { request, kept })) => {
                let decision = if request == claim.request {
                    Decision::Again(kept)
                } else {
                    Decision::Refused(Refusal::Reused)
                };
                return claim.end(decision);
            }
            Some(Some(Record::Running { until, .. })) if until < now => lapsed.push(name),
            Some(Some(Record::Running { request, .. })) => {
                met.before_us |= name < claim.own;
                met.running
                    .get_or_insert(Refusal::of(request, claim.request));
            }
        }
        claim.read(rest, lapsed, met)
    }
}

#[cfg(test)]
mod interleavings;
#[cfg(test)]
mod tests;
