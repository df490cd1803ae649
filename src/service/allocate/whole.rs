//! Lists of which all get a segment or none: what is to be known of them, giving back, and what is left.

use std::time::Duration;

use super::{Job, patch};
use crate::catalogue::Change;
use crate::netbox::Trail;
use crate::netbox::rows::Prefix;
use crate::segment::Clusters;
use crate::service::error::ServiceError;
use crate::service::intents::{Changing, Fate, Key, Work};
use crate::service::undo::rest;
use crate::service::{Atomicity, Service};

impl Service {
    /// What is to be known of a whole, which may be cut into several calls, should we be killed between them.
    pub(super) async fn intended_whole(
        &self,
        jobs: &[Job<'_>],
        atomicity: Atomicity,
    ) -> Option<Key> {
        let open = jobs.iter().filter(|job| job.answer.is_none());
        let segments: Vec<Changing> = open.filter_map(|job| self.allocating(job)).collect();
        if atomicity == Atomicity::Each || segments.len() < 2 {
            return None;
        }
        let fate = Fate::AllOrNone;
        let work = Work::Update { fate, segments };
        self.intents.open(work, None).await
    }

    /// What is to be known of an allocation.
    fn allocating(&self, job: &Job<'_>) -> Option<Changing> {
        let row = job.before.as_ref().or(job.chosen.as_ref())?;
        let vlan = self.ask(|c| c.vlan(row.vlan?))?;
        let clusters = Clusters::from(job.wanted.cluster.clone());
        Some(Changing {
            prefix_wanted: patch(row, &clusters).change.on(row),
            prefix: row.clone(),
            vlan_wanted: vlan.clone(),
            vlan,
            new_vlan: None,
        })
    }

    /// A whole that can't be had: gives back what was taken for it.
    pub(super) async fn give_back(&self, trail: &Trail, jobs: &mut [Job<'_>]) {
        let mut taken: Vec<&mut Job<'_>> = jobs.iter_mut().filter(|j| j.taken_now()).collect();
        let rows = taken.iter().filter_map(|job| job.chosen.clone());
        let rows: Vec<Prefix> = rows.collect();
        let patches = rows
            .iter()
            .map(|row| patch(row, &Clusters::default()))
            .collect();
        let answers = self
            .writer
            .patch_prefixes(trail, patches, Atomicity::Each)
            .await;
        let mut changes = Vec::new();
        for ((job, row), answer) in taken.iter_mut().zip(rows).zip(answers) {
            let error = match answer {
                Ok(row) => {
                    changes.push(Change::Prefix(row));
                    ServiceError::Withheld
                }
                Err(failed) => ServiceError::from(failed.error)
                    .leaving(vec![format!("segment {} is allocated", row.id)]),
            };
            job.answer = Some(Err(error));
        }
        for job in jobs
            .iter_mut()
            .filter(|job| job.succeeded() || job.answer.is_none())
        {
            job.answer = Some(Err(ServiceError::Withheld));
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
    }

    /// Ends a list. Of a whole that failed, what could not be given back is left to whoever comes next, and so is what may
    /// be taken late.
    pub(super) async fn leave(
        &self,
        jobs: &[Job<'_>],
        atomicity: Atomicity,
        intents: Vec<Option<Key>>,
    ) {
        let whole = atomicity == Atomicity::All && jobs.len() > 1;
        let is_left = |job: &&Job<'_>| matches!(job.answer, Some(Err(ServiceError::Left { .. })));
        let left = jobs
            .iter()
            .filter(|job| whole && (job.unknown || is_left(job)));
        let (known, late): (Vec<&Job<'_>>, Vec<_>) = left.partition(is_left);
        let pause = self.settings.netbox_timeout * 2;
        let mut rests = Vec::new();
        for (jobs, pause, yields) in [(known, Duration::ZERO, false), (late, pause, true)] {
            let segments = jobs.into_iter().filter_map(|job| self.allocating(job));
            let segments: Vec<Changing> = segments.collect();
            if !segments.is_empty() {
                rests.push(rest(segments, pause, yields));
            }
        }
        let mut intents = intents.into_iter().flatten();
        self.intents.abandon(intents.next(), rests).await;
        for intent in intents {
            self.intents.close(Some(intent)).await;
        }
    }
}
