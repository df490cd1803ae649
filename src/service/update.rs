//! Changing segments: rename, another VLAN id, a move to another site or VRF, other addresses, other attributes.
//! One segment is a list of one.

mod intended;
mod plan;

use super::claims::Claim;
use super::error::ServiceError;
use super::intents::{Key, Subject};
use super::place::Place;
use super::rivals::Wanted;
use super::vlan::{Ready, VlanWanted, conflict};
use super::{Atomicity, Result, Service, Tagged};
use crate::catalogue::Change as RowChange;
use crate::catalogue::index::RESERVED;
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::netbox::write::{Patch, PrefixChange, VlanChange};
use crate::netbox::{Failed, NetboxError, Trail};
use crate::segment::{Change, ClusterName, Diff, Draft, Segment, SegmentId};
use crate::timestamp::Timestamp;

/// How often a change is decided anew when the segment changes under our hands.
const ATTEMPTS: u32 = 3;

/// What is to become of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// What the change names becomes as it says.
    Change(Box<Change>),
    /// These clusters leave it; the others stay.
    Leave(Vec<ClusterName>),
}

impl Alteration {
    fn apply(&self, segment: &Segment) -> Draft {
        match self {
            Self::Change(change) => change.apply(segment),
            Self::Leave(leaving) => {
                let mut draft = Draft::from(segment);
                for cluster in leaving {
                    draft.clusters.remove(cluster);
                }
                draft
            }
        }
    }
}

/// A change that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Of which segment.
    pub id: SegmentId,
    /// What is to change.
    pub change: Alteration,
    /// The tags that it may have, if the caller cares (`If-Match`).
    pub expected: Option<String>,
}

/// What a change does to the rows of a segment.
#[derive(Clone)]
pub(super) struct Plan {
    pub draft: Draft,
    pub diff: Diff,
    /// Where it belongs, when the change concerns others.
    pub place: Option<Place>,
    pub prefix: Prefix,
    pub vlan: Vlan,
}

/// What has been written so far, so that it can be written back.
#[derive(Default)]
pub(super) struct Done {
    pub vlan: Option<Vlan>,
    pub new_vlan: Option<Ready>,
    pub prefix: Option<Prefix>,
}

/// A change on its way into NetBox.
pub(super) struct Job {
    pub wish: Wish,
    pub plan: Option<Plan>,
    /// The VLAN group that its VLAN is to be in, when its VLAN changes.
    pub group: Option<Id>,
    pub done: Done,
    /// Nothing is to be written.
    same: bool,
    /// It has changed under our hands, and is decided anew.
    pub stale: bool,
    pub failed: Option<ServiceError>,
    pub unknown: bool,
}

impl Job {
    fn open(&self) -> bool {
        !self.same && !self.stale && self.failed.is_none()
    }

    /// The rows that it writes, and the segment: one that is taken back can't be changed.
    fn subjects(&self) -> Vec<Subject> {
        let Some(plan) = &self.plan else {
            return Vec::new();
        };
        let vlan = writes_vlan(plan).then_some(Subject::Vlan(plan.vlan.id));
        let prefix = writes_prefix(plan).then_some(Subject::Prefix(plan.prefix.id));
        let segment = Subject::segment(&plan.prefix, &plan.vlan);
        vlan.into_iter().chain(prefix).chain(segment).collect()
    }

    /// Whether it writes the VLAN and the prefix, one after the other.
    fn writes_both(&self) -> bool {
        let both = |plan: &Plan| writes_vlan(plan) && writes_prefix(plan);
        self.plan.as_ref().is_some_and(both)
    }

    pub(super) fn fail(&mut self, error: ServiceError) {
        self.failed.get_or_insert(error);
    }

    /// A write of this job was refused, or is not known to be done.
    fn refused(&mut self, failed: Failed) {
        match failed.error {
            // The segment, or the VLAN that it was on, was changed or removed.
            NetboxError::Stale { .. } | NetboxError::Missing { .. } => self.stale = true,
            NetboxError::Withheld { .. } => self.fail(ServiceError::Withheld),
            error => {
                self.unknown = failed.unknown;
                self.fail(error.into());
            }
        }
    }
}

