//! What changes do, and whether they may.

use super::{Job, Plan, Wish, new_job, prefix_change, vlan_change};
use crate::netbox::Trail;
use crate::netbox::write::VlanChange;
use crate::segment::{ConflictIndex, Diff};
use crate::service::delete::{agree, unallocated};
use crate::service::error::ServiceError;
use crate::service::forecast::{Forecast, of_change};
use crate::service::vlan::conflict;
use crate::service::{Result, Service};

impl Service {
    /// Decides what each change does, and whether it may.
    pub(super) async fn plan(&self, trail: &Trail, jobs: &mut [Job]) -> Result<()> {
        let unknown = |job: &Job| self.known(job.wish.id).is_none();
        if jobs.iter().any(unknown) {
            self.keeper.look_again(trail).await?;
        }
        let mut earlier = ConflictIndex::default();
        for job in jobs
            .iter_mut()
            .filter(|job| job.open() && job.plan.is_none())
        {
            match self.plan_one(trail, &job.wish).await {
                Ok(None) => job.same = true,
                Ok(Some(plan)) => {
                    let id = job.wish.id;
                    if plan.place.is_some() && !earlier.conflicts(&plan.draft, Some(id)).is_empty()
                    {
                        job.fail(conflict(
                            "",
                            "conflict-in-list",
                            None,
                            "another item of the list has its addresses, VLAN id or EPG name"
                                .to_owned(),
                        ));
                    }
                    earlier.insert_draft(id, &plan.draft);
                    job.plan = Some(plan);
                }
                Err(error) => job.fail(error),
            }
        }
        Ok(())
    }

    /// What these changes would write.
    pub(in crate::service) async fn planned_updates(
        &self,
        trail: &Trail,
        wishes: Vec<Wish>,
    ) -> Result<Vec<Result<Forecast>>> {
        let mut jobs: Vec<Job> = wishes.into_iter().map(new_job).collect();
        self.plan(trail, &mut jobs).await?;
        let forecast = |job: Job| {
            let id = job.wish.id;
            if let Some(error) = job.failed {
                return Err(error);
            }
            let Some(plan) = job.plan else {
                let same = self.known(id).ok_or(ServiceError::NoSuchSegment(id))?;
                return Ok(Forecast {
                    writes: Vec::new(),
                    segments: vec![same.segment],
                });
            };
            let group = plan.place.as_ref().and_then(|place| place.group);
            let own = plan.prefix.id;
            let shared = self.ask(|c| c.users(plan.vlan.id).any(|user| user != own));
            let moves = plan.diff.vlan() || plan.diff.group_move();
            let vlan = group.map_or(moves, |group| {
                moves && vlan_change(&plan, group) != VlanChange::default()
            });
            let prefix = !prefix_change(&plan).is_empty() || (vlan && shared);
            Ok(Forecast {
                writes: of_change(vlan && !shared, vlan && shared, prefix),
                segments: vec![plan.draft.into_segment(id)],
            })
        };
        Ok(jobs.into_iter().map(forecast).collect())
    }

    async fn plan_one(&self, trail: &Trail, wish: &Wish) -> Result<Option<Plan>> {
        let id = wish.id;
        let found = self.known(id).ok_or(ServiceError::NoSuchSegment(id))?;
        agree(&found, wish.expected.as_deref())?;
        let mut draft = wish.change.apply(&found.segment);
        let diff = Diff::between(&found.segment, &draft);
        if diff.is_empty() {
            return Ok(None);
        }
        let stays = !draft.clusters.is_empty();
        if stays && (diff.cidr || diff.vlan_id || diff.group_move()) {
            unallocated(
                &found,
                "given other addresses, another VLAN id, site or VRF",
            )?;
        }
        let place = if diff.concerns_others() {
            Some(self.check(trail, &mut draft, Some((id, diff))).await?)
        } else {
            None
        };
        let (prefix, vlan) = self.rows(id)?;
        Ok(Some(Plan {
            draft,
            diff,
            place,
            prefix,
            vlan,
        }))
    }
}
