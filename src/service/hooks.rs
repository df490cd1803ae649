//! Hearing of changes that others made, from NetBox itself. A delivery is a hint: NetBox does not repeat it.

use serde::Serialize;
use serde_json::Value;

use super::Service;
use crate::catalogue::Change;
use crate::netbox::Trail;
use crate::netbox::delta::Kind;
use crate::netbox::hook::{self, Row};
use crate::netbox::rows::Id;

/// What NetBox says of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// NetBox's name of the object's type: `ipam.prefix`.
    pub object_type: String,
    /// Whether the object is gone.
    pub deleted: bool,
    /// The object, as the REST API shows it; as it was, when it is gone.
    pub data: Value,
}

/// What was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// It was taken in, and every instance on the store knows it.
    Applied,
    /// It was known already.
    Known,
    /// It is not about anything of ours.
    NotOurs,
    /// It can't be taken in by itself: changes are looked for at NetBox in the background.
    Refreshing,
    /// Nothing is known yet that it could change.
    NothingKnown,
}

impl Service {
    /// Takes in what NetBox says of a VLAN or a prefix without a call to it; for anything else that concerns us NetBox is
    /// looked at in the background.
    pub async fn hear(&self, trail: &Trail, news: News) -> Heard {
        if !self.keeper.overhear().await {
            return Heard::NothingKnown;
        }
        let Some(kind) = Kind::parse(&news.object_type) else {
            if matches!(news.object_type.as_str(), "tenancy.tenant" | "ipam.role") {
                self.keeper.refresh_soon(trail);
                return Heard::Refreshing;
            }
            return Heard::NotOurs;
        };
        let Some(delivered) = hook::read(kind, news.data, &self.settings.ours) else {
            self.keeper.refresh_soon(trail);
            return Heard::Refreshing;
        };
        let known = match &delivered.row {
            Row::Vlan(vlan) => self.ask(|c| c.vlan(vlan.id).is_some()),
            Row::Prefix(prefix) => self.ask(|c| c.prefix(prefix.id).is_some()),
        };
        if !known && !delivered.ours {
            return Heard::NotOurs;
        }
        let prefix = match &delivered.row {
            Row::Prefix(prefix) => Some(prefix.id),
            Row::Vlan(_) => None,
        };
        let change = change(delivered.row, news.deleted, delivered.ours);
        if !self.ask(|c| c.is_news(&change)) {
            return Heard::Known;
        }
        self.keeper.wrote(vec![change]).await;
        // What it refers to may have been made at the same time, and its delivery be late or lost.
        if prefix.is_some_and(|id| self.is_incomplete(id)) {
            self.keeper.refresh_soon(trail);
        }
        Heard::Applied
    }

    fn is_incomplete(&self, prefix: Id) -> bool {
        self.ask(|c| c.incomplete().any(|(row, _)| row.id == prefix))
    }
}

fn change(row: Row, deleted: bool, ours: bool) -> Change {
    match row {
        Row::Vlan(vlan) if deleted => Change::VlanGone(vlan.id),
        Row::Prefix(prefix) if deleted => Change::PrefixGone(prefix.id),
        Row::Vlan(vlan) if ours => Change::Vlan(vlan),
        Row::Prefix(prefix) if ours => Change::Prefix(prefix),
        Row::Vlan(vlan) => Change::VlanAway {
            id: vlan.id,
            as_of: vlan.last_updated,
        },
        Row::Prefix(prefix) => Change::PrefixAway {
            id: prefix.id,
            as_of: prefix.last_updated,
        },
    }
}
