//! Single rows and small lists of rows, looked up; and VLAN groups, which are so few that each is made by itself.

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::answer::decode_bytes;
use super::client::{Call, Client};
use super::error::NetboxError;
use super::pages::PAGE;
use super::rows::{Id, Prefix, Raw, Vlan, VlanGroup};
use super::trail::Trail;
use super::write::SITE_GROUP;
use crate::sorted::Set;

/// Where VLANs are.
pub(super) const VLANS: &str = "/api/ipam/vlans/";
/// Where prefixes are.
pub(super) const PREFIXES: &str = "/api/ipam/prefixes/";
const VLAN_GROUPS: &str = "/api/ipam/vlan-groups/";

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    /// How many rows the list has; not told of a page by id cursor.
    pub(super) count: Option<u64>,
    /// There when more rows follow.
    pub(super) next: Option<IgnoredAny>,
    pub(super) results: Vec<T>,
}

/// The error for an answer without what each object of its kind has.
pub(super) fn lacks(operation: &'static str, field: &str) -> NetboxError {
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
        let raw: Raw = decode_bytes(OPERATION, &self.fetch(trail, call).await?)?;
        Ok(raw.vlan_group())
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
        let page: Page<IgnoredAny> = decode_bytes(OPERATION, &self.fetch(trail, call).await?)?;
        Ok(!page.results.is_empty())
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
        let found = self.vlans_at(trail, &[(group, vid)]).await?;
        Ok(found.into_iter().next())
    }

    /// The VLANs with these ids that are there.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn vlans(&self, trail: &Trail, ids: &[Id]) -> Result<Vec<Vlan>, NetboxError> {
        let query = ids.iter().map(|id| ("id", id.to_string())).collect();
        let rows = self.rows(trail, "read VLANs", VLANS, query).await?;
        Ok(rows.into_iter().filter_map(Raw::vlan).collect())
    }

    /// The prefixes with these ids that are there.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn prefixes(&self, trail: &Trail, ids: &[Id]) -> Result<Vec<Prefix>, NetboxError> {
        let query = ids.iter().map(|id| ("id", id.to_string())).collect();
        let rows = self.rows(trail, "read prefixes", PREFIXES, query).await?;
        Ok(rows.into_iter().filter_map(Raw::prefix).collect())
    }

    /// The VLANs at these places, each a VLAN group and a VLAN id, whoever owns them.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn vlans_at(
        &self,
        trail: &Trail,
        places: &[(Id, u16)],
    ) -> Result<Vec<Vlan>, NetboxError> {
        let groups: Set<Id> = places.iter().map(|(group, _)| *group).collect();
        let vids: Set<u16> = places.iter().map(|(_, vid)| *vid).collect();
        // Repeated parameters mean "or" (measured), so this may bring more than was asked for.
        let groups = groups.iter().map(|group| ("group_id", group.to_string()));
        let vids = vids.iter().map(|vid| ("vid", vid.to_string()));
        let query = groups.chain(vids).collect();
        let rows = self.rows(trail, "find VLANs", VLANS, query).await?;
        let vlans = rows.into_iter().filter_map(Raw::vlan);
        let wanted = |vlan: &Vlan| vlan.group.is_some_and(|g| places.contains(&(g, vlan.vid)));
        Ok(vlans.filter(wanted).collect())
    }

    /// The prefixes on these VLANs, whoever owns them.
    ///
    /// # Errors
    /// [`NetboxError`]; [`NetboxError::Refused`] when one of the VLANs is not there.
    pub async fn prefixes_on(
        &self,
        trail: &Trail,
        vlans: &[Id],
    ) -> Result<Vec<Prefix>, NetboxError> {
        let query = vlans.iter().map(|id| ("vlan_id", id.to_string())).collect();
        let rows = self
            .rows(trail, "find prefixes on VLANs", PREFIXES, query)
            .await?;
        Ok(rows.into_iter().filter_map(Raw::prefix).collect())
    }

    /// The first page of a list, which is all of it for up to 1,000 rows: callers ask for a few at a time.
    async fn rows(
        &self,
        trail: &Trail,
        operation: &'static str,
        path: &str,
        mut query: Vec<(&'static str, String)>,
    ) -> Result<Vec<Raw>, NetboxError> {
        query.push(("limit", PAGE.to_string()));
        let mut call = Call::get(operation, path);
        call.query = query;
        let page: Page<Raw> = decode_bytes(operation, &self.fetch(trail, call).await?)?;
        Ok(page.results)
    }
}
