//! NetBox's objects, as far as we use them, in the one form that REST and GraphQL are both read into.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::timestamp::Timestamp;

/// A NetBox object's id: a number in REST, a string in GraphQL.
pub type Id = u64;

/// An object that we know by name and slug only: tenant, role, site group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
}

/// A VRF. Its name is not unique in NetBox; its route distinguisher is, when it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vrf {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its route distinguisher (RFC 4364).
    pub rd: Option<String>,
}

/// A VLAN group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VlanGroup {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The site group it is scoped to, if it is scoped to one.
    pub site_group: Option<Id>,
}

/// A VLAN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vlan {
    /// Its id.
    pub id: Id,
    /// Its VLAN id, 1 to 4094 (IEEE 802.1Q).
    pub vid: u16,
    /// Its name: the EPG.
    pub name: String,
    /// Its VLAN group.
    pub group: Option<Id>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last written; its ETag is made of it.
    pub last_updated: Timestamp,
}

/// A prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// Its id: a segment's id.
    pub id: Id,
    /// The CIDR, in NetBox's text.
    pub cidr: String,
    /// `active`, `reserved`, `container` or `deprecated`, or what a site has added.
    pub status: String,
    /// NetBox's comments: a segment's description.
    pub comments: String,
    /// Custom field `Cluster`.
    pub cluster: String,
    /// Custom field `DHCP`.
    pub dhcp: bool,
    /// Custom field `allocated_at`, where it exists.
    pub allocated_at: Option<String>,
    /// Custom field `released_at`, where it exists.
    pub released_at: Option<String>,
    /// Its VRF.
    pub vrf: Option<Id>,
    /// Its VLAN.
    pub vlan: Option<Id>,
    /// The site group it is scoped to, if it is scoped to one.
    pub site_group: Option<Id>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last written; its ETag is made of it.
    pub last_updated: Timestamp,
    /// What the answer to a write shows of its VLAN. No list and no store brings it.
    #[serde(skip)]
    pub shown_vlan: Option<ShownVlan>,
}

/// A VLAN as it is shown inside a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownVlan {
    /// Its VLAN id.
    pub vid: u16,
    /// Its name.
    pub name: String,
}

/// An object as either API writes it; what the API leaves out stays at its default.
#[derive(Debug, Deserialize)]
pub struct Raw {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    slug: String,
    rd: Option<String>,
    vid: Option<u16>,
    group: Option<Reference>,
    prefix: Option<String>,
    status: Option<Choice>,
    #[serde(default)]
    comments: Option<String>,
    #[serde(default)]
    custom_fields: Value,
    vrf: Option<Reference>,
    vlan: Option<VlanReference>,
    scope: Option<Scope>,
    scope_type: Option<String>,
    #[serde(default, deserialize_with = "optional_id")]
    scope_id: Option<Id>,
    #[serde(default, deserialize_with = "timestamp")]
    created: Timestamp,
    #[serde(default, deserialize_with = "timestamp")]
    last_updated: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(deserialize_with = "id")]
    id: Id,
}

