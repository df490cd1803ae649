//! Writing back what a change has written, when a later step failed.

use std::time::Duration;

use super::error::ServiceError;
use super::intents::{Changing, Fate, Key, Rest, Work};
use super::update::{Job, stopped};
use super::withdraw::Gone;
use super::{Atomicity, Service};
use crate::catalogue::Change as RowChange;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::write::{Patch, PrefixChange, VlanChange};
use crate::netbox::{Failed, NetboxError, Trail};
use crate::segment::SegmentId;

/// How often what others have left of a change is undone, while they go on writing.
const ATTEMPTS: u32 = 3;

impl Service {
    /// Undoes the changes that failed or are to be decided anew, newest first; in a whole all of them, once one has failed.
    /// What can't be undone is told in the job's error. The rows as they are then.
    pub(super) async fn write_back(
        &self,
        trail: &Trail,
        jobs: &mut [Job],
        atomicity: Atomicity,
        intent: Option<Key>,
    ) -> Vec<RowChange> {
        let all = atomicity == Atomicity::All && stopped(jobs, atomicity);
        let mut undone: Vec<&mut Job> = jobs
            .iter_mut()
            .filter(|job| all || job.failed.is_some() || job.stale)
            .collect();
        let vlan_done = |job: &&&mut Job| job.done.vlan.is_some() || job.done.new_vlan.is_some();
        let vlan_done: Vec<SegmentId> = undone
            .iter()
            .filter(vlan_done)
            .map(|job| job.wish.id)
            .collect();
        let mut now = self.prefixes_back(trail, &mut undone).await;
        now.extend(self.vlans_back(trail, &mut undone).await);
        now.extend(self.new_vlans_back(trail, &mut undone).await);
        let left = undone
            .iter()
            .filter(|job| job.unknown || matches!(job.failed, Some(ServiceError::Left { .. })));
        let (known, late): (Vec<&&mut Job>, Vec<_>) =
            left.partition(|job| matches!(job.failed, Some(ServiceError::Left { .. })));
        let timeout = self.settings.netbox_timeout;
        let mut rests = Vec::new();
        let segments: Vec<Changing> = known.iter().filter_map(|job| self.changing(job)).collect();
        if !segments.is_empty() {
            let unknown = known.iter().any(|job| job.unknown);
            rests.push(rest(
                segments,
                if unknown { timeout * 2 } else { Duration::ZERO },
                false,
            ));
        }
        // All else is back already. The one row that may still be written late is made good by the next write of it: guarded,
        // only one of the two is done.
        let in_doubt = |job: &&&mut Job| {
            let changing = self.changing(job)?;
            Some(changing.only(vlan_done.contains(&job.wish.id)))
        };
        let segments: Vec<Changing> = late.iter().filter_map(in_doubt).collect();
        if !segments.is_empty() {
            rests.push(rest(segments, timeout * 2, true));
        }
        self.intents.abandon(intent, rests).await;
        now
    }

    async fn prefixes_back(&self, trail: &Trail, jobs: &mut [&mut Job]) -> Vec<RowChange> {
        let written = |job: &&mut &mut Job| job.done.prefix.is_some();
        let mut written: Vec<&mut &mut Job> = jobs.iter_mut().filter(written).collect();
        let rows = written.iter().filter_map(|job| job.done.prefix.clone());
        let rows: Vec<Prefix> = rows.collect();
        let patches = written.iter().zip(&rows).filter_map(|(job, row)| {
            Some(Patch {
                id: row.id,
                guard: row.last_updated,
                change: PrefixChange::back_to(&job.plan.as_ref()?.prefix),
            })
        });
        let patches = patches.collect();
        let answers = self
            .writer
            .patch_prefixes(trail, patches, Atomicity::Each)
            .await;
        let mut now = Vec::new();
        for ((job, row), answer) in written.iter_mut().zip(rows).zip(answers) {
            job.done.prefix = None;
            match answer {
                Ok(prefix) => now.push(RowChange::Prefix(prefix)),
                Err(failed) => match self.rest_of_prefix_back(trail, job, &row, failed).await {
                    Some(change) => now.push(change),
                    None => {
                        job.leaving(format!("prefix {} ({}) already changed", row.id, row.cidr));
                        now.push(RowChange::Prefix(row));
                    }
                },
            }
        }
        now
    }

    async fn vlans_back(&self, trail: &Trail, jobs: &mut [&mut Job]) -> Vec<RowChange> {
        let written = |job: &&mut &mut Job| job.done.vlan.is_some();
        let mut written: Vec<&mut &mut Job> = jobs.iter_mut().filter(written).collect();
        let rows = written.iter().filter_map(|job| job.done.vlan.clone());
        let rows: Vec<Vlan> = rows.collect();
        let patches = written.iter().zip(&rows).filter_map(|(job, row)| {
            Some(Patch {
                id: row.id,
                guard: row.last_updated,
                change: VlanChange::back_to(&job.plan.as_ref()?.vlan),
            })
        });
        let patches = patches.collect();
        let answers = self
            .writer
            .patch_vlans(trail, patches, Atomicity::Each)
            .await;
        let mut now = Vec::new();
        for ((job, row), answer) in written.iter_mut().zip(rows).zip(answers) {
            job.done.vlan = None;
            match answer {
                Ok(vlan) => now.push(RowChange::Vlan(vlan)),
                Err(failed) => match self.rest_of_vlan_back(trail, job, &row, failed).await {
                    Some(change) => now.push(change),
                    None => {
                        job.leaving(format!(
                            "VLAN {} (VLAN id {}) already changed",
                            row.id, row.vid
                        ));
                        now.push(RowChange::Vlan(row));
                    }
                },
            }
        }
        now
    }

