//! How fast NetBox may be asked: a state machine that takes time and outcomes as arguments.
//!
//! - So many calls at once: one more for every few that go well, half as many after an overload, never under one.
//! - A fixed rate besides, if one is set.
//! - After an overload all calls pause: as long as `Retry-After` says, or a little longer each time.
//! - When NetBox asks for more time than a caller has, or drowns, calls are refused at once, for a time. Then a single one
//!   is let through, and its outcome decides.
//!
//! Who waits goes in the order of coming.

use std::collections::VecDeque;
use std::time::Duration;

use super::rate::{Bucket, RateLimit};

/// So many overloads in a row, without one good answer, mean that NetBox is drowning...
const DROWNING: u32 = 8;
/// ...if they took at least this long: calls turned back together by a rate limit do not mean it.
const DROWNING_FOR: Duration = Duration::from_secs(2);
/// For how long calls are refused when NetBox is found drowning; doubled each time the call let through then fails.
const FIRST_BREAK: Duration = Duration::from_secs(5);
/// The longest that calls are refused, unless NetBox asked for longer.
const LONGEST_BREAK: Duration = Duration::from_secs(30);
/// The longest that calls are refused whatever NetBox asked for: then one call finds out.
const LONGEST_ASKED: Duration = Duration::from_secs(60);
/// How long the others wait for the outcome of the one call let through.
const PROBE: Duration = Duration::from_secs(1);
/// The pause of all calls after an overload without `Retry-After`, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Its end.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// What a good answer adds to the number of calls at once, divided by that number: about thirty answers from 1 to 4.
const GROWTH: f64 = 0.25;

/// What a call says about the load of NetBox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// NetBox answered, whatever it answered.
    Answered,
    /// Too much for it, with what `Retry-After` says.
    Overloaded(Option<Duration>),
    /// Nothing can be concluded.
    Unclear,
}

/// Somebody's place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// A call under way. [`Pace::done`] must be told of its end.
#[derive(Debug)]
pub struct Leave {
    since: Duration,
    probe: bool,
}

/// Whether a call may go.
#[derive(Debug)]
pub enum Decision {
    /// Now.
    Go(Leave),
    /// Not yet: ask again after this time, or when a call is done or somebody left the queue, whichever comes first.
    Wait(Option<Duration>),
    /// Not at all; after this time it may be worth trying again.
    Refuse(Duration),
}

#[derive(Clone, Copy, Debug)]
enum Gate {
    /// Calls go from this instant on.
    Open { from: Duration },
    /// Calls are refused until this instant; how often that was so in a row.
    Closed { until: Duration, times: u32 },
    /// One call is under way to find out.
    Probing { since: Duration, times: u32 },
}

/// How fast NetBox may be asked.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    /// A `Retry-After` from here on is longer than a caller can wait.
    long: Duration,
    window: f64,
    busy: usize,
    /// Overloads in a row, and when the first of them was.
    run: u32,
    run_since: Duration,
    /// Pauses in a row.
    pauses: u32,
    /// The last time the pace was slowed down: a call that began earlier tells nothing new.
    slowed_at: Duration,
    gate: Gate,
    bucket: Option<Bucket>,
    queue: VecDeque<Ticket>,
    next: u64,
}

impl Pace {
    /// At most `most` calls at once, and at the rate if there is one. Nobody waits for as long as `long`.
    #[must_use]
    pub fn new(most: usize, rate: Option<RateLimit>, long: Duration) -> Self {
        let most = most.max(1);
        Self {
            most,
            long,
            window: most as f64,
            busy: 0,
            run: 0,
            run_since: Duration::ZERO,
            pauses: 0,
            slowed_at: Duration::ZERO,
            gate: Gate::Open {
                from: Duration::ZERO,
            },
            bucket: rate.map(Bucket::new),
            queue: VecDeque::new(),
            next: 0,
        }
    }

    /// How many calls may be under way at once, now.
    #[must_use]
    pub fn at_once(&self) -> usize {
        (self.window as usize).clamp(1, self.most)
    }

