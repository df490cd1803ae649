//! Finishing changes: what is complete stays, if that is its fate; the rest is written back, field by field.

use super::Unhealed;
use crate::catalogue::Change;
use crate::netbox::row::RowChange as _;
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::write::{Patch, PrefixChange, VlanChange};
use crate::netbox::{MOST, NetboxError, Trail};
use crate::service::intents::{Changing, Fate, Key};
use crate::service::{Atomicity, Service};
use crate::timestamp::Timestamp;

/// Segments that were being changed.
pub(super) struct List<'a> {
    pub fate: Fate,
    pub segments: &'a [Changing],
    /// VLANs that are older were not made for them.
    pub started: Timestamp,
}

/// What is there of them.
struct Found {
    prefixes: Vec<Prefix>,
    vlans: Vec<Vlan>,
    /// The VLANs that were made for segments that shared theirs.
    new_vlans: Vec<Vlan>,
}

/// What is written back.
#[derive(Default)]
struct Plan {
    complete: usize,
    prefixes: Vec<Patch<PrefixChange>>,
    vlans: Vec<Patch<VlanChange>>,
    idle: Vec<Vlan>,
}

impl Service {
    /// Writes back what is not to stay.
    pub(super) async fn finish_update(
        &self,
        trail: &Trail,
        key: &Key,
        list: List<'_>,
    ) -> Result<String, Unhealed> {
        let found = self.changed_of(trail, list.segments).await?;
        let plan = list.plan(&found);
        let (complete, count) = (plan.complete, plan.prefixes.len() + plan.vlans.len());
        self.still_to_do(key).await?;
        let each = Atomicity::Each;
        let (mut changes, mut left) = (Vec::new(), Vec::new());
        // A prefix first, as it leaves the VLAN that was made for it.
        for now in self.writer.patch_prefixes(trail, plan.prefixes, each).await {
            match now {
                Ok(row) => changes.push(Change::Prefix(row)),
                Err(failed) => left.push(failed.to_string()),
            }
        }
        for now in self.writer.patch_vlans(trail, plan.vlans, each).await {
            match now {
                Ok(row) => changes.push(Change::Vlan(row)),
                Err(failed) => left.push(failed.to_string()),
            }
        }
        if !changes.is_empty() {
            self.keeper.wrote(changes).await;
        }
        self.remove(trail, &[], &plan.idle).await?;
        if !left.is_empty() {
            return Err(Unhealed::Left(left));
        }
        Ok(format!(
            "{complete} of {} changes were complete; {count} rows were written back",
            list.segments.len()
        ))
    }

    async fn changed_of(&self, trail: &Trail, segments: &[Changing]) -> Result<Found, NetboxError> {
        let mut found = Found {
            prefixes: Vec::new(),
            vlans: Vec::new(),
            new_vlans: Vec::new(),
        };
        for some in segments.chunks(MOST) {
            let ids: Vec<_> = some.iter().map(|s| s.prefix.id).collect();
            found
                .prefixes
                .extend(self.client.prefixes(trail, &ids).await?);
            let ids: Vec<_> = some.iter().map(|s| s.vlan.id).collect();
            found.vlans.extend(self.client.vlans(trail, &ids).await?);
            let new = some.iter().filter_map(|s| s.new_vlan.as_ref());
            let places: Vec<_> = new.map(|(group, vid, _)| (*group, *vid)).collect();
            if !places.is_empty() {
                let new = self.client.vlans_at(trail, &places).await?;
                found.new_vlans.extend(new);
            }
        }
        Ok(found)
    }
}

impl List<'_> {
    fn plan(&self, found: &Found) -> Plan {
        let rows = |s: &Changing| {
            let prefix = found.prefixes.iter().find(|row| row.id == s.prefix.id);
            (prefix, found.vlans.iter().find(|row| row.id == s.vlan.id))
        };
        let done = |s: &&Changing| matches!(rows(s), (Some(p), Some(v)) if s.is_done(p, v));
        let complete = self.segments.iter().filter(done).count();
        let keep = match self.fate {
            Fate::Each => true,
            Fate::AllOrNone => complete == self.segments.len(),
            Fate::None => false,
        };
        let mut plan = Plan {
            complete,
            ..Plan::default()
        };
        for s in self.segments.iter().filter(|s| !(keep && done(s))) {
            let (prefix, vlan) = rows(s);
            if let Some(row) = prefix {
                plan.prefixes
                    .extend(patch(row.id, row.last_updated, s.prefix_back(row)));
            }
            if let Some(row) = vlan {
                plan.vlans
                    .extend(patch(row.id, row.last_updated, s.vlan_back(row)));
            }
            let made = |vlan: &&Vlan| {
                vlan.id != s.vlan.id
                    && vlan.created >= self.started
                    && s.new_vlan.as_ref().is_some_and(|(group, vid, name)| {
                        vlan.group == Some(*group) && vlan.vid == *vid && vlan.name == *name
                    })
            };
            plan.idle.extend(found.new_vlans.iter().find(made).cloned());
        }
        plan
    }
}

fn patch<C: Default + PartialEq>(id: u64, guard: Timestamp, change: C) -> Option<Patch<C>> {
    (change != C::default()).then_some(Patch { id, guard, change })
}

/// What a field was to become, when it was to change.
fn after<T: PartialEq + Clone>(before: &T, wanted: &T) -> Option<T> {
    (before != wanted).then(|| wanted.clone())
}

impl Changing {
    /// Whether the write has done all that it was to do. What others have changed besides does not matter.
    fn is_done(&self, prefix: &Prefix, vlan: &Vlan) -> bool {
        let (was, wanted) = (&self.prefix, &self.prefix_wanted);
        let change = PrefixChange {
            cidr: after(&was.cidr, &wanted.cidr),
            status: after(&was.status, &wanted.status),
            comments: after(&was.comments, &wanted.comments),
            cluster: after(&was.cluster, &wanted.cluster),
            dhcp: after(&was.dhcp, &wanted.dhcp),
            vrf: after(&was.vrf, &wanted.vrf).flatten(),
            vlan: None,
            site_group: after(&was.site_group, &wanted.site_group).flatten(),
        };
        change.is_done(prefix) && (self.has_moved(prefix) || self.vlan_is_done(vlan))
    }

    /// Whether it has got the VLAN that was to be made for it.
    fn has_moved(&self, prefix: &Prefix) -> bool {
        self.new_vlan.is_some() && prefix.vlan != self.prefix.vlan
    }

    fn vlan_is_done(&self, vlan: &Vlan) -> bool {
        let (was, wanted) = (&self.vlan, &self.vlan_wanted);
        let change = VlanChange {
            vid: after(&was.vid, &wanted.vid),
            name: after(&was.name, &wanted.name),
            group: after(&was.group, &wanted.group).flatten(),
        };
        change.is_done(vlan)
    }

    /// What brings the prefix back to what it was, as far as it is as this write made it.
    fn prefix_back(&self, row: &Prefix) -> PrefixChange {
        PrefixChange {
            vlan: self.prefix.vlan.filter(|_| self.has_moved(row)),
            ..PrefixChange::undoing(&self.prefix, &self.prefix_wanted, row)
        }
    }

    fn vlan_back(&self, row: &Vlan) -> VlanChange {
        VlanChange::undoing(&self.vlan, &self.vlan_wanted, row)
    }
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
