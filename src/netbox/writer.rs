//! Writing to NetBox: items of one kind travel together, and each caller hears what became of the own ones.
//!
//! NetBox does a list wholly or not at all (measured), so one bad item would fail all. Those that NetBox names are taken
//! out, and the others sent again; where it names none, the list is halved. After an answer that does not tell whether the
//! write was carried out, one look at the rows does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::Value;

use super::answer::decode_bytes;
use super::client::{Call, Client};
use super::error::{ItemPlace, NetboxError};
use super::group::{Company, Group, MOST};
use super::kinds::{ChangeRow, Found, Kind, MakePrefix, MakeVlan, RemoveRow, in_order};
use super::read::Reader;
use super::rows::{Prefix, Raw, Vlan};
use super::trail::Trail;
use super::views::Views;
use super::write::{NewPrefix, NewVlan, Patch, PrefixChange, Removal, VlanChange};
use crate::platform::Host;
use crate::sorted::Set;

/// A write that was not done, or of which nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failed {
    /// What NetBox, or the way to it, said.
    pub error: NetboxError,
    /// Whether it may have been carried out all the same, now or a little later.
    pub unknown: bool,
}

impl Failed {
    fn known(error: NetboxError) -> Self {
        Self {
            error,
            unknown: false,
        }
    }
}

impl From<Failed> for NetboxError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// What became of one write.
pub type Written<D> = Result<D, Failed>;

/// Whether the items of a list stand or fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atomicity {
    /// All of them or none: once one has failed, no other is sent. What was done by then, the caller undoes.
    All,
    /// Each for itself.
    Each,
}

impl Atomicity {
    /// Whether a list is to go no further: nothing is left of it, or one failure is enough.
    pub fn stops<T>(self, items: &[T], has_failed: impl Fn(&T) -> bool) -> bool {
        let failed = items.iter().filter(|item| has_failed(item)).count();
        failed == items.len() || (self == Self::All && failed > 0)
    }
}

type Sent<K> = Written<<K as Kind>::Done>;

/// An item, and the number of the whole that it is a part of.
type Part<K> = (Option<u64>, <K as Kind>::Item);

struct Lines<K: Kind> {
    group: Group<Part<K>, Sent<K>>,
    wholes: Wholes,
}

/// The wholes of which an item has failed.
#[derive(Default)]
struct Wholes {
    next: Cell<u64>,
    failed: RefCell<Set<u64>>,
}

impl<K: Kind> Lines<K> {
    fn new(host: &Host, company: &Company) -> Self {
        let lost = || {
            Err(Failed {
                error: NetboxError::Broken {
                    operation: K::OPERATION,
                    detail: "the request that sent it for us has ended".to_owned(),
                },
                unknown: true,
            })
        };
        Self {
            group: Group::new(Rc::clone(host), company.clone(), MOST, lost),
            wholes: Wholes::default(),
        }
    }

    async fn submit(
        &self,
        client: &Client,
        trail: &Trail,
        items: Vec<K::Item>,
        atomicity: Atomicity,
    ) -> Vec<Sent<K>> {
        let whole = (atomicity == Atomicity::All && items.len() > 1).then(|| {
            let number = self.wholes.next.get();
            self.wholes.next.set(number.wrapping_add(1));
            number
        });
        let parts = items.into_iter().map(|item| (whole, item)).collect();
        let send = async |parts| {
            Sending::<K>::new(client, trail, &self.wholes, parts)
                .finish()
                .await
        };
        let answers = self.group.submit(parts, send).await;
        if let Some(number) = whole {
            self.wholes.failed.borrow_mut().remove(&number);
        }
        answers
    }
}

/// Writes to one NetBox, in groups.
pub struct Writer {
    client: Rc<Client>,
    /// Looks at what was written of late: those who wrote together look together.
    pub views: Views,
    make_vlans: Lines<MakeVlan>,
    make_prefixes: Lines<MakePrefix>,
    patch_vlans: Lines<ChangeRow<Vlan>>,
    patch_prefixes: Lines<ChangeRow<Prefix>>,
    drop_vlans: Lines<RemoveRow<Vlan>>,
    drop_prefixes: Lines<RemoveRow<Prefix>>,
}

