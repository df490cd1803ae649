//! Holds the catalogue: two levels of cache, one refresh at a time, and writes that no refresh hides.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use super::codec::{self, CHUNK};
use super::freshness::{Lifetimes, Verdict};
use super::index::Catalogue;
use super::journal::{Change, Note};
use super::shelf::{Listing, Shelf, Stored};
use super::snapshot::Snapshot;
use crate::log::{Level, Logger};
use crate::netbox::read::Reader;
use crate::netbox::{Client, NetboxError, Trail};
use crate::platform::Host;
use crate::sync::Permits;
use crate::timestamp::Timestamp;

/// For how long an unknown name or id stays unknown before NetBox is asked again.
pub const UNKNOWN: Duration = Duration::from_secs(5);

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The instance's memory, or the store.
    Cache,
    /// The cache, although it is no longer fresh: it is being read again meanwhile.
    StaleWhileRefreshing,
    /// The cache, although it is no longer fresh: NetBox can't be read now.
    StaleOnError,
    /// A read of NetBox made for this answer.
    Netbox,
}

/// Where an answer came from, and how old that is.
#[derive(Clone, Copy, Debug)]
pub struct Sourced {
    /// Where from.
    pub source: Source,
    /// Time since the read of NetBox began.
    pub age: Duration,
    /// How long it may still be believed.
    pub fresh_for: Duration,
}

struct State {
    catalogue: Catalogue,
    generation: String,
    read_started: Timestamp,
    notes: BTreeSet<String>,
}

/// Holds the catalogue of one NetBox in one instance.
pub struct Keeper {
    host: Host,
    client: Rc<Client>,
    reader: Reader,
    shelf: Shelf,
    lifetimes: Lifetimes,
    logger: Logger,
    state: RefCell<Option<State>>,
    own: RefCell<Vec<Note>>,
    loading: Permits,
    /// When the last read of NetBox failed, by the monotonic clock, and how.
    failed: RefCell<Option<(Duration, NetboxError)>>,
}

impl Keeper {
    /// A keeper with nothing known yet.
    #[must_use]
    pub fn new(
        host: Host,
        client: Rc<Client>,
        reader: Reader,
        shelf: Shelf,
        lifetimes: Lifetimes,
        logger: Logger,
    ) -> Self {
        Self {
            loading: Permits::new(Rc::clone(&host), 1),
            host,
            client,
            reader,
            shelf,
            lifetimes,
            logger,
            state: RefCell::new(None),
            own: RefCell::new(Vec::new()),
            failed: RefCell::new(None),
        }
    }

    /// The reader, for reads that do not go through the catalogue.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Asks the catalogue; `None` before [`Keeper::current`] has succeeded once.
    pub fn ask<R>(&self, question: impl FnOnce(&Catalogue) -> R) -> Option<R> {
        self.state.borrow().as_ref().map(|s| question(&s.catalogue))
    }

    /// Makes sure that there is a catalogue that may answer, and says where it is from.
    ///
    /// # Errors
    /// [`NetboxError`] when NetBox must be read, can't be, and nothing known is young enough.
    pub async fn current(self: &Rc<Self>, trail: &Trail) -> Result<Sourced, NetboxError> {
        let calls = trail.calls();
        self.absorb().await;
        let Some(age) = self.age() else {
            self.refresh(trail, None).await?;
            return Ok(self.sourced(trail.calls() > calls, Source::Cache));
        };
        let seen = self.generation();
        match self.lifetimes.judge(age) {
            Verdict::Fresh => Ok(self.sourced(false, Source::Cache)),
            Verdict::Refreshing => {
                self.refresh_later(trail, seen);
                Ok(self.sourced(false, Source::StaleWhileRefreshing))
            }
            verdict => match self.refresh(trail, seen).await {
                Ok(()) => Ok(self.sourced(trail.calls() > calls, Source::Cache)),
                Err(error) if verdict == Verdict::RefreshOrStale => {
                    let detail = format!("answering from a stale catalogue: {error}");
                    self.logger.line(Level::Warn, "stale_if_error", &detail);
                    Ok(self.sourced(false, Source::StaleOnError))
                }
                Err(error) => Err(error),
            },
        }
    }

