//! Making sure that a segment has its VLAN, and clearing one away that nobody uses.

use super::error::{Obstacle, ServiceError};
use super::{Result, Service};
use crate::catalogue::Change;
use crate::netbox::NetboxError;
use crate::netbox::Trail;
use crate::netbox::rows::{Id, Vlan};
use crate::netbox::write::Owner;
use crate::segment::{Diff, Draft, SegmentId};

use super::place::Place;

/// A VLAN without a prefix was left behind when it is older than this many times the longest that a NetBox call may take;
/// a younger one may be waiting for its prefix right now.
const LEFT_BEHIND: u32 = 2;

/// A VLAN to put a prefix on.
pub(super) struct Ready {
    pub vlan: Vlan,
    /// Whether we made it, and so may remove it when a later step fails.
    pub made: bool,
}

impl Service {
    /// The VLAN for a wanted segment: one that was left behind, or a new one. Its (group, vid) constraint in NetBox's
    /// database is the lock that decides between rivals.
    pub(super) async fn ready_vlan(
        &self,
        trail: &Trail,
        owner: Owner,
        draft: &Draft,
        place: &Place,
        group: Id,
        changing: Option<(SegmentId, Diff)>,
    ) -> Result<Ready> {
        if let Some(vlan) = self.adoptable(trail, draft, group).await? {
            return Ok(Ready { vlan, made: false });
        }
        let (vid, name) = (draft.vlan_id.get(), draft.epg_name.as_str());
        match self
            .client
            .create_vlan(trail, owner, group, vid, name)
            .await
        {
            Ok(vlan) => Ok(Ready { vlan, made: true }),
            Err(error @ (NetboxError::Refused { .. } | NetboxError::Raced { .. })) => {
                self.vlan_refused(trail, draft, place, group, changing, error)
                    .await
            }
            Err(error) if error.outcome_unknown() => {
                self.vlan_lost(trail, draft, group, error).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A VLAN of ours with the wanted id and name that nothing uses and that is not being made right now.
    async fn adoptable(&self, trail: &Trail, draft: &Draft, group: Id) -> Result<Option<Vlan>> {
        let found = self.ask(|c| {
            c.vlan_at(group, draft.vlan_id.get())
                .filter(|v| v.name == draft.epg_name.as_str() && c.users(v.id).next().is_none())
                .cloned()
        });
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
        let now = self.client.netbox_time().unwrap_or_else(|| self.host.now());
        let young = now.since(vlan.created) < self.settings.netbox_timeout * LEFT_BEHIND;
        if young && !self.left_behind.borrow().contains(&vlan.id) {
            return Err(being_made(&vlan));
        }
        Ok(Some(vlan))
    }

    /// NetBox has this VLAN id or this name already: says whose it is.
    async fn vlan_refused(
        &self,
        trail: &Trail,
        draft: &Draft,
        place: &Place,
        group: Id,
        changing: Option<(SegmentId, Diff)>,
        error: NetboxError,
    ) -> Result<Ready> {
        self.keeper.read_anew(trail).await?;
        let mut draft = draft.clone();
        self.check(trail, &mut draft, changing).await?;
        if let Some(vlan) = self.adoptable(trail, &draft, group).await? {
            return Ok(Ready { vlan, made: false });
        }
        match self
            .client
            .vlan_at(trail, group, draft.vlan_id.get())
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
            None => Err(error.into()),
        }
    }

    /// The answer to our POST was lost: if the VLAN is there, it will do; if not, nothing was made.
    async fn vlan_lost(
        &self,
        trail: &Trail,
        draft: &Draft,
        group: Id,
        error: NetboxError,
    ) -> Result<Ready> {
        let left = || {
            format!(
                "perhaps VLAN id {} (`{}`), to be used by the next request for it",
                draft.vlan_id, draft.epg_name
            )
        };
        match self.client.vlan_at(trail, group, draft.vlan_id.get()).await {
            Ok(Some(vlan)) if vlan.name == draft.epg_name.as_str() => {
                Ok(Ready { vlan, made: true })
            }
            Ok(_) => Err(error.into()),
            Err(_) => Err(ServiceError::from(error).leaving(vec![left()])),
        }
    }

    /// Takes note that a VLAN is gone, if a read of NetBox saw it while it was there.
    pub(super) async fn forget_vlan(&self, id: Id) {
        if self.ask(|c| c.vlan(id).is_some()) {
            self.keeper.wrote(vec![Change::VlanGone(id)]).await;
        }
    }

    /// Removes a VLAN that we think nobody uses. NetBox itself refuses when somebody does, so nothing is asked first.
    ///
    /// `Ok(true)`: it is gone. `Ok(false)`: it is in use, and stays.
    pub(super) async fn clear_vlan(
        &self,
        trail: &Trail,
        vlan: &Vlan,
    ) -> std::result::Result<bool, NetboxError> {
        let outcome = self
            .client
            .delete_vlan(trail, vlan.id, vlan.last_updated)
            .await;
        let outcome = match outcome {
            // Somebody wrote it since we read it. If it is still the same VLAN, it goes all the same.
            Err(NetboxError::Stale { .. }) => match self.client.vlan(trail, vlan.id).await? {
                None => Ok(()),
                Some(now)
                    if now.vid != vlan.vid || now.group != vlan.group || now.name != vlan.name =>
                {
                    return Ok(false);
                }
                Some(now) => {
                    self.client
                        .delete_vlan(trail, now.id, now.last_updated)
                        .await
                }
            },
            other => other,
        };
        match outcome {
            Ok(()) | Err(NetboxError::Missing { .. }) => Ok(true),
            Err(NetboxError::InUse { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A conflict with one thing.
pub(super) fn conflict(
    pointer: &'static str,
    code: &'static str,
    rival: Option<SegmentId>,
    detail: String,
) -> ServiceError {
    ServiceError::Conflict(vec![Obstacle {
        code,
        pointer,
        rival,
        detail,
        expected: "one that nobody has".to_owned(),
    }])
}

fn being_made(vlan: &Vlan) -> ServiceError {
    conflict(
        "/vlan_id",
        "vlan-id-taken",
        None,
        format!(
            "VLAN id {} (`{}`) is being given to a segment by another request, or was left behind just now",
            vlan.vid, vlan.name
        ),
    )
}
