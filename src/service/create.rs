//! Making a segment: VLAN, prefix, and a look for rivals.

use super::error::ServiceError;
use super::place::Place;
use super::rivals::Look;
use super::vlan::Ready;
use super::{Result, Service, Tagged};
use crate::catalogue::Change;
use crate::catalogue::index::{ACTIVE, RESERVED};
use crate::netbox::rows::{Prefix, VlanGroup};
use crate::netbox::write::{Owner, PrefixChange};
use crate::netbox::{NetboxError, Trail};
use crate::segment::{Draft, SegmentId};

/// How often a segment is tried to be made: once more when two rivals may both have withdrawn.
const ATTEMPTS: u32 = 2;
/// How often a prefix of ours is tried to be removed again.
const WITHDRAWALS: u32 = 3;

impl Service {
    /// Makes a segment.
    ///
    /// # Errors
    /// [`ServiceError`]; NetBox is then as it was before, unless the error says what is left.
    pub async fn create(&self, trail: &Trail, mut draft: Draft) -> Result<Tagged> {
        self.current(trail).await?;
        let _turn = self.claims.take(self.claims_for(&draft)).await;
        let place = self.check(trail, &mut draft, None).await?;
        let owner = self.owner()?;
        let (group, new_group) = self.group(trail, &place).await?;
        let ready = self
            .ready_vlan(trail, owner, &draft, &place, group, None)
            .await?;
        match self.put_on_vlan(trail, owner, &draft, &place, &ready).await {
            Ok(prefix) => self.made(new_group, ready, prefix).await,
            Err(error) => {
                self.keep_group(new_group).await;
                Err(self.withdraw_vlan(trail, &ready, error).await)
            }
        }
    }

    /// The prefix of a wanted segment, once nobody else has its addresses.
    async fn put_on_vlan(
        &self,
        trail: &Trail,
        owner: Owner,
        draft: &Draft,
        place: &Place,
        ready: &Ready,
    ) -> Result<Prefix> {
        let since = self.unseen_since();
        let new = new_prefix(draft, place, ready);
        let mut attempt = 1;
        loop {
            let made = match self.client.create_prefix(trail, owner, &new).await {
                Ok(prefix) => Ok(prefix),
                Err(error) if error.outcome_unknown() => Err(error),
                Err(error @ NetboxError::Refused { .. }) => {
                    return Err(self.prefix_refused(trail, draft, error).await);
                }
                Err(error) => return Err(error.into()),
            };
            let own = made.as_ref().ok();
            let id = own.map(|p| p.id);
            let look = self
                .look_for_rivals(trail, place.vrf, since, draft.cidr, Some(ready.vlan.id), id)
                .await;
            let look = match look {
                Ok(look) => look,
                // Without a look we can't say that nobody else has the addresses, so the prefix must go.
                Err(error) => {
                    return Err(self.withdraw_prefix(trail, draft, own, error).await);
                }
            };
            // When the answer was lost, the look has told whether the prefix was made.
            let found = match look.own.clone() {
                Some(found) => found,
                None => made?,
            };
            if look.rivals.is_empty() {
                return Ok(found);
            }
            let lost = ServiceError::Conflict(look.obstacles(draft.cidr));
            let gone = self.withdraw_prefix(trail, draft, Some(&found), lost).await;
            if attempt == ATTEMPTS
                || !matches!(gone, ServiceError::Conflict(_))
                || settled(&look, &found)
            {
                return Err(gone);
            }
            self.random_pause().await;
            let look = self
                .look_for_rivals(
                    trail,
                    place.vrf,
                    since,
                    draft.cidr,
                    Some(ready.vlan.id),
                    None,
                )
                .await?;
            if look.own.is_some() || !look.rivals.is_empty() {
                self.learn(&look);
                return Err(gone);
            }
            attempt += 1;
        }
    }

    /// The same prefix is in the VRF already, or NetBox has another rule against it.
    async fn prefix_refused(
        &self,
        trail: &Trail,
        draft: &Draft,
        error: NetboxError,
    ) -> ServiceError {
        if let Err(unread) = self.keeper.read_anew(trail).await {
            return unread.into();
        }
        let mut draft = draft.clone();
        match self.check(trail, &mut draft, None).await {
            Err(conflict @ ServiceError::Conflict(_)) => conflict,
            _ => error.into(),
        }
    }

