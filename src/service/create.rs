//! Making segments: VLANs, prefixes, and a look for rivals. One segment is a list of one.

use super::error::ServiceError;
use super::intents::{Fate, Key, Making, Subject, Work};
use super::place::Place;
use super::rivals::{Look, Wanted};
use super::vlan::{Ready, VlanWanted};
use super::{Atomicity, Result, Service, Tagged};
use crate::catalogue::Change;
use crate::catalogue::index::{ACTIVE, RESERVED};
use crate::netbox::rows::{Id, Prefix};
use crate::netbox::write::{NewPrefix, Owner, PrefixChange};
use crate::netbox::{NetboxError, Trail};
use crate::segment::{Draft, SegmentId};
use crate::timestamp::Timestamp;

/// How often a segment is tried to be made: once more when two rivals may both have withdrawn.
const ATTEMPTS: u32 = 2;

/// A segment on its way into NetBox.
pub(super) struct Job {
    pub draft: Draft,
    pub place: Option<Place>,
    /// The VLAN group, once it is known to be there.
    pub group: Option<Id>,
    pub vlan: Option<Ready>,
    pub prefix: Option<Prefix>,
    /// Why it can't be made.
    pub failed: Option<ServiceError>,
    /// Whether what failed may be carried out all the same, a little later.
    pub unknown: bool,
    /// Whether it matters who is in the way, if somebody is.
    pub diagnose: bool,
    /// Whether both rivals may have withdrawn.
    evenly_lost: bool,
}

impl Job {
    fn fail(&mut self, error: ServiceError) {
        self.failed.get_or_insert(error);
    }

    fn subjects(&self) -> Vec<Subject> {
        let subjects = |making: Making| {
            vec![
                Subject::Place(making.group, making.vid),
                Subject::Addresses(making.vrf, making.cidr),
            ]
        };
        self.making().map(subjects).unwrap_or_default()
    }

    /// What is to be known of it, should we be killed.
    pub(super) fn making(&self) -> Option<Making> {
        Some(Making {
            group: self.group?,
            vid: self.draft.vlan_id.get(),
            name: self.draft.epg_name.as_str().to_owned(),
            vrf: self.place.as_ref()?.vrf,
            cidr: self.draft.cidr.to_string(),
            cluster: self.draft.clusters.to_string(),
        })
    }
}

/// Whether a list is to go no further.
pub(super) fn stopped(jobs: &[Job], atomicity: Atomicity) -> bool {
    atomicity.stops(jobs, |job| job.failed.is_some())
}

impl Service {
    /// Makes a segment.
    ///
    /// # Errors
    /// [`ServiceError`]; NetBox is then as it was before, unless the error says what is left.
    pub async fn create(&self, trail: &Trail, draft: Draft) -> Result<Tagged> {
        let made = self.create_all(trail, vec![draft], Atomicity::Each).await?;
        made.into_iter().next().unwrap_or_else(super::nothing)
    }

