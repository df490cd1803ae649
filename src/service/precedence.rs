//! Before a write: coming to terms with unfinished writes for the same rows.
//!
//! Whoever finishes an unfinished write may take back what it finds there, and can't tell one writer's rows from another's
//! that are alike. So nobody may be told that a write is done as long as an earlier one could still be taken back for it.

use std::time::Duration;

use super::Service;
use super::error::ServiceError;
use super::intents::{Subject, Work};
use crate::netbox::Trail;
use crate::timestamp::Timestamp;

/// How often it is looked whether another's write is done by now, and how long after one another.
const LOOKS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(100);

/// An unfinished write that a later one has to wait for.
pub(super) struct InTheWay {
    /// What it writes.
    pub work: Work,
    /// What to tell whoever can't write for now.
    pub error: ServiceError,
}

/// What is to be done about an unfinished write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It is taken over.
    TakeOver,
    /// Its writer is gone: it is finished first.
    Finish,
    /// Its writer may be at work: it is waited for.
    Wait,
}

impl Turn {
    fn of(yields: bool, until: Timestamp, now: Timestamp) -> Self {
        match (yields, until < now) {
            (true, _) => Self::TakeOver,
            (false, true) => Self::Finish,
            (false, false) => Self::Wait,
        }
    }
}

impl Service {
    /// Sees to it that no unfinished write will take back what is about to be written. `earlier` becomes the instant when a
    /// write began that is taken over.
    ///
    /// # Errors
    /// [`InTheWay`] when another writer is at work there, or an earlier write can't be finished; its error is
    /// [`ServiceError::Busy`].
    pub(super) async fn take_precedence(
        &self,
        trail: &Trail,
        subjects: &[Subject],
        earlier: &mut Option<Timestamp>,
    ) -> Result<(), Box<InTheWay>> {
        let mut keys = self.intents.sort(self.keeper.intents());
        for look in 1..=LOOKS {
            let mut waiting = None;
            for key in keys
                .into_iter()
                .filter(|k| k.takes_back && !self.intents.is_own(k))
            {
                let Some(intent) = self.intents.get(&key).await else {
                    continue;
                };
                if !intent.work.concerns(subjects) {
                    continue;
                }
                match Turn::of(intent.yields, key.until, self.host.now()) {
                    Turn::TakeOver => {
                        let began = intent.started;
                        *earlier = Some(earlier.map_or(began, |earlier| earlier.min(began)));
                        self.intents.yield_to(key, intent, subjects).await;
                    }
                    Turn::Finish => {
                        let healed = self.finish_one(trail, key).await;
                        if let Some(unfinished) = healed.filter(|healed| !healed.finished) {
                            let error = ServiceError::Busy(format!(
                                "an unfinished write ({}) could not be finished: {}",
                                unfinished.what, unfinished.outcome
                            ));
                            let work = intent.work;
                            return Err(Box::new(InTheWay { work, error }));
                        }
                    }
                    Turn::Wait => waiting = Some((key.until, intent)),
                }
            }
            let Some((until, intent)) = waiting else {
                if look > 1 {
                    // What the other one did decides about ours.
                    self.keeper.overhear().await;
                }
                return Ok(());
            };
            if look == LOOKS {
                let seconds = until.since(self.host.now()).as_secs() + 1;
                let error = ServiceError::Busy(format!(
                    "an unfinished write ({}) may still be under way, for {seconds} s at most",
                    intent.work.describe()
                ));
                let work = intent.work;
                return Err(Box::new(InTheWay { work, error }));
            }
            self.host.sleep(BETWEEN).await;
            keys = self.intents.list().await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(yields: bool, until: i64) -> Turn {
        let at = |seconds| Timestamp::from_micros(seconds * 1_000_000);
        Turn::of(yields, at(until), at(10))
    }

    #[test]
    fn a_write_that_may_still_be_under_way_is_waited_for() {
        assert_eq!(turn(false, 11), Turn::Wait);
    }

    #[test]
    fn a_write_whose_writer_is_gone_is_finished_first() {
        assert_eq!(turn(false, 9), Turn::Finish);
    }

    #[test]
    fn a_write_that_is_made_good_by_the_next_one_is_taken_over() {
        assert_eq!(turn(true, 11), Turn::TakeOver);
        assert_eq!(turn(true, 9), Turn::TakeOver);
    }
}