impl Service {
    /// Changes a segment.
    ///
    /// # Errors
    /// [`ServiceError`]; the segment is then as it was, unless the error says what is left.
    pub async fn update(&self, trail: &Trail, wish: Wish) -> Result<Tagged> {
        let changed = self.update_all(trail, vec![wish], Atomicity::Each).await?;
        changed.into_iter().next().unwrap_or_else(super::nothing)
    }

    /// Changes segments; an answer for each, in order.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read: nothing was done then.
    pub async fn update_all(
        &self,
        trail: &Trail,
        wishes: Vec<Wish>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Tagged>>> {
        self.ready_to_write(trail).await?;
        let mut claims = Vec::new();
        for wish in &wishes {
            claims.push(Claim::Segment(wish.id));
            if let Some(found) = self.known(wish.id) {
                claims.extend(self.claims_for(&wish.change.apply(&found.segment)));
            }
        }
        let _turn = self.claims.take(claims).await;
        let mut jobs: Vec<Job> = wishes.into_iter().map(new_job).collect();
        for attempt in 1..=ATTEMPTS {
            self.plan(trail, &mut jobs).await?;
            if !stopped(&jobs, atomicity) {
                self.carry_out(trail, &mut jobs, atomicity).await;
            }
            let stale = |job: &Job| job.stale && job.failed.is_none();
            if attempt == ATTEMPTS || !jobs.iter().any(stale) {
                break;
            }
            // Who was faster may be between its two rows, and take back what would be read now.
            if jobs.iter().any(|job| stale(job) && job.writes_both()) {
                self.random_pause().await;
            }
            self.keeper.read_anew(trail).await?;
            let whole = atomicity == Atomicity::All;
            for job in jobs.iter_mut().filter(|job| job.stale || whole) {
                *job = new_job(job.wish.clone());
            }
        }
        let whole = !stopped(&jobs, atomicity);
        let answer = |job: Job| match job.failed {
            Some(error) => Err(error),
            None if job.stale => Err(ServiceError::Changed(job.wish.id)),
            None if !whole => Err(ServiceError::Withheld),
            None => {
                let id = job.wish.id;
                self.known(id).ok_or(ServiceError::NoSuchSegment(id))
            }
        };
        Ok(jobs.into_iter().map(answer).collect())
    }

    async fn carry_out(&self, trail: &Trail, jobs: &mut [Job], atomicity: Atomicity) {
        let since = self.unseen_since();
        self.precede_changes(trail, jobs, atomicity).await;
        if stopped(jobs, atomicity) {
            return;
        }
        let mut changes = self.find_groups_of(trail, jobs).await;
        let intent = match self.intended(jobs, atomicity) {
            Some(work) => self.intents.open(work, None).await,
            None => None,
        };
        self.change_vlans(trail, jobs, atomicity, intent.as_ref())
            .await;
        if !stopped(jobs, atomicity) {
            self.change_prefixes(trail, jobs, atomicity).await;
        }
        if !stopped(jobs, atomicity) {
            self.look_for_rivals_of(trail, jobs, since).await;
        }
        let undone = self.write_back(trail, jobs, atomicity, intent).await;
        changes.extend(undone);
        for job in jobs.iter().filter(|job| job.open()) {
            let done = &job.done;
            let new = done.new_vlan.as_ref().map(|ready| &ready.vlan);
            changes.extend(done.vlan.iter().chain(new).cloned().map(RowChange::Vlan));
            changes.extend(done.prefix.iter().cloned().map(RowChange::Prefix));
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
    }

    /// The VLAN group of each job that needs one; the groups that had to be made.
    async fn find_groups_of(&self, trail: &Trail, jobs: &mut [Job]) -> Vec<RowChange> {
        let mut made = Vec::new();
        for job in jobs.iter_mut() {
            if job.open()
                && let Some(plan) = &job.plan
                && let Some(place) = &plan.place
                && (plan.diff.vlan() || plan.diff.group_move())
            {
                match self.group(trail, place).await {
                    Ok((group, new)) => {
                        job.group = Some(group);
                        made.extend(new.map(RowChange::VlanGroup));
                    }
                    Err(error) => job.fail(error),
                }
            }
        }
        made
    }

    /// Changes the VLANs of the segments; where others are on one too, the segment gets a VLAN of its own.
    async fn change_vlans(
        &self,
        trail: &Trail,
        jobs: &mut [Job],
        atomicity: Atomicity,
        intent: Option<&Key>,
    ) {
        let (mut patched, mut parted) = (Vec::new(), Vec::new());
        for job in jobs.iter_mut() {
            let (true, Some(plan), Some(group)) = (job.open(), job.plan.clone(), job.group) else {
                continue;
            };
            let own = plan.prefix.id;
            let other = self.ask(|c| c.users(plan.vlan.id).find(|user| *user != own));
            match other {
                Some(other) if !plan.diff.vlan_id && !plan.diff.group_move() => {
                    job.fail(conflict(
                        "/epg_name",
                        "vlan-shared",
                        Some(SegmentId(other)),
                        format!(
                            "VLAN {} carries segment {other} too, whose EPG name would change with it",
                            plan.vlan.id
                        ),
                    ));
                }
                Some(_) => parted.push((job, plan, group)),
                None => {
                    let change = vlan_change(&plan, group);
                    if change != VlanChange::default() {
                        patched.push((job, plan, change));
                    }
                }
            }
        }
        let patches = patched.iter().map(|(_, plan, change)| Patch {
            id: plan.vlan.id,
            guard: plan.vlan.last_updated,
            change: change.clone(),
        });
        let patches = patches.collect();
        let answers = self.writer.patch_vlans(trail, patches, atomicity).await;
        for ((job, plan, change), answer) in patched.into_iter().zip(answers) {
            match answer {
                Ok(now) => job.done.vlan = Some(now),
                Err(failed) => match failed.error {
                    error @ (NetboxError::Refused { .. } | NetboxError::Raced { .. }) => {
                        let taken = self.vlan_taken(trail, &plan.vlan, &change, error).await;
                        job.fail(taken);
                    }
                    _ => job.refused(failed),
                },
            }
        }
        if parted.is_empty() {
            return;
        }
        let owner = match self.owner() {
            Ok(owner) => owner,
            Err(error) => {
                return parted
                    .into_iter()
                    .for_each(|(job, ..)| job.fail(error.clone()));
            }
        };
        let wanted = parted.iter().filter_map(|(job, plan, group)| {
            Some(VlanWanted {
                draft: &plan.draft,
                place: plan.place.as_ref()?,
                group: *group,
                changing: Some((job.wish.id, plan.diff)),
                diagnose: true,
            })
        });
        let wanted: Vec<VlanWanted<'_>> = wanted.collect();
        let ready = self
            .ready_vlans(trail, owner, &wanted, atomicity, intent)
            .await;
        drop(wanted);
        for ((job, ..), ready) in parted.into_iter().zip(ready) {
            match ready {
                Ok(ready) => job.done.new_vlan = Some(ready),
                Err((error, unknown)) => {
                    job.unknown = unknown;
                    job.fail(error);
                }
            }
        }
    }

    /// NetBox refused another id or name for a VLAN, since the group has it already: says whose it is.
    async fn vlan_taken(
        &self,
        trail: &Trail,
        vlan: &Vlan,
        change: &VlanChange,
        error: NetboxError,
    ) -> ServiceError {
        if let Err(unread) = self.keeper.read_anew(trail).await {
            return unread.into();
        }
        let group = change.group.or(vlan.group).unwrap_or_default();
        let (vid, name) = (
            change.vid.unwrap_or(vlan.vid),
            change.name.as_ref().unwrap_or(&vlan.name),
        );
        let taken = self.ask(|c| {
            let by_vid = c.vlan_at(group, vid);
            let is_vid = by_vid.is_some();
            let holder = by_vid.or_else(|| c.vlan_named(group, name));
            let holder = holder.filter(|holder| holder.id != vlan.id)?;
            let user = c.users(holder.id).next();
            Some((is_vid, holder, user))
        });
        let Some((by_vid, holder, user)) = taken else {
            return error.into();
        };
        let (pointer, code) = if by_vid {
            ("/vlan_id", "vlan-id-taken")
        } else {
            ("/epg_name", "epg-name-taken")
        };
        let detail = format!(
            "VLAN {} (VLAN id {}, `{}`) of NetBox has it",
            holder.id, holder.vid, holder.name
        );
        conflict(pointer, code, user.map(SegmentId), detail)
    }

    async fn change_prefixes(&self, trail: &Trail, jobs: &mut [Job], atomicity: Atomicity) {
        let mut open = Vec::new();
        for job in jobs.iter_mut().filter(|job| job.open()) {
            let Some(plan) = &job.plan else { continue };
            let mut change = prefix_change(plan);
            change.vlan = job.done.new_vlan.as_ref().map(|ready| ready.vlan.id);
            if !change.is_empty() {
                let patch = Patch {
                    id: plan.prefix.id,
                    guard: plan.prefix.last_updated,
                    change,
                };
                open.push((job, patch));
            }
        }
        let patches = open.iter().map(|(_, patch)| patch.clone()).collect();
        let answers = self.writer.patch_prefixes(trail, patches, atomicity).await;
        for ((job, _), answer) in open.into_iter().zip(answers) {
            match answer {
                Ok(now) => job.done.prefix = Some(now),
                Err(failed) => job.refused(failed),
            }
        }
    }

    async fn look_for_rivals_of(&self, trail: &Trail, jobs: &mut [Job], since: Timestamp) {
        let (mut open, mut wanted) = (Vec::new(), Vec::new());
        for job in jobs.iter_mut().filter(|job| job.open()) {
            if let Some(plan) = &job.plan
                && let Some(place) = &plan.place
                && (plan.diff.cidr || plan.diff.vrf)
            {
                wanted.push(Wanted {
                    vrf: place.vrf,
                    since,
                    cidr: plan.draft.cidr,
                    vlan: job.done.new_vlan.as_ref().map(|ready| ready.vlan.id),
                    own: Some(plan.prefix.id),
                });
                open.push(job);
            }
        }
        if wanted.is_empty() {
            return;
        }
        let looks = self.look_for_rivals(trail, wanted.clone()).await;
        for ((job, wanted), look) in open.into_iter().zip(wanted).zip(looks) {
            match look {
                Ok(look) if look.rivals.is_empty() => {}
                Ok(look) => job.fail(ServiceError::Conflict(look.obstacles(wanted.cidr))),
                Err(error) => job.fail(error),
            }
        }
    }
}

fn new_job(wish: Wish) -> Job {
    Job {
        wish,
        plan: None,
        group: None,
        done: Done::default(),
        same: false,
        stale: false,
        failed: None,
        unknown: false,
    }
}

/// Whether a list is to go no further.
pub(super) fn stopped(jobs: &[Job], atomicity: Atomicity) -> bool {
    atomicity.stops(jobs, |job| job.failed.is_some() || job.stale)
}

/// What changes on the VLAN itself.
fn vlan_change(plan: &Plan, group: Id) -> VlanChange {
    let Plan {
        draft, diff, vlan, ..
    } = plan;
    VlanChange {
        vid: diff.vlan_id.then(|| draft.vlan_id.get()),
        name: diff.epg_name.then(|| draft.epg_name.as_str().to_owned()),
        group: (vlan.group != Some(group)).then_some(group),
    }
}

fn writes_vlan(plan: &Plan) -> bool {
    plan.diff.vlan() || plan.diff.group_move()
}

fn writes_prefix(plan: &Plan) -> bool {
    !prefix_change(plan).is_empty()
}

/// What changes on the prefix itself.
fn prefix_change(plan: &Plan) -> PrefixChange {
    let Plan {
        draft, diff, place, ..
    } = plan;
    PrefixChange {
        cidr: diff.cidr.then(|| draft.cidr.to_string()),
        // `reserved` with clusters is allocated, without any it is released.
        status: diff.clusters.then(|| RESERVED.to_owned()),
        comments: diff
            .description
            .then(|| draft.description.as_str().to_owned()),
        cluster: diff.clusters.then(|| draft.clusters.to_string()),
        dhcp: diff.dhcp.then_some(draft.dhcp),
        vrf: place.as_ref().filter(|_| diff.vrf).map(|p| p.vrf),
        site_group: place.as_ref().filter(|_| diff.site).map(|p| p.site_group),
        vlan: None,
    }
}