    /// Makes segments; an answer for each, in order.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read: nothing was done then.
    pub async fn create_all(
        &self,
        trail: &Trail,
        drafts: Vec<Draft>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Tagged>>> {
        self.ready_to_write(trail).await?;
        let claims = drafts.iter().flat_map(|d| self.claims_for(d)).collect();
        let _turn = self.claims.take(claims).await;
        let jobs = self.checked(trail, drafts).await?;
        self.make(trail, jobs, atomicity).await
    }

    /// Checks wanted segments against what is there and against one another.
    pub(super) async fn checked(&self, trail: &Trail, mut drafts: Vec<Draft>) -> Result<Vec<Job>> {
        let places = self.check_all(trail, &mut drafts).await?;
        let jobs = drafts.into_iter().zip(places).map(|(draft, place)| {
            let (place, failed) = match place {
                Ok(place) => (Some(place), None),
                Err(error) => (None, Some(error)),
            };
            Job {
                group: place.as_ref().and_then(|p| p.group),
                draft,
                place,
                failed,
                vlan: None,
                prefix: None,
                unknown: false,
                diagnose: true,
                evenly_lost: false,
            }
        });
        Ok(jobs.collect())
    }

    /// Carries checked jobs out.
    pub(super) async fn make(
        &self,
        trail: &Trail,
        mut jobs: Vec<Job>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Tagged>>> {
        if stopped(&jobs, atomicity) {
            return Ok(jobs.into_iter().map(refused).collect());
        }
        let owner = self.owner()?;
        let mut changes = self.find_groups(trail, &mut jobs).await;
        if !stopped(&jobs, atomicity) {
            let fate = match atomicity {
                Atomicity::All => Fate::AllOrNone,
                Atomicity::Each => Fate::Each,
            };
            let earlier = self.precede(trail, &mut jobs, atomicity).await;
            let open = jobs.iter().filter(|job| job.failed.is_none());
            let segments = open.filter_map(Job::making).collect();
            let work = Work::Create { fate, segments };
            let intent = if stopped(&jobs, atomicity) {
                None
            } else {
                self.intents.open(work, earlier).await
            };
            if !stopped(&jobs, atomicity) {
                self.find_vlans(trail, owner, &mut jobs, atomicity, intent.as_ref())
                    .await;
            }
            if !stopped(&jobs, atomicity) {
                self.put_on_vlans(trail, owner, &mut jobs, atomicity).await;
            }
            self.take_back(trail, &mut jobs, atomicity, intent, &mut changes)
                .await;
        }
        let whole = !stopped(&jobs, atomicity);
        for job in jobs.iter().filter(|job| whole && job.failed.is_none()) {
            changes.extend(
                job.vlan
                    .iter()
                    .map(|ready| Change::Vlan(ready.vlan.clone())),
            );
            changes.extend(job.prefix.iter().cloned().map(Change::Prefix));
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
        let made = |job: Job| match (&job.prefix, &job.failed) {
            (Some(prefix), None) if whole => {
                let id = SegmentId(prefix.id);
                self.known(id).ok_or(ServiceError::NoSuchSegment(id))
            }
            _ => refused(job),
        };
        Ok(jobs.into_iter().map(made).collect())
    }

    /// Fails the jobs that an unfinished write is in the way of. Since when a write was under way that is taken over.
    async fn precede(
        &self,
        trail: &Trail,
        jobs: &mut [Job],
        atomicity: Atomicity,
    ) -> Option<Timestamp> {
        let mut earlier = None;
        while !stopped(jobs, atomicity) {
            let open = jobs.iter().filter(|job| job.failed.is_none());
            let subjects: Vec<Subject> = open.flat_map(Job::subjects).collect();
            let taken = self
                .take_precedence(trail, &subjects, &mut earlier, true)
                .await;
            let Err(in_the_way) = taken else { break };
            for job in jobs.iter_mut() {
                if job.failed.is_none() && in_the_way.concerns(&job.subjects()) {
                    job.fail(in_the_way.error.clone());
                }
            }
        }
        earlier
    }

    /// The VLAN groups of all jobs, made where they are not there yet; the ones made.
    async fn find_groups(&self, trail: &Trail, jobs: &mut [Job]) -> Vec<Change> {
        let mut new = Vec::new();
        for job in jobs.iter_mut().filter(|job| job.failed.is_none()) {
            let Some(place) = &job.place else { continue };
            match self.group(trail, place).await {
                Ok((group, made)) => {
                    job.group = Some(group);
                    new.extend(made.map(Change::VlanGroup));
                }
                Err(error) => job.fail(error),
            }
        }
        new
    }

    /// A VLAN for each job.
    async fn find_vlans(
        &self,
        trail: &Trail,
        owner: Owner,
        jobs: &mut [Job],
        atomicity: Atomicity,
        intent: Option<&Key>,
    ) {
        let mut open: Vec<&mut Job> = jobs.iter_mut().filter(|j| j.failed.is_none()).collect();
        let wanted = open.iter().filter_map(|job| {
            Some(VlanWanted {
                draft: &job.draft,
                place: job.place.as_ref()?,
                group: job.group?,
                changing: None,
                diagnose: job.diagnose,
            })
        });
        let wanted: Vec<VlanWanted<'_>> = wanted.collect();
        let found = self
            .ready_vlans(trail, owner, &wanted, atomicity, intent)
            .await;
        drop(wanted);
        for (job, found) in open.iter_mut().zip(found) {
            match found {
                Ok(ready) => job.vlan = Some(ready),
                Err((error, unknown)) => {
                    job.unknown = unknown;
                    job.fail(error);
                }
            }
        }
    }

    /// The prefixes of all jobs, once nobody else has their addresses.
    async fn put_on_vlans(
        &self,
        trail: &Trail,
        owner: Owner,
        jobs: &mut [Job],
        atomicity: Atomicity,
    ) {
        let since = self.unseen_since();
        let alone = jobs.len() == 1 || atomicity == Atomicity::Each;
        for attempt in 1..=ATTEMPTS {
            self.make_prefixes(trail, owner, jobs, atomicity).await;
            if stopped(jobs, atomicity) && !alone {
                return;
            }
            self.look_at_rivals(trail, jobs, since).await;
            let lost = |job: &&mut Job| job.evenly_lost;
            let mut losers: Vec<&mut Job> = jobs.iter_mut().filter(lost).collect();
            if attempt == ATTEMPTS || !alone || losers.is_empty() {
                return;
            }
            self.withdraw_prefixes(trail, &mut losers).await;
            losers.retain(|job| job.prefix.is_none());
            self.random_pause().await;
            self.look_again_at_rivals(trail, losers, since).await;
        }
    }

    async fn make_prefixes(
        &self,
        trail: &Trail,
        owner: Owner,
        jobs: &mut [Job],
        atomicity: Atomicity,
    ) {
        let mut open: Vec<&mut Job> = jobs
            .iter_mut()
            .filter(|job| job.failed.is_none() && job.prefix.is_none())
            .collect();
        let items = open.iter().filter_map(|job| {
            let row = new_prefix(&job.draft, job.place.as_ref()?, job.vlan.as_ref()?);
            Some(NewPrefix { owner, row })
        });
        let items = items.collect();
        let answers = self.writer.make_prefixes(trail, items, atomicity).await;
        let mut reread = None;
        for (job, answer) in open.iter_mut().zip(answers) {
            match answer {
                Ok(prefix) => job.prefix = Some(prefix),
                Err(failed) if matches!(failed.error, NetboxError::Refused { .. }) => {
                    if reread.is_none() {
                        reread = Some(self.keeper.read_anew(trail).await);
                    }
                    let mut draft = job.draft.clone();
                    let error = match (self.check_known(&mut draft, None), &reread) {
                        (_, Some(Err(unread))) => unread.clone().into(),
                        (Err(conflict @ ServiceError::Conflict(_)), _) => conflict,
                        _ if is_duplicate(&failed.error) => {
                            job.evenly_lost = true;
                            withdrawn(&draft)
                        }
                        _ => failed.error.into(),
                    };
                    job.fail(error);
                }
                Err(failed) => {
                    job.unknown = failed.unknown;
                    job.fail(failed.error.into());
                }
            }
        }
    }

    async fn look_at_rivals(&self, trail: &Trail, jobs: &mut [Job], since: Timestamp) {
        let mut open: Vec<&mut Job> = jobs
            .iter_mut()
            .filter(|job| job.failed.is_none() && job.prefix.is_some())
            .collect();
        let wanted: Vec<Wanted> = open.iter().filter_map(|job| wanted(job, since)).collect();
        let looks = self.look_for_rivals(trail, wanted).await;
        for (job, look) in open.iter_mut().zip(looks) {
            match look {
                // Without a look we can't say that nobody else has the addresses.
                Err(error) => job.fail(error),
                // What is hidden from us we could not serve, nor keep others from.
                Ok(look) if let Some(error) = hidden(job.prefix.as_ref(), look.own.as_ref()) => {
                    job.fail(error.into());
                }
                Ok(look) if look.rivals.is_empty() => {
                    // The look is later than the answer to our own write.
                    job.prefix = look.own.or_else(|| job.prefix.take());
                }
                Ok(look) => {
                    let settled = job.prefix.as_ref().is_some_and(|own| settled(&look, own));
                    job.evenly_lost = !settled;
                    job.fail(ServiceError::Conflict(look.obstacles(job.draft.cidr)));
                }
            }
        }
    }

    /// After both may have withdrawn: who finds nobody there may try again.
    async fn look_again_at_rivals(
        &self,
        trail: &Trail,
        mut losers: Vec<&mut Job>,
        since: Timestamp,
    ) {
        let wanted: Vec<Wanted> = losers.iter().filter_map(|job| wanted(job, since)).collect();
        let looks = self.look_for_rivals(trail, wanted).await;
        for (job, look) in losers.iter_mut().zip(looks) {
            job.evenly_lost = false;
            match look {
                Ok(look) if look.own.is_none() && look.rivals.is_empty() => job.failed = None,
                Ok(look) => {
                    let rivals = look.rivals.into_iter().map(Change::Prefix);
                    self.keeper.learn(&rivals.collect::<Vec<_>>());
                }
                Err(_) => {}
            }
        }
    }
}

fn refused(job: Job) -> Result<Tagged> {
    Err(job.failed.unwrap_or(ServiceError::Withheld))
}

fn wanted(job: &Job, since: Timestamp) -> Option<Wanted> {
    Some(Wanted {
        vrf: job.place.as_ref()?.vrf,
        since,
        cidr: job.draft.cidr,
        vlan: Some(job.vlan.as_ref()?.vlan.id),
        own: job.prefix.as_ref().map(|prefix| prefix.id),
    })
}

/// Whether NetBox refused a prefix because the VRF has it already (its words, measured).
fn is_duplicate(error: &NetboxError) -> bool {
    matches!(error, NetboxError::Refused { detail, .. } if detail.contains("Duplicate prefix"))
}

/// What a look does not show of the row we have made: GraphQL gives a reference to an object that the token may not view as
/// null (measured on 4.7.3).
fn hidden(made: Option<&Prefix>, seen: Option<&Prefix>) -> Option<NetboxError> {
    let (made, seen) = (made?, seen?);
    let references = [
        ("VRF", made.vrf, seen.vrf),
        ("VLAN", made.vlan, seen.vlan),
        ("site group", made.site_group, seen.site_group),
    ];
    let (what, ..) = references
        .into_iter()
        .find(|(_, made, seen)| made.is_some() && seen.is_none())?;
    let (id, cidr) = (made.id, &made.cidr);
    Some(NetboxError::Forbidden {
        operation: "check for rivals",
        detail: format!("it hides the {what} of prefix {id} ({cidr})"),
    })
}

/// A rival had the addresses when NetBox was asked, and has withdrawn since.
fn withdrawn(draft: &Draft) -> ServiceError {
    ServiceError::Busy(format!(
        "somebody else had {} for a moment, and may try again",
        draft.cidr
    ))
}

/// Whether a rival was there long before us, so that it will not withdraw.
fn settled(look: &Look, own: &Prefix) -> bool {
    let long_before = |rival: &Prefix| own.created.since(rival.created).as_secs() >= 30;
    look.rivals.iter().any(long_before)
}

/// The row of a new segment's prefix.
pub(super) fn new_prefix(draft: &Draft, place: &Place, ready: &Ready) -> PrefixChange {
    let allocated = !draft.clusters.is_empty();
    PrefixChange {
        cidr: Some(draft.cidr.to_string()),
        status: Some(if allocated { RESERVED } else { ACTIVE }.to_owned()),
        comments: Some(draft.description.as_str().to_owned()),
        cluster: Some(draft.clusters.to_string()),
        dhcp: Some(draft.dhcp),
        vrf: Some(place.vrf),
        vlan: Some(ready.vlan.id),
        site_group: Some(place.site_group),
    }
}