impl Writer {
    /// A writer with nothing under way.
    #[must_use]
    pub fn new(host: &Host, client: Rc<Client>, reader: Rc<Reader>) -> Self {
        let company = Company::default();
        Self {
            views: Views::new(host, Rc::clone(&client), reader, company.clone()),
            client,
            make_vlans: Lines::new(host, &company),
            make_prefixes: Lines::new(host, &company),
            patch_vlans: Lines::new(host, &company),
            patch_prefixes: Lines::new(host, &company),
            drop_vlans: Lines::new(host, &company),
            drop_prefixes: Lines::new(host, &company),
        }
    }

    /// Makes VLANs; an answer for each, in order. [`NetboxError::Refused`] or [`NetboxError::Raced`]: id or name is taken.
    pub async fn make_vlans(
        &self,
        trail: &Trail,
        items: Vec<NewVlan>,
        atomicity: Atomicity,
    ) -> Vec<Written<Vlan>> {
        let line = &self.make_vlans;
        line.submit(&self.client, trail, items, atomicity).await
    }

    /// Makes prefixes; an answer for each, in order. [`NetboxError::Refused`]: the VRF has the same one already.
    pub async fn make_prefixes(
        &self,
        trail: &Trail,
        items: Vec<NewPrefix>,
        atomicity: Atomicity,
    ) -> Vec<Written<Prefix>> {
        let line = &self.make_prefixes;
        line.submit(&self.client, trail, items, atomicity).await
    }

    /// Changes VLANs; an answer for each, in order. [`NetboxError::Stale`]: it has changed since.
    pub async fn patch_vlans(
        &self,
        trail: &Trail,
        items: Vec<Patch<VlanChange>>,
        atomicity: Atomicity,
    ) -> Vec<Written<Vlan>> {
        let line = &self.patch_vlans;
        line.submit(&self.client, trail, items, atomicity).await
    }

    /// Changes prefixes; an answer for each, in order. [`NetboxError::Stale`]: it has changed since.
    pub async fn patch_prefixes(
        &self,
        trail: &Trail,
        items: Vec<Patch<PrefixChange>>,
        atomicity: Atomicity,
    ) -> Vec<Written<Prefix>> {
        let line = &self.patch_prefixes;
        line.submit(&self.client, trail, items, atomicity).await
    }

    /// Removes VLANs; an answer for each, in order. [`NetboxError::InUse`]: a prefix is on it.
    pub async fn drop_vlans(
        &self,
        trail: &Trail,
        items: Vec<Removal>,
        atomicity: Atomicity,
    ) -> Vec<Written<()>> {
        let line = &self.drop_vlans;
        line.submit(&self.client, trail, items, atomicity).await
    }

    /// Removes prefixes; an answer for each, in order. [`NetboxError::Stale`]: it has changed since.
    pub async fn drop_prefixes(
        &self,
        trail: &Trail,
        items: Vec<Removal>,
        atomicity: Atomicity,
    ) -> Vec<Written<()>> {
        let line = &self.drop_prefixes;
        line.submit(&self.client, trail, items, atomicity).await
    }
}

/// Items under way, until each has its answer.
struct Sending<'a, K: Kind> {
    client: &'a Client,
    trail: &'a Trail,
    wholes: &'a Wholes,
    items: Vec<Part<K>>,
    answers: Vec<Option<Sent<K>>>,
    /// Lists still to be sent, as places in `items`.
    open: Vec<Vec<usize>>,
    /// Whether an earlier call may have done, or may still do, what is asked again.
    doubtful: bool,
    attempt: u32,
}

impl<'a, K: Kind> Sending<'a, K> {
    fn new(client: &'a Client, trail: &'a Trail, wholes: &'a Wholes, items: Vec<Part<K>>) -> Self {
        Self {
            client,
            trail,
            wholes,
            answers: items.iter().map(|_| None).collect(),
            open: vec![(0..items.len()).collect()],
            items,
            doubtful: false,
            attempt: 0,
        }
    }

    async fn finish(mut self) -> Vec<Sent<K>> {
        while let Some(list) = self.open.pop() {
            let list = self.without_withheld(list);
            if list.is_empty() {
                continue;
            }
            match self.send(&list).await {
                Ok(rows) => {
                    for (&place, row) in list.iter().zip(rows) {
                        self.answer(place, Ok(row));
                    }
                }
                Err(error) => self.recover(list, error).await,
            }
        }
        // Each list was answered, sent again or cut in two, so that everybody has an answer by now.
        self.answers.into_iter().flatten().collect()
    }

