//! Holds the catalogue: two levels of cache, one refresh at a time, and writes that no refresh hides.
//!
//! `refresh` reads NetBox: all of it, or what changed since. `sharing` is the store: what other instances put there, and
//! what we put there for them; `edition` is how a read knows that nothing was added.

mod edition;
mod refresh;
mod sharing;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use edition::TakenIn;

use super::freshness::{Lifetimes, Verdict};
use super::index::Catalogue;
use super::journal::{Change, Note};
use super::shelf::Shelf;
use crate::log::{Level, Logger};
use crate::netbox::read::Reader;
use crate::netbox::{Client, NetboxError, Trail};
use crate::platform::{Host, StoreError};
use crate::sorted::Set;
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

/// What is known, and since when.
struct State {
    catalogue: Catalogue,
    /// The snapshot that all else is added to.
    generation: String,
    /// When the read began that the snapshot is from: notes of later writes count.
    base: Timestamp,
    /// When the last read of NetBox began that the catalogue agrees with.
    checked: Timestamp,
    /// When the last read of everything began.
    whole: Timestamp,
    /// The notes in the store that have been taken in.
    notes: Set<String>,
}

/// Holds the catalogue of one NetBox in one instance.
pub struct Keeper {
    host: Host,
    client: Rc<Client>,
    reader: Rc<Reader>,
    shelf: Shelf,
    lifetimes: Lifetimes,
    logger: Logger,
    state: RefCell<Option<State>>,
    /// Our own writes, which a snapshot that comes from elsewhere may have missed.
    own: RefCell<Vec<Note>>,
    /// What we know and the store does not: it goes there before any word that the store is right.
    unshared: RefCell<Vec<Change>>,
    /// The keys of the intents that the last listing of the store showed.
    intents: RefCell<Vec<String>>,
    /// The keys of the counts that it showed; why not, when it failed.
    figures: RefCell<Result<Vec<String>, StoreError>>,
    /// Until when counts are put into the store.
    figures_wanted_until: Cell<Option<Timestamp>>,
    /// The edition of the store of which all was taken in.
    taken_in: RefCell<Option<TakenIn>>,
    loading: Permits,
    fetching: Permits,
    /// Since when NetBox is being read, by the monotonic clock.
    reading_since: Cell<Option<Duration>>,
    /// When the last read of NetBox failed, by the monotonic clock, and how.
    failed: RefCell<Option<(Duration, NetboxError)>>,
    /// When the last news came from outside that a refresh, which is about to begin, is to bring in.
    heard: Cell<Option<Timestamp>>,
}

impl Keeper {
    /// A keeper with nothing known yet.
    #[must_use]
    pub fn new(
        host: Host,
        client: Rc<Client>,
        reader: Rc<Reader>,
        shelf: Shelf,
        lifetimes: Lifetimes,
        logger: Logger,
    ) -> Self {
        Self {
            loading: Permits::new(Rc::clone(&host), 1),
            fetching: Permits::new(Rc::clone(&host), 1),
            host,
            client,
            reader,
            shelf,
            lifetimes,
            logger,
            state: RefCell::new(None),
            own: RefCell::default(),
            unshared: RefCell::default(),
            intents: RefCell::default(),
            figures: RefCell::new(Ok(Vec::new())),
            figures_wanted_until: Cell::new(None),
            taken_in: RefCell::default(),
            reading_since: Cell::new(None),
            failed: RefCell::new(None),
            heard: Cell::new(None),
        }
    }

    /// Asks the catalogue; `None` before [`Keeper::current`] has succeeded once.
    pub fn ask<R>(&self, question: impl FnOnce(&Catalogue) -> R) -> Option<R> {
        self.state.borrow().as_ref().map(|s| question(&s.catalogue))
    }

    /// The keys of the intents in the store, as [`Keeper::current`] saw them last.
    #[must_use]
    pub fn intents(&self) -> Vec<String> {
        self.intents.borrow().clone()
    }

    /// The keys of the counts in the store, as the last listing showed them.
    ///
    /// # Errors
    /// That with which the last listing failed.
    pub fn figures(&self) -> Result<Vec<String>, StoreError> {
        self.figures.borrow().clone()
    }

