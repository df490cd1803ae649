//! What VLANs and prefixes have in common: rows that lists of changes and removals are made of.

use serde_json::{Map, Value};

use super::client::Client;
use super::error::NetboxError;
use super::find::{PREFIXES, VLANS, lacks};
use super::rows::{Id, Prefix, Raw, Vlan};
use super::trail::Trail;
use super::write::{Patch, PrefixChange, Removal, VlanChange};
use super::writer::{Atomicity, Writer, Written};
use crate::timestamp::Timestamp;

/// A VLAN or a prefix.
pub trait Row: Clone {
    /// What can change about it.
    type Change: RowChange<Self>;
    /// Where the list of rows is.
    const PATH: &'static str;
    /// Changing one, in words, for log and messages.
    const CHANGING: &'static str;
    /// Removing one, in words, for log and messages.
    const REMOVING: &'static str;

    /// Its id.
    fn id(&self) -> Id;
    /// When it was last written.
    fn last_updated(&self) -> Timestamp;
    /// Reads it out of NetBox's answer to an operation.
    ///
    /// # Errors
    /// [`NetboxError::Unusable`] when the answer is none.
    fn read(operation: &'static str, answer: Option<Raw>) -> Result<Self, NetboxError>;
    /// Those with these ids that are there.
    fn find(
        client: &Client,
        trail: &Trail,
        ids: &[Id],
    ) -> impl Future<Output = Result<Vec<Self>, NetboxError>>;
    /// Changes rows of this kind; an answer for each, in order.
    fn patch(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Patch<Self::Change>>,
        atomicity: Atomicity,
    ) -> impl Future<Output = Vec<Written<Self>>>;
    /// Removes rows of this kind; an answer for each, in order.
    fn remove(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Removal>,
        atomicity: Atomicity,
    ) -> impl Future<Output = Vec<Written<()>>>;

    /// Its removal, as long as it is as we know it.
    fn removal(&self) -> Removal {
        Removal {
            id: self.id(),
            guard: self.last_updated(),
        }
    }

    /// A change of it, as long as it is as we know it.
    fn patched(&self, change: Self::Change) -> Patch<Self::Change> {
        Patch {
            id: self.id(),
            guard: self.last_updated(),
            change,
        }
    }
}

/// A change of a row.
pub trait RowChange<R>: Clone + Default + PartialEq {
    /// The change that makes a row what this one says.
    #[must_use]
    fn back_to(row: &R) -> Self;
    /// What undoes a change that made `done` of `before`, where the row is `now`: what others have overwritten stays theirs.
    #[must_use]
    fn undoing(before: &R, done: &R, now: &R) -> Self;
    /// Whether a row is as the change would make it.
    #[must_use]
    fn is_done(&self, now: &R) -> bool;
    /// The members that change, as NetBox names them.
    fn body(&self) -> Map<String, Value>;
    /// Whether the database's message about a broken constraint means this change.
    fn named_by(&self, _message: &str) -> bool {
        false
    }
}

impl Row for Vlan {
    type Change = VlanChange;
    const PATH: &'static str = VLANS;
    const CHANGING: &'static str = "change VLAN";
    const REMOVING: &'static str = "delete VLAN";

    fn id(&self) -> Id {
        self.id
    }

    fn last_updated(&self) -> Timestamp {
        self.last_updated
    }

    fn read(operation: &'static str, answer: Option<Raw>) -> Result<Self, NetboxError> {
        let row = answer.and_then(Raw::vlan);
        row.ok_or_else(|| lacks(operation, "vid"))
    }

    async fn find(client: &Client, trail: &Trail, ids: &[Id]) -> Result<Vec<Self>, NetboxError> {
        client.vlans(trail, ids).await
    }

    async fn patch(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Patch<VlanChange>>,
        atomicity: Atomicity,
    ) -> Vec<Written<Self>> {
        writer.patch_vlans(trail, items, atomicity).await
    }

    async fn remove(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Removal>,
        atomicity: Atomicity,
    ) -> Vec<Written<()>> {
        writer.drop_vlans(trail, items, atomicity).await
    }
}

impl Row for Prefix {
    type Change = PrefixChange;
    const PATH: &'static str = PREFIXES;
    const CHANGING: &'static str = "change prefix";
    const REMOVING: &'static str = "delete prefix";

    fn id(&self) -> Id {
        self.id
    }

    fn last_updated(&self) -> Timestamp {
        self.last_updated
    }

    fn read(operation: &'static str, answer: Option<Raw>) -> Result<Self, NetboxError> {
        let row = answer.and_then(Raw::prefix_and_vlan);
        row.ok_or_else(|| lacks(operation, "prefix"))
    }

    async fn find(client: &Client, trail: &Trail, ids: &[Id]) -> Result<Vec<Self>, NetboxError> {
        client.prefixes(trail, ids).await
    }

    async fn patch(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Patch<PrefixChange>>,
        atomicity: Atomicity,
    ) -> Vec<Written<Self>> {
        writer.patch_prefixes(trail, items, atomicity).await
    }

    async fn remove(
        writer: &Writer,
        trail: &Trail,
        items: Vec<Removal>,
        atomicity: Atomicity,
    ) -> Vec<Written<()>> {
        writer.drop_prefixes(trail, items, atomicity).await
    }
}
