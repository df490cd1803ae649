//! Writing back what a change has written, when a later step failed.

use std::time::Duration;

use super::error::ServiceError;
use super::intents::{Changing, Fate, Key, Rest, Work};
use super::update::{Done, Job, Plan, stopped};
use super::withdraw::Gone;
use super::{Atomicity, Service};
use crate::catalogue::Change as RowChange;
use crate::netbox::row::{Row, RowChange as _};
use crate::netbox::rows::{Prefix, Vlan};
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
        let mut now = self.rows_back::<Prefix>(trail, &mut undone).await;
        now.extend(self.rows_back::<Vlan>(trail, &mut undone).await);
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

    /// Writes rows of one kind back to what they were.
    async fn rows_back<R: Undone>(&self, trail: &Trail, jobs: &mut [&mut Job]) -> Vec<RowChange> {
        let mut written = Vec::new();
        for job in jobs.iter_mut() {
            if let Some(row) = R::done(&mut job.done).take()
                && let Some(plan) = &job.plan
            {
                let patch = row.patched(R::Change::back_to(R::before(plan)));
                written.push((job, row, patch));
            }
        }
        let patches = written.iter().map(|(.., patch)| patch.clone()).collect();
        let answers = R::patch(&self.writer, trail, patches, Atomicity::Each).await;
        let mut now = Vec::new();
        for ((job, row, _), answer) in written.into_iter().zip(answers) {
            let back = match answer {
                Ok(row) => Some(row.into_change()),
                Err(failed) => self.rest_back(trail, job, &row, failed).await,
            };
            now.push(match back {
                Some(change) => change,
                None => {
                    job.leaving(format!("{} already changed", row.describe()));
                    row.into_change()
                }
            });
        }
        now
    }

    /// Undoes what others, who have written the row since, have left of a change; the row then, `None` when that failed.
    async fn rest_back<R: Undone>(
        &self,
        trail: &Trail,
        job: &Job,
        done: &R,
        mut failed: Failed,
    ) -> Option<RowChange> {
        let before = R::before(job.plan.as_ref()?);
        for _ in 0..ATTEMPTS {
            if !overtaken(&failed) {
                return None;
            }
            let found = R::find(&self.client, trail, &[done.id()]).await.ok()?;
            let Some(now) = found.into_iter().next() else {
                return Some(done.gone());
            };
            let change = R::Change::undoing(before, done, &now);
            if change == R::Change::default() {
                return Some(now.into_change());
            }
            let patches = vec![now.patched(change)];
            let written = R::patch(&self.writer, trail, patches, Atomicity::Each).await;
            match written.into_iter().next()? {
                Ok(row) => return Some(row.into_change()),
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

/// A row that a change has written, and that is written back.
trait Undone: Row {
    /// Where the change keeps what it has written.
    fn done(done: &mut Done) -> &mut Option<Self>;
    /// The row before the change.
    fn before(plan: &Plan) -> &Self;
    /// That the row is like this.
    fn into_change(self) -> RowChange;
    /// That the row is gone.
    fn gone(&self) -> RowChange;
    /// The row in words.
    fn describe(&self) -> String;
}

impl Undone for Prefix {
    fn done(done: &mut Done) -> &mut Option<Self> {
        &mut done.prefix
    }
    fn before(plan: &Plan) -> &Self {
        &plan.prefix
    }
    fn into_change(self) -> RowChange {
        RowChange::Prefix(self)
    }
    fn gone(&self) -> RowChange {
        RowChange::PrefixGone(self.id)
    }
    fn describe(&self) -> String {
        format!("prefix {} ({})", self.id, self.cidr)
    }
}

impl Undone for Vlan {
    fn done(done: &mut Done) -> &mut Option<Self> {
        &mut done.vlan
    }
    fn before(plan: &Plan) -> &Self {
        &plan.vlan
    }
    fn into_change(self) -> RowChange {
        RowChange::Vlan(self)
    }
    fn gone(&self) -> RowChange {
        RowChange::VlanGone(self.id)
    }
    fn describe(&self) -> String {
        format!("VLAN {} (VLAN id {})", self.id, self.vid)
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

/// What is left of changes that failed.
pub(super) fn rest(segments: Vec<Changing>, pause: Duration, yields: bool) -> Rest {
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
