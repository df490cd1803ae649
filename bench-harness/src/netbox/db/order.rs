//! The order NetBox lists each kind in when none is asked for.

use std::cmp::Ordering;

use super::{Db, Row};
use crate::netbox::schema::Kind;

impl Db {
    /// Compares two rows in the model's own order.
    #[must_use]
    pub fn model_order(&self, kind: Kind, a: &Row, b: &Row) -> Ordering {
        let by_name = || a.text("name").cmp(b.text("name"));
        let order = match kind {
            Kind::Tenant | Kind::SiteGroup => by_name(),
            Kind::Role => a.int("weight").cmp(&b.int("weight")).then_with(by_name),
            Kind::Vrf | Kind::VlanGroup => by_name().then_with(|| a.text("rd").cmp(b.text("rd"))),
            Kind::CustomField => a
                .text("group_name")
                .cmp(b.text("group_name"))
                .then_with(by_name),
            Kind::Vlan => self
                .group_name(a)
                .cmp(&self.group_name(b))
                .then_with(|| a.reference("group").cmp(&b.reference("group")))
                .then_with(|| a.int("vid").cmp(&b.int("vid"))),
            Kind::Prefix => a
                .reference("vrf")
                .cmp(&b.reference("vrf"))
                .then_with(|| a.net().cmp(&b.net())),
        };
        order.then(a.id.cmp(&b.id))
    }

    /// The name of a VLAN's group; VLANs without one come last, as nulls do in PostgreSQL.
    fn group_name(&self, row: &Row) -> (bool, &str) {
        match row
            .reference("group")
            .and_then(|id| self.get(Kind::VlanGroup, id))
        {
            Some(group) => (false, group.text("name")),
            None => (true, ""),
        }
    }
}
