//! The counts of all instances, in the store: put there in the background while somebody asks for them, added up when asked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::Service;
use crate::catalogue::Catalogue;
use crate::log::{Level, Logger};
use crate::metrics::Counts;
use crate::metrics::share::{Plan, Share};
use crate::metrics::tally::Tally;
use crate::metrics::text::Figures;
use crate::platform::{Host, StoreError};
use crate::sync::Permits;

/// How long after a request its counts go to the store: within the time that an idle instance lives.
const SOON: Duration = Duration::from_millis(500);
/// The least time between two such writes of an instance.
const PAUSE: Duration = Duration::from_secs(10);

/// What one instance shares of its counts.
pub(super) struct Sharing {
    host: Host,
    logger: Logger,
    counts: Rc<Counts>,
    /// What the names of all counts in the store begin with.
    root: String,
    share: RefCell<Share>,
    /// Two writes of one key must not overtake one another.
    writing: Permits,
    scheduled: Cell<bool>,
    /// When the counts were written last, by the monotonic clock.
    written: Cell<Option<Duration>>,
}

impl Sharing {
    pub(super) fn new(host: &Host, logger: Logger, counts: Rc<Counts>, root: String) -> Rc<Self> {
        Rc::new(Self {
            share: RefCell::new(Share::new(host.random())),
            writing: Permits::new(Rc::clone(host), 1),
            host: Rc::clone(host),
            logger,
            counts,
            root,
            scheduled: Cell::new(false),
            written: Cell::new(None),
        })
    }

    /// Writes the counts in the background, a little later, unless that is about to be done.
    fn put_later(self: &Rc<Self>) {
        if self.scheduled.replace(true) {
            return;
        }
        let since = |at: Duration| self.host.monotonic().saturating_sub(at);
        let due = self.written.get().map(|at| PAUSE.saturating_sub(since(at)));
        let wait = due.unwrap_or_default().max(SOON);
        let sharing = Rc::clone(self);
        self.host.spawn(Box::pin(async move {
            if sharing.host.may_serve_more() {
                sharing.host.sleep(wait).await;
            }
            sharing.scheduled.set(false);
            if let Err(error) = sharing.put().await {
                sharing
                    .logger
                    .line(Level::Warn, "metrics", &error.to_string());
            }
        }));
    }

    async fn put(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.take().await;
        let counted = self.counts.tally();
        let (name, part) = self.share.borrow_mut().put(self.host.now(), counted);
        self.written.set(Some(self.host.monotonic()));
        self.set(&name, &part).await
    }

    fn set(&self, name: &str, tally: &Tally) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        self.host.set(self.key(name), tally.bytes())
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.root)
    }

    /// The counts of all instances, by a listing of the store.
    async fn all(&self, keys: &[String]) -> Result<Tally, StoreError> {
        let names = keys.iter().filter_map(|key| key.strip_prefix(&self.root));
        let names: Vec<&str> = names.collect();
        let mut plan = Plan::new(&names, self.host.now());
        let settled = plan.settled.len();
        plan.settled.append(&mut plan.open);
        let (mut total, mut open) = (Tally::default(), Tally::default());
        for (n, name) in plan.settled.iter().enumerate() {
            let Some(bytes) = self.host.get(self.key(name)).await? else {
                let why = "the counts were put together anew meanwhile";
                return Err(StoreError(why.to_owned()));
            };
            if n < settled {
                total.merge_bytes(&bytes);
            } else {
                open.merge_bytes(&bytes);
            }
        }
        if let Some(next) = &plan.next {
            self.set(next, &total).await?;
        }
        for name in &plan.past {
            self.host.delete(self.key(name)).await?;
        }
        total.merge_bytes(&open.bytes());
        Ok(total)
    }
}

impl Service {
    /// What is counted in this instance.
    #[must_use]
    pub fn counts(&self) -> &Rc<Counts> {
        &self.sharing.counts
    }

    /// Sees to it that a request that was counted is also counted in the store, if somebody asks for that.
    pub fn share_counts(&self) {
        let until = self.keeper.figures_wanted_until();
        if until.is_some_and(|until| self.host.now() < until) {
            self.sharing.put_later();
        }
    }

    /// All figures: the counts of all instances, what the store has, and what this instance is at. No NetBox call.
    ///
    /// # Errors
    /// [`StoreError`]: without the store nobody knows what the other instances have counted.
    pub async fn figures(&self) -> Result<Figures, StoreError> {
        // First, for what was told once must not be gone when we are.
        self.sharing.put().await?;
        self.keeper.overhear().await;
        let keys = self.keeper.figures()?;
        let segments = self.keeper.ask(|c: &Catalogue| c.segments().count() as u64);
        Ok(Figures {
            counts: self.sharing.all(&keys).await?,
            age: self.keeper.age().map(|age| age.as_secs()),
            segments,
            intents: self.keeper.intents().len() as u64,
            requests_in_flight: self.counts().in_flight(),
            calls_in_flight: self.client.in_flight(),
            started: self.counts().started(),
        })
    }
}