    /// Until when counts are to be put into the store, as far as the last listing told.
    #[must_use]
    pub fn figures_wanted_until(&self) -> Option<Timestamp> {
        self.figures_wanted_until.get()
    }

    /// Makes sure that there is a catalogue that may answer, and says where it is from. What a write may rely on: it knows the
    /// intents in the store as well.
    ///
    /// # Errors
    /// [`NetboxError`] when NetBox must be read, can't be, and nothing known is young enough.
    pub async fn current(self: &Rc<Self>, trail: &Trail) -> Result<Sourced, NetboxError> {
        self.absorb().await;
        self.believed(trail).await
    }

    /// The same for a read, which looks through the store only when something was added to it.
    ///
    /// # Errors
    /// Those of [`Keeper::current`].
    pub async fn readable(self: &Rc<Self>, trail: &Trail) -> Result<Sourced, NetboxError> {
        self.glance().await;
        self.believed(trail).await
    }

    async fn believed(self: &Rc<Self>, trail: &Trail) -> Result<Sourced, NetboxError> {
        let calls = trail.calls();
        let now = self.host.now();
        let Some(age) = self.age() else {
            self.refresh(trail, now.minus(self.lifetimes.fresh)).await?;
            return Ok(self.sourced(trail.calls() > calls, Source::Cache));
        };
        let young_enough = now.minus(self.lifetimes.fresh);
        match self.lifetimes.judge(age) {
            Verdict::Fresh => {
                if self.has_many_notes() {
                    self.refresh_later(trail, now);
                }
                Ok(self.sourced(false, Source::Cache))
            }
            Verdict::Refreshing => {
                self.refresh_later(trail, young_enough);
                Ok(self.sourced(false, Source::StaleWhileRefreshing))
            }
            Verdict::RefreshOrStale => match self.refresh_patiently(trail, young_enough).await {
                Some(Ok(())) => Ok(self.sourced(trail.calls() > calls, Source::Cache)),
                Some(Err(error)) => Ok(self.stale(&error.to_string())),
                None => Ok(self.stale("NetBox has not answered yet")),
            },
            Verdict::Refresh => {
                self.refresh(trail, young_enough).await?;
                Ok(self.sourced(trail.calls() > calls, Source::Cache))
            }
        }
    }

    fn stale(&self, why: &str) -> Sourced {
        let detail = format!("answering from a stale catalogue: {why}");
        self.logger.line(Level::Warn, "stale_if_error", &detail);
        self.sourced(false, Source::StaleOnError)
    }

    /// Takes in what other instances have put into the store, without a call to NetBox; whether anything is known then.
    pub async fn overhear(&self) -> bool {
        self.absorb().await;
        self.age().is_some()
    }

    /// Reads NetBox again because something that was asked for is not known; `false` when that was done just now.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn look_again(&self, trail: &Trail) -> Result<bool, NetboxError> {
        if self.age().is_some_and(|age| age < UNKNOWN) {
            return Ok(false);
        }
        self.refresh(trail, self.host.now().minus(UNKNOWN)).await?;
        Ok(true)
    }

    /// Reads NetBox again because a write showed that what we know is no longer so.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn read_anew(&self, trail: &Trail) -> Result<(), NetboxError> {
        self.refresh(trail, self.host.now()).await
    }

    /// Takes in a write that NetBox has confirmed, and tells the other instances on the store.
    pub async fn wrote(&self, mut changes: Vec<Change>) {
        let shown: Vec<Change> = self
            .ask(|c| changes.iter().filter_map(|x| c.shown_in(x)).collect())
            .unwrap_or_default();
        changes.extend(shown);
        self.apply(&changes);
        self.share(changes).await;
    }

    /// Takes in rows that a read for another purpose brought.
    pub fn learn(&self, changes: &[Change]) {
        let news: Vec<Change> = self
            .ask(|c| changes.iter().filter(|x| c.is_news(x)).cloned().collect())
            .unwrap_or_default();
        self.apply(&news);
        self.unshared.borrow_mut().extend(news);
    }

    fn apply(&self, changes: &[Change]) {
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
        Some(self.host.now().since(self.checked()?))
    }

    fn checked(&self) -> Option<Timestamp> {
        self.state.borrow().as_ref().map(|s| s.checked)
    }
}
