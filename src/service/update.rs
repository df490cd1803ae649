//! Changing a segment: rename, another VLAN id, a move to another site or VRF, other addresses, other attributes.

use super::claims::Claim;
use super::delete::agree;
use super::error::ServiceError;
use super::place::Place;
use super::vlan::{Ready, conflict};
use super::{Result, Service, Tagged};
use crate::catalogue::Change as RowChange;
use crate::catalogue::index::RESERVED;
use crate::netbox::rows::{Id, Prefix, Vlan};
use crate::netbox::write::{PrefixChange, VlanChange};
use crate::netbox::{NetboxError, Trail};
use crate::segment::{Change, Diff, Draft, SegmentId};

/// How often a change is decided anew when the segment changes under our hands.
const ATTEMPTS: u32 = 2;

/// What a change does to the rows of a segment.
struct Plan {
    draft: Draft,
    diff: Diff,
    /// Where it belongs, when the change concerns others.
    place: Option<Place>,
    prefix: Prefix,
    vlan: Vlan,
}

/// What has been written so far, newest last, so that it can be written back.
#[derive(Default)]
struct Done {
    vlan: Option<Vlan>,
    new_vlan: Option<Ready>,
    prefix: Option<Prefix>,
    changes: Vec<RowChange>,
}

impl Service {
    /// Changes a segment. `expected` is the tag that it must have, if the caller cares.
    ///
    /// # Errors
    /// [`ServiceError`]; the segment is then as it was, unless the error says what is left.
    pub async fn update(
        &self,
        trail: &Trail,
        id: SegmentId,
        change: &Change,
        expected: Option<&str>,
    ) -> Result<Tagged> {
        self.current(trail).await?;
        let mut claims = vec![Claim::Segment(id)];
        if let Some(found) = self.known(id) {
            claims.extend(self.claims_for(&change.apply(&found.segment)));
        }
        let _turn = self.claims.take(claims).await;
        let mut attempt = 1;
        loop {
            match self.update_once(trail, id, change, expected).await {
                Err(ServiceError::Netbox(NetboxError::Stale { .. })) if attempt < ATTEMPTS => {
                    self.keeper.read_anew(trail).await?;
                    attempt += 1;
                }
                Err(ServiceError::Netbox(NetboxError::Stale { .. })) => {
                    return Err(ServiceError::Changed(id));
                }
                other => return other,
            }
        }
    }

    async fn update_once(
        &self,
        trail: &Trail,
        id: SegmentId,
        change: &Change,
        expected: Option<&str>,
    ) -> Result<Tagged> {
        let found = self.find(trail, id).await?;
        agree(&found, expected)?;
        let mut draft = change.apply(&found.segment);
        let diff = Diff::between(&found.segment, &draft);
        if diff.is_empty() {
            return Ok(found);
        }
        let place = if diff.concerns_others() {
            Some(self.check(trail, &mut draft, Some((id, diff))).await?)
        } else {
            None
        };
        let (prefix, vlan) = self.rows(id)?;
        let plan = Plan {
            draft,
            diff,
            place,
            prefix,
            vlan,
        };
        let mut done = Done::default();
        let result = self.carry_out(trail, &plan, &mut done).await;
        match result {
            Ok(()) => {
                self.keeper.wrote(done.changes).await;
                self.known(id).ok_or(ServiceError::NoSuchSegment(id))
            }
            Err(error) => Err(self.write_back(trail, &plan, done, error).await),
        }
    }

    async fn carry_out(&self, trail: &Trail, plan: &Plan, done: &mut Done) -> Result<()> {
        let Plan {
            draft,
            diff,
            place,
            prefix,
            vlan,
        } = plan;
        let mut on_vlan = vlan.id;
        if let Some(place) = place
            && (diff.vlan() || diff.group_move())
        {
            let (group, new_group) = self.group(trail, place).await?;
            done.changes.extend(new_group.map(RowChange::VlanGroup));
            if let Some(ready) = self.change_vlan(trail, plan, place, group, done).await? {
                on_vlan = ready;
            }
        }
        let mut change = prefix_change(plan);
        change.vlan = (on_vlan != vlan.id).then_some(on_vlan);
        if !change.is_empty() {
            let since = self.unseen_since();
            let now = self.patch_prefix(trail, prefix, &change).await?;
            done.prefix = Some(now.clone());
            done.changes.push(RowChange::Prefix(now.clone()));
            if let Some(place) = place
                && (diff.cidr || diff.vrf)
            {
                let new_vlan = change.vlan;
                let look = self
                    .look_for_rivals(
                        trail,
                        place.vrf,
                        since,
                        draft.cidr,
                        new_vlan,
                        Some(prefix.id),
                    )
                    .await?;
                if !look.rivals.is_empty() {
                    return Err(ServiceError::Conflict(look.obstacles(draft.cidr)));
                }
            }
        }
        Ok(())
    }

