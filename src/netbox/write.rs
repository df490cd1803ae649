//! Writing to NetBox: VLAN groups, VLANs and prefixes, one at a time.
//!
//! Always PATCH, never PUT: a PUT that leaves a field out resets some fields and keeps others (measured). Every PATCH and
//! DELETE is guarded with the `last_updated` we know, because NetBox writes whole rows and the later of two writers would
//! undo the other's change (measured: 15 of 15 lost without the guard).

use http::Method;
use serde_json::{Map, Value, json};

use super::answer::decode;
use super::client::{Call, Client};
use super::error::NetboxError;
use super::rows::{Id, Prefix, Raw, Vlan, VlanGroup};
use super::trail::Trail;
use crate::timestamp::Timestamp;

const VLANS: &str = "/api/ipam/vlans/";
const PREFIXES: &str = "/api/ipam/prefixes/";
const VLAN_GROUPS: &str = "/api/ipam/vlan-groups/";
const SITE_GROUP: &str = "dcim.sitegroup";

/// The ids under which all that we make is filed.
#[derive(Clone, Copy, Debug)]
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

impl VlanChange {
    /// The change that makes a VLAN what this row says.
    #[must_use]
    pub fn back_to(row: &Vlan) -> Self {
        Self {
            vid: Some(row.vid),
            name: Some(row.name.clone()),
            group: row.group,
        }
    }

