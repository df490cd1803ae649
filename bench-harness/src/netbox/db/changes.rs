//! The change log NetBox keeps of every create, update and delete.

use super::{Author, Cell, Row};
use crate::netbox::clock::Stamp;
use crate::netbox::schema::Kind;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
}

impl Action {
    /// The value and the label in the change log.
    #[must_use]
    pub const fn choice(self) -> (&'static str, &'static str) {
        match self {
            Action::Create => ("create", "Created"),
            Action::Update => ("update", "Updated"),
            Action::Delete => ("delete", "Deleted"),
        }
    }
}

/// One entry of the change log.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number.
    pub id: u64,
    /// When it happened.
    pub time: Stamp,
    /// Who did it, with which call.
    pub author: Author,
    /// What happened.
    pub action: Action,
    /// The kind of the object.
    pub kind: Kind,
    /// The number of the object.
    pub object: u64,
    /// The object's name at that time.
    pub repr: String,
    /// The object before, unless it was made.
    pub before: Option<Row>,
    /// The object after, unless it was deleted.
    pub after: Option<Row>,
}

#[derive(Debug, Default)]
pub(super) struct ChangeLog {
    entries: Vec<Change>,
    last_id: u64,
}

impl ChangeLog {
    pub(super) fn record(
        &mut self,
        action: Action,
        kind: Kind,
        before: Option<&Row>,
        after: Option<&Row>,
        author: &Author,
    ) {
        let Some(row) = after.or(before) else { return };
        self.last_id += 1;
        let time = if action == Action::Delete {
            Stamp::now().max(row.last_updated)
        } else {
            Stamp(row.last_updated.0 + 1)
        };
        self.entries.push(Change {
            id: self.last_id,
            time,
            author: author.clone(),
            action,
            kind,
            object: row.id,
            repr: repr(kind, row),
            before: before.cloned(),
            after: after.cloned(),
        });
    }

    pub(super) fn entries(&self) -> &[Change] {
        &self.entries
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.entries.truncate(len);
    }
}

/// The name NetBox shows for a row: `display` in REST, `object_repr` in the change log.
pub(crate) fn repr(kind: Kind, row: &Row) -> String {
    match kind {
        Kind::Prefix => row.net().map(|net| net.to_string()).unwrap_or_default(),
        Kind::Vlan => format!("{} ({})", row.text("name"), row.int("vid")),
        Kind::Vrf => match row.get("rd") {
            Cell::Text(rd) if !rd.is_empty() => format!("{} ({rd})", row.text("name")),
            _ => row.text("name").to_owned(),
        },
        Kind::CustomField if !row.text("label").is_empty() => row.text("label").to_owned(),
        _ => row.text("name").to_owned(),
    }
}
