//! Before a write: coming to terms with unfinished writes for the same rows.
//!
//! Whoever finishes an unfinished write may take back what it finds there, and can't tell one writer's rows from another's
//! that are alike. So nobody may be told that a write is done as long as an earlier one could still be taken back for it.

use std::time::Duration;

use super::error::ServiceError;
use super::intents::{Subject, Unread, Work};
use super::{Result, Service};
use crate::netbox::Trail;
use crate::netbox::rows::Id;
use crate::segment::SegmentId;
use crate::sorted::Set;
use crate::timestamp::Timestamp;

/// How often it is looked whether another's write is done by now, and how long after one another.
const LOOKS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(100);

/// An unfinished write that a later one has to wait for.
pub(super) struct InTheWay {
    /// What it writes; `None` when that can't be read.
    pub work: Option<Work>,
    /// What to tell whoever can't write for now.
    pub error: ServiceError,
}

impl InTheWay {
    /// Whether it is in the way of a write of these.
    pub(super) fn concerns(&self, subjects: &[Subject]) -> bool {
        let work = self.work.as_ref();
        work.is_none_or(|work| work.concerns(subjects))
    }
}

/// What to tell when the store does not answer.
fn unread() -> ServiceError {
    let detail = "the key-value store does not tell what unfinished writes are about";
    ServiceError::Busy(detail.to_owned())
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
    /// write began that is taken over; without `over` none is.
    ///
    /// # Errors
    /// [`InTheWay`] when another writer is at work there, or an earlier write can't be finished; its error is
    /// [`ServiceError::Busy`].
    pub(super) async fn take_precedence(
        &self,
        trail: &Trail,
        subjects: &[Subject],
        earlier: &mut Option<Timestamp>,
        over: bool,
    ) -> std::result::Result<(), Box<InTheWay>> {
        let mut keys = self.intents.sort(self.keeper.intents());
        for look in 1..=LOOKS {
            let (mut waiting, mut hidden) = (None, false);
            for key in keys
                .iter()
                .filter(|k| k.takes_back && !self.intents.is_own(k))
                .cloned()
            {
                let intent = match self.intents.get(&key).await {
                    Ok(Some(intent)) => intent,
                    // One in another form is removed when its time is over.
                    Ok(None) | Err(Unread::Form) => continue,
                    Err(Unread::Store) => {
                        hidden = true;
                        continue;
                    }
                };
                if !intent.work.concerns(subjects) {
                    continue;
                }
                match Turn::of(intent.yields && over, key.until, self.host.now()) {
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
                            let work = Some(intent.work);
                            return Err(Box::new(InTheWay { work, error }));
                        }
                    }
                    Turn::Wait => waiting = Some((key.until, intent)),
                }
            }
            if waiting.is_none() && !hidden {
                if look > 1 {
                    // What the other one did decides about ours.
                    self.keeper.overhear().await;
                }
                return Ok(());
            }
            if look == LOOKS {
                let Some((until, intent)) = waiting else {
                    let (work, error) = (None, unread());
                    return Err(Box::new(InTheWay { work, error }));
                };
                let seconds = until.since(self.host.now()).as_secs() + 1;
                let error = ServiceError::Busy(format!(
                    "an unfinished write ({}) may still be under way, for {seconds} s at most",
                    intent.work.describe()
                ));
                let work = Some(intent.work);
                return Err(Box::new(InTheWay { work, error }));
            }
            self.host.sleep(BETWEEN).await;
            keys = self.intents.try_list().await.unwrap_or(keys);
        }
        Ok(())
    }

    /// The same for a segment that is there.
    ///
    /// # Errors
    /// [`ServiceError`] as for [`Service::take_precedence`], or when it is not there.
    pub(super) async fn settle(&self, trail: &Trail, id: SegmentId, over: bool) -> Result<()> {
        let (prefix, vlan) = self.rows(id)?;
        let mut subjects = vec![Subject::Prefix(id.0)];
        subjects.extend(Subject::segment(&prefix, &vlan));
        self.take_precedence(trail, &subjects, &mut None, over)
            .await
            .map_err(|in_the_way| in_the_way.error)
    }

    /// The prefixes that unfinished writes of others are about, so that they may yet be taken back.
    ///
    /// # Errors
    /// [`ServiceError::Busy`] when the store does not answer.
    pub(super) async fn in_doubt(&self) -> Result<Set<Id>> {
        let mut ids = Set::new();
        for key in self.intents.sort(self.keeper.intents()) {
            if !key.takes_back || self.intents.is_own(&key) {
                continue;
            }
            let intent = match self.intents.get(&key).await {
                Ok(intent) => intent,
                Err(Unread::Form) => continue,
                Err(Unread::Store) => return Err(unread()),
            };
            match intent.map(|intent| intent.work) {
                Some(Work::Update { segments, .. }) => {
                    ids.extend(segments.iter().map(|s| s.prefix.id))
                }
                Some(Work::Create { segments, .. }) => {
                    for made in &segments {
                        ids.extend(self.ask(|c| {
                            let vlan = c.vlan_at(made.group, made.vid)?;
                            let mut rows = c.users(vlan.id).filter_map(|id| c.prefix(id));
                            let same =
                                rows.find(|p| p.vrf == Some(made.vrf) && p.cidr == made.cidr);
                            same.map(|prefix| prefix.id)
                        }));
                    }
                }
                _ => {}
            }
        }
        Ok(ids)
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
