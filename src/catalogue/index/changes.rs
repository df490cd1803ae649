//! Taking single changes into the index, in whatever order they arrive.

use std::time::Duration;

use super::Catalogue;
use crate::catalogue::journal::Change;
use crate::catalogue::sheet::PrefixRow;
use crate::catalogue::snapshot::Departed;
use crate::netbox::rows::{Id, Named, Prefix, Vlan, Vrf};
use crate::segment::{SegmentId, SiteSlug, VrfName};
use crate::timestamp::Timestamp;

/// The instant that no row is younger than: an object that is gone stays gone, since NetBox never uses an id twice.
const FOR_EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// How long NetBox may be at one write, from reading rows to answering: the default `netbox_timeout`.
const LONGEST_WRITE: Duration = Duration::from_secs(10);

impl Catalogue {
    /// Takes in what somebody did. A row that we know in a later state stays as it is, and one that is gone stays gone: a
    /// slower read can't bring it back.
    pub fn apply(&mut self, change: &Change) {
        if !self.is_news(change) {
            return;
        }
        self.revision += 1;
        match change {
            Change::VlanGroup(group) => {
                self.vlan_groups.insert(group.id, group.clone());
            }
            Change::Vlan(vlan) => self.put_vlan(vlan.clone()),
            Change::Prefix(prefix) => self.put_prefix(prefix.clone()),
            Change::Vrf(vrf) => {
                self.put_vrf(vrf.clone());
                self.reread_where(|prefix| prefix.vrf == Some(vrf.id));
            }
            Change::SiteGroup(site) => {
                self.put_site_group(site.clone());
                self.reread_where(|prefix| prefix.site_group == Some(site.id));
            }
            Change::VlanGone(id) => self.vlan_left(*id, FOR_EVER),
            Change::PrefixGone(id) => self.prefix_left(*id, FOR_EVER),
            Change::VlanAway { id, as_of } => self.vlan_left(*id, *as_of),
            Change::PrefixAway { id, as_of } => self.prefix_left(*id, *as_of),
            Change::VlanGroupGone(id) => {
                self.vlan_groups.remove(id);
            }
            Change::VrfGone(id) => {
                self.lift_where(|row| row.vrf() == Some(*id));
                self.vrfs.remove(id);
                self.reread_where(|prefix| prefix.vrf == Some(*id));
            }
            Change::SiteGroupGone(id) => {
                self.lift_where(|row| row.site_group() == Some(*id));
                self.site_groups.remove(id);
                self.reread_where(|prefix| prefix.site_group == Some(*id));
            }
        }
    }

    /// Whether a change tells us anything that we do not know.
    #[must_use]
    pub fn is_news(&self, change: &Change) -> bool {
        match change {
            Change::VlanGroup(group) => self.vlan_groups.get(&group.id) != Some(group),
            Change::Vrf(vrf) => self.vrfs.get(&vrf.id).map(|(known, _)| known) != Some(vrf),
            Change::SiteGroup(site) => {
                self.site_groups.get(&site.id).map(|(known, _)| known) != Some(site)
            }
            Change::Vlan(vlan) => {
                let known = self.vlan(vlan.id);
                !left(&self.departed_vlans, vlan.id, vlan.last_updated)
                    && known.is_none_or(|k| k.last_updated <= vlan.last_updated && k != *vlan)
            }
            Change::Prefix(prefix) => {
                let known = self.prefix(prefix.id);
                !left(&self.departed_prefixes, prefix.id, prefix.last_updated)
                    && known.is_none_or(|k| k.last_updated <= prefix.last_updated && k != *prefix)
            }
            Change::VlanGone(id) => !left(&self.departed_vlans, *id, FOR_EVER),
            Change::PrefixGone(id) => !left(&self.departed_prefixes, *id, FOR_EVER),
            Change::VlanAway { id, as_of } => {
                !left(&self.departed_vlans, *id, *as_of)
                    && self.vlan(*id).is_none_or(|k| k.last_updated <= *as_of)
            }
            Change::PrefixAway { id, as_of } => {
                !left(&self.departed_prefixes, *id, *as_of)
                    && self.prefix(*id).is_none_or(|k| k.last_updated <= *as_of)
            }
            Change::VlanGroupGone(id) => self.vlan_groups.contains_key(id),
            Change::VrfGone(id) => self.vrfs.contains_key(id),
            Change::SiteGroupGone(id) => self.site_groups.contains_key(id),
        }
    }

    /// What the answer to a write of a prefix shows of its VLAN, if that is news: somebody may have changed the VLAN since we
    /// read it. A VLAN that we know to be changed while NetBox was at that write is not judged by it, for NetBox may have read
    /// the VLAN before.
    #[must_use]
    pub fn shown_in(&self, change: &Change) -> Option<Change> {
        let Change::Prefix(prefix) = change else {
            return None;
        };
        let shown = prefix.shown_vlan.as_ref()?;
        let known = self.vlan(prefix.vlan?)?;
        let earlier = known.last_updated.plus(LONGEST_WRITE) < prefix.last_updated;
        let differs = known.vid != shown.vid || known.name != shown.name;
        (earlier && differs).then(|| {
            Change::Vlan(Vlan {
                vid: shown.vid,
                name: shown.name.clone(),
                ..known
            })
        })
    }

