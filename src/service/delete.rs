//! Removing a segment: its prefix, then its VLAN if nobody else is on it.

use super::claims::Claim;
use super::error::ServiceError;
use super::{Deleted, Result, Service, Tagged};
use crate::catalogue::Change;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::{NetboxError, Trail};
use crate::segment::SegmentId;

/// How often a delete is decided anew when the segment changes under our hands.
const ATTEMPTS: u32 = 2;

impl Service {
    /// Removes a segment. `expected` is the tag that it must have, if the caller cares.
    ///
    /// The VLAN goes with it unless another prefix is on it; NetBox itself decides that, so a stale catalogue can do no harm.
    ///
    /// # Errors
    /// [`ServiceError`]; the segment is then still there.
    pub async fn delete(
        &self,
        trail: &Trail,
        id: SegmentId,
        expected: Option<&str>,
    ) -> Result<Deleted> {
        self.current(trail).await?;
        let _turn = self.claims.take(vec![Claim::Segment(id)]).await;
        let mut attempt = 1;
        loop {
            let found = self.find(trail, id).await?;
            agree(&found, expected)?;
            let (prefix, vlan) = self.rows(id)?;
            match self
                .client
                .delete_prefix(trail, prefix.id, prefix.last_updated)
                .await
            {
                Ok(()) => return Ok(self.clean_up(trail, prefix, vlan).await),
                Err(NetboxError::Stale { .. }) if attempt < ATTEMPTS => {
                    self.keeper.read_anew(trail).await?;
                    attempt += 1;
                }
                Err(NetboxError::Stale { .. }) => return Err(ServiceError::Changed(id)),
                Err(NetboxError::Missing { .. }) => {
                    self.clean_up(trail, prefix, vlan).await;
                    return Err(ServiceError::NoSuchSegment(id));
                }
                Err(error) if error.outcome_unknown() => {
                    // The answer was lost, or NetBox's database ran into a rival's DELETE: look whether the prefix is gone.
                    match self.client.prefix(trail, prefix.id).await {
                        Ok(None) => return Ok(self.clean_up(trail, prefix, vlan).await),
                        Ok(Some(now))
                            if attempt < ATTEMPTS && now.last_updated == prefix.last_updated =>
                        {
                            attempt += 1;
                        }
                        _ => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The prefix is gone: removes the VLAN too, unless it is in use, and tells the catalogue.
    async fn clean_up(&self, trail: &Trail, prefix: Prefix, vlan: Vlan) -> Deleted {
        let mut changes = vec![Change::PrefixGone(prefix.id)];
        let mut left = Vec::new();
        let shared = self.ask(|c| c.users(vlan.id).any(|user| user != prefix.id));
        if !shared {
            match self.clear_vlan(trail, &vlan).await {
                Ok(true) => changes.push(Change::VlanGone(vlan.id)),
                Ok(false) => {}
                Err(error) => {
                    self.left_behind.borrow_mut().insert(vlan.id);
                    left.push(format!("VLAN {} (VLAN id {}): {error}", vlan.id, vlan.vid));
                }
            }
        }
        self.keeper.wrote(changes).await;
        Deleted { left }
    }

    /// The rows that a segment is made of.
    pub(super) fn rows(&self, id: SegmentId) -> Result<(Prefix, Vlan)> {
        self.ask(|c| {
            let prefix = c.prefix(id.0)?;
            Some((prefix.clone(), c.vlan(prefix.vlan?)?.clone()))
        })
        .ok_or(ServiceError::NoSuchSegment(id))
    }
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
