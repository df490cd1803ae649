//! Taking back what a create has made, when a later step failed.

use std::time::Duration;

use super::create::{Job, stopped};
use super::error::ServiceError;
use super::intents::{Fate, Key, Making, Rest, Work};
use super::{Atomicity, Service};
use crate::catalogue::Change;
use crate::netbox::row::Row;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::{NetboxError, Trail};

/// How often a row of ours is tried to be removed again.
const WITHDRAWALS: u32 = 3;

/// What became of the removal of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It is not there any more.
    Yes,
    /// Somebody uses it.
    InUse,
    /// It is there still, or nobody knows.
    No(NetboxError),
}

impl Service {
    /// Undoes what failed; in a whole, everything, once one has failed. What can't be undone is told in the job's error,
    /// and left to whoever finds the intent.
    pub(super) async fn take_back(
        &self,
        trail: &Trail,
        jobs: &mut [Job],
        atomicity: Atomicity,
        intent: Option<Key>,
        changes: &mut Vec<Change>,
    ) {
        let all = atomicity == Atomicity::All && stopped(jobs, atomicity);
        for job in jobs.iter_mut().filter(|job| all && job.failed.is_none()) {
            job.failed = Some(ServiceError::Withheld);
        }
        let mut undone: Vec<&mut Job> = jobs.iter_mut().filter(|j| j.failed.is_some()).collect();
        self.withdraw_prefixes(trail, &mut undone).await;
        self.withdraw_vlans(trail, &mut undone, changes).await;
        for job in undone.iter_mut().filter(|j| j.unknown && j.vlan.is_some()) {
            job.leaving(format!("perhaps prefix {}", job.draft.cidr));
        }
        let left = undone
            .iter()
            .filter(|job| job.unknown || matches!(job.failed, Some(ServiceError::Left { .. })));
        // A prefix whose answer is late may still come, as long as there is its VLAN. Without a VLAN of our own, the VLAN may
        // come; then whoever makes the same makes use of it.
        let (late, known): (Vec<&&mut Job>, Vec<_>) =
            left.partition(|job| job.unknown && job.vlan.is_some());
        let work = |jobs: &[&&mut Job]| {
            let segments: Vec<Making> = jobs.iter().filter_map(|job| job.making()).collect();
            (!segments.is_empty()).then_some(Work::Create {
                fate: Fate::None,
                segments,
            })
        };
        let pause = self.settings.netbox_timeout * 2;
        let mut rests = Vec::new();
        if let Some(work) = work(&late) {
            rests.push(Rest {
                work,
                pause,
                yields: false,
            });
        }
        if let Some(work) = work(&known) {
            let late = known.iter().any(|job| job.unknown);
            rests.push(Rest {
                work,
                pause: if late { pause } else { Duration::ZERO },
                yields: true,
            });
        }
        self.intents.abandon(intent, rests).await;
    }

    /// Removes the prefixes that these jobs have made.
    pub(super) async fn withdraw_prefixes(&self, trail: &Trail, jobs: &mut [&mut Job]) {
        let mut made: Vec<&mut &mut Job> = jobs.iter_mut().filter(|j| j.prefix.is_some()).collect();
        let rows: Vec<Prefix> = made.iter().filter_map(|job| job.prefix.clone()).collect();
        let gone = self.clear_prefixes(trail, &rows).await;
        for ((job, row), gone) in made.iter_mut().zip(rows).zip(gone) {
            if gone == Gone::Yes {
                job.prefix = None;
                // A read of NetBox made meanwhile may have seen it.
                if self.ask(|c| c.prefix(row.id).is_some()) {
                    self.keeper.wrote(vec![Change::PrefixGone(row.id)]).await;
                }
            } else {
                job.leaving(format!("prefix {} ({})", row.id, row.cidr));
            }
        }
    }

