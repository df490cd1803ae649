//! Finishing creates: what is complete stays, if that is its fate; VLANs without their prefixes go.

use super::Unhealed;
use crate::catalogue::index::{ACTIVE, RESERVED};
use crate::netbox::rows::{Prefix, Vlan};
use crate::netbox::{MOST, NetboxError, Trail};
use crate::segment::{Draft, Segment, SegmentId};
use crate::service::Service;
use crate::service::intents::{Fate, Key, Making};
use crate::timestamp::Timestamp;

/// Segments that were being made.
pub(super) struct List<'a> {
    pub fate: Fate,
    pub segments: &'a [Making],
    /// Rows that are older are not theirs.
    pub started: Timestamp,
}

/// What is there of them.
struct Found {
    vlans: Vec<Vlan>,
    prefixes: Vec<Prefix>,
}

/// What goes.
struct Plan {
    kept: usize,
    prefixes: Vec<Prefix>,
    vlans: Vec<Vlan>,
}

impl Service {
    /// Takes back what is not to stay.
    pub(super) async fn finish_create(
        &self,
        trail: &Trail,
        key: &Key,
        list: List<'_>,
    ) -> Result<String, Unhealed> {
        let found = self.made_of(trail, list.segments).await?;
        let plan = list.plan(&found, |prefix| self.is_alone(prefix));
        self.still_to_do(key).await?;
        self.remove(trail, &plan.prefixes, &plan.vlans).await?;
        Ok(format!(
            "{} of {} segments were complete and stay; {} prefixes and {} VLANs were removed",
            plan.kept,
            list.segments.len(),
            plan.prefixes.len(),
            plan.vlans.len()
        ))
    }

    async fn made_of(&self, trail: &Trail, segments: &[Making]) -> Result<Found, NetboxError> {
        let (mut vlans, mut prefixes) = (Vec::new(), Vec::new());
        for some in segments.chunks(MOST) {
            let places: Vec<_> = some.iter().map(|s| (s.group, s.vid)).collect();
            let mut found = self.client.vlans_at(trail, &places).await?;
            found.retain(|vlan| some.iter().any(|s| s.is_on(vlan)));
            if !found.is_empty() {
                let ids: Vec<_> = found.iter().map(|vlan| vlan.id).collect();
                prefixes.extend(self.client.prefixes_on(trail, &ids).await?);
            }
            vlans.extend(found);
        }
        Ok(Found { vlans, prefixes })
    }

    /// Whether no other segment has addresses of this one.
    fn is_alone(&self, prefix: &Prefix) -> bool {
        self.ask(|c| {
            let id = SegmentId(prefix.id);
            let rivals = |segment: &Segment| c.conflicts(&Draft::from(segment), Some(id));
            c.segment(id)
                .is_some_and(|view| rivals(&view.to_segment()).is_empty())
        })
    }
}

impl Making {
    fn is_on(&self, vlan: &Vlan) -> bool {
        vlan.group == Some(self.group) && vlan.vid == self.vid && vlan.name == self.name
    }

    /// Whether nobody has allocated or released it since.
    fn is_as_made(&self, prefix: &Prefix) -> bool {
        let allocated = !self.cluster.is_empty();
        let status = if allocated { RESERVED } else { ACTIVE };
        prefix.cluster == self.cluster && prefix.status == status
    }
}

impl List<'_> {
    fn plan(&self, found: &Found, is_alone: impl Fn(&Prefix) -> bool) -> Plan {
        let Found { vlans, prefixes } = found;
        let of = |s: &Making| {
            // A VLAN that is older was left behind by somebody, and used by this write.
            let vlan = vlans.iter().find(|vlan| s.is_on(vlan))?;
            let same = |p: &&Prefix| {
                p.vlan == Some(vlan.id)
                    && p.vrf == Some(s.vrf)
                    && p.cidr == s.cidr
                    && p.created >= self.started
            };
            prefixes.iter().find(same)
        };
        let made = self.segments.iter().filter_map(|s| Some((s, of(s)?)));
        // Those that somebody has allocated since stay, whatever their fate: he was told that they are his.
        let (made, taken): (Vec<_>, Vec<_>) = made.partition(|(s, prefix)| s.is_as_made(prefix));
        let taken: Vec<u64> = taken.iter().map(|(_, prefix)| prefix.id).collect();
        let made = made.into_iter().map(|(_, prefix)| prefix);
        let made: Vec<&Prefix> = made.collect();
        let whole = made.iter().filter(|prefix| is_alone(prefix));
        let whole: Vec<u64> = whole.map(|prefix| prefix.id).collect();
        let kept = match self.fate {
            Fate::Each => whole,
            Fate::AllOrNone if whole.len() + taken.len() == self.segments.len() => whole,
            Fate::AllOrNone | Fate::None => Vec::new(),
        };
        let undone = made.into_iter().filter(|p| !kept.contains(&p.id));
        let undone: Vec<Prefix> = undone.cloned().collect();
        // Those that somebody has put a prefix of his own on are his.
        let used = |vlan: &Vlan| {
            let mut users = prefixes.iter().filter(|p| p.vlan == Some(vlan.id));
            users.any(|user| !undone.iter().any(|p| p.id == user.id))
        };
        let idle = vlans
            .iter()
            .filter(|v| v.created >= self.started && !used(v));
        Plan {
            kept: kept.len() + taken.len(),
            vlans: idle.cloned().collect(),
            prefixes: undone,
        }
    }
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