    /// Reads NetBox again because something that was asked for is not known; `false` when that was done just now.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn look_again(&self, trail: &Trail) -> Result<bool, NetboxError> {
        if self.age().is_some_and(|age| age < UNKNOWN) {
            return Ok(false);
        }
        self.refresh(trail, self.generation()).await?;
        Ok(true)
    }

    /// Reads NetBox again because a write showed that what we know is no longer so.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn read_anew(&self, trail: &Trail) -> Result<(), NetboxError> {
        self.refresh(trail, self.generation()).await
    }

    /// Takes in a write that NetBox has confirmed, and tells the other instances on the store.
    pub async fn wrote(&self, changes: Vec<Change>) {
        let note = Note {
            at: self.host.now(),
            changes,
        };
        let key = self.shelf.note_key(note.at, self.host.random());
        if let Some(state) = self.state.borrow_mut().as_mut() {
            note.changes.iter().for_each(|c| state.catalogue.apply(c));
            state.notes.insert(key.clone());
        }
        let bytes = codec::encode(&note);
        self.own.borrow_mut().push(note);
        if let Some(bytes) = bytes
            && let Err(error) = self.host.set(key, bytes).await
        {
            let detail =
                format!("other instances see this write only after their next read: {error}");
            self.logger.line(Level::Warn, "journal", &detail);
        }
    }

    /// Takes in rows that a read for another purpose brought.
    pub fn learn(&self, changes: &[Change]) {
        if let Some(state) = self.state.borrow_mut().as_mut() {
            changes.iter().for_each(|c| state.catalogue.apply(c));
        }
    }

    fn sourced(&self, from_netbox: bool, otherwise: Source) -> Sourced {
        let age = self.age().unwrap_or_default();
        Sourced {
            source: if from_netbox {
                Source::Netbox
            } else {
                otherwise
            },
            age,
            fresh_for: self.lifetimes.fresh.saturating_sub(age),
        }
    }

    /// Time since the read began that the catalogue is from; `None` when there is none.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let state = self.state.borrow();
        Some(self.host.now().since(state.as_ref()?.read_started))
    }

    fn generation(&self) -> Option<String> {
        self.state.borrow().as_ref().map(|s| s.generation.clone())
    }

    /// Takes from the store what other instances have put there: a later snapshot, and notes of their writes.
    async fn absorb(&self) {
        let Some(listing) = self.list().await else {
            return;
        };
        let newer = |known: Option<String>| {
            let latest = listing.latest.as_ref().map(|l| &l.generation);
            latest.is_some() && known.as_ref() < latest
        };
        if newer(self.generation()) {
            let _one_at_a_time = self.loading.take().await;
            if newer(self.generation())
                && let Some(stored) = &listing.latest
                && let Some(snapshot) = self.fetch(stored).await
            {
                self.install(snapshot, stored.generation.clone());
            }
        }
        self.take_notes(&listing).await;
    }

    async fn list(&self) -> Option<Listing> {
        match self.host.keys().await {
            Ok(keys) => Some(self.shelf.sort(keys.iter().map(String::as_str))),
            Err(error) => {
                self.logger.line(Level::Warn, "store", &error.to_string());
                None
            }
        }
    }

    async fn fetch(&self, stored: &Stored) -> Option<Snapshot> {
        let mut bytes = Vec::new();
        for key in &stored.chunks {
            // A chunk that is gone belongs to a snapshot that has just been replaced: NetBox is read instead.
            bytes.extend(self.host.get(key.clone()).await.ok().flatten()?);
        }
        codec::decode(&bytes)
    }

    /// Puts a snapshot in place, with all our own writes that it may have missed.
    fn install(&self, snapshot: Snapshot, generation: String) {
        let read_started = snapshot.read_started;
        let mut catalogue = Catalogue::from(snapshot);
        let mut own = self.own.borrow_mut();
        own.retain(|note| note.may_be_missed_by(read_started));
        for change in own.iter().flat_map(|note| &note.changes) {
            catalogue.apply(change);
        }
        *self.state.borrow_mut() = Some(State {
            catalogue,
            generation,
            read_started,
            notes: BTreeSet::new(),
        });
    }

    async fn take_notes(&self, listing: &Listing) {
        let Some((read_started, new)) = self.state.borrow_mut().as_mut().map(|state| {
            state.notes.retain(|key| listing.notes.contains(key));
            let new: Vec<String> = listing.notes.difference(&state.notes).cloned().collect();
            (state.read_started, new)
        }) else {
            return;
        };
        for key in new {
            let Ok(Some(bytes)) = self.host.get(key.clone()).await else {
                continue;
            };
            let note = codec::decode::<Note>(&bytes);
            if let Some(state) = self.state.borrow_mut().as_mut() {
                state.notes.insert(key);
                let missed = note.filter(|n| n.may_be_missed_by(read_started));
                for change in missed.iter().flat_map(|n| &n.changes) {
                    state.catalogue.apply(change);
                }
            }
        }
    }

    fn refresh_later(self: &Rc<Self>, trail: &Trail, seen: Option<String>) {
        if self.loading.try_take().is_none() {
            return;
        }
        let keeper = Rc::clone(self);
        let trail = Trail::new(trail.request_id().to_owned());
        self.host.spawn(Box::pin(async move {
            if let Err(error) = keeper.refresh(&trail, seen).await {
                let detail = format!("the catalogue could not be read again: {error}");
                keeper.logger.line(Level::Warn, "refresh", &detail);
            }
        }));
    }

    /// Reads NetBox, unless somebody has done so since the caller saw generation `seen`: then that will do.
    async fn refresh(&self, trail: &Trail, seen: Option<String>) -> Result<(), NetboxError> {
        let asked = self.host.monotonic();
        let _one_at_a_time = self.loading.take().await;
        if self.generation() != seen {
            return Ok(());
        }
        // A read that failed while we waited for it failed for us too: each trying again in turn would keep the last one
        // waiting for as many timeouts as there are requests.
        if let Some((at, error)) = self.failed.borrow().as_ref()
            && *at > asked
        {
            return Err(error.clone());
        }
        let read_started = self.host.now();
        let all = match self.reader.everything(&self.client, trail).await {
            Ok(all) => all,
            Err(error) => {
                *self.failed.borrow_mut() = Some((self.host.monotonic(), error.clone()));
                return Err(error);
            }
        };
        let snapshot = Snapshot::new(read_started, all);
        let generation = Shelf::generation(read_started, self.host.random());
        let bytes = codec::encode(&snapshot);
        self.install(snapshot, generation.clone());
        if let Some(listing) = self.list().await {
            self.take_notes(&listing).await;
            if let Some(bytes) = bytes {
                self.shelve(&bytes, &generation, read_started, &listing)
                    .await;
            }
        }
        Ok(())
    }

    /// Puts a snapshot into the store and clears away what it replaces. A store that fails costs calls, nothing else.
    async fn shelve(
        &self,
        bytes: &[u8],
        generation: &str,
        read_started: Timestamp,
        before: &Listing,
    ) {
        let keys = self
            .shelf
            .chunk_keys(generation, bytes.len().div_ceil(CHUNK));
        for (key, chunk) in keys.into_iter().zip(bytes.chunks(CHUNK)) {
            if let Err(error) = self.host.set(key, chunk.to_vec()).await {
                self.logger.line(Level::Warn, "store", &error.to_string());
                return;
            }
        }
        // The replaced snapshot stays until the next one comes, for instances that are loading it right now; notes stay
        // for as long, since those instances need them.
        let kept = read_started.minus(self.lifetimes.fresh);
        let folded = |key: &&String| self.shelf.note_time(key).is_some_and(|at| at < kept);
        let notes = before.notes.iter().filter(folded);
        for key in before.outdated.iter().chain(notes) {
            if self.host.delete(key.clone()).await.is_err() {
                return;
            }
        }
    }
}