    /// Removes the VLANs that these jobs have made.
    async fn withdraw_vlans(
        &self,
        trail: &Trail,
        jobs: &mut [&mut Job],
        changes: &mut Vec<Change>,
    ) {
        let made = |job: &&mut &mut Job| job.vlan.as_ref().is_some_and(|ready| ready.made);
        let mut made: Vec<&mut &mut Job> = jobs.iter_mut().filter(made).collect();
        let rows = made.iter().filter_map(|job| job.vlan.as_ref());
        let rows: Vec<Vlan> = rows.map(|ready| ready.vlan.clone()).collect();
        let gone = self.clear_vlans(trail, &rows).await;
        let mut reread = None;
        for ((job, row), gone) in made.iter_mut().zip(rows).zip(gone) {
            match gone {
                Gone::Yes => {
                    // A prefix that comes late finds no VLAN to be on.
                    job.unknown = false;
                    self.forget_vlan(row.id).await;
                }
                // In use: by the prefix that could not be withdrawn, or by one whose answer was lost and that came after all.
                Gone::InUse => {
                    if reread.is_none() {
                        reread = Some(self.keeper.read_anew(trail).await.is_ok());
                    }
                    let known = if reread == Some(true) {
                        ""
                    } else {
                        ", not yet visible here"
                    };
                    job.leaving(format!(
                        "VLAN {} (VLAN id {}) with its prefix{known}",
                        row.id, row.vid
                    ));
                }
                Gone::No(_) => {
                    self.left_behind.borrow_mut().insert(row.id);
                    job.leaving(format!(
                        "VLAN {} (VLAN id {}), to be removed by the next write",
                        row.id, row.vid
                    ));
                    changes.push(Change::Vlan(row));
                }
            }
        }
    }

    /// Removes prefixes that we have just made. Their rows may have been written since, when a rival made NetBox do so;
    /// as long as they are still what we made, they go.
    pub(super) async fn clear_prefixes(&self, trail: &Trail, rows: &[Prefix]) -> Vec<Gone> {
        let ours = |made: &Prefix, now: &Prefix| now.cidr == made.cidr && now.vlan == made.vlan;
        self.clear(trail, rows, ours, None).await
    }

    /// Removes VLANs that we think nobody uses. NetBox itself refuses when somebody does, so nothing is asked first. One that
    /// somebody wrote since we read it goes all the same while it has its VLAN id or its name: a rename of the segment that is
    /// being removed changes one of them.
    pub(super) async fn clear_vlans(&self, trail: &Trail, rows: &[Vlan]) -> Vec<Gone> {
        let ours = |known: &Vlan, now: &Vlan| now.vid == known.vid || now.name == known.name;
        self.clear(trail, rows, ours, Some(Gone::InUse)).await
    }

    /// Removes rows; those that were written meanwhile too, as long as they are `ours`. What became of the others is
    /// `otherwise`, if it is not that they could not be removed.
    async fn clear<R: Row>(
        &self,
        trail: &Trail,
        rows: &[R],
        ours: impl Fn(&R, &R) -> bool,
        otherwise: Option<Gone>,
    ) -> Vec<Gone> {
        let mut outcome = vec![Gone::Yes; rows.len()];
        let mut open: Vec<(usize, R)> = rows.iter().cloned().enumerate().collect();
        for attempt in 1..=WITHDRAWALS {
            let items = open.iter().map(|(_, row)| row.removal()).collect();
            let answers = R::remove(&self.writer, trail, items, Atomicity::Each).await;
            let mut stale = Vec::new();
            for ((n, _), answer) in open.iter().zip(answers) {
                outcome[*n] = match answer.map_err(NetboxError::from) {
                    Ok(()) | Err(NetboxError::Missing { .. }) => Gone::Yes,
                    Err(NetboxError::InUse { .. }) => Gone::InUse,
                    Err(error) => {
                        if matches!(error, NetboxError::Stale { .. }) {
                            stale.push(*n);
                        }
                        Gone::No(error)
                    }
                };
            }
            if stale.is_empty() || attempt == WITHDRAWALS {
                break;
            }
            let ids: Vec<_> = stale.iter().map(|n| rows[*n].id()).collect();
            let Ok(now) = R::find(&self.client, trail, &ids).await else {
                break;
            };
            open.clear();
            for n in stale {
                match now.iter().find(|row| row.id() == rows[n].id()) {
                    None => outcome[n] = Gone::Yes,
                    Some(row) if ours(&rows[n], row) => open.push((n, row.clone())),
                    Some(_) => {
                        if let Some(became) = &otherwise {
                            outcome[n] = became.clone();
                        }
                    }
                }
            }
        }
        outcome
    }
}

impl Job {
    fn leaving(&mut self, what: String) {
        let error = self.failed.take().unwrap_or(ServiceError::Withheld);
        self.failed = Some(error.leaving(vec![what]));
    }
}
