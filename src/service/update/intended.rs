//! What is to be known of changes, should somebody else have to finish them; and what others have left unfinished.

use super::{Job, Plan, prefix_change, stopped, vlan_change};
use crate::netbox::Trail;
use crate::netbox::rows::Id;
use crate::service::intents::{Changing, Fate, Subject, Work};
use crate::service::{Atomicity, Service};

impl Service {
    /// Fails the changes that an unfinished write is in the way of.
    pub(super) async fn precede_changes(
        &self,
        trail: &Trail,
        jobs: &mut [Job],
        atomicity: Atomicity,
    ) {
        while !stopped(jobs, atomicity) {
            let open = jobs.iter().filter(|job| job.open());
            let subjects: Vec<Subject> = open.flat_map(Job::subjects).collect();
            let taken = self
                .take_precedence(trail, &subjects, &mut None, true)
                .await;
            let Err(in_the_way) = taken else { return };
            for job in jobs.iter_mut().filter(|job| job.open()) {
                if in_the_way.concerns(&job.subjects()) {
                    job.fail(in_the_way.error.clone());
                }
            }
        }
    }

    /// What is to be known of these changes, should we be killed; nothing when it is one and a single call does it.
    pub(super) fn intended(&self, jobs: &[Job], atomicity: Atomicity) -> Option<Work> {
        let open: Vec<&Job> = jobs.iter().filter(|job| job.open()).collect();
        // A list may be cut into several calls, wherever it is put together with others.
        let whole = atomicity == Atomicity::All && open.len() > 1;
        let several = |job: &&&Job| {
            let plan = job.plan.as_ref();
            plan.is_some_and(|plan| self.steps(plan, job.group) > 1)
        };
        let noted = open.iter().filter(|job| whole || several(job));
        let segments: Vec<Changing> = noted.filter_map(|job| self.changing(job)).collect();
        let fate = if whole { Fate::AllOrNone } else { Fate::Each };
        (!segments.is_empty()).then_some(Work::Update { fate, segments })
    }

    /// How many calls a change takes by itself, the look for rivals included.
    pub(in crate::service) fn steps(&self, plan: &Plan, group: Option<Id>) -> usize {
        let vlan = group.is_some();
        usize::from(!prefix_change(plan).is_empty())
            + usize::from(vlan)
            + usize::from(vlan && self.is_shared(plan))
            + usize::from(plan.diff.cidr || plan.diff.vrf)
    }

    /// Whether another segment is on the VLAN: then this one is parted from it.
    fn is_shared(&self, plan: &Plan) -> bool {
        self.ask(|c| c.users(plan.vlan.id).any(|user| user != plan.prefix.id))
    }

    /// What is to be known of a change, should somebody else have to finish it.
    pub(in crate::service) fn changing(&self, job: &Job) -> Option<Changing> {
        let plan = job.plan.as_ref()?;
        let shared = self.is_shared(plan) || job.done.new_vlan.is_some();
        let own = job.group.filter(|_| !shared);
        let vlan = own.map(|group| vlan_change(plan, group));
        let new = job.group.filter(|_| shared);
        Some(Changing {
            prefix_wanted: prefix_change(plan).on(&plan.prefix),
            vlan_wanted: vlan.unwrap_or_default().on(&plan.vlan),
            new_vlan: new.map(|group| {
                let name = plan.draft.epg_name.as_str().to_owned();
                (group, plan.draft.vlan_id.get(), name)
            }),
            prefix: plan.prefix.clone(),
            vlan: plan.vlan.clone(),
        })
    }
}