    /// How many calls are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.busy
    }

    /// Whether calls are refused at once.
    #[must_use]
    pub fn refuses(&self, now: Duration) -> bool {
        match self.gate {
            Gate::Open { .. } => false,
            Gate::Closed { until, .. } => now < until,
            Gate::Probing { since, .. } => now >= since + PROBE,
        }
    }

    /// Joins the queue.
    pub fn join(&mut self) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.queue.push_back(ticket);
        ticket
    }

    /// Leaves the queue, if still in it.
    pub fn leave(&mut self, ticket: Ticket) {
        self.queue.retain(|waiting| *waiting != ticket);
    }

    /// Whether the call with this ticket may go now; it has left the queue then.
    pub fn ask(&mut self, now: Duration, ticket: Ticket) -> Decision {
        match self.gate {
            Gate::Open { from } if now < from => return Decision::Wait(Some(from - now)),
            Gate::Closed { until, .. } if now < until => return Decision::Refuse(until - now),
            Gate::Probing { since, .. } if now < since + PROBE => {
                return Decision::Wait(Some(since + PROBE - now));
            }
            Gate::Probing { .. } => return Decision::Refuse(PROBE),
            Gate::Open { .. } | Gate::Closed { .. } => {}
        }
        if self.queue.front() != Some(&ticket) || self.busy >= self.at_once() {
            return Decision::Wait(None);
        }
        if let Some(Err(wait)) = self.bucket.as_mut().map(|bucket| bucket.take(now)) {
            return Decision::Wait(Some(wait));
        }
        let probe = match self.gate {
            Gate::Closed { times, .. } => {
                self.gate = Gate::Probing { since: now, times };
                true
            }
            _ => false,
        };
        Decision::Go(self.start(now, ticket, probe))
    }

    /// Lets the call with this ticket go whatever [`Pace::ask`] would say: work begun at NetBox must come to an end.
    pub fn insist(&mut self, now: Duration, ticket: Ticket) -> Leave {
        self.start(now, ticket, false)
    }

    fn start(&mut self, now: Duration, ticket: Ticket, probe: bool) -> Leave {
        self.leave(ticket);
        self.busy += 1;
        Leave { since: now, probe }
    }

    /// Takes in how a call ended.
    pub fn done(&mut self, now: Duration, leave: Leave, outcome: Outcome) {
        self.busy = self.busy.saturating_sub(1);
        match outcome {
            Outcome::Answered => self.answered(now, &leave),
            Outcome::Overloaded(asked) => self.overloaded(now, &leave, asked),
            Outcome::Unclear => {
                if let Gate::Probing { times, .. } = self.gate
                    && leave.probe
                {
                    self.gate = Gate::Closed { until: now, times };
                }
            }
        }
    }

    fn answered(&mut self, now: Duration, leave: &Leave) {
        self.run = 0;
        self.pauses = 0;
        self.window = (self.window + GROWTH / self.window).min(self.most as f64);
        // An answer to a call from before the gate closed says nothing about what came after.
        let closed = !matches!(self.gate, Gate::Open { .. });
        if closed && (leave.probe || leave.since > self.slowed_at) {
            self.gate = Gate::Open { from: now };
        }
    }

    fn overloaded(&mut self, now: Duration, leave: &Leave, asked: Option<Duration>) {
        if self.run == 0 {
            self.run_since = now;
        }
        self.run = self.run.saturating_add(1);
        let drowning = self.run >= DROWNING && now >= self.run_since + DROWNING_FOR;
        let news = leave.since >= self.slowed_at;
        if news {
            self.window = (self.window / 2.0).max(1.0);
            self.slowed_at = now;
            self.pauses = self.pauses.saturating_add(1);
        }
        let too_long = asked.is_some_and(|asked| asked >= self.long);
        let asked = asked.map(|asked| asked.min(LONGEST_ASKED));
        self.gate = match self.gate {
            Gate::Probing { times, .. } if leave.probe => closed(now, times, asked),
            Gate::Open { .. } if too_long || drowning => closed(now, 0, asked),
            Gate::Closed { until, times } => Gate::Closed {
                until: until.max(now + asked.unwrap_or_default()),
                times,
            },
            Gate::Open { from } => {
                let pause = match asked {
                    Some(asked) => asked,
                    None if news => doubled(FIRST_PAUSE, self.pauses - 1, LONGEST_PAUSE),
                    None => Duration::ZERO,
                };
                Gate::Open {
                    from: from.max(now + pause),
                }
            }
            probing @ Gate::Probing { .. } => probing,
        };
    }
}

fn closed(now: Duration, times: u32, asked: Option<Duration>) -> Gate {
    let pause = doubled(FIRST_BREAK, times, LONGEST_BREAK);
    Gate::Closed {
        until: now + pause.max(asked.unwrap_or_default()),
        times: times.saturating_add(1),
    }
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(most)
}

#[cfg(test)]
mod tests;
