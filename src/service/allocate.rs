//! Giving a free segment to a cluster, and taking it back: one guarded change each.
//!
//! The choice is made by what we know, and the guard tells when that was wrong: two callers may choose the same segment, and
//! NetBox lets one of them have it. In one instance they do not even choose the same.

mod whole;

use super::claims::{Claim, Held};
use super::error::{ServiceError, Shortage};
use super::{Atomicity, Result, Service, Tagged};
use crate::catalogue::Change;
use crate::catalogue::index::RESERVED;
use crate::netbox::rows::{Id, Prefix};
use crate::netbox::write::{Patch, PrefixChange};
use crate::netbox::{MOST, NetboxError, Trail};
use crate::segment::{Allocation, Clusters, Segment, SegmentId, SegmentView, Strategy};
use crate::sorted::{Map, Set};

/// How often another segment is chosen when somebody else was faster. With a look after each loss these are five calls.
const ATTEMPTS: u32 = 3;
/// After a loss, any of so many free segments with the lowest VLAN ids: rivals that all take the lowest meet again.
const SPREAD: u64 = 64;
/// How many other places with free segments a refusal names.
const ALTERNATIVES: usize = 5;

/// A segment given to a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// The segment.
    pub found: Tagged,
    /// Whether the cluster had it before.
    pub before: bool,
}

/// An allocation on its way.
struct Job<'a> {
    wanted: Allocation,
    held: Option<Held<'a>>,
    chosen: Option<Prefix>,
    /// The row before it was taken.
    before: Option<Prefix>,
    /// Whether it may be taken late, although it failed.
    unknown: bool,
    answer: Option<Result<Allocated>>,
}

