//! Removing segments: the prefixes, then the VLANs that nobody else is on.

use std::time::Duration;

use super::claims::Claim;
use super::error::ServiceError;
use super::intents::{Rest, Work};
use super::vlan::conflict_expecting;
use super::withdraw::Gone;
use super::{Atomicity, Deleted, Result, Service, Tagged};
use crate::catalogue::Change;
use crate::netbox::row::{Row as _, RowChange as _};
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::netbox::write::{NewPrefix, PrefixChange};
use crate::netbox::{NetboxError, Trail};
use crate::segment::SegmentId;
use crate::sorted::Set;

/// How often a delete is decided anew when the segment changes under our hands.
const ATTEMPTS: u32 = 2;

/// A segment to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// Which one.
    pub id: SegmentId,
    /// The tags that it may have, if the caller cares (`If-Match`).
    pub expected: Option<String>,
}

/// A segment on its way out.
struct Job {
    doomed: Doomed,
    rows: Option<(Prefix, Vlan)>,
    gone: bool,
    failed: Option<ServiceError>,
    unknown: bool,
    left: Vec<String>,
}

impl Job {
    fn open(&self) -> bool {
        !self.gone && self.failed.is_none()
    }

    /// Whether the prefix is gone and something of it is not.
    fn unclean(&self) -> bool {
        self.gone && !self.left.is_empty()
    }
}

impl Service {
    /// Removes a segment.
    ///
    /// The VLAN goes with it unless another prefix is on it; NetBox itself decides that, so a stale catalogue can do no harm.
    ///
    /// # Errors
    /// [`ServiceError`]; the segment is then still there.
    pub async fn delete(&self, trail: &Trail, doomed: Doomed) -> Result<Deleted> {
        let gone = self
            .delete_all(trail, vec![doomed], Atomicity::Each)
            .await?;
        gone.into_iter().next().unwrap_or_else(super::nothing)
    }