    /// Takes the place of an earlier catalogue, and takes over what has left, so that no slower read brings it back.
    pub fn follow(&mut self, earlier: &Self) {
        self.revision = self.revision.max(earlier.revision) + 1;
        for (id, until) in &earlier.departed_vlans {
            let (id, as_of) = (*id, *until);
            self.apply(&match as_of {
                FOR_EVER => Change::VlanGone(id),
                as_of => Change::VlanAway { id, as_of },
            });
        }
        for (id, until) in &earlier.departed_prefixes {
            let (id, as_of) = (*id, *until);
            self.apply(&match as_of {
                FOR_EVER => Change::PrefixGone(id),
                as_of => Change::PrefixAway { id, as_of },
            });
        }
    }

    fn vlan_left(&mut self, id: Id, until: Timestamp) {
        self.departed_vlans.insert(id, until);
        self.cover_vlan(id);
        self.forget_place(id);
        self.vlans.remove(&id);
        self.reread_users(id);
    }

    fn prefix_left(&mut self, id: Id, until: Timestamp) {
        self.departed_prefixes.insert(id, until);
        self.drop_prefix(id);
    }

    fn reread_where(&mut self, wanted: impl Fn(&Prefix) -> bool) {
        let of = |(id, prefix): (&Id, &Prefix)| wanted(prefix).then_some(*id);
        let ids: Vec<Id> = self.prefixes.iter().filter_map(of).collect();
        ids.into_iter().for_each(|id| self.reread(id));
    }

    pub(super) fn put_site_group(&mut self, site: Named) {
        let slug = SiteSlug::stored(&site.slug);
        self.site_groups.insert(site.id, (site, slug));
    }

    pub(super) fn put_vrf(&mut self, vrf: Vrf) {
        let name = VrfName::stored(&vrf.name);
        self.vrfs.insert(vrf.id, (vrf, name));
    }

    /// Takes the prefixes for which `wanted` holds out of the sheet and puts them beside it.
    fn lift_where(&mut self, wanted: impl Fn(PrefixRow<'_>) -> bool) {
        let rows = self.sheet.prefixes().filter(|row| wanted(*row));
        self.put_again(self.own(rows));
    }

    /// Those of these rows that count, as rows of their own.
    fn own<'a>(&self, rows: impl Iterator<Item = PrefixRow<'a>>) -> Vec<Prefix> {
        let counting = rows.filter(|row| self.counts(*row));
        counting.map(PrefixRow::to_prefix).collect()
    }

    fn put_again(&mut self, rows: Vec<Prefix>) {
        rows.into_iter().for_each(|row| self.put_prefix(row));
    }

    /// Makes the VLAN in the sheet count no longer. The prefixes on it come out of the sheet too, for what they make changes.
    fn cover_vlan(&mut self, id: Id) {
        if self.sheet.vlan(id).is_none() || !self.covered_vlans.insert(id) {
            return;
        }
        self.put_again(self.own(self.sheet.users(id)));
    }

    pub(super) fn put_vlan(&mut self, vlan: Vlan) {
        let id = vlan.id;
        self.cover_vlan(id);
        self.forget_place(id);
        if let Some(group) = vlan.group {
            self.vlan_at.insert((group, vlan.vid), id);
        }
        self.vlans.insert(id, vlan);
        self.reread_users(id);
    }

    fn forget_place(&mut self, id: Id) {
        if let Some(old) = self.vlans.get(&id)
            && let Some(group) = old.group
            && self.vlan_at.get(&(group, old.vid)) == Some(&id)
        {
            self.vlan_at.remove(&(group, old.vid));
        }
    }

    fn reread_users(&mut self, vlan: Id) {
        for user in self.users.get(&vlan).cloned().unwrap_or_default() {
            self.reread(user);
        }
    }

    pub(super) fn put_prefix(&mut self, prefix: Prefix) {
        let id = prefix.id;
        self.drop_prefix(id);
        if let Some(vlan) = prefix.vlan {
            self.users.entry(vlan).or_default().insert(id);
        }
        let shown_vlan = None;
        self.prefixes.insert(
            id,
            Prefix {
                shown_vlan,
                ..prefix
            },
        );
        self.reread(id);
    }

    fn drop_prefix(&mut self, id: Id) {
        if self.sheet.prefix(id).is_some() {
            self.covered_prefixes.insert(id);
        }
        if let Some(old) = self.prefixes.remove(&id)
            && let Some(vlan) = old.vlan
            && let Some(users) = self.users.get_mut(&vlan)
        {
            users.remove(&id);
        }
        self.forget_segment(id);
    }

    pub(super) fn forget_segment(&mut self, id: Id) {
        if let Some(old) = self.segments.remove(&SegmentId(id)) {
            self.conflicts.remove(old.id);
        }
        self.incomplete.remove(&id);
    }
}

/// Whether a row's state of the instant `at` is from before it left.
fn left(departed: &Departed, id: Id, at: Timestamp) -> bool {
    departed.get(&id).is_some_and(|until| at <= *until)
}

#[cfg(test)]
mod tests;
