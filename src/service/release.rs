//! Taking segments back from clusters: one guarded change each; other clusters on a segment stay on it.

use super::error::ServiceError;
use super::forecast::Forecast;
use super::update::{Alteration, Wish};
use super::{Atomicity, Result, Service, Tagged};
use crate::netbox::Trail;
use crate::segment::{Release, SegmentId};

impl Service {
    /// Takes segments back from clusters; an answer for each, in order. Other clusters on a segment stay on it.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read: nothing was done then.
    pub async fn release_all(
        &self,
        trail: &Trail,
        released: Vec<Release>,
        atomicity: Atomicity,
    ) -> Result<Vec<Result<Tagged>>> {
        self.current(trail).await?;
        let found = self.leaving(trail, &released).await?;
        if atomicity == Atomicity::All && found.iter().any(Result::is_err) {
            let withheld = |found: Result<Wish>| Err(found.err().unwrap_or(ServiceError::Withheld));
            return Ok(found.into_iter().map(withheld).collect());
        }
        let wishes = by_segment(&found);
        let ids: Vec<SegmentId> = wishes.iter().map(|wish| wish.id).collect();
        let done = self.update_all(trail, wishes, atomicity).await?;
        Ok(for_each(found, &ids, &done))
    }

    /// What [`Service::release_all`] would do; for each item why it would not.
    ///
    /// # Errors
    /// [`ServiceError`] when NetBox can't be read.
    pub async fn would_release(
        &self,
        trail: &Trail,
        released: Vec<Release>,
    ) -> Result<Vec<Result<Forecast>>> {
        self.current(trail).await?;
        let found = self.leaving(trail, &released).await?;
        let wishes = by_segment(&found);
        let ids: Vec<SegmentId> = wishes.iter().map(|wish| wish.id).collect();
        let would = self.planned_updates(trail, wishes).await?;
        Ok(for_each(found, &ids, &would))
    }

    /// Which segment each release means.
    async fn leaving(&self, trail: &Trail, released: &[Release]) -> Result<Vec<Result<Wish>>> {
        let meant = |release: &Release| -> Vec<SegmentId> {
            self.ask(|c| {
                let here = c.segments_at(&release.site, &release.vrf);
                let meant = here.filter(|s| release.means(s));
                meant.map(|s| s.id).collect()
            })
        };
        if released.iter().any(|release| meant(release).is_empty()) {
            self.keeper.look_again(trail).await?;
        }
        let wish = |release: &Release| match meant(release).as_slice() {
            [id] => Ok(Wish {
                id: *id,
                change: Alteration::Leave(vec![release.cluster.clone()]),
                expected: None,
            }),
            [] => Err(self.not_allocated(release)),
            several => Err(several_held(release, several)),
        };
        Ok(released.iter().map(wish).collect())
    }

    fn not_allocated(&self, release: &Release) -> ServiceError {
        let places = self.site_and_vrf(release.site.as_str(), release.vrf.as_str());
        match places {
            Err(error) => error,
            Ok((site, vrf)) => ServiceError::NotAllocated {
                cluster: release.cluster.to_string(),
                site: site.to_string(),
                vrf: vrf.to_string(),
            },
        }
    }
}

/// One wish for each segment, whichever clusters leave it.
fn by_segment(found: &[Result<Wish>]) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for wish in found.iter().flatten() {
        match wishes.iter_mut().find(|known| known.id == wish.id) {
            Some(known) => {
                if let (Alteration::Leave(all), Alteration::Leave(more)) =
                    (&mut known.change, &wish.change)
                {
                    all.extend(more.iter().cloned());
                }
            }
            None => wishes.push(wish.clone()),
        }
    }
    wishes
}

/// The answer to each item: that to the wish for its segment.
fn for_each<T: Clone>(
    found: Vec<Result<Wish>>,
    ids: &[SegmentId],
    done: &[Result<T>],
) -> Vec<Result<T>> {
    let answer = |wish: Wish| {
        let place = ids.iter().position(|id| *id == wish.id);
        let answer = place.and_then(|place| done.get(place).cloned());
        answer.unwrap_or_else(super::nothing)
    };
    found
        .into_iter()
        .map(|found| found.and_then(answer))
        .collect()
}

fn several_held(release: &Release, ids: &[SegmentId]) -> ServiceError {
    let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
    super::vlan::conflict_expecting(
        "/id",
        "several-allocated",
        None,
        format!(
            "cluster `{}` has the segments {} there",
            release.cluster,
            list.join(", ")
        ),
        "the id of one of them",
    )
}