    /// Changes the VLAN of a segment, or, when others are on it too, finds the segment a VLAN of its own.
    async fn change_vlan(
        &self,
        trail: &Trail,
        plan: &Plan,
        place: &Place,
        group: Id,
        done: &mut Done,
    ) -> Result<Option<Id>> {
        let Plan {
            draft,
            diff,
            prefix,
            vlan,
            ..
        } = plan;
        let others: Vec<Id> = self.ask(|c| c.users(vlan.id).filter(|u| *u != prefix.id).collect());
        if let Some(other) = others.first() {
            if !diff.vlan_id && !diff.group_move() {
                return Err(conflict(
                    "/epg_name",
                    "vlan-shared",
                    Some(SegmentId(*other)),
                    format!(
                        "VLAN {} carries segment {other} too, whose EPG name would change with it",
                        vlan.id
                    ),
                ));
            }
            let ready = self
                .ready_vlan(
                    trail,
                    self.owner()?,
                    draft,
                    place,
                    group,
                    Some((SegmentId(prefix.id), *diff)),
                )
                .await?;
            let id = ready.vlan.id;
            done.changes.push(RowChange::Vlan(ready.vlan.clone()));
            done.new_vlan = Some(ready);
            return Ok(Some(id));
        }
        let change = VlanChange {
            vid: diff.vlan_id.then(|| draft.vlan_id.get()),
            name: diff.epg_name.then(|| draft.epg_name.as_str().to_owned()),
            group: (vlan.group != Some(group)).then_some(group),
        };
        if change == VlanChange::default() {
            return Ok(None);
        }
        let now = self.patch_vlan(trail, vlan, &change).await?;
        done.vlan = Some(now.clone());
        done.changes.push(RowChange::Vlan(now));
        Ok(None)
    }

    /// Changes a VLAN; when the answer is lost, looks whether the change was made.
    async fn patch_vlan(&self, trail: &Trail, vlan: &Vlan, change: &VlanChange) -> Result<Vlan> {
        match self
            .client
            .patch_vlan(trail, vlan.id, vlan.last_updated, change)
            .await
        {
            Err(error) if error.outcome_unknown() => match self.client.vlan(trail, vlan.id).await {
                Ok(Some(now)) if change.is_done(&now) => Ok(now),
                _ => Err(error.into()),
            },
            Err(error @ (NetboxError::Refused { .. } | NetboxError::Raced { .. })) => {
                Err(self.vlan_taken(trail, vlan, change, error).await)
            }
            other => Ok(other?),
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
            let (by_vid, by_name) = (c.vlan_at(group, vid), c.vlan_named(group, name));
            let holder = by_vid.or(by_name).filter(|holder| holder.id != vlan.id)?;
            Some((by_vid.is_some(), holder.clone(), c.users(holder.id).next()))
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

    /// Changes a prefix; when the answer is lost, looks whether the change was made.
    async fn patch_prefix(
        &self,
        trail: &Trail,
        prefix: &Prefix,
        change: &PrefixChange,
    ) -> Result<Prefix> {
        match self
            .client
            .patch_prefix(trail, prefix.id, prefix.last_updated, change)
            .await
        {
            Err(error) if error.outcome_unknown() => {
                match self.client.prefix(trail, prefix.id).await {
                    Ok(Some(now)) if change.is_done(&now) => Ok(now),
                    _ => Err(error.into()),
                }
            }
            other => Ok(other?),
        }
    }

    /// A later step failed: writes the earlier ones back, newest first.
    async fn write_back(
        &self,
        trail: &Trail,
        plan: &Plan,
        done: Done,
        error: ServiceError,
    ) -> ServiceError {
        let mut left = Vec::new();
        let mut now = Vec::new();
        if let Some(written) = done.prefix {
            let back = PrefixChange::back_to(&plan.prefix);
            match self
                .client
                .patch_prefix(trail, written.id, written.last_updated, &back)
                .await
            {
                Ok(prefix) => now.push(RowChange::Prefix(prefix)),
                Err(_) => {
                    left.push(format!(
                        "prefix {} ({}) already changed",
                        written.id, written.cidr
                    ));
                    now.push(RowChange::Prefix(written));
                }
            }
        }
        if let Some(written) = done.vlan {
            let back = VlanChange::back_to(&plan.vlan);
            match self
                .client
                .patch_vlan(trail, written.id, written.last_updated, &back)
                .await
            {
                Ok(vlan) => now.push(RowChange::Vlan(vlan)),
                Err(_) => {
                    left.push(format!(
                        "VLAN {} (VLAN id {}) already changed",
                        written.id, written.vid
                    ));
                    now.push(RowChange::Vlan(written));
                }
            }
        }
        if let Some(ready) = done.new_vlan.filter(|ready| ready.made) {
            if matches!(self.clear_vlan(trail, &ready.vlan).await, Ok(true)) {
                now.push(RowChange::VlanGone(ready.vlan.id));
            } else {
                left.push(format!(
                    "VLAN {} (VLAN id {})",
                    ready.vlan.id, ready.vlan.vid
                ));
                self.left_behind.borrow_mut().insert(ready.vlan.id);
                now.push(RowChange::Vlan(ready.vlan));
            }
        }
        now.extend(
            done.changes
                .into_iter()
                .filter(|c| matches!(c, RowChange::VlanGroup(_))),
        );
        if !now.is_empty() {
            self.keeper.wrote(now).await;
        }
        error.leaving(left)
    }
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