    /// Whether a VLAN is as the change would make it.
    #[must_use]
    pub fn is_done(&self, now: &Vlan) -> bool {
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
}

impl PrefixChange {
    /// The change that makes a prefix what this row says.
    #[must_use]
    pub fn back_to(row: &Prefix) -> Self {
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

    /// Whether a prefix is as the change would make it.
    #[must_use]
    pub fn is_done(&self, now: &Prefix) -> bool {
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

    /// Whether nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
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

fn put<T: Into<Value>>(body: &mut Map<String, Value>, name: &str, value: Option<T>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

fn vlan(operation: &'static str, answer: Value) -> Result<Vlan, NetboxError> {
    let raw: Raw = decode(operation, answer)?;
    raw.vlan().ok_or_else(|| lacks(operation, "vid"))
}

fn prefix(operation: &'static str, answer: Value) -> Result<Prefix, NetboxError> {
    let raw: Raw = decode(operation, answer)?;
    raw.prefix().ok_or_else(|| lacks(operation, "prefix"))
}

fn lacks(operation: &'static str, field: &str) -> NetboxError {
    NetboxError::Unusable {
        operation,
        status: 200,
        detail: format!("the object has no `{field}`"),
    }
}

impl Client {
    /// Makes a VLAN group scoped to a site group.
    ///
    /// # Errors
    /// [`NetboxError::Refused`] or [`NetboxError::Raced`] when the scope has one of this name already.
    pub async fn create_vlan_group(
        &self,
        trail: &Trail,
        name: &str,
        slug: &str,
        site_group: Id,
    ) -> Result<VlanGroup, NetboxError> {
        const OPERATION: &str = "create VLAN group";
        let body =
            json!({"name": name, "slug": slug, "scope_type": SITE_GROUP, "scope_id": site_group});
        let call = Call::write(OPERATION, Method::POST, VLAN_GROUPS.to_owned(), Some(body));
        let raw: Raw = decode(OPERATION, self.call(trail, call).await?)?;
        Ok(raw.vlan_group())
    }

    /// Makes a VLAN. NetBox's database keeps (group, vid) and (group, name) unique, also under concurrency.
    ///
    /// # Errors
    /// [`NetboxError::Refused`] or [`NetboxError::Raced`] when the VLAN id or the name is taken in the group.
    pub async fn create_vlan(
        &self,
        trail: &Trail,
        owner: Owner,
        group: Id,
        vid: u16,
        name: &str,
    ) -> Result<Vlan, NetboxError> {
        const OPERATION: &str = "create VLAN";
        let body = json!({"vid": vid, "name": name, "group": group, "tenant": owner.tenant,
            "role": owner.role, "status": "active"});
        let call = Call::write(OPERATION, Method::POST, VLANS.to_owned(), Some(body));
        vlan(OPERATION, self.call(trail, call).await?)
    }

    /// Makes a prefix. Nothing keeps prefixes apart under concurrency: look for rivals afterwards.
    ///
    /// # Errors
    /// [`NetboxError::Refused`] when the same prefix is in the VRF already.
    pub async fn create_prefix(
        &self,
        trail: &Trail,
        owner: Owner,
        new: &PrefixChange,
    ) -> Result<Prefix, NetboxError> {
        const OPERATION: &str = "create prefix";
        let mut body = new.body();
        put(&mut body, "tenant", Some(owner.tenant));
        put(&mut body, "role", Some(owner.role));
        let call = Call::write(
            OPERATION,
            Method::POST,
            PREFIXES.to_owned(),
            Some(body.into()),
        );
        prefix(OPERATION, self.call(trail, call).await?)
    }

    /// Changes a VLAN that was last updated at `guard`.
    ///
    /// # Errors
    /// [`NetboxError::Stale`] when it has changed since; [`NetboxError::Refused`] when the new id or name is taken.
    pub async fn patch_vlan(
        &self,
        trail: &Trail,
        id: Id,
        guard: Timestamp,
        change: &VlanChange,
    ) -> Result<Vlan, NetboxError> {
        const OPERATION: &str = "change VLAN";
        let path = format!("{VLANS}{id}/");
        let call = Call::write(OPERATION, Method::PATCH, path, Some(change.body().into()));
        vlan(OPERATION, self.call(trail, call.guarded(guard)).await?)
    }

    /// Changes a prefix that was last updated at `guard`.
    ///
    /// # Errors
    /// [`NetboxError::Stale`] when it has changed since.
    pub async fn patch_prefix(
        &self,
        trail: &Trail,
        id: Id,
        guard: Timestamp,
        change: &PrefixChange,
    ) -> Result<Prefix, NetboxError> {
        const OPERATION: &str = "change prefix";
        let path = format!("{PREFIXES}{id}/");
        let call = Call::write(OPERATION, Method::PATCH, path, Some(change.body().into()));
        prefix(OPERATION, self.call(trail, call.guarded(guard)).await?)
    }

    /// Removes a VLAN that was last updated at `guard`. NetBox itself refuses while a prefix is on it.
    ///
    /// # Errors
    /// [`NetboxError::InUse`], [`NetboxError::Stale`], [`NetboxError::Missing`].
    pub async fn delete_vlan(
        &self,
        trail: &Trail,
        id: Id,
        guard: Timestamp,
    ) -> Result<(), NetboxError> {
        let path = format!("{VLANS}{id}/");
        let call = Call::write("delete VLAN", Method::DELETE, path, None);
        self.call(trail, call.guarded(guard)).await.map(drop)
    }

    /// Removes a prefix that was last updated at `guard`.
    ///
    /// # Errors
    /// [`NetboxError::Stale`], [`NetboxError::Missing`].
    pub async fn delete_prefix(
        &self,
        trail: &Trail,
        id: Id,
        guard: Timestamp,
    ) -> Result<(), NetboxError> {
        let path = format!("{PREFIXES}{id}/");
        let call = Call::write("delete prefix", Method::DELETE, path, None);
        self.call(trail, call.guarded(guard)).await.map(drop)
    }

    /// Reads one VLAN by its id, `None` when it is gone.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn vlan(&self, trail: &Trail, id: Id) -> Result<Option<Vlan>, NetboxError> {
        const OPERATION: &str = "read VLAN";
        match self
            .call(trail, Call::get(OPERATION, &format!("{VLANS}{id}/")))
            .await
        {
            Ok(answer) => vlan(OPERATION, answer).map(Some),
            Err(NetboxError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads one prefix by its id, `None` when it is gone.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn prefix(&self, trail: &Trail, id: Id) -> Result<Option<Prefix>, NetboxError> {
        const OPERATION: &str = "read prefix";
        match self
            .call(trail, Call::get(OPERATION, &format!("{PREFIXES}{id}/")))
            .await
        {
            Ok(answer) => prefix(OPERATION, answer).map(Some),
            Err(NetboxError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether any prefix, of whatever tenant and role, is on a VLAN.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn vlan_in_use(&self, trail: &Trail, vlan: Id) -> Result<bool, NetboxError> {
        const OPERATION: &str = "look for prefixes on VLAN";
        let mut call = Call::get(OPERATION, PREFIXES);
        call.query = vec![
            ("vlan_id", vlan.to_string()),
            ("fields", "id".to_owned()),
            ("limit", "1".to_owned()),
        ];
        let mut page = self.call(trail, call).await?;
        let rows: Vec<Value> = decode(OPERATION, page["results"].take())?;
        Ok(!rows.is_empty())
    }

    /// The VLAN with this VLAN id in this group, whoever owns it.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn vlan_at(
        &self,
        trail: &Trail,
        group: Id,
        vid: u16,
    ) -> Result<Option<Vlan>, NetboxError> {
        const OPERATION: &str = "find VLAN";
        let mut call = Call::get(OPERATION, VLANS);
        call.query = vec![("group_id", group.to_string()), ("vid", vid.to_string())];
        let mut page = self.call(trail, call).await?;
        let rows: Vec<Raw> = decode(OPERATION, page["results"].take())?;
        Ok(rows.into_iter().find_map(Raw::vlan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
