//! Reading all that is ours: one GraphQL call for up to 1,000 segments, few more for many, REST where GraphQL is off.

use std::cell::Cell;

use futures_util::future::try_join_all;

use super::client::{Call, Client};
use super::error::NetboxError;
use super::graphql::{self, ALIASES, List};
use super::pages::{Walk, full};
use super::rest;
use super::rows::{Id, Named, Prefix, Raw, Vlan, VlanGroup, Vrf};
use super::trail::Trail;
use crate::timestamp::Timestamp;

/// The name of the whole read in log and messages.
const OPERATION: &str = "read everything";
/// The most aliases asked for in one round: four calls at once.
const MOST_AT_ONCE: usize = 4 * ALIASES;

/// Which part of NetBox is ours.
#[derive(Clone, Debug)]
pub struct Ours {
    /// The tenant's slug.
    pub tenant: String,
    /// The role's slug.
    pub role: String,
}

/// Everything that is ours, and what it refers to.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    /// The tenant, when it exists.
    pub tenant: Option<Named>,
    /// The role, when it exists.
    pub role: Option<Named>,
    /// All site groups.
    pub site_groups: Vec<Named>,
    /// All VRFs.
    pub vrfs: Vec<Vrf>,
    /// All VLAN groups.
    pub vlan_groups: Vec<VlanGroup>,
    /// The tenant's VLANs.
    pub vlans: Vec<Vlan>,
    /// The tenant's prefixes of our role.
    pub prefixes: Vec<Prefix>,
}

/// Reads NetBox; remembers whether its GraphQL API can be used.
#[derive(Debug)]
pub struct Reader {
    pub(super) ours: Ours,
    pub(super) graphql_off: Cell<bool>,
    /// Until when the change log is not asked again, because it could not be read.
    pub(super) log_closed_until: Cell<Timestamp>,
}

impl Reader {
    /// A reader of this part of NetBox.
    #[must_use]
    pub fn new(ours: Ours) -> Self {
        Self {
            ours,
            graphql_off: Cell::new(false),
            log_closed_until: Cell::default(),
        }
    }

    /// Which part of NetBox is read.
    #[must_use]
    pub fn ours(&self) -> &Ours {
        &self.ours
    }

    /// Reads everything.
    ///
    /// An empty list in a GraphQL answer may as well mean that the token lacks a permission (measured: 200 and an empty
    /// list, where REST says 403), so a list that can't be empty in use sends us to REST, which tells the two apart, and one
    /// that may be empty in a NetBox that is new to us is asked for there.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn everything(
        &self,
        client: &Client,
        trail: &Trail,
    ) -> Result<Everything, NetboxError> {
        if !self.graphql_off.get() {
            match self.by_graphql(client, trail).await {
                Ok(all) if !suspicious(&all) => {
                    rest::may_see_what_is_empty(client, trail, &all).await?;
                    return Ok(all);
                }
                Ok(_) => {}
                Err(NetboxError::Missing { .. }) => self.graphql_off.set(true),
                Err(
                    NetboxError::Unusable {
                        status: 200 | 400, ..
                    }
                    | NetboxError::Refused { .. },
                ) => {}
                Err(error) => return Err(error),
            }
        }
        rest::everything(client, trail, &self.ours).await
    }

    /// Reads the prefixes of ours in these VRFs written since an instant each; a list for each VRF, in order.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn since(
        &self,
        client: &Client,
        trail: &Trail,
        vrfs: &[(Id, Timestamp)],
    ) -> Result<Vec<Vec<Prefix>>, NetboxError> {
        let calls = vrfs
            .chunks(ALIASES)
            .map(|some| self.since_some(client, trail, some));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn since_some(
        &self,
        client: &Client,
        trail: &Trail,
        vrfs: &[(Id, Timestamp)],
    ) -> Result<Vec<Vec<Prefix>>, NetboxError> {
        const CHECK: &str = "check for rivals";
        let mut seen: Vec<Option<Vec<Prefix>>> = vec![None; vrfs.len()];
        if !self.graphql_off.get() {
            let body = graphql::since(&self.ours.tenant, &self.ours.role, vrfs);
            let answer = client.fetch(trail, Call::graphql(CHECK, body)).await;
            match answer.and_then(|answer| graphql::lists(CHECK, &answer)) {
                Ok(mut lists) => {
                    for (n, seen) in seen.iter_mut().enumerate() {
                        let rows = lists.take(&format!("r{n}"))?;
                        // A full page may hide a rival, and no rows at all may mean that the token sees nothing.
                        if !rows.is_empty() && rows.len() < full(rows.len()) {
                            *seen = Some(rows.into_iter().filter_map(Raw::prefix).collect());
                        }
                    }
                }
                Err(NetboxError::Missing { .. }) => self.graphql_off.set(true),
                Err(
                    NetboxError::Unusable {
                        status: 200 | 400, ..
                    }
                    | NetboxError::Refused { .. },
                ) => {}
                Err(error) => return Err(error),
            }
        }
        let whole = vrfs
            .iter()
            .zip(seen)
            .map(async |((vrf, since), seen)| match seen {
                Some(rows) => Ok(rows),
                None => rest::since(client, trail, &self.ours, *vrf, *since).await,
            });
        try_join_all(whole).await
    }

    async fn by_graphql(&self, client: &Client, trail: &Trail) -> Result<Everything, NetboxError> {
        let Ours { tenant, role } = &self.ours;
        let call = Call::graphql(OPERATION, graphql::everything(tenant, role));
        let answer = client.fetch(trail, call).await?;
        let mut lists = graphql::lists(OPERATION, &answer)?;
        drop(answer);
        let mut one = |name| -> Result<Option<Named>, NetboxError> {
            Ok(lists.take(name)?.into_iter().next().map(Raw::named))
        };
        let mut all = Everything {
            tenant: one("tenant_list")?,
            role: one("role_list")?,
            ..Everything::default()
        };
        let mut firsts = Vec::new();
        for list in List::ALL {
            firsts.push((list, lists.first(list)?));
        }
        let full = full(firsts.iter().map(|(_, rows)| rows.len()).max().unwrap_or(0));
        let mut walks = Vec::new();
        for (list, rows) in firsts {
            let more = rows.len() >= full;
            let mut walk = Walk::default();
            all.add(&mut walk, 0, Part::of(list, rows, more));
            walks.push((list, walk));
        }
        let mut at_once = ALIASES;
        while let Some(pages) = plan(&walks, at_once) {
            let calls = pages
                .chunks(ALIASES)
                .map(|chunk| self.pages(client, trail, chunk, full));
            for (list, start, part) in try_join_all(calls).await?.into_iter().flatten() {
                if let Some((_, walk)) = walks.iter_mut().find(|(l, _)| *l == list) {
                    all.add(walk, start, part);
                }
            }
            at_once = (at_once * 2).min(MOST_AT_ONCE);
        }
        all.tidy();
        Ok(all)
    }

    async fn pages(
        &self,
        client: &Client,
        trail: &Trail,
        pages: &[(List, Id)],
        full: usize,
    ) -> Result<Vec<(List, Id, Part)>, NetboxError> {
        let body = graphql::pages(&self.ours.tenant, &self.ours.role, pages);
        let answer = client.fetch(trail, Call::graphql(OPERATION, body)).await?;
        let mut lists = graphql::lists(OPERATION, &answer)?;
        drop(answer);
        pages
            .iter()
            .enumerate()
            .map(|(n, &(list, start))| {
                let rows = lists.take(&format!("p{n}"))?;
                let more = rows.len() >= full;
                Ok((list, start, Part::of(list, rows, more)))
            })
            .collect()
    }
}

