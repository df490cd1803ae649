//! Waiting for one's turn to call NetBox: [`Pace`] on the host's clock.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::select;

use super::pace::{Decision, Leave, Outcome, Pace, Ticket};
use crate::platform::Host;
use crate::sync::Bell;

/// After which time to try again, when only the callers before us know.
const UNKNOWN: Duration = Duration::from_secs(1);

/// The queue of calls to one NetBox.
pub(super) struct Turns {
    host: Host,
    pace: RefCell<Pace>,
    bell: Bell,
}

/// The right to make one call. When it is dropped without [`Turn::over`], the call was given up.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    leave: Option<Leave>,
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    turns: &'a Turns,
    ticket: Ticket,
}

impl Turns {
    pub(super) fn new(host: Host, pace: Pace) -> Self {
        Self {
            bell: Bell::new(host.clone()),
            host,
            pace: RefCell::new(pace),
        }
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        self.pace.borrow().under_way()
    }

    /// Whether calls are refused at once.
    pub(super) fn refuses(&self) -> bool {
        self.pace.borrow().refuses(self.host.monotonic())
    }

    /// Waits for a turn, `patience` at most. One who insists gets it then all the same.
    ///
    /// # Errors
    /// When it may be worth trying again, if there is no turn to be had in time.
    pub(super) async fn take(
        &self,
        patience: Duration,
        insist: bool,
    ) -> Result<Turn<'_>, Duration> {
        let deadline = self.host.monotonic().saturating_add(patience);
        let place = Place {
            turns: self,
            ticket: self.pace.borrow_mut().join(),
        };
        loop {
            let now = self.host.monotonic();
            let left = deadline.saturating_sub(now);
            let decision = self.pace.borrow_mut().ask(now, place.ticket);
            let (pause, hopeless) = match decision {
                Decision::Go(leave) => return Ok(self.turn(leave)),
                Decision::Wait(None) if left.is_zero() => (UNKNOWN, true),
                Decision::Wait(None) => (left, false),
                Decision::Wait(Some(pause)) => (pause, pause > left),
                Decision::Refuse(pause) => (pause, true),
            };
            if hopeless && insist {
                let leave = self.pace.borrow_mut().insist(now, place.ticket);
                return Ok(self.turn(leave));
            }
            if hopeless {
                return Err(pause);
            }
            select(pin!(self.bell.wait()), pin!(self.host.sleep(pause))).await;
        }
    }

    fn turn(&self, leave: Leave) -> Turn<'_> {
        Turn {
            turns: self,
            leave: Some(leave),
        }
    }
}

impl Turn<'_> {
    /// The call is over, and says this about the load of NetBox.
    pub(super) fn over(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(leave) = self.leave.take() {
            let now = self.turns.host.monotonic();
            self.turns.pace.borrow_mut().done(now, leave, outcome);
            self.turns.bell.ring();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Unclear);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turns.pace.borrow_mut().leave(self.ticket);
        self.turns.bell.ring();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::testing::host;
    use futures_util::FutureExt;

    const LONG: Duration = Duration::from_secs(30);

    fn turns(most: usize) -> Turns {
        Turns::new(host(), Pace::new(most, None, LONG))
    }

    fn take(turns: &Turns, insist: bool) -> Option<Result<Turn<'_>, Duration>> {
        turns.take(Duration::ZERO, insist).now_or_never()
    }

    #[test]
    fn a_turn_given_up_is_free_again() {
        let turns = turns(1);
        let first = take(&turns, false).unwrap().unwrap();
        assert_eq!(take(&turns, false).unwrap().err(), Some(UNKNOWN));
        drop(first);
        assert!(take(&turns, false).unwrap().is_ok());
    }

    #[test]
    fn who_is_refused_is_told_for_how_long() {
        let turns = turns(1);
        let turn = take(&turns, false).unwrap().unwrap();
        turn.over(Outcome::Overloaded(Some(LONG)));
        assert!(turns.refuses());
        assert_eq!(take(&turns, false).unwrap().err(), Some(LONG));
        assert!(take(&turns, true).unwrap().is_ok());
    }
}
