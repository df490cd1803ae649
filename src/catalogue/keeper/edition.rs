//! Whether the store has anything new, by one small value in the place of a list of all its keys.
//!
//! A list of keys costs as much as the store has keys, whoever put them there: Redis walks through its whole database for it.
//! So whoever puts something into the store that others must take in puts a new value under one key afterwards, the store's
//! *edition*. A read that finds the edition which it has taken in already knows that nothing was added. Writes don't rely on
//! it: what they need besides, others' unfinished writes, is told by the list alone.

use std::time::Duration;

use super::Keeper;
use crate::platform::StoreError;

/// For how long an unchanged edition is believed. A store of several copies may show it before that which it stands for, and
/// a writer may have died between the two.
const BELIEVED: Duration = Duration::from_secs(1);

/// The edition of which all was taken in.
pub(super) struct TakenIn {
    edition: Vec<u8>,
    /// The snapshot that it was added to.
    generation: String,
    /// Since when, by the monotonic clock.
    since: Duration,
}

impl Keeper {
    /// Takes in what is new in the store, if anything is.
    pub(super) async fn glance(&self) {
        let since = self.host.monotonic();
        // Before the list: what is added between the two comes with a later edition.
        let edition = self.host.get(self.shelf.edition_key()).await;
        let edition = edition.ok().flatten();
        if self.has_taken_in(edition.as_deref(), since) || !self.absorb().await {
            return;
        }
        let generation = self.state.borrow().as_ref().map(|s| s.generation.clone());
        let taken_in = edition
            .zip(generation)
            .map(|(edition, generation)| TakenIn {
                edition,
                generation,
                since,
            });
        self.taken_in.replace(taken_in);
    }

    fn has_taken_in(&self, edition: Option<&[u8]>, now: Duration) -> bool {
        let (state, taken_in) = (self.state.borrow(), self.taken_in.borrow());
        let (Some(state), Some(taken_in)) = (state.as_ref(), taken_in.as_ref()) else {
            return false;
        };
        edition == Some(taken_in.edition.as_slice())
            && state.generation == taken_in.generation
            && now.saturating_sub(taken_in.since) < BELIEVED
    }

    /// Puts something into the store that other instances must take in.
    pub(super) async fn put(&self, key: String, value: Vec<u8>) -> Result<(), StoreError> {
        self.host.set(key, value).await?;
        self.publish().await
    }

    /// Tells the other instances that something was put into the store.
    pub(super) async fn publish(&self) -> Result<(), StoreError> {
        let edition = self.host.random().to_le_bytes().to_vec();
        self.host.set(self.shelf.edition_key(), edition).await
    }
}
