//! The six kinds of writes, each of which NetBox takes for one row or for a list: VLANs and prefixes, made, changed, removed.

use std::marker::PhantomData;

use http::Method;
use serde_json::{Map, Value};

use super::client::Client;
use super::error::NetboxError;
use super::find::{PREFIXES, VLANS};
use super::row::{Row, RowChange};
use super::rows::{Id, Prefix, Raw, Vlan};
use super::trail::Trail;
use super::write::{NewPrefix, NewVlan, Patch, Removal, put};

/// What became of an item, found by looking at NetBox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<D> {
    /// It was done; this is the row now.
    Done(D),
    /// It was not done, and still can be.
    NotDone,
    /// The row is no longer what the item was decided by.
    Changed,
    /// The row is gone.
    Gone,
}

/// One kind of write.
pub(super) trait Kind {
    /// One thing to be done.
    type Item: Clone;
    /// What NetBox answers to it.
    type Done: Clone;
    /// In words, for log and messages.
    const OPERATION: &'static str;
    /// The method.
    const METHOD: Method;
    /// Where the list of rows is.
    const PATH: &'static str;

    /// The row that must be there already; `None` for what is to be made.
    fn row(item: &Self::Item) -> Option<Removal>;
    /// The members of the row in the body.
    fn body(item: &Self::Item) -> Map<String, Value>;
    /// What NetBox's answer to one item says; `None` when the answer had no body.
    fn done(answer: Option<Raw>) -> Result<Self::Done, NetboxError>;
    /// Whether the database's message about a broken constraint, `Key (group_id, vid)=(1, 3000) already exists`, means this item.
    fn named_by(_: &Self::Item, _message: &str) -> bool {
        false
    }
    /// Whether sending it again can do no harm, even if the first request is still being carried out.
    fn repeatable(error: &NetboxError) -> bool;
    /// Looks what became of these items.
    async fn look(
        client: &Client,
        trail: &Trail,
        items: &[Self::Item],
    ) -> Result<Vec<Found<Self::Done>>, NetboxError>;
}

/// Making VLANs. NetBox's database keeps (group, vid) and (group, name) unique, also under concurrency.
pub(super) struct MakeVlan;
/// Making prefixes. Nothing keeps them apart under concurrency: look for rivals afterwards.
pub(super) struct MakePrefix;
/// Changing rows of one kind.
pub(super) struct ChangeRow<R>(PhantomData<R>);
/// Removing rows of one kind. NetBox refuses to remove a VLAN while a prefix is on it.
pub(super) struct RemoveRow<R>(PhantomData<R>);

impl Kind for MakeVlan {
    type Item = NewVlan;
    type Done = Vlan;
    const OPERATION: &'static str = "create VLAN";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = VLANS;

    fn row(_: &NewVlan) -> Option<Removal> {
        None
    }

    fn body(item: &NewVlan) -> Map<String, Value> {
        let mut body = Map::new();
        put(&mut body, "vid", Some(item.vid));
        put(&mut body, "name", Some(item.name.clone()));
        put(&mut body, "group", Some(item.group));
        put(&mut body, "tenant", Some(item.owner.tenant));
        put(&mut body, "role", Some(item.owner.role));
        put(&mut body, "status", Some("active"));
        body
    }

    fn done(answer: Option<Raw>) -> Result<Vlan, NetboxError> {
        Vlan::read(Self::OPERATION, answer)
    }

    fn named_by(item: &NewVlan, message: &str) -> bool {
        message.contains(&format!("=({}, {})", item.group, item.vid))
            || message.contains(&format!("=({}, {})", item.group, item.name))
    }

    fn repeatable(_: &NetboxError) -> bool {
        true
    }

    async fn look(
        client: &Client,
        trail: &Trail,
        items: &[NewVlan],
    ) -> Result<Vec<Found<Vlan>>, NetboxError> {
        let places: Vec<(Id, u16)> = items.iter().map(|item| (item.group, item.vid)).collect();
        let rows = client.vlans_at(trail, &places).await?;
        let of = |item: &NewVlan| {
            let at = |row: &&Vlan| row.group == Some(item.group) && row.vid == item.vid;
            match rows.iter().find(at) {
                Some(row) if row.name == item.name => Found::Done(row.clone()),
                Some(_) => Found::Changed,
                None => Found::NotDone,
            }
        };
        Ok(items.iter().map(of).collect())
    }
}

impl Kind for MakePrefix {
    type Item = NewPrefix;
    type Done = Prefix;
    const OPERATION: &'static str = "create prefix";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = PREFIXES;

    fn row(_: &NewPrefix) -> Option<Removal> {
        None
    }

    fn body(item: &NewPrefix) -> Map<String, Value> {
        let mut body = item.row.body();
        put(&mut body, "tenant", Some(item.owner.tenant));
        put(&mut body, "role", Some(item.owner.role));
        body
    }