impl Service {
    /// Gives free segments to clusters; an answer for each, in order. In a whole, none is given unless all can be.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read: nothing was done then.
    pub async fn allocate_all(
        &self,
        trail: &Trail,
        wanted: Vec<Allocation>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Allocated>>> {
        self.ready_to_write(trail).await?;
        let claims = wanted.iter().map(|w| {
            Claim::Allocation(
                w.cluster.as_str().to_owned(),
                w.site.key(),
                w.vrf.as_str().to_owned(),
            )
        });
        let _turn = self.claims.take(claims.collect()).await;
        let mut jobs: Vec<Job<'_>> = wanted.into_iter().map(new_job).collect();
        self.find_held(trail, &jobs).await?;
        self.answer_held(trail, &mut jobs).await;
        let mut intents = Vec::new();
        for attempt in 1..=ATTEMPTS {
            let doubtful = self.in_doubt().await?;
            self.choose(trail, &mut jobs, attempt, &doubtful).await?;
            let whole = atomicity == Atomicity::All;
            if whole && jobs.iter().any(Job::failed) {
                break;
            }
            if jobs.iter().all(|job| job.answer.is_some()) {
                break;
            }
            intents.push(self.intended_whole(&jobs, atomicity).await);
            self.take_chosen(trail, &mut jobs, atomicity).await;
            if jobs.iter().all(|job| job.answer.is_some()) {
                break;
            }
            self.look_at_places(trail, &jobs).await?;
            // Who was faster may have been the same cluster's request, at another instance.
            self.answer_held(trail, &mut jobs).await;
        }
        if atomicity == Atomicity::All && jobs.iter().any(|job| !job.succeeded()) {
            self.give_back(trail, &mut jobs).await;
        }
        self.leave(&jobs, atomicity, intents).await;
        let busy = || ServiceError::Busy("others took each segment that was chosen".to_owned());
        let answers = jobs.into_iter().map(|job| job.answer);
        Ok(answers.map(|a| a.unwrap_or_else(|| Err(busy()))).collect())
    }

    /// Asks NetBox whether those that have a segment there already, by what is known, still have it.
    async fn find_held(&self, trail: &Trail, jobs: &[Job<'_>]) -> Result<()> {
        let known: Vec<Id> = jobs
            .iter()
            .filter_map(|job| self.held(&job.wanted))
            .map(|id| id.0)
            .collect();
        if known.is_empty() {
            return Ok(());
        }
        let mut now = Vec::new();
        for ids in known.chunks(MOST) {
            now.extend(self.client.prefixes(trail, ids).await?);
        }
        let gone = known
            .iter()
            .filter(|id| !now.iter().any(|row| row.id == **id));
        let changes = gone.map(|id| Change::PrefixGone(*id));
        let changes: Vec<Change> = changes
            .chain(now.iter().cloned().map(Change::Prefix))
            .collect();
        self.keeper.learn(&changes);
        Ok(())
    }

    /// The segment that a cluster has there already, by what is known.
    fn held(&self, wanted: &Allocation) -> Option<SegmentId> {
        self.ask(|c| {
            c.held(&wanted.site, &wanted.vrf, &wanted.cluster)
                .map(|segment| segment.id)
        })
    }

    /// Answers those whose cluster has a segment there by now, once nobody may take it back any more.
    async fn answer_held(&self, trail: &Trail, jobs: &mut [Job<'_>]) {
        for job in jobs.iter_mut().filter(|job| job.answer.is_none()) {
            let Some(id) = self.held(&job.wanted) else {
                continue;
            };
            job.answer = match self.settle(trail, id, true).await {
                Ok(()) => self.answer_of_held(&job.wanted),
                Err(error) => Some(Err(error)),
            };
        }
    }

    fn answer_of_held(&self, wanted: &Allocation) -> Option<Result<Allocated>> {
        let found = self.known(self.held(wanted)?)?;
        Some(Ok(Allocated {
            found,
            before: true,
        }))
    }

    /// Chooses for each job a segment that nobody in this instance has chosen, one of the doubtful ones only when there is
    /// no other.
    async fn choose<'a>(
        &'a self,
        trail: &Trail,
        jobs: &mut [Job<'a>],
        attempt: u32,
        doubtful: &Set<Id>,
    ) -> Result<()> {
        for job in jobs.iter_mut().filter(|job| job.answer.is_none()) {
            if let Err(error) = self.choose_one(job, attempt, doubtful) {
                // Somebody may have made or released one meanwhile.
                let mut again = if self.keeper.look_again(trail).await? {
                    self.choose_one(job, attempt, doubtful)
                } else {
                    Err(error)
                };
                if again.is_err() && !doubtful.is_empty() {
                    again = self.choose_doubtful(trail, job, attempt).await;
                }
                if let Err(error) = again {
                    job.answer = Some(Err(error));
                }
            }
        }
        Ok(())
    }

    /// Chooses a segment that an unfinished write is about, when that can be finished. It is not taken over: it may give the
    /// segment to another cluster yet, and has to be undone then.
    async fn choose_doubtful<'a>(
        &'a self,
        trail: &Trail,
        job: &mut Job<'a>,
        attempt: u32,
    ) -> Result<()> {
        self.choose_one(job, attempt, &Set::new())?;
        if let Some(row) = &job.chosen {
            self.settle(trail, SegmentId(row.id), false).await?;
        }
        // What was finished may have changed the row.
        let doubtful = self.in_doubt().await?;
        self.choose_one(job, attempt, &doubtful)
    }

    /// The segment that each would get, and whether the cluster has it already.
    pub(super) async fn choose_only(
        &self,
        trail: &Trail,
        wanted: Vec<Allocation>,
    ) -> Result<Vec<Result<(Segment, bool)>>> {
        let mut jobs: Vec<Job<'_>> = wanted.into_iter().map(new_job).collect();
        self.find_held(trail, &jobs).await?;
        for job in &mut jobs {
            job.answer = self.answer_of_held(&job.wanted);
        }
        self.choose(trail, &mut jobs, 1, &Set::new()).await?;
        let chosen = |job: Job<'_>| match (job.answer, job.chosen) {
            (Some(Ok(held)), _) => Ok((held.found.segment, true)),
            (Some(Err(error)), _) => Err(error),
            (None, chosen) => {
                let id = SegmentId(chosen.map(|row| row.id).unwrap_or_default());
                let found = self.known(id).ok_or(ServiceError::NoSuchSegment(id))?;
                let mut segment = found.segment;
                segment.clusters = job.wanted.cluster.into();
                segment.released = false;
                Ok((segment, false))
            }
        };
        Ok(jobs.into_iter().map(chosen).collect())
    }

    fn choose_one<'a>(&'a self, job: &mut Job<'a>, attempt: u32, doubtful: &Set<Id>) -> Result<()> {
        job.held = None;
        job.chosen = None;
        let mut wanted = job.wanted.clone();
        self.canonical(&mut wanted)?;
        let random = self.host.random();
        let free = |segment: &SegmentView<'_>| {
            !segment.is_allocated()
                && wanted.suits(segment)
                && self.claims.is_free(&Claim::Segment(segment.id))
                && !doubtful.contains(&segment.id.0)
        };
        let id = self.ask(|c| {
            let mut free = c.segments_at(&wanted.site, &wanted.vrf).filter(free);
            if attempt == 1 && wanted.strategy == Strategy::First {
                // They come by VLAN id.
                return free.next().map(|segment| segment.id);
            }
            if attempt == 1 || wanted.strategy == Strategy::Random {
                return wanted.choose(free, random).map(|s| s.id);
            }
            let mut free: Vec<SegmentView<'_>> = free.collect();
            free.sort_by_key(|s| (s.vlan_id, s.id));
            if wanted.strategy == Strategy::Last {
                free.reverse();
            }
            let near = free.len().min(usize::try_from(SPREAD).unwrap_or(1)).max(1);
            let nth = random % u64::try_from(near).unwrap_or(1);
            free.get(usize::try_from(nth).unwrap_or(0)).map(|s| s.id)
        });
        let Some(id) = id else {
            return Err(self.shortage(&wanted));
        };
        job.held = self.claims.try_take(vec![Claim::Segment(id)]);
        job.chosen = Some(self.rows(id)?.0);
        Ok(())
    }

    /// Site and VRF in NetBox's own form; or which of them does not exist.
    fn canonical(&self, wanted: &mut Allocation) -> Result<()> {
        let (site, vrf) = self.site_and_vrf(wanted.site.as_str(), wanted.vrf.as_str())?;
        (wanted.site, wanted.vrf) = (site, vrf);
        Ok(())
    }

    fn shortage(&self, wanted: &Allocation) -> ServiceError {
        let here: Vec<(bool, bool)> = self.ask(|c| {
            let here = c.segments_at(&wanted.site, &wanted.vrf);
            here.map(|s| (s.is_allocated(), wanted.suits(&s))).collect()
        });
        let allocated = here.iter().filter(|(allocated, _)| *allocated).count();
        let unsuitable = here.iter().filter(|(a, suits)| !a && !suits).count();
        let mut elsewhere: Map<(bool, String, String), usize> = Map::new();
        self.keeper.ask(|c| {
            let free =
                |s: &SegmentView<'_>| !s.is_allocated() && wanted.suits(s) && !wanted.is_here(s);
            for segment in c.segments().filter(free) {
                // Another VRF of the same site is nearer than another site.
                let far = *segment.site != wanted.site;
                let place = (far, segment.site.to_string(), segment.vrf.to_string());
                *elsewhere.entry(place).or_default() += 1;
            }
        });
        let places = elsewhere.into_iter();
        let alternatives = places.map(|((_, site, vrf), count)| (site, vrf, count));
        ServiceError::NoneFree(Box::new(Shortage {
            detail: format!(
                "no segment is free at site `{}` in VRF `{}`: {} there, {allocated} allocated, {unsuitable} free but not as wanted",
                wanted.site,
                wanted.vrf,
                here.len()
            ),
            total: here.len(),
            allocated,
            unsuitable,
            alternatives: alternatives.take(ALTERNATIVES).collect(),
        }))
    }

    async fn take_chosen(&self, trail: &Trail, jobs: &mut [Job<'_>], atomicity: Atomicity) {
        let open: Vec<&mut Job<'_>> = jobs
            .iter_mut()
            .filter(|job| job.answer.is_none() && job.chosen.is_some())
            .collect();
        let patches = open.iter().filter_map(|job| {
            let row = job.chosen.as_ref()?;
            let clusters = Clusters::from(job.wanted.cluster.clone());
            Some(patch(row, &clusters))
        });
        let patches = patches.collect();
        let answers = self.writer.patch_prefixes(trail, patches, atomicity).await;
        let (mut changes, mut taken) = (Vec::new(), Vec::new());
        for (job, answer) in open.into_iter().zip(answers) {
            let failed = match answer {
                Ok(row) => {
                    changes.push(Change::Prefix(row.clone()));
                    taken.push((job, row));
                    continue;
                }
                Err(failed) => failed,
            };
            match failed.error {
                // Somebody was faster, or it is gone: another one is chosen.
                NetboxError::Stale { .. } | NetboxError::Withheld { .. } => {}
                NetboxError::Missing { .. } => {
                    if let Some(row) = &job.chosen {
                        self.keeper.learn(&[Change::PrefixGone(row.id)]);
                    }
                }
                error => {
                    job.unknown = failed.unknown;
                    job.answer = Some(Err(error.into()));
                }
            }
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
        for (job, row) in taken {
            let id = SegmentId(row.id);
            let found = self.known(id).ok_or(ServiceError::NoSuchSegment(id));
            job.answer = Some(found.map(|found| Allocated {
                found,
                before: false,
            }));
            job.before = job.chosen.replace(row);
        }
    }

    /// What others have taken meanwhile.
    async fn look_at_places(&self, trail: &Trail, jobs: &[Job<'_>]) -> Result<()> {
        let open = jobs.iter().filter(|job| job.answer.is_none());
        let since = self.unseen_since();
        let vrfs = open.filter_map(|job| job.chosen.as_ref()?.vrf);
        let places = vrfs.map(|vrf| (vrf, since)).collect();
        for rows in self.writer.views.since(trail, places).await {
            let changes: Vec<Change> = rows?.iter().cloned().map(Change::Prefix).collect();
            self.keeper.learn(&changes);
        }
        Ok(())
    }
}

impl Job<'_> {
    fn failed(&self) -> bool {
        matches!(self.answer, Some(Err(_)))
    }

    fn succeeded(&self) -> bool {
        matches!(self.answer, Some(Ok(_)))
    }

    fn taken_now(&self) -> bool {
        matches!(self.answer, Some(Ok(Allocated { before: false, .. })))
    }
}

fn new_job<'a>(wanted: Allocation) -> Job<'a> {
    Job {
        wanted,
        held: None,
        chosen: None,
        before: None,
        unknown: false,
        answer: None,
    }
}

fn patch(row: &Prefix, clusters: &Clusters) -> Patch<PrefixChange> {
    Patch {
        id: row.id,
        guard: row.last_updated,
        change: PrefixChange {
            status: Some(RESERVED.to_owned()),
            cluster: Some(clusters.to_string()),
            ..PrefixChange::default()
        },
    }
}
