//! Changes made behind the component's back, as another user of NetBox would make them. Each is logged like any other.

use serde_json::Value;

use super::{Author, Cell, Db, Row};
use crate::netbox::schema::Kind;

impl Db {
    /// Changes one row; false when there is none. Nothing is checked.
    pub fn change(&mut self, kind: Kind, id: u64, change: impl FnOnce(&mut Row)) -> bool {
        let Some(mut row) = self.get(kind, id).cloned() else {
            return false;
        };
        change(&mut row);
        self.replace(kind, row, &Author::somebody_else());
        true
    }

    /// Adds a row; answers its id. Nothing is checked.
    pub fn add(&mut self, kind: Kind, fill: impl FnOnce(&mut Row)) -> u64 {
        let id = self.take_id(kind);
        let mut row = Row::blank(kind, id);
        (row.created, row.last_updated) = self.new_times();
        fill(&mut row);
        self.insert(kind, row, &Author::somebody_else());
        id
    }

    /// Deletes a row whatever refers to it; false when there is none.
    pub fn delete(&mut self, kind: Kind, id: u64) -> bool {
        self.remove(kind, id, &Author::somebody_else()).is_some()
    }

    /// Gives a VLAN another name.
    pub fn rename_vlan(&mut self, id: u64, name: &str) -> bool {
        self.change(Kind::Vlan, id, |row| {
            row.set("name", Cell::Text(name.into()));
        })
    }

    /// Gives a VLAN another VLAN id.
    pub fn renumber_vlan(&mut self, id: u64, vid: u16) -> bool {
        self.change(Kind::Vlan, id, |row| {
            row.set("vid", Cell::Int(i64::from(vid)));
        })
    }

    /// Sets a custom field of a prefix.
    pub fn set_custom_field(&mut self, prefix: u64, name: &str, value: Value) -> bool {
        self.change(Kind::Prefix, prefix, |row| row.set_custom(name, value))
    }

    /// Adds a VLAN to a group, with the tenant and the role.
    pub fn add_vlan(&mut self, group: u64, vid: u16, name: &str, tenant: u64, role: u64) -> u64 {
        self.add(Kind::Vlan, |row| {
            row.set("group", Cell::Ref(group));
            row.set("vid", Cell::Int(i64::from(vid)));
            row.set("name", Cell::Text(name.into()));
            row.set("tenant", Cell::Ref(tenant));
            row.set("role", Cell::Ref(role));
        })
    }

    /// Adds a prefix to a VRF, without tenant, role, VLAN or scope; `fill` may set them.
    pub fn add_prefix(
        &mut self,
        vrf: Option<u64>,
        net: ipnet::IpNet,
        fill: impl FnOnce(&mut Row),
    ) -> u64 {
        self.add(Kind::Prefix, |row| {
            row.set("prefix", Cell::Net(net.trunc()));
            row.set("vrf", vrf.map_or(Cell::Null, Cell::Ref));
            fill(row);
        })
    }
}