    /// Undoes what others, who have written the prefix since, have left of a change; the prefix then, `None` when that failed.
    async fn rest_of_prefix_back(
        &self,
        trail: &Trail,
        job: &Job,
        done: &Prefix,
        mut failed: Failed,
    ) -> Option<RowChange> {
        let before = &job.plan.as_ref()?.prefix;
        for _ in 0..ATTEMPTS {
            if !overtaken(&failed) {
                return None;
            }
            let Some(now) = self.client.prefix(trail, done.id).await.ok()? else {
                return Some(RowChange::PrefixGone(done.id));
            };
            let change = PrefixChange::undoing(before, done, &now);
            if change.is_empty() {
                return Some(RowChange::Prefix(now));
            }
            let patch = Patch {
                id: now.id,
                guard: now.last_updated,
                change,
            };
            let written = self
                .writer
                .patch_prefixes(trail, vec![patch], Atomicity::Each)
                .await;
            match written.into_iter().next()? {
                Ok(row) => return Some(RowChange::Prefix(row)),
                Err(again) => failed = again,
            }
        }
        None
    }

    /// As for a prefix, for a VLAN.
    async fn rest_of_vlan_back(
        &self,
        trail: &Trail,
        job: &Job,
        done: &Vlan,
        mut failed: Failed,
    ) -> Option<RowChange> {
        let before = &job.plan.as_ref()?.vlan;
        for _ in 0..ATTEMPTS {
            if !overtaken(&failed) {
                return None;
            }
            let Some(now) = self.client.vlan(trail, done.id).await.ok()? else {
                return Some(RowChange::VlanGone(done.id));
            };
            let change = VlanChange::undoing(before, done, &now);
            if change == VlanChange::default() {
                return Some(RowChange::Vlan(now));
            }
            let patch = Patch {
                id: now.id,
                guard: now.last_updated,
                change,
            };
            let written = self
                .writer
                .patch_vlans(trail, vec![patch], Atomicity::Each)
                .await;
            match written.into_iter().next()? {
                Ok(row) => return Some(RowChange::Vlan(row)),
                Err(again) => failed = again,
            }
        }
        None
    }

    async fn new_vlans_back(&self, trail: &Trail, jobs: &mut [&mut Job]) -> Vec<RowChange> {
        let made = |job: &&mut &mut Job| job.done.new_vlan.as_ref().is_some_and(|v| v.made);
        let mut made: Vec<&mut &mut Job> = jobs.iter_mut().filter(made).collect();
        let rows = made.iter().filter_map(|job| job.done.new_vlan.as_ref());
        let rows: Vec<Vlan> = rows.map(|ready| ready.vlan.clone()).collect();
        let gone = self.clear_vlans(trail, &rows).await;
        let mut now = Vec::new();
        for ((job, row), gone) in made.iter_mut().zip(rows).zip(gone) {
            job.done.new_vlan = None;
            if gone == Gone::Yes {
                now.push(RowChange::VlanGone(row.id));
            } else {
                job.leaving(format!("VLAN {} (VLAN id {})", row.id, row.vid));
                self.left_behind.borrow_mut().insert(row.id);
                now.push(RowChange::Vlan(row));
            }
        }
        now
    }
}

impl Job {
    fn leaving(&mut self, what: String) {
        let error = self.failed.take().unwrap_or(if self.stale {
            ServiceError::Changed(self.wish.id)
        } else {
            ServiceError::Withheld
        });
        self.failed = Some(error.leaving(vec![what]));
    }
}

fn rest(segments: Vec<Changing>, pause: Duration, yields: bool) -> Rest {
    let work = Work::Update {
        fate: Fate::None,
        segments,
    };
    Rest {
        work,
        pause,
        yields,
    }
}

impl Changing {
    /// What may still come of it late: the prefix, when the VLAN was done and is undone; else the VLAN, when one was to be
    /// written, since the prefix waits for that.
    fn only(self, vlan_done: bool) -> Self {
        let vlan = self.vlan != self.vlan_wanted || self.new_vlan.is_some();
        if vlan_done || !vlan {
            Self {
                vlan_wanted: self.vlan.clone(),
                new_vlan: None,
                ..self
            }
        } else {
            Self {
                prefix_wanted: self.prefix.clone(),
                ..self
            }
        }
    }
}

/// Whether somebody else has changed or removed the row.
fn overtaken(failed: &Failed) -> bool {
    matches!(
        failed.error,
        NetboxError::Stale { .. } | NetboxError::Missing { .. }
    )
}