    /// The items of a list that are still wanted: a whole that has failed somewhere is not carried on with.
    fn without_withheld(&mut self, list: Vec<usize>) -> Vec<usize> {
        let failed = self.wholes.failed.borrow();
        let withheld = |place: &usize| {
            let whole = self.items.get(*place).and_then(|(whole, _)| *whole);
            whole.is_some_and(|number| failed.contains(&number))
        };
        let (withheld, wanted): (Vec<_>, Vec<_>) = list.into_iter().partition(withheld);
        drop(failed);
        let operation = K::OPERATION;
        self.fail(
            &withheld,
            &Failed::known(NetboxError::Withheld { operation }),
        );
        wanted
    }

    fn answer(&mut self, place: usize, answer: Sent<K>) {
        if let (Err(_), Some((Some(whole), _))) = (&answer, self.items.get(place)) {
            self.wholes.failed.borrow_mut().insert(*whole);
        }
        if let Some(slot) = self.answers.get_mut(place) {
            *slot = Some(answer);
        }
    }

    fn fail(&mut self, list: &[usize], failed: &Failed) {
        for &place in list {
            self.answer(place, Err(failed.clone()));
        }
    }

    fn chosen(&self, list: &[usize]) -> Vec<K::Item> {
        let item = |place: &usize| self.items.get(*place).map(|(_, item)| item.clone());
        list.iter().filter_map(item).collect()
    }

    async fn recover(&mut self, list: Vec<usize>, error: NetboxError) {
        use NetboxError::{Forbidden, InUse, Items, Missing, Raced, Refused, Stale};
        match &error {
            Items { items, .. } => self.take_out(list, items),
            _ if error.outcome_unknown() || self.doubtful => self.look(list, error).await,
            // So NetBox also speaks of a row that somebody else removes at the same time (measured).
            Forbidden { .. } if K::METHOD != http::Method::POST => self.look(list, error).await,
            _ if list.len() == 1 => self.fail(&list, &Failed::known(error)),
            Stale { .. } => self.look(list, error).await,
            Raced { detail, .. } => {
                let items = self.chosen(&list);
                let named = list.iter().zip(&items);
                let (named, others): (Vec<_>, Vec<_>) =
                    named.partition(|(_, item)| K::named_by(item, detail));
                let places = |pairs: Vec<(&usize, &K::Item)>| -> Vec<usize> {
                    pairs.into_iter().map(|(place, _)| *place).collect()
                };
                let (named, others) = (places(named), places(others));
                if named.is_empty() {
                    self.halve(others);
                } else {
                    self.fail(&named, &Failed::known(error));
                    self.open.push(others);
                }
            }
            Refused { .. } | InUse { .. } | Missing { .. } => self.halve(list),
            _ => self.fail(&list, &Failed::known(error)),
        }
    }

    /// NetBox has named the bad items: they fail alone.
    fn take_out(&mut self, list: Vec<usize>, bad: &[(ItemPlace, NetboxError)]) {
        let mut others = Vec::new();
        let before = list.len();
        for (n, &place) in list.iter().enumerate() {
            let item = self.items.get(place).map(|(_, item)| item);
            let id = item.and_then(K::row).map(|row| row.id);
            let means = |at: &ItemPlace| match at {
                ItemPlace::Index(index) => *index == n,
                ItemPlace::Id(named) => Some(*named) == id,
            };
            match bad.iter().find(|(at, _)| means(at)) {
                Some((_, error)) => self.answer(place, Err(Failed::known(error.clone()))),
                None => others.push(place),
            }
        }
        if others.len() == before {
            self.halve(others);
        } else {
            self.open.push(others);
        }
    }

    fn halve(&mut self, mut list: Vec<usize>) {
        if list.len() < 2 {
            let error = NetboxError::Unusable {
                operation: K::OPERATION,
                status: 400,
                detail: "it was refused without a reason".to_owned(),
            };
            return self.fail(&list, &Failed::known(error));
        }
        let second = list.split_off(list.len() / 2);
        self.open.push(second);
        self.open.push(list);
    }

