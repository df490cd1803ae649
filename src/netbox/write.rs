//! What is written to NetBox: new VLANs and prefixes, and changes of them.
//!
//! Always PATCH, never PUT: a PUT that leaves a field out resets some fields and keeps others (measured). Every PATCH and
//! DELETE is guarded with the `last_updated` we know, because NetBox writes whole rows and the later of two writers would
//! undo the other's change (measured: 15 of 15 lost without the guard).

use serde_json::{Map, Value, json};

use super::row::RowChange;
use super::rows::{Id, Prefix, Vlan};
use crate::timestamp::Timestamp;

/// The kind of scope that a site is.
pub(super) const SITE_GROUP: &str = "dcim.sitegroup";

/// The ids under which all that we make is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant's id.
    pub tenant: Id,
    /// The role's id.
    pub role: Id,
}

/// What is to change on a VLAN; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VlanChange {
    /// The new VLAN id.
    pub vid: Option<u16>,
    /// The new name.
    pub name: Option<String>,
    /// The new VLAN group.
    pub group: Option<Id>,
}

/// What is to change on a prefix, or what a new one is to be; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefixChange {
    /// The CIDR.
    pub cidr: Option<String>,
    /// `active` or `reserved`.
    pub status: Option<String>,
    /// The comments.
    pub comments: Option<String>,
    /// Custom field `Cluster`; an empty text clears it.
    pub cluster: Option<String>,
    /// Custom field `DHCP`.
    pub dhcp: Option<bool>,
    /// The VRF.
    pub vrf: Option<Id>,
    /// The VLAN.
    pub vlan: Option<Id>,
    /// The site group it is scoped to.
    pub site_group: Option<Id>,
}

/// A VLAN to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVlan {
    /// Whose it is to be.
    pub owner: Owner,
    /// The VLAN group.
    pub group: Id,
    /// The VLAN id.
    pub vid: u16,
    /// The name.
    pub name: String,
}

/// A prefix to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPrefix {
    /// Whose it is to be.
    pub owner: Owner,
    /// What it is to be.
    pub row: PrefixChange,
}

/// A change of one row, which must still be as it was at `guard`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch<C> {
    /// The row's id.
    pub id: Id,
    /// Its `last_updated`, as we know it.
    pub guard: Timestamp,
    /// What is to change.
    pub change: C,
}

/// The removal of one row, which must still be as it was at `guard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The row's id.
    pub id: Id,
    /// Its `last_updated`, as we know it.
    pub guard: Timestamp,
}

impl<C> Patch<C> {
    /// The row that is to change.
    pub(super) fn row(&self) -> Removal {
        Removal {
            id: self.id,
            guard: self.guard,
        }
    }
}

impl VlanChange {
    /// A VLAN as the change makes it; times aside.
    #[must_use]
    pub fn on(&self, row: &Vlan) -> Vlan {
        Vlan {
            vid: self.vid.unwrap_or(row.vid),
            name: self.name.clone().unwrap_or_else(|| row.name.clone()),
            group: self.group.or(row.group),
            ..row.clone()
        }
    }
}

impl RowChange<Vlan> for VlanChange {
    fn back_to(row: &Vlan) -> Self {
        Self {
            vid: Some(row.vid),
            name: Some(row.name.clone()),
            group: row.group,
        }
    }

    fn undoing(before: &Vlan, done: &Vlan, now: &Vlan) -> Self {
        Self {
            vid: undone(&before.vid, &done.vid, &now.vid),
            name: undone(&before.name, &done.name, &now.name),
            group: undone(&before.group, &done.group, &now.group).flatten(),
        }
    }

    fn is_done(&self, now: &Vlan) -> bool {
        self.vid.is_none_or(|vid| vid == now.vid)
            && self.name.as_ref().is_none_or(|name| *name == now.name)
            && (self.group.is_none() || self.group == now.group)
    }

    fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        put(&mut body, "vid", self.vid);
        put(&mut body, "name", self.name.clone());
        put(&mut body, "group", self.group);
        body
    }

    fn named_by(&self, message: &str) -> bool {
        let part = |text: String| message.contains(&text);
        self.vid.is_some_and(|vid| part(format!(", {vid})")))
            || (self.name.as_ref()).is_some_and(|name| part(format!(", {name})")))
    }
}

impl PrefixChange {
    /// A prefix as the change makes it; times aside.
    #[must_use]
    pub fn on(&self, row: &Prefix) -> Prefix {
        let text = |new: &Option<String>, old: &String| new.as_ref().unwrap_or(old).clone();
        Prefix {
            cidr: text(&self.cidr, &row.cidr),
            status: text(&self.status, &row.status),
            comments: text(&self.comments, &row.comments),
            cluster: text(&self.cluster, &row.cluster),
            dhcp: self.dhcp.unwrap_or(row.dhcp),
            vrf: self.vrf.or(row.vrf),
            vlan: self.vlan.or(row.vlan),
            site_group: self.site_group.or(row.site_group),
            ..row.clone()
        }
    }