#[derive(Debug, Deserialize)]
struct VlanReference {
    #[serde(deserialize_with = "id")]
    id: Id,
    vid: Option<u16>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Scope {
    #[serde(rename = "__typename")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "optional_id")]
    id: Option<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Choice {
    Bare(String),
    Labelled { value: String },
}

impl Raw {
    fn site_group(&self) -> Option<Id> {
        // REST names the kind of scope in `scope_type`; GraphQL in the scope's own `__typename`.
        if let Some(kind) = &self.scope_type {
            return (kind == "dcim.sitegroup")
                .then_some(self.scope_id)
                .flatten();
        }
        let scope = self.scope.as_ref()?;
        (scope.kind.as_deref() == Some("SiteGroupType"))
            .then_some(scope.id)
            .flatten()
    }

    fn custom(&self, name: &str) -> Option<&Value> {
        self.custom_fields.get(name).filter(|v| !v.is_null())
    }

    fn custom_text(&self, name: &str) -> Option<String> {
        self.custom(name)?.as_str().map(str::to_owned)
    }

    pub(super) fn named(self) -> Named {
        Named {
            id: self.id,
            name: self.name,
            slug: self.slug,
        }
    }

    pub(super) fn vrf(self) -> Vrf {
        Vrf {
            id: self.id,
            name: self.name,
            rd: self.rd,
        }
    }

    pub(super) fn vlan_group(self) -> VlanGroup {
        VlanGroup {
            site_group: self.site_group(),
            id: self.id,
            name: self.name,
        }
    }

    pub(super) fn vlan(self) -> Option<Vlan> {
        Some(Vlan {
            id: self.id,
            vid: self.vid?,
            name: self.name,
            group: self.group.map(|g| g.id),
            created: self.created,
            last_updated: self.last_updated,
        })
    }

    pub(super) fn prefix(self) -> Option<Prefix> {
        Some(Prefix {
            id: self.id,
            site_group: self.site_group(),
            cluster: self.custom_text("Cluster").unwrap_or_default(),
            dhcp: self
                .custom("DHCP")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            allocated_at: self.custom_text("allocated_at"),
            released_at: self.custom_text("released_at"),
            cidr: self.prefix?,
            status: match self.status {
                Some(Choice::Bare(value) | Choice::Labelled { value }) => value,
                None => String::new(),
            },
            comments: self.comments.unwrap_or_default(),
            vrf: self.vrf.map(|r| r.id),
            vlan: self.vlan.map(|r| r.id),
            created: self.created,
            last_updated: self.last_updated,
            shown_vlan: None,
        })
    }

    /// The prefix with what is shown of its VLAN.
    pub(super) fn prefix_and_vlan(mut self) -> Option<Prefix> {
        let vlan = self.vlan.as_mut();
        let shown = vlan.and_then(|vlan| {
            let (vid, name) = (vlan.vid?, vlan.name.take()?);
            Some(ShownVlan { vid, name })
        });
        Some(Prefix {
            shown_vlan: shown,
            ..self.prefix()?
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
    match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Ok(number),
        NumberOrText::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

fn optional_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    match Option::<NumberOrText>::deserialize(deserializer)? {
        None => Ok(None),
        Some(NumberOrText::Number(number)) => Ok(Some(number)),
        Some(NumberOrText::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    match text {
        None => Ok(Timestamp::default()),
        Some(text) => Timestamp::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an RFC 3339 time"))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rest_and_graphql_give_the_same_prefix() {
        let rest: Raw = serde_json::from_value(json!({
            "id": 7, "prefix": "10.0.6.0/24", "status": {"value": "active", "label": "Active"}, "comments": "c",
            "custom_fields": {"Cluster": "cl-1", "DHCP": true}, "vrf": {"id": 1, "name": "Network1"},
            "vlan": {"id": 9, "vid": 100}, "scope_type": "dcim.sitegroup", "scope_id": 2, "scope": {"id": 2, "slug": "site2"},
            "created": "2026-11-23T08:25:58.614483Z", "last_updated": "2026-11-23T08:25:58.614496Z"
        }))
        .unwrap();
        let graphql: Raw = serde_json::from_value(json!({
            "id": "7", "prefix": "10.0.6.0/24", "status": "active", "comments": "c",
            "custom_fields": {"Cluster": "cl-1", "DHCP": true}, "vrf": {"id": "1"}, "vlan": {"id": "9"},
            "scope": {"__typename": "SiteGroupType", "id": "2"},
            "created": "2026-11-23T08:25:58.614483+00:00", "last_updated": "2026-11-23T08:25:58.614496+00:00"
        }))
        .unwrap();
        assert_eq!(rest.prefix().unwrap(), graphql.prefix().unwrap());
    }

    #[test]
    fn a_scope_of_another_kind_is_no_site_group() {
        let region: Raw =
            serde_json::from_value(json!({"id": "1", "scope": {"__typename": "RegionType"}}))
                .unwrap();
        assert_eq!(region.vlan_group().site_group, None);
        let site: Raw =
            serde_json::from_value(json!({"id": 1, "scope_type": "dcim.site", "scope_id": 4}))
                .unwrap();
        assert_eq!(site.vlan_group().site_group, None);
    }
}
