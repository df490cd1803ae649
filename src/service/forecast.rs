//! What a write would do, without doing it: all checks, and the NetBox calls that would follow.

use serde::Serialize;

use super::delete::Doomed;
use super::provision::Past;
use super::update::Wish;
use super::{Result, Service};
use crate::netbox::{MOST, Trail};
use crate::segment::{Allocation, Draft, Provision, Segment, SegmentId};
use crate::sorted::{Map, Set};

/// A kind of write at NetBox, and how many objects it would concern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Planned {
    /// The HTTP method.
    pub method: &'static str,
    /// The address below that of NetBox.
    pub path: &'static str,
    /// How many objects.
    pub objects: usize,
    /// In how many calls.
    pub calls: usize,
}

/// What a write would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The writes, in their order.
    pub writes: Vec<Planned>,
    /// The segments as they would be, one for each item; new ones without an id (0).
    pub segments: Vec<Segment>,
}

const VLANS: &str = "/api/ipam/vlans/";
const PREFIXES: &str = "/api/ipam/prefixes/";
const GROUPS: &str = "/api/ipam/vlan-groups/";

fn planned(method: &'static str, path: &'static str, objects: usize) -> Option<Planned> {
    (objects > 0).then(|| Planned {
        method,
        path,
        objects,
        // Groups are so few that each is made by itself.
        calls: if path == GROUPS {
            objects
        } else {
            objects.div_ceil(MOST)
        },
    })
}

impl Service {
    /// What [`Service::create_all`] would do; for each item why it would not.
    ///
    /// # Errors
    /// [`super::ServiceError`] when NetBox can't be read.
    pub async fn would_create(
        &self,
        trail: &Trail,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Result<Forecast>>> {
        self.current(trail).await?;
        let jobs = self.checked(trail, drafts).await?;
        let mut new_groups = Set::new();
        let each = jobs.into_iter().map(|job| {
            if let Some(error) = job.failed {
                return Err(error);
            }
            let place = job.place.as_ref();
            let group = place.filter(|place| place.group.is_none());
            let group = group.filter(|place| new_groups.insert(place.group_name.clone()));
            let idle = self.idle_vlan_of(&job.draft, job.group);
            let writes = [
                planned("POST", GROUPS, usize::from(group.is_some())),
                planned("POST", VLANS, usize::from(!idle)),
                planned("POST", PREFIXES, 1),
            ];
            Ok(Forecast {
                writes: writes.into_iter().flatten().collect(),
                segments: vec![job.draft.into_segment(SegmentId(0))],
            })
        });
        Ok(each.collect())
    }

    /// What [`Service::update_all`] would do; for each item why it would not.
    ///
    /// # Errors
    /// [`super::ServiceError`] when NetBox can't be read.
    pub async fn would_update(
        &self,
        trail: &Trail,
        wishes: Vec<Wish>,
    ) -> Result<Vec<Result<Forecast>>> {
        self.current(trail).await?;
        self.planned_updates(trail, wishes).await
    }

    /// What [`Service::delete_all`] would do; for each item why it would not.
    ///
    /// # Errors
    /// [`super::ServiceError`] when NetBox can't be read.
    pub async fn would_delete(
        &self,
        trail: &Trail,
        doomed: Vec<Doomed>,
    ) -> Result<Vec<Result<Forecast>>> {
        self.current(trail).await?;
        let ids: Vec<u64> = doomed.iter().map(|d| d.id.0).collect();
        let found = self.deletable_rows(trail, doomed).await?;
        let each = found.into_iter().map(|found| {
            let (prefix, vlan) = found?;
            let shared = self.ask(|c| c.users(vlan.id).any(|user| !ids.contains(&user)));
            let writes = [
                planned("DELETE", PREFIXES, 1),
                planned("DELETE", VLANS, usize::from(!shared)),
            ];
            let known = self.known(SegmentId(prefix.id));
            Ok(Forecast {
                writes: writes.into_iter().flatten().collect(),
                segments: known.into_iter().map(|found| found.segment).collect(),
            })
        });
        Ok(each.collect())
    }

    /// What [`Service::allocate_all`] would do; for each item why it would not.
    ///
    /// # Errors
    /// [`super::ServiceError`] when NetBox can't be read.
    pub async fn would_allocate(
        &self,
        trail: &Trail,
        wanted: Vec<Allocation>,
    ) -> Result<Vec<Result<Forecast>>> {
        self.current(trail).await?;
        let chosen = self.choose_only(trail, wanted).await?;
        let each = chosen.into_iter().map(|chosen| {
            let (segment, before) = chosen?;
            let writes = planned("PATCH", PREFIXES, usize::from(!before));
            Ok(Forecast {
                writes: writes.into_iter().collect(),
                segments: vec![segment],
            })
        });
        Ok(each.collect())
    }

    /// What [`Service::provision`] would do.
    ///
    /// # Errors
    /// [`super::ServiceError`], as the provision itself would fail.
    pub async fn would_provision(&self, trail: &Trail, wanted: &Provision) -> Result<Forecast> {
        self.current(trail).await?;
        if wanted.restore {
            match self.past(trail, wanted).await? {
                None => {}
                Some(Past::There(segment)) => {
                    let writes = planned("PATCH", PREFIXES, usize::from(wanted.cluster.is_some()));
                    return Ok(Forecast {
                        writes: writes.into_iter().collect(),
                        segments: vec![*segment],
                    });
                }
                Some(Past::Gone(draft)) => {
                    let again = self.would_create(trail, vec![*draft]).await?;
                    if let Some(Ok(forecast)) = again.into_iter().next() {
                        return Ok(forecast);
                    }
                }
            }
        }
        let draft = self.room_for(trail, wanted).await?;
        let mut forecasts = self.would_create(trail, vec![draft]).await?;
        forecasts.pop().unwrap_or_else(super::nothing)
    }
}

/// Forecasts for the items of a list as one: what travels together takes one call.
#[must_use]
pub fn together(forecasts: Vec<Forecast>) -> Forecast {
    let mut whole = Forecast::default();
    let mut objects: Map<(&str, &str), usize> = Map::new();
    let mut order: Vec<(&'static str, &'static str)> = Vec::new();
    for forecast in forecasts {
        for write in forecast.writes {
            let kind = (write.method, write.path);
            if !order.contains(&kind) {
                order.push(kind);
            }
            *objects.entry(kind).or_default() += write.objects;
        }
        whole.segments.extend(forecast.segments);
    }
    let rank = |path: &str, method: &str| match (path, method) {
        (GROUPS, _) => 0,
        (VLANS, "DELETE") => 3,
        (VLANS, _) => 1,
        _ => 2,
    };
    order.sort_by_key(|(method, path)| rank(path, method));
    let writes = order.into_iter().filter_map(|(method, path)| {
        let count = objects.get(&(method, path)).copied().unwrap_or_default();
        planned(method, path, count)
    });
    whole.writes = writes.collect();
    whole
}

pub(super) fn of_change(vlan: bool, new_vlan: bool, prefix: bool) -> Vec<Planned> {
    let writes = [
        planned("PATCH", VLANS, usize::from(vlan)),
        planned("POST", VLANS, usize::from(new_vlan)),
        planned("PATCH", PREFIXES, usize::from(prefix)),
    ];
    writes.into_iter().flatten().collect()
}