    /// Whether nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl RowChange<Prefix> for PrefixChange {
    fn back_to(row: &Prefix) -> Self {
        Self {
            cidr: Some(row.cidr.clone()),
            status: Some(row.status.clone()),
            comments: Some(row.comments.clone()),
            cluster: Some(row.cluster.clone()),
            dhcp: Some(row.dhcp),
            vrf: row.vrf,
            vlan: row.vlan,
            site_group: row.site_group,
        }
    }

    fn undoing(before: &Prefix, done: &Prefix, now: &Prefix) -> Self {
        Self {
            cidr: undone(&before.cidr, &done.cidr, &now.cidr),
            // It says whether the clusters have it: with clusters of somebody else it is theirs too.
            status: undone(&before.status, &done.status, &now.status)
                .filter(|_| now.cluster == done.cluster),
            comments: undone(&before.comments, &done.comments, &now.comments),
            cluster: undone(&before.cluster, &done.cluster, &now.cluster),
            dhcp: undone(&before.dhcp, &done.dhcp, &now.dhcp),
            vrf: undone(&before.vrf, &done.vrf, &now.vrf).flatten(),
            vlan: undone(&before.vlan, &done.vlan, &now.vlan).flatten(),
            site_group: undone(&before.site_group, &done.site_group, &now.site_group).flatten(),
        }
    }

    fn is_done(&self, now: &Prefix) -> bool {
        fn same<T: PartialEq>(wanted: Option<&T>, now: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == now)
        }
        same(self.cidr.as_ref(), &now.cidr)
            && same(self.status.as_ref(), &now.status)
            && same(self.comments.as_ref(), &now.comments)
            && same(self.cluster.as_ref(), &now.cluster)
            && same(self.dhcp.as_ref(), &now.dhcp)
            && (self.vrf.is_none() || self.vrf == now.vrf)
            && (self.vlan.is_none() || self.vlan == now.vlan)
            && (self.site_group.is_none() || self.site_group == now.site_group)
    }

    fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        put(&mut body, "prefix", self.cidr.clone());
        put(&mut body, "status", self.status.clone());
        put(&mut body, "comments", self.comments.clone());
        put(&mut body, "vrf", self.vrf);
        put(&mut body, "vlan", self.vlan);
        if let Some(site_group) = self.site_group {
            // NetBox wants both together, and the id as a number.
            put(&mut body, "scope_type", Some(SITE_GROUP));
            put(&mut body, "scope_id", Some(site_group));
        }
        let mut custom = Map::new();
        if let Some(cluster) = &self.cluster {
            let value = Some(cluster).filter(|c| !c.is_empty());
            custom.insert("Cluster".to_owned(), json!(value));
        }
        put(&mut custom, "DHCP", self.dhcp);
        if !custom.is_empty() {
            body.insert("custom_fields".to_owned(), custom.into());
        }
        body
    }
}

/// The value to go back to, if it was changed and is still what it was changed to.
fn undone<T: Clone + PartialEq>(before: &T, done: &T, now: &T) -> Option<T> {
    (before != done && done == now).then(|| before.clone())
}

pub(super) fn put<T: Into<Value>>(body: &mut Map<String, Value>, name: &str, value: Option<T>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_overwritten_is_not_undone() {
        let vlan = |vid, name: &str| Vlan {
            id: 1,
            vid,
            name: name.to_owned(),
            group: Some(1),
            created: Timestamp::from_micros(0),
            last_updated: Timestamp::from_micros(0),
        };
        let undoing = |now| VlanChange::undoing(&vlan(1, "a"), &vlan(2, "b"), &now);
        assert_eq!(undoing(vlan(3, "c")), VlanChange::default());
        let back = VlanChange {
            vid: Some(1),
            ..VlanChange::default()
        };
        assert_eq!(undoing(vlan(2, "c")), back);
    }

    #[test]
    fn a_change_names_only_what_changes() {
        let change = PrefixChange {
            dhcp: Some(true),
            ..PrefixChange::default()
        };
        assert_eq!(
            Value::from(change.body()),
            json!({"custom_fields": {"DHCP": true}})
        );
    }

    #[test]
    fn a_cleared_cluster_is_null_and_not_an_empty_text() {
        let change = PrefixChange {
            cluster: Some(String::new()),
            ..PrefixChange::default()
        };
        assert_eq!(
            Value::from(change.body()),
            json!({"custom_fields": {"Cluster": null}})
        );
    }

    #[test]
    fn scope_type_and_scope_id_go_together() {
        let change = PrefixChange {
            site_group: Some(3),
            ..PrefixChange::default()
        };
        assert_eq!(
            Value::from(change.body()),
            json!({"scope_type": "dcim.sitegroup", "scope_id": 3})
        );
    }
}
