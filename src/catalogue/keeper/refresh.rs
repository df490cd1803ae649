//! Reading NetBox again: what changed since, or all of it, once at a time.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::{Keeper, State};
use crate::catalogue::index::Catalogue;
use crate::catalogue::journal::Change;
use crate::catalogue::revalidation::{self, Doubtful, OVERLAP, WHOLE_FOR};
use crate::catalogue::snapshot::Snapshot;
use crate::log::Level;
use crate::netbox::delta::{Changes, StillOurs};
use crate::netbox::{NetboxError, Trail};
use crate::timestamp::Timestamp;

/// How long an answer waits for a refresh when there is an old one that could go out instead.
const PATIENCE: Duration = Duration::from_secs(2);
/// The least time between refreshes that news from outside ask for.
const PAUSE: Duration = Duration::from_secs(1);

/// Says that NetBox is being read, for as long as it lives.
struct Reading<'a>(&'a Keeper);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.reading_since.set(None);
    }
}

/// What came of a look for changes.
enum Looked {
    /// These are new to us, and taken in.
    Found(Vec<Change>),
    /// It can't be told; why, in words.
    Unknown(&'static str),
}

impl Keeper {
    /// Refreshes in the background, unless that is under way.
    pub(super) fn refresh_later(self: &Rc<Self>, trail: &Trail, not_before: Timestamp) {
        if self.loading.try_take().is_none() {
            return;
        }
        let keeper = Rc::clone(self);
        let trail = Trail::new(trail.request_id().to_owned());
        self.host.spawn(Box::pin(async move {
            keeper.refresh_logged(&trail, not_before).await;
        }));
    }

    /// Refreshes in the background because of news from outside, at most once a second.
    pub fn refresh_soon(self: &Rc<Self>, trail: &Trail) {
        if self.heard.replace(Some(self.host.now())).is_some() {
            return;
        }
        let keeper = Rc::clone(self);
        let trail = Trail::new(trail.request_id().to_owned());
        self.host.spawn(Box::pin(async move {
            let mut pause = PAUSE.saturating_sub(keeper.age().unwrap_or(PAUSE));
            if !keeper.host.may_serve_more() {
                // Each piece of news has an instance of its own then: the first that wakes refreshes, and the others find
                // in the store that it did.
                pause += PAUSE * (keeper.host.random() % 1_024) as u32 / 1_024;
            }
            keeper.host.sleep(pause).await;
            keeper.absorb().await;
            // News that come from here on may be missed by this refresh, and ask for another one.
            if let Some(heard) = keeper.heard.take() {
                keeper.refresh_logged(&trail, heard).await;
            }
        }));
    }

    async fn refresh_logged(&self, trail: &Trail, not_before: Timestamp) {
        if let Err(error) = self.refresh(trail, not_before).await {
            let detail = format!("the catalogue could not be read again: {error}");
            self.logger.line(Level::Warn, "refresh", &detail);
        }
    }

    /// Refreshes, but waits no longer than [`PATIENCE`] from when NetBox began to be read; `None` when it goes on in the
    /// background.
    pub(super) async fn refresh_patiently(
        self: &Rc<Self>,
        trail: &Trail,
        not_before: Timestamp,
    ) -> Option<Result<(), NetboxError>> {
        let under_way = self.reading_since.get();
        let waited = under_way.map(|since| self.host.monotonic().saturating_sub(since));
        let patience = PATIENCE.saturating_sub(waited.unwrap_or_default());
        if patience.is_zero() {
            return None;
        }
        let own = Rc::new(Trail::new(trail.request_id().to_owned()));
        let (keeper, of_work) = (Rc::clone(self), Rc::clone(&own));
        let work = async move { keeper.refresh(&of_work, not_before).await }.boxed_local();
        let outcome = select(work, self.host.sleep(patience)).await;
        trail.add(&own);
        match outcome {
            Either::Left((result, _)) => Some(result),
            Either::Right(((), work)) => {
                if under_way.is_none() {
                    let keeper = Rc::clone(self);
                    self.host.spawn(Box::pin(async move {
                        if let Err(error) = work.await {
                            let detail = format!("the catalogue could not be read again: {error}");
                            keeper.logger.line(Level::Warn, "refresh", &detail);
                        }
                    }));
                }
                None
            }
        }
    }

