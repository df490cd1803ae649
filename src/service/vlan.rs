//! Making sure that a segment has its VLAN, and clearing one away that nobody uses.

use super::error::{Obstacle, ServiceError};
use super::intents::Key;
use super::{Atomicity, Result, Service};
use crate::catalogue::{Catalogue, Change};
use crate::netbox::rows::{Id, Vlan};
use crate::netbox::write::{NewVlan, Owner};
use crate::netbox::{Failed, NetboxError, Trail};
use crate::segment::{Diff, Draft, SegmentId};

use super::place::Place;

/// A VLAN without a prefix was left behind when it is older than this many times the longest that a NetBox call may take;
/// a younger one may be waiting for its prefix right now.
const LEFT_BEHIND: u32 = 2;

/// A VLAN to put a prefix on.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub vlan: Vlan,
    /// Whether we made it, and so may remove it when a later step fails.
    pub made: bool,
}

/// A wanted segment that needs a VLAN.
#[derive(Clone, Copy)]
pub(super) struct VlanWanted<'a> {
    pub draft: &'a Draft,
    pub place: &'a Place,
    pub group: Id,
    pub changing: Option<(SegmentId, Diff)>,
    /// Whether it matters who has the VLAN id, if somebody has it. Who can take another one saves the calls.
    pub diagnose: bool,
}

/// A VLAN, or why there is none, and whether it may be made all the same a little later.
type Found = std::result::Result<Ready, (ServiceError, bool)>;

impl Service {
    /// The VLANs for wanted segments: each one that was left behind, or a new one. Its (group, vid) constraint in NetBox's
    /// database is the lock that decides between rivals.
    pub(super) async fn ready_vlans(
        &self,
        trail: &Trail,
        owner: Owner,
        wanted: &[VlanWanted<'_>],
        atomicity: Atomicity,
        intent: Option<&Key>,
    ) -> Vec<Found> {
        let mut found: Vec<Option<Found>> = Vec::new();
        for wanted in wanted {
            let adopted = self
                .adoptable(trail, wanted.draft, wanted.group, intent)
                .await;
            found.push(match adopted {
                Ok(None) => None,
                Ok(Some(vlan)) => Some(Ok(Ready { vlan, made: false })),
                Err(error) => Some(Err((error, false))),
            });
        }
        let new = |wanted: &VlanWanted<'_>| new_vlan(owner, wanted);
        let open = wanted
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none());
        let items = open.map(|(wanted, _)| new(wanted)).collect();
        let mut answers = (self.writer.make_vlans(trail, items, atomicity).await).into_iter();
        let mut reread = None;
        let mut all = Vec::new();
        for (wanted, found) in wanted.iter().zip(found) {
            all.push(match found {
                Some(found) => found,
                None => match answers.next() {
                    Some(Ok(vlan)) => Ok(Ready { vlan, made: true }),
                    Some(Err(failed)) => {
                        let unknown = failed.unknown;
                        let ready = self
                            .vlan_failed(trail, wanted, failed, &mut reread, intent)
                            .await;
                        match ready {
                            Ok(Some(ready)) => Ok(ready),
                            Ok(None) => self.make_vlan_again(trail, owner, wanted).await,
                            Err(error) => Err((error, unknown)),
                        }
                    }
                    None => Err((ServiceError::Withheld, false)),
                },
            });
        }
        all
    }

    /// The VLAN all the same, or why not; nothing when what was in the way is gone.
    async fn vlan_failed(
        &self,
        trail: &Trail,
        wanted: &VlanWanted<'_>,
        failed: Failed,
        reread: &mut Option<()>,
        intent: Option<&Key>,
    ) -> Result<Option<Ready>> {
        let Failed { error, unknown } = failed;
        if unknown {
            return Err(perhaps_made(error, wanted));
        }
        if !matches!(
            error,
            NetboxError::Refused { .. } | NetboxError::Raced { .. }
        ) {
            return Err(error.into());
        }
        if !wanted.diagnose {
            let detail = format!("VLAN id {} is taken", wanted.draft.vlan_id);
            return Err(conflict("/vlan_id", "vlan-id-taken", None, detail));
        }
        if reread.is_none() {
            self.keeper.read_anew(trail).await?;
            *reread = Some(());
        }
        self.vlan_refused(trail, wanted, intent).await
    }

    /// A rival that had the VLAN id or the name has withdrawn: tries once more.
    async fn make_vlan_again(&self, trail: &Trail, owner: Owner, wanted: &VlanWanted<'_>) -> Found {
        let item = new_vlan(owner, wanted);
        let made = self
            .writer
            .make_vlans(trail, vec![item], Atomicity::Each)
            .await;
        match made.into_iter().next() {
            Some(Ok(vlan)) => Ok(Ready { vlan, made: true }),
            Some(Err(Failed { error, unknown })) => {
                let error = if unknown {
                    perhaps_made(error, wanted)
                } else {
                    error.into()
                };
                Err((error, unknown))
            }
            None => Err((ServiceError::Withheld, false)),
        }
    }

