//! Finishing deletes: a list of which a part is gone is carried through.

use super::Unhealed;
use crate::catalogue::Change;
use crate::netbox::row::Row as _;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::{MOST, NetboxError, Trail};
use crate::service::{Atomicity, Service};

impl Service {
    /// What of these segments is left goes, unless all of them are there still; prefixes only if they are to be `carried_on`
    /// with.
    pub(super) async fn finish_delete(
        &self,
        trail: &Trail,
        segments: &[(Prefix, Vlan)],
        carried_on: bool,
    ) -> Result<String, Unhealed> {
        let mut there = Vec::new();
        for some in segments.chunks(MOST) {
            let ids: Vec<_> = some.iter().map(|(prefix, _)| prefix.id).collect();
            there.extend(self.client.prefixes(trail, &ids).await?);
        }
        if there.len() == segments.len() {
            return Ok("nothing was deleted".to_owned());
        }
        // A list that NetBox took in part is carried through: those were to go as well. Who wrote one meanwhile keeps it.
        let same = |row: &&Prefix| {
            let known = segments.iter().find(|(prefix, _)| prefix.id == row.id);
            known.is_some_and(|(prefix, _)| prefix.last_updated == row.last_updated)
        };
        let rest: Vec<Prefix> = there
            .iter()
            .filter(|row| carried_on && same(row))
            .cloned()
            .collect();
        let kept = |id: u64| there.iter().any(|p| p.id == id) && !rest.iter().any(|p| p.id == id);
        let gone = segments.iter().filter(|(prefix, _)| !kept(prefix.id));
        let vlans: Vec<Vlan> = gone.clone().map(|(_, vlan)| vlan.clone()).collect();
        let known = gone
            .map(|(prefix, _)| Change::PrefixGone(prefix.id))
            .collect();
        let items = rest.iter().map(Prefix::removal).collect();
        for answer in self
            .writer
            .drop_prefixes(trail, items, Atomicity::Each)
            .await
        {
            match answer.map_err(NetboxError::from) {
                Ok(()) | Err(NetboxError::Missing { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.keeper.wrote(known).await;
        self.remove(trail, &[], &vlans).await?;
        Ok(format!(
            "{} of {} segments were deleted, with their VLANs where nobody uses them",
            segments.len() - there.len() + rest.len(),
            segments.len()
        ))
    }
}