    /// Reads NetBox, unless what we know is from a read that began after `not_before`: then that will do.
    pub(super) async fn refresh(
        &self,
        trail: &Trail,
        not_before: Timestamp,
    ) -> Result<(), NetboxError> {
        let asked = self.host.monotonic();
        let _one_at_a_time = self.loading.take().await;
        if self.checked().is_some_and(|at| at > not_before) {
            return Ok(());
        }
        // A read that failed while we waited for it failed for us too: each trying again in turn would keep the last one
        // waiting for as many timeouts as there are requests.
        if let Some((at, error)) = self.failed.borrow().as_ref()
            && *at > asked
        {
            return Err(error.clone());
        }
        self.reading_since.set(Some(self.host.monotonic()));
        let _reading = Reading(self);
        let result = self.read(trail).await;
        if let Err(error) = &result {
            *self.failed.borrow_mut() = Some((self.host.monotonic(), error.clone()));
        }
        result
    }

    async fn read(&self, trail: &Trail) -> Result<(), NetboxError> {
        let read_started = self.host.now();
        let known = self
            .state
            .borrow()
            .as_ref()
            .map(|state| (state.whole, state.catalogue.watermark));
        match known {
            Some((whole, watermark)) if read_started.since(whole) < WHOLE_FOR => {
                match self.look_for_changes(trail, watermark).await? {
                    Looked::Found(news) => {
                        self.revalidated(read_started, news).await;
                        return Ok(());
                    }
                    Looked::Unknown(why) => {
                        let detail = format!("everything is read again: {why}");
                        self.logger.line(Level::Info, "refresh", &detail);
                    }
                }
            }
            _ => {}
        }
        self.read_everything(trail).await
    }

    /// Takes in what was written and deleted in NetBox since the watermark, and a while before it.
    async fn look_for_changes(
        &self,
        trail: &Trail,
        watermark: Timestamp,
    ) -> Result<Looked, NetboxError> {
        let began = self.host.monotonic();
        let since = watermark.minus(OVERLAP);
        let now = self.host.now();
        let changes = self.reader.changes(&self.client, trail, since, now);
        let delta = match changes.await? {
            Changes::All(delta) => delta,
            Changes::Unknown(why) => return Ok(Looked::Unknown(why)),
        };
        let begun = self.begun(began);
        let owner = |c: &Catalogue| (c.tenant, c.role);
        if self.ask(owner) != Some((delta.tenant, delta.role)) {
            return Ok(Looked::Unknown("the tenant or the role is another one"));
        }
        let doubtful = self.ask(|c| Doubtful::of(&delta, c)).unwrap_or_default();
        let mut found = StillOurs::default();
        if !doubtful.is_empty() {
            let vlans: Vec<_> = doubtful.vlans.keys().copied().collect();
            let prefixes: Vec<_> = doubtful.prefixes.keys().copied().collect();
            let look = self
                .reader
                .still_ours(&self.client, trail, &vlans, &prefixes);
            match look.await? {
                Some(still_ours) => found = still_ours,
                None => return Ok(Looked::Unknown("a thousand rows or more may have left")),
            }
        }
        let mut state = self.state.borrow_mut();
        let Some(State { catalogue, .. }) = state.as_mut() else {
            return Ok(Looked::Unknown("nothing is known"));
        };
        let news = revalidation::news(&delta, &doubtful, &found, catalogue);
        news.iter().for_each(|change| catalogue.apply(change));
        catalogue.watermark = revalidation::watermark(catalogue.watermark, &delta, begun);
        Ok(Looked::Found(news))
    }

    async fn read_everything(&self, trail: &Trail) -> Result<(), NetboxError> {
        let read_started = self.host.now();
        let began = self.host.monotonic();
        let all = self.reader.everything(&self.client, trail).await?;
        let snapshot = Snapshot::new(read_started, self.begun(began), all);
        self.replace(snapshot).await;
        Ok(())
    }

    /// An instant by NetBox's clock before calls that began at `began` by the monotonic clock.
    fn begun(&self, began: Duration) -> Timestamp {
        let took = self.host.monotonic().saturating_sub(began);
        revalidation::begun(self.client.netbox_time(), took)
    }
}