    /// Whether a VLAN of ours with the wanted id and name seems to be there, unused.
    pub(super) fn idle_vlan_of(&self, draft: &Draft, group: Option<Id>) -> bool {
        group.is_some_and(|group| self.ask(|c| idle_vlan(c, draft, group).is_some()))
    }

    /// A VLAN of ours with the wanted id and name that nothing uses and that is not being made right now.
    async fn adoptable(
        &self,
        trail: &Trail,
        draft: &Draft,
        group: Id,
        intent: Option<&Key>,
    ) -> Result<Option<Vlan>> {
        let found = self.ask(|c| idle_vlan(c, draft, group));
        let Some(vlan) = found else { return Ok(None) };
        let in_use = match self.client.vlan_in_use(trail, vlan.id).await {
            // NetBox refuses to look for the prefixes of a VLAN that is not there.
            Err(NetboxError::Refused { .. }) => {
                self.forget_vlan(vlan.id).await;
                return Ok(None);
            }
            other => other?,
        };
        if in_use {
            return Err(conflict(
                "/vlan_id",
                "vlan-id-taken",
                None,
                format!(
                    "VLAN {} (`{}`) of NetBox is used by a prefix that is not ours",
                    vlan.id, vlan.name
                ),
            ));
        }
        if self.being_made_by_others(group, vlan.vid, intent).await {
            return Err(being_made(&vlan));
        }
        let now = self.client.netbox_time().unwrap_or_else(|| self.host.now());
        let young = now.since(vlan.created) < self.settings.netbox_timeout * LEFT_BEHIND;
        if young && !self.left_behind.borrow().contains(&vlan.id) {
            return Err(being_made(&vlan));
        }
        Ok(Some(vlan))
    }

    /// NetBox had this VLAN id or this name already: says whose it is; nothing when nobody seems to have it any more.
    async fn vlan_refused(
        &self,
        trail: &Trail,
        wanted: &VlanWanted<'_>,
        intent: Option<&Key>,
    ) -> Result<Option<Ready>> {
        let VlanWanted {
            draft,
            place,
            group,
            changing,
            ..
        } = wanted;
        self.check_known(&mut (*draft).clone(), *changing)?;
        if let Some(vlan) = self.adoptable(trail, draft, *group, intent).await? {
            return Ok(Some(Ready { vlan, made: false }));
        }
        match self
            .client
            .vlan_at(trail, *group, draft.vlan_id.get())
            .await?
        {
            Some(vlan) => Err(conflict(
                "/vlan_id",
                "vlan-id-taken",
                None,
                format!(
                    "VLAN id {} of the group `{}` is held by VLAN {} (`{}`) of NetBox, which is not ours",
                    vlan.vid, place.group_name, vlan.id, vlan.name
                ),
            )),
            None => Ok(None),
        }
    }

    /// Takes note that a VLAN is gone, if a read of NetBox saw it while it was there.
    pub(super) async fn forget_vlan(&self, id: Id) {
        if self.ask(|c| c.vlan(id).is_some()) {
            self.keeper.wrote(vec![Change::VlanGone(id)]).await;
        }
    }
}

/// A VLAN with the wanted id and name that no segment of ours is on.
fn idle_vlan(catalogue: &Catalogue, draft: &Draft, group: Id) -> Option<Vlan> {
    let vlan = catalogue.vlan_at(group, draft.vlan_id.get())?;
    let idle = vlan.name == draft.epg_name.as_str() && catalogue.users(vlan.id).next().is_none();
    idle.then_some(vlan)
}

/// A conflict with one thing that somebody has.
pub(super) fn conflict(
    pointer: &'static str,
    code: &'static str,
    rival: Option<SegmentId>,
    detail: String,
) -> ServiceError {
    conflict_expecting(pointer, code, rival, detail, "one that nobody has")
}

/// A conflict with one thing, and what would be right.
pub(super) fn conflict_expecting(
    pointer: &'static str,
    code: &'static str,
    rival: Option<SegmentId>,
    detail: String,
    expected: &str,
) -> ServiceError {
    ServiceError::Conflict(vec![Obstacle {
        code,
        pointer,
        rival,
        detail,
        expected: expected.to_owned(),
    }])
}

fn new_vlan(owner: Owner, wanted: &VlanWanted<'_>) -> NewVlan {
    NewVlan {
        owner,
        group: wanted.group,
        vid: wanted.draft.vlan_id.get(),
        name: wanted.draft.epg_name.as_str().to_owned(),
    }
}

fn perhaps_made(error: NetboxError, wanted: &VlanWanted<'_>) -> ServiceError {
    let draft = wanted.draft;
    let left = format!(
        "perhaps VLAN id {} (`{}`), to be removed by a later write",
        draft.vlan_id, draft.epg_name
    );
    ServiceError::from(error).leaving(vec![left])
}

fn being_made(vlan: &Vlan) -> ServiceError {
    ServiceError::Busy(format!(
        "VLAN id {} (`{}`) is being given to a segment by another request, or was left behind just now",
        vlan.vid, vlan.name
    ))
}