    fn done(answer: Option<Raw>) -> Result<Prefix, NetboxError> {
        Prefix::read(Self::OPERATION, answer)
    }

    /// Two simultaneous POSTs of one prefix were both stored (measured), so only where the first one can't come after all.
    fn repeatable(error: &NetboxError) -> bool {
        !error.may_come_late()
    }

    async fn look(
        client: &Client,
        trail: &Trail,
        items: &[NewPrefix],
    ) -> Result<Vec<Found<Prefix>>, NetboxError> {
        let vlans: Vec<Id> = items.iter().filter_map(|item| item.row.vlan).collect();
        let rows = client.prefixes_on(trail, &vlans).await?;
        let of = |item: &NewPrefix| {
            let same = |row: &&Prefix| {
                row.vlan == item.row.vlan
                    && row.vrf == item.row.vrf
                    && item.row.cidr.as_ref() == Some(&row.cidr)
            };
            match rows.iter().find(same) {
                Some(row) => Found::Done(row.clone()),
                None => Found::NotDone,
            }
        };
        Ok(items.iter().map(of).collect())
    }
}

impl<R: Row> Kind for ChangeRow<R> {
    type Item = Patch<R::Change>;
    type Done = R;
    const OPERATION: &'static str = R::CHANGING;
    const METHOD: Method = Method::PATCH;
    const PATH: &'static str = R::PATH;

    fn row(item: &Self::Item) -> Option<Removal> {
        Some(item.row())
    }

    fn body(item: &Self::Item) -> Map<String, Value> {
        item.change.body()
    }

    fn done(answer: Option<Raw>) -> Result<R, NetboxError> {
        R::read(Self::OPERATION, answer)
    }

    fn named_by(item: &Self::Item, message: &str) -> bool {
        item.change.named_by(message)
    }

    fn repeatable(_: &NetboxError) -> bool {
        true
    }

    /// A change is done when the row was written since and is as it should be.
    async fn look(
        client: &Client,
        trail: &Trail,
        items: &[Self::Item],
    ) -> Result<Vec<Found<R>>, NetboxError> {
        let ids: Vec<Id> = items.iter().map(|item| item.id).collect();
        let rows = R::find(client, trail, &ids).await?;
        let of = |item: &Self::Item| match rows.iter().find(|row| row.id() == item.id) {
            None => Found::Gone,
            Some(row) if row.last_updated() == item.guard => Found::NotDone,
            Some(row) if item.change.is_done(row) => Found::Done(row.clone()),
            Some(_) => Found::Changed,
        };
        Ok(items.iter().map(of).collect())
    }
}

impl<R: Row> Kind for RemoveRow<R> {
    type Item = Removal;
    type Done = ();
    const OPERATION: &'static str = R::REMOVING;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = R::PATH;

    fn row(item: &Removal) -> Option<Removal> {
        Some(*item)
    }

    fn body(_: &Removal) -> Map<String, Value> {
        Map::new()
    }

    fn done(_: Option<Raw>) -> Result<(), NetboxError> {
        Ok(())
    }

    fn repeatable(_: &NetboxError) -> bool {
        true
    }

    async fn look(
        client: &Client,
        trail: &Trail,
        items: &[Removal],
    ) -> Result<Vec<Found<()>>, NetboxError> {
        let ids: Vec<Id> = items.iter().map(|item| item.id).collect();
        let rows = R::find(client, trail, &ids).await?;
        let of = |item: &Removal| match rows.iter().find(|row| row.id() == item.id) {
            None => Found::Done(()),
            Some(row) if row.last_updated() == item.guard => Found::NotDone,
            Some(_) => Found::Changed,
        };
        Ok(items.iter().map(of).collect())
    }
}

/// NetBox answers a list of new rows in their order, and a list of changed ones in an order of its own (measured).
pub(super) fn in_order<K: Kind>(
    rows: &[Removal],
    count: usize,
    answers: Vec<Raw>,
) -> Result<Vec<K::Done>, NetboxError> {
    let short = || NetboxError::Unusable {
        operation: K::OPERATION,
        status: 200,
        detail: format!("{count} items were sent, and not as many came back"),
    };
    if answers.len() != count {
        return Err(short());
    }
    if rows.is_empty() {
        return answers.into_iter().map(Some).map(K::done).collect();
    }
    let mut answers: Vec<Option<Raw>> = answers.into_iter().map(Some).collect();
    let mut of = |row: &Removal| -> Result<K::Done, NetboxError> {
        let mut answers = answers.iter_mut();
        let answer = answers.find(|answer| answer.as_ref().is_some_and(|raw| raw.id == row.id));
        K::done(Some(answer.and_then(Option::take).ok_or_else(short)?))
    };
    rows.iter().map(&mut of).collect()
}
