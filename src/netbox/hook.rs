//! Objects as NetBox's webhooks deliver them: the REST form, with addresses relative to NetBox.

use serde_json::Value;

use super::delta::Kind;
use super::read::Ours;
use super::rows::{Prefix, Raw, Vlan};

/// What must be there before an object is believed: a webhook's body template may leave anything out.
const OF_VLAN: [&str; 7] = [
    "id",
    "vid",
    "name",
    "group",
    "tenant",
    "created",
    "last_updated",
];
const OF_PREFIX: [&str; 13] = [
    "id",
    "prefix",
    "status",
    "comments",
    "custom_fields",
    "vrf",
    "vlan",
    "scope_type",
    "scope_id",
    "tenant",
    "role",
    "created",
    "last_updated",
];

/// A row as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A VLAN.
    Vlan(Vlan),
    /// A prefix.
    Prefix(Prefix),
}

/// A row as it was delivered, and whether it belongs to our tenant, and a prefix to our role as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The row.
    pub row: Row,
    /// Whether it is ours.
    pub ours: bool,
}

/// Reads the `data` of a delivery; `None` when it is not a whole VLAN or prefix.
#[must_use]
pub fn read(kind: Kind, data: Value, ours: &Ours) -> Option<Delivered> {
    let needed: &[&str] = match kind {
        Kind::Vlan => &OF_VLAN,
        Kind::Prefix => &OF_PREFIX,
        Kind::VlanGroup | Kind::Vrf | Kind::SiteGroup => return None,
    };
    if needed.iter().any(|name| data.get(name).is_none()) || !data["last_updated"].is_string() {
        return None;
    }
    let slug = |name: &str| data[name]["slug"].as_str();
    let is_ours = slug("tenant") == Some(&ours.tenant)
        && (kind == Kind::Vlan || slug("role") == Some(&ours.role));
    let raw: Raw = serde_json::from_str(&data.to_string()).ok()?;
    let row = match kind {
        Kind::Vlan => Row::Vlan(raw.vlan()?),
        _ => Row::Prefix(raw.prefix()?),
    };
    Some(Delivered { row, ours: is_ours })
}