    /// Removes a prefix of ours again, because of `error`.
    async fn withdraw_prefix(
        &self,
        trail: &Trail,
        draft: &Draft,
        own: Option<&Prefix>,
        error: ServiceError,
    ) -> ServiceError {
        let Some(own) = own else {
            return error.leaving(vec![format!("perhaps prefix {}", draft.cidr)]);
        };
        match self.clear_prefix(trail, own).await {
            Ok(()) | Err(NetboxError::Missing { .. }) => {
                if self.ask(|c| c.prefix(own.id).is_some()) {
                    self.keeper.wrote(vec![Change::PrefixGone(own.id)]).await;
                }
                error
            }
            Err(_) => error.leaving(vec![format!("prefix {} ({})", own.id, own.cidr)]),
        }
    }

    /// Removes a prefix that we have just made. Two simultaneous DELETEs of overlapping prefixes deadlock in NetBox's
    /// database, and one of them is a 500 (measured on 4.7.3: 7 of 8 tries), so a failure is looked into: as long as the row
    /// is still what we made, it goes.
    async fn clear_prefix(
        &self,
        trail: &Trail,
        own: &Prefix,
    ) -> std::result::Result<(), NetboxError> {
        let mut guard = own.last_updated;
        let mut attempt = 1;
        loop {
            let error = match self.client.delete_prefix(trail, own.id, guard).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let again = matches!(error, NetboxError::Stale { .. }) || error.outcome_unknown();
            if !again || attempt == WITHDRAWALS {
                return Err(error);
            }
            match self.client.prefix(trail, own.id).await? {
                None => return Ok(()),
                Some(now) if now.cidr != own.cidr || now.vlan != own.vlan => return Err(error),
                Some(now) => guard = now.last_updated,
            }
            attempt += 1;
        }
    }

    /// Removes the VLAN again, if we made it, because of `error`.
    async fn withdraw_vlan(
        &self,
        trail: &Trail,
        ready: &Ready,
        error: ServiceError,
    ) -> ServiceError {
        if !ready.made {
            return error;
        }
        match self.clear_vlan(trail, &ready.vlan).await {
            Ok(true) => {
                // A read of NetBox made meanwhile may have seen it.
                self.forget_vlan(ready.vlan.id).await;
                error
            }
            // In use: by the prefix that could not be withdrawn, or by one whose answer was lost and that came after all.
            Ok(false) => {
                let reread = self.keeper.read_anew(trail).await;
                let known = if reread.is_ok() {
                    ""
                } else {
                    ", not yet visible here"
                };
                error.leaving(vec![format!(
                    "VLAN {} (VLAN id {}) with its prefix{known}",
                    ready.vlan.id, ready.vlan.vid
                )])
            }
            Err(_) => {
                self.left_behind.borrow_mut().insert(ready.vlan.id);
                self.keeper
                    .wrote(vec![Change::Vlan(ready.vlan.clone())])
                    .await;
                error.leaving(vec![format!(
                    "VLAN {} (VLAN id {}), to be used by the next request for it",
                    ready.vlan.id, ready.vlan.vid
                )])
            }
        }
    }

    async fn keep_group(&self, group: Option<VlanGroup>) {
        if let Some(group) = group {
            self.keeper.wrote(vec![Change::VlanGroup(group)]).await;
        }
    }

    fn learn(&self, look: &Look) {
        let changes: Vec<Change> = look.rivals.iter().cloned().map(Change::Prefix).collect();
        self.keeper.learn(&changes);
    }

    async fn made(&self, group: Option<VlanGroup>, ready: Ready, prefix: Prefix) -> Result<Tagged> {
        let id = SegmentId(prefix.id);
        let mut changes: Vec<Change> = group.into_iter().map(Change::VlanGroup).collect();
        changes.push(Change::Vlan(ready.vlan));
        changes.push(Change::Prefix(prefix));
        self.keeper.wrote(changes).await;
        self.known(id).ok_or(ServiceError::NoSuchSegment(id))
    }
}

/// Whether a rival was there long before us, so that it will not withdraw.
fn settled(look: &Look, own: &Prefix) -> bool {
    let long_before = |rival: &Prefix| own.created.since(rival.created).as_secs() >= 30;
    look.rivals.iter().any(long_before)
}

fn new_prefix(draft: &Draft, place: &Place, ready: &Ready) -> PrefixChange {
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
