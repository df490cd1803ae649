//! The rows of the double, with the indexes its checks need.

mod changes;
mod edit;
mod index;
mod order;
mod row;

use std::collections::BTreeMap;

pub(crate) use changes::repr;
pub use changes::{Action, Change};
pub use row::{Cell, Row};

use super::clock::{Clock, Stamp};
use super::schema::Kind;
use changes::ChangeLog;
use index::Index;

/// Who makes a change, for the change log.
#[derive(Clone, Debug)]
pub struct Author {
    /// The name in `user_name`.
    pub user: String,
    /// The `X-Request-ID` of the call.
    pub request_id: String,
    /// The `changelog_message` of the body; empty when there is none.
    pub message: String,
}

impl Author {
    /// Another user of NetBox, not through the component.
    #[must_use]
    pub fn somebody_else() -> Self {
        Self {
            user: "somebody-else".into(),
            request_id: uuid::Uuid::new_v4().to_string(),
            message: String::new(),
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<u64, Row>,
    last_id: u64,
}

/// Everything the double knows.
#[derive(Debug, Default)]
pub struct Db {
    tables: BTreeMap<Kind, Table>,
    index: Index,
    log: ChangeLog,
    /// Gives the times of writes.
    pub clock: Clock,
}

static NO_ROWS: BTreeMap<u64, Row> = BTreeMap::new();

impl Db {
    /// The rows of a kind by id.
    #[must_use]
    pub fn rows(&self, kind: Kind) -> &BTreeMap<u64, Row> {
        self.tables.get(&kind).map_or(&NO_ROWS, |table| &table.rows)
    }

    /// One row.
    #[must_use]
    pub fn get(&self, kind: Kind, id: u64) -> Option<&Row> {
        self.rows(kind).get(&id)
    }

    /// The first row, by id, that `test` accepts.
    pub fn find(&self, kind: Kind, test: impl Fn(&Row) -> bool) -> Option<&Row> {
        self.rows(kind).values().find(|row| test(row))
    }

    /// The row of a kind with this name.
    #[must_use]
    pub fn by_name(&self, kind: Kind, name: &str) -> Option<&Row> {
        self.find(kind, |row| row.text("name") == name)
    }

    /// How many rows of `kind` refer to the object `id` in `field`.
    #[must_use]
    pub fn references(&self, kind: Kind, field: &'static str, id: u64) -> usize {
        self.index.references(kind, field, id)
    }

    /// How many prefixes of the same VRF lie inside this prefix, and how many around it.
    #[must_use]
    pub fn family_of(&self, row: &Row) -> (usize, usize) {
        self.index.family_of(row)
    }

    /// The prefixes of a VRF (`None`: the global table) that are exactly this one.
    #[must_use]
    pub fn same_prefix(&self, vrf: Option<u64>, net: ipnet::IpNet) -> Vec<u64> {
        self.index.same_prefix(vrf, net)
    }

    /// The VLAN of a group with this VLAN id.
    #[must_use]
    pub fn vlan_by_vid(&self, group: u64, vid: i64) -> Option<u64> {
        self.index.vlan_by_vid(group, vid)
    }

    /// The VLAN of a group with this name.
    #[must_use]
    pub fn vlan_by_name(&self, group: u64, name: &str) -> Option<u64> {
        self.index.vlan_by_name(group, name)
    }

    /// A number nobody has had, as PostgreSQL's sequences give them: it is used up even when the write is rolled back.
    pub fn take_id(&mut self, kind: Kind) -> u64 {
        let table = self.tables.entry(kind).or_default();
        table.last_id += 1;
        table.last_id
    }

    /// Stores a new row under its own id, with an entry in the change log.
    pub fn insert(&mut self, kind: Kind, row: Row, author: &Author) {
        self.log
            .record(Action::Create, kind, None, Some(&row), author);
        self.restore(kind, row);
    }

    /// Puts a row back or in, without an entry in the change log.
    pub fn restore(&mut self, kind: Kind, row: Row) {
        let table = self.tables.entry(kind).or_default();
        table.last_id = table.last_id.max(row.id);
        if let Some(old) = table.rows.get(&row.id) {
            self.index.detach(kind, old);
        }
        self.index.attach(kind, &row);
        self.tables
            .entry(kind)
            .or_default()
            .rows
            .insert(row.id, row);
    }

    /// Replaces a row, stamping it, with an entry in the change log unless nothing differs (as NetBox does).
    pub fn replace(&mut self, kind: Kind, mut row: Row, author: &Author) {
        row.last_updated = self.clock.next();
        if let Some(old) = self.get(kind, row.id)
            && !old.same_values(&row)
        {
            let old = old.clone();
            self.log
                .record(Action::Update, kind, Some(&old), Some(&row), author);
        }
        self.restore(kind, row);
    }

    /// Takes a row out, with an entry in the change log.
    pub fn remove(&mut self, kind: Kind, id: u64, author: &Author) -> Option<Row> {
        let row = self.take_out(kind, id)?;
        self.log
            .record(Action::Delete, kind, Some(&row), None, author);
        Some(row)
    }

    /// Takes a row out without a word in the change log (the undo of an insert).
    pub fn take_out(&mut self, kind: Kind, id: u64) -> Option<Row> {
        let row = self.tables.get_mut(&kind)?.rows.remove(&id)?;
        self.index.detach(kind, &row);
        Some(row)
    }

    /// Makes the two moments of a new row: `created` is a little before `last_updated`, as in every recording.
    pub fn new_times(&mut self) -> (Stamp, Stamp) {
        let created = self.clock.next();
        (created, self.clock.next())
    }

    /// The change log, oldest first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        self.log.entries()
    }

    /// Drops the change-log entries from `len` on (the undo of a bulk write).
    pub fn truncate_changes(&mut self, len: usize) {
        self.log.truncate(len);
    }
}