/// Shares the next round's pages among the lists that are not complete; `None` when all are.
fn plan(walks: &[(List, Walk)], at_once: usize) -> Option<Vec<(List, Id)>> {
    let open: Vec<_> = walks.iter().filter(|(_, w)| !w.complete()).collect();
    if open.is_empty() {
        return None;
    }
    let each = (at_once / open.len()).max(1);
    let pages = open
        .into_iter()
        .flat_map(|(list, walk)| walk.next(each).into_iter().map(|start| (*list, start)));
    Some(pages.collect())
}

/// Whether something is missing that no NetBox in use lacks.
fn suspicious(all: &Everything) -> bool {
    all.tenant.is_none() || all.role.is_none() || all.site_groups.is_empty() || all.vrfs.is_empty()
}

/// One page of a list: in the form that is kept, for that is a fraction of what NetBox sends.
pub(super) struct Part {
    ids: Vec<Id>,
    /// Whether more rows may follow.
    more: bool,
    rows: Everything,
}

impl Part {
    pub(super) fn of(list: List, rows: Vec<Raw>, more: bool) -> Self {
        let ids = rows.iter().map(|row| row.id).collect();
        let mut kept = Everything::default();
        let rows = rows.into_iter();
        match list {
            List::SiteGroups => kept.site_groups.extend(rows.map(Raw::named)),
            List::Vrfs => kept.vrfs.extend(rows.map(Raw::vrf)),
            List::VlanGroups => kept.vlan_groups.extend(rows.map(Raw::vlan_group)),
            List::Vlans => kept.vlans.extend(rows.filter_map(Raw::vlan)),
            List::Prefixes => kept.prefixes.extend(rows.filter_map(Raw::prefix)),
        }
        Self {
            ids,
            more,
            rows: kept,
        }
    }
}

impl Everything {
    /// Adds a page of a list, which was asked for from the id `start` on.
    pub(super) fn add(&mut self, walk: &mut Walk, start: Id, part: Part) {
        walk.read(start, &part.ids, part.more);
        self.site_groups.extend(part.rows.site_groups);
        self.vrfs.extend(part.rows.vrfs);
        self.vlan_groups.extend(part.rows.vlan_groups);
        self.vlans.extend(part.rows.vlans);
        self.prefixes.extend(part.rows.prefixes);
    }

    /// Pages may overlap: every row once, in the order of ids.
    pub(super) fn tidy(&mut self) {
        fn once<T>(rows: &mut Vec<T>, id: impl Fn(&T) -> Id) {
            // Numbers are sorted instead of rows, so that there is one code that sorts, not one for each kind.
            let mut order: Vec<(Id, Id)> = rows.iter().map(id).zip(0..).collect();
            order.sort_unstable();
            order.dedup_by_key(|(id, _)| *id);
            if order.len() == rows.len() && order.is_sorted_by_key(|(_, place)| *place) {
                return;
            }
            let mut given: Vec<Option<T>> = rows.drain(..).map(Some).collect();
            let places = order
                .into_iter()
                .filter_map(|(_, n)| usize::try_from(n).ok());
            rows.extend(places.filter_map(|n| given.get_mut(n)?.take()));
        }
        once(&mut self.site_groups, |r| r.id);
        once(&mut self.vrfs, |r| r.id);
        once(&mut self.vlan_groups, |r| r.id);
        once(&mut self.vlans, |r| r.id);
        once(&mut self.prefixes, |r| r.id);
    }
}