    /// Looks what became of each item, and sends again what was not done.
    async fn look(&mut self, list: Vec<usize>, error: NetboxError) {
        let unknown = error.outcome_unknown() || self.doubtful;
        let Ok(found) = K::look(self.client, self.trail, &self.chosen(&list)).await else {
            return self.fail(&list, &Failed { error, unknown });
        };
        let operation = K::OPERATION;
        let mut waiting = Vec::new();
        for (&place, found) in list.iter().zip(found) {
            match found {
                Found::Done(row) => self.answer(place, Ok(row)),
                Found::NotDone => waiting.push(place),
                Found::Changed if K::METHOD == http::Method::POST => {
                    let detail = "somebody else has it".to_owned();
                    let taken = NetboxError::Raced { operation, detail };
                    self.answer(place, Err(Failed::known(taken)));
                }
                Found::Changed => {
                    let stale = NetboxError::Stale { operation };
                    self.answer(place, Err(Failed::known(stale)));
                }
                Found::Gone => {
                    let detail = "it is gone".to_owned();
                    let gone = NetboxError::Missing { operation, detail };
                    self.answer(place, Err(Failed::known(gone)));
                }
            }
        }
        if waiting.is_empty() {
            return;
        }
        if !error.outcome_unknown() {
            // Refused for the sake of others, which are out now. Alone, or still all together, it is what was said.
            return match (&error, waiting.len() < list.len(), waiting.len() > 1) {
                (NetboxError::Stale { .. } | NetboxError::Forbidden { .. }, true, _) => {
                    self.open.push(waiting);
                }
                (NetboxError::Stale { .. }, false, true) => self.halve(waiting),
                _ => self.fail(
                    &waiting,
                    &Failed {
                        error,
                        unknown: false,
                    },
                ),
            };
        }
        self.attempt += 1;
        if K::repeatable(&error) && self.client.breathe(self.trail, &error, self.attempt).await {
            self.doubtful |= error.may_come_late();
            self.open.push(waiting);
        } else {
            let unknown = error.may_come_late();
            self.fail(&waiting, &Failed { error, unknown });
        }
    }

    /// One call. A NetBox before 4.6 ignores guards: there the rows are read before and after.
    async fn send(&self, list: &[usize]) -> Result<Vec<K::Done>, NetboxError> {
        let items = self.chosen(list);
        let operation = K::OPERATION;
        let guarded = items.iter().any(|item| K::row(item).is_some());
        if guarded && !self.client.guards_work() {
            let before = K::look(self.client, self.trail, &items).await?;
            if !before.iter().all(|found| matches!(found, Found::NotDone)) {
                return Err(NetboxError::Stale { operation });
            }
        }
        let done = self.send_once(list).await?;
        // The first answer may be what tells the version.
        if guarded && !self.client.guards_work() {
            let after = K::look(self.client, self.trail, &items).await?;
            if !after.iter().all(|found| matches!(found, Found::Done(_))) {
                return Err(NetboxError::Stale { operation });
            }
        }
        Ok(done)
    }

    /// One call. A single row goes to its own address, as most clients of NetBox do it.
    async fn send_once(&self, list: &[usize]) -> Result<Vec<K::Done>, NetboxError> {
        let items = self.chosen(list);
        let rows: Vec<Removal> = items.iter().filter_map(K::row).collect();
        let guards = rows.iter().map(|row| row.guard);
        let mut bodies: Vec<Value> = Vec::new();
        for item in &items {
            let mut body = K::body(item);
            if let (Some(row), true) = (K::row(item), items.len() > 1) {
                body.insert("id".to_owned(), row.id.into());
            }
            bodies.push(body.into());
        }
        let (path, body) = match (items.len(), rows.first()) {
            (1, Some(row)) => (format!("{}{}/", K::PATH, row.id), bodies.pop()),
            (1, None) => (K::PATH.to_owned(), bodies.pop()),
            _ => (K::PATH.to_owned(), Some(Value::Array(bodies))),
        };
        let body = body.filter(|_| K::METHOD != http::Method::DELETE || items.len() > 1);
        let mut call = Call::write(K::OPERATION, K::METHOD, path, body).guarded(guards);
        call.objects = items.len();
        let answer = self.client.fetch(self.trail, call).await?;
        // Nothing is said of what was deleted.
        if answer.is_empty() || K::METHOD == http::Method::DELETE {
            return items.iter().map(|_| K::done(None)).collect();
        }
        if items.len() == 1 {
            return Ok(vec![K::done(Some(decode_bytes(K::OPERATION, &answer)?))?]);
        }
        let answers: Vec<Raw> = decode_bytes(K::OPERATION, &answer)?;
        in_order::<K>(&rows, items.len(), answers)
    }
}