    /// Removes segments; an answer for each, in order.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read: nothing was done then.
    pub async fn delete_all(
        &self,
        trail: &Trail,
        doomed: Vec<Doomed>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Deleted>>> {
        self.ready_to_write(trail).await?;
        let claims = doomed.iter().map(|d| Claim::Segment(d.id)).collect();
        let _turn = self.claims.take(claims).await;
        let mut jobs: Vec<Job> = doomed.into_iter().map(new_job).collect();
        self.find_rows(trail, &mut jobs).await?;
        if !stopped(&jobs, atomicity) {
            let rows = jobs.iter().filter(|job| job.open());
            let segments = rows.filter_map(|job| job.rows.clone()).collect();
            let intent = self.intents.open(Work::Delete { segments }, None).await;
            self.drop_prefixes_of(trail, &mut jobs, atomicity).await;
            if stopped(&jobs, atomicity) {
                self.bring_back(trail, &mut jobs).await;
            }
            self.drop_vlans_of(trail, &mut jobs).await;
            // No prefix goes any more: whoever is told that a segment could not be deleted may use it.
            let rest = |of: fn(&Job) -> bool, pause| {
                let left = jobs.iter().filter(|job| of(job));
                let segments: Vec<_> = left.filter_map(|job| job.rows.clone()).collect();
                (!segments.is_empty()).then_some(Rest {
                    work: Work::Clear { segments },
                    pause,
                    yields: false,
                })
            };
            // A delete whose answer is late may still be carried out.
            let late = rest(|job| job.unknown, self.settings.netbox_timeout * 2);
            let rests = rest(Job::unclean, Duration::ZERO).into_iter().chain(late);
            let rests = rests.collect();
            self.intents.abandon(intent, rests).await;
        }
        let answer = |job: Job| match job.failed {
            Some(error) => Err(error.leaving(job.left)),
            None if job.gone => Ok(Deleted { left: job.left }),
            None => Err(ServiceError::Withheld),
        };
        Ok(jobs.into_iter().map(answer).collect())
    }

    /// The rows of all segments that may be removed. One look at NetBox tells of those that are not known.
    async fn find_rows(&self, trail: &Trail, jobs: &mut [Job]) -> Result<()> {
        let unknown = |job: &Job| self.known(job.doomed.id).is_none();
        if jobs.iter().any(unknown) {
            self.keeper.look_again(trail).await?;
        }
        let mut seen = Set::new();
        for job in jobs.iter_mut().filter(|job| job.open()) {
            match self.deletable(&job.doomed) {
                Ok(rows) if seen.insert(job.doomed.id) => job.rows = Some(rows),
                Ok(_) => job.failed = Some(ServiceError::NoSuchSegment(job.doomed.id)),
                Err(error) => job.failed = Some(error),
            }
        }
        Ok(())
    }

    /// The rows of each segment, or why it may not be removed.
    pub(super) async fn deletable_rows(
        &self,
        trail: &Trail,
        doomed: Vec<Doomed>,
    ) -> Result<Vec<Result<(Prefix, Vlan)>>> {
        let mut jobs: Vec<Job> = doomed.into_iter().map(new_job).collect();
        self.find_rows(trail, &mut jobs).await?;
        let rows = |job: Job| match (job.rows, job.failed) {
            (Some(rows), None) => Ok(rows),
            (_, failed) => Err(failed.unwrap_or(ServiceError::Withheld)),
        };
        Ok(jobs.into_iter().map(rows).collect())
    }

    fn deletable(&self, doomed: &Doomed) -> Result<(Prefix, Vlan)> {
        let id = doomed.id;
        let found = self.known(id).ok_or(ServiceError::NoSuchSegment(id))?;
        agree(&found, doomed.expected.as_deref())?;
        unallocated(&found, "deleted")?;
        self.rows(id)
    }

    async fn drop_prefixes_of(&self, trail: &Trail, jobs: &mut [Job], atomicity: Atomicity) {
        for attempt in 1..=ATTEMPTS {
            let mut open: Vec<&mut Job> = jobs.iter_mut().filter(|job| job.open()).collect();
            let rows = open.iter().filter_map(|job| job.rows.as_ref());
            let items = rows.map(|(prefix, _)| prefix.removal()).collect();
            let answers = self.writer.drop_prefixes(trail, items, atomicity).await;
            let mut stale = false;
            for (job, answer) in open.iter_mut().zip(answers) {
                let id = job.doomed.id;
                let Err(failed) = answer else {
                    job.gone = true;
                    continue;
                };
                match failed.error {
                    NetboxError::Stale { .. } if attempt < ATTEMPTS => stale = true,
                    NetboxError::Stale { .. } => job.failed = Some(ServiceError::Changed(id)),
                    NetboxError::Missing { .. } => {
                        job.gone = true;
                        job.failed = Some(ServiceError::NoSuchSegment(id));
                    }
                    NetboxError::Withheld { .. } => {}
                    error => {
                        job.unknown = failed.unknown;
                        job.failed = Some(error.into());
                    }
                }
            }
            drop(open);
            if !stale || stopped(jobs, atomicity) {
                return;
            }
            // Somebody else wrote them: decided anew by what they are now.
            if let Err(error) = self.keeper.read_anew(trail).await {
                for job in jobs.iter_mut().filter(|job| job.open()) {
                    job.failed = Some(error.clone().into());
                }
                return;
            }
            for job in jobs.iter_mut().filter(|job| job.open()) {
                match self.deletable(&job.doomed) {
                    Ok(rows) => job.rows = Some(rows),
                    Err(error) => job.failed = Some(error),
                }
            }
            if stopped(jobs, atomicity) {
                return;
            }
        }
    }

    /// A whole that failed in the midst: makes the prefixes again that are gone already. NetBox gives them new ids.
    async fn bring_back(&self, trail: &Trail, jobs: &mut [Job]) {
        let gone = |job: &&mut Job| job.gone && job.failed.is_none();
        let mut gone: Vec<&mut Job> = jobs.iter_mut().filter(gone).collect();
        let rows = gone.iter().filter_map(|job| job.rows.clone());
        let rows: Vec<Prefix> = rows.map(|(prefix, _)| prefix).collect();
        let made = self.make_again(trail, &rows).await;
        let mut changes = Vec::new();
        for ((job, row), made) in gone.iter_mut().zip(rows).zip(made) {
            changes.push(Change::PrefixGone(row.id));
            job.failed = Some(ServiceError::Withheld);
            match made {
                Ok(prefix) => {
                    job.gone = false;
                    job.left.push(format!(
                        "segment {} ({}) is back with the id {}",
                        row.id, row.cidr, prefix.id
                    ));
                    changes.push(Change::Prefix(prefix));
                }
                Err(error) => job.left.push(format!(
                    "segment {} ({}) is deleted: {error}",
                    row.id, row.cidr
                )),
            }
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
    }

    /// The prefixes are gone: removes the VLANs too, unless they are in use, and tells the catalogue.
    async fn drop_vlans_of(&self, trail: &Trail, jobs: &mut [Job]) {
        let mut gone: Vec<&mut Job> = jobs.iter_mut().filter(|job| job.gone).collect();
        let pairs: Vec<(Prefix, Vlan)> = gone.iter().filter_map(|job| job.rows.clone()).collect();
        let prefixes: Set<Id> = pairs.iter().map(|(prefix, _)| prefix.id).collect();
        let mut vlans: Vec<Vlan> = Vec::new();
        for (_, vlan) in &pairs {
            let shared = self.ask(|c| c.users(vlan.id).any(|user| !prefixes.contains(&user)));
            if !shared && !vlans.iter().any(|known| known.id == vlan.id) {
                vlans.push(vlan.clone());
            }
        }
        let became = self.clear_vlans(trail, &vlans).await;
        let mut changes: Vec<Change> = prefixes.into_iter().map(Change::PrefixGone).collect();
        for (vlan, became) in vlans.iter().zip(became) {
            match became {
                Gone::Yes => changes.push(Change::VlanGone(vlan.id)),
                Gone::InUse => {}
                Gone::No(error) => {
                    self.left_behind.borrow_mut().insert(vlan.id);
                    let on = |job: &&mut &mut Job| {
                        job.rows.as_ref().is_some_and(|(_, own)| own.id == vlan.id)
                    };
                    if let Some(job) = gone.iter_mut().find(on) {
                        let what = format!("VLAN {} (VLAN id {}): {error}", vlan.id, vlan.vid);
                        job.left.push(what);
                    }
                }
            }
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
    }

    /// Makes prefixes again that were as these rows say.
    async fn make_again(
        &self,
        trail: &Trail,
        rows: &[Prefix],
    ) -> Vec<std::result::Result<Prefix, NetboxError>> {
        let Ok(owner) = self.owner() else {
            let operation = "create prefix";
            return vec![Err(NetboxError::Withheld { operation }); rows.len()];
        };
        let new = |row: &Prefix| NewPrefix {
            owner,
            row: PrefixChange::back_to(row),
        };
        let items = rows.iter().map(new).collect();
        let made = self
            .writer
            .make_prefixes(trail, items, Atomicity::Each)
            .await;
        made.into_iter()
            .map(|made| made.map_err(NetboxError::from))
            .collect()
    }

    /// The rows that a segment is made of.
    pub(super) fn rows(&self, id: SegmentId) -> Result<(Prefix, Vlan)> {
        self.ask(|c| {
            let prefix = c.prefix(id.0)?;
            let vlan = c.vlan(prefix.vlan?)?;
            Some((prefix, vlan))
        })
        .ok_or(ServiceError::NoSuchSegment(id))
    }
}

fn new_job(doomed: Doomed) -> Job {
    Job {
        doomed,
        rows: None,
        gone: false,
        failed: None,
        unknown: false,
        left: Vec::new(),
    }
}

fn stopped(jobs: &[Job], atomicity: Atomicity) -> bool {
    atomicity.stops(jobs, |job| job.failed.is_some())
}

/// Whether a segment is in the state that the caller thinks. `*` stands for any state (RFC 9110, section 13.1.1).
pub(super) fn agree(found: &Tagged, expected: Option<&str>) -> Result<()> {
    let Some(expected) = expected else {
        return Ok(());
    };
    let mut tags = expected.split(',').map(str::trim);
    if tags.any(|tag| tag == "*" || tag == found.etag) {
        Ok(())
    } else {
        Err(ServiceError::Changed(found.segment.id))
    }
}

/// A segment that clusters use stays where it is.
pub(super) fn unallocated(found: &Tagged, what: &str) -> Result<()> {
    let segment = &found.segment;
    if !segment.is_allocated() {
        return Ok(());
    }
    Err(conflict_expecting(
        "/cluster_name",
        "allocated",
        Some(segment.id),
        format!(
            "segment {} is allocated to {} and can't be {what}",
            segment.id, segment.clusters
        ),
        "a segment without clusters: release it first",
    ))
}
