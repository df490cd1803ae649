//! The store: what other instances put there, and what we put there for them.

use super::{Keeper, State};
use crate::catalogue::codec::{self, CHUNK, Encoded};
use crate::catalogue::index::Catalogue;
use crate::catalogue::journal::{Change, Note, may_be_missed};
use crate::catalogue::shelf::{Check, Listing, Shelf, Stored};
use crate::catalogue::snapshot::Snapshot;
use crate::log::Level;
use crate::metrics::share::wanted_until;
use crate::sorted::Set;
use crate::timestamp::Timestamp;

/// From so many notes beside a snapshot on, a refresh folds them into a new one.
const FOLD_FROM: usize = 64;
/// From so many on, it does not wait until a refresh is due.
const TOO_MANY: usize = 256;
/// What a note has besides its changes, in bytes, at most.
const NOTE_EXTRA: usize = 64;
/// How often the store is listed again when it changed under our hands.
const LOOKS: usize = 3;

impl Keeper {
    /// Takes from the store what other instances have put there: a later snapshot, notes of their writes, and their word
    /// that all that is still right. Whether all of it could be read.
    pub(super) async fn absorb(&self) -> bool {
        for _ in 0..LOOKS {
            let Some(listing) = self.list().await else {
                return false;
            };
            for (_, until) in &listing.closed_logs {
                self.reader.leave_log_until(*until);
            }
            if self.take_snapshot(&listing).await && self.take_notes(&listing).await {
                self.take_check(&listing);
                return true;
            }
        }
        false
    }

    async fn list(&self) -> Option<Listing> {
        match self.host.keys().await {
            Ok(keys) => {
                let listing = self.shelf.sort(keys.iter().map(String::as_str));
                let of = |folder: &str| -> Vec<String> {
                    let found = keys.iter().filter(|key| key.starts_with(folder));
                    found.cloned().collect()
                };
                self.intents.replace(of(&self.shelf.intents()));
                self.client
                    .hear_of_unguarded(keys.contains(&self.shelf.unguarded_key()));
                let folder = self.shelf.figures();
                let figures = of(&folder);
                let names = figures.iter().filter_map(|key| key.strip_prefix(&folder));
                self.figures_wanted_until.set(wanted_until(names));
                *self.figures.borrow_mut() = Ok(figures);
                Some(listing)
            }
            Err(error) => {
                self.logger.line(Level::Warn, "store", &error.to_string());
                *self.figures.borrow_mut() = Err(error);
                None
            }
        }
    }

    /// Whether there was no later snapshot, or it was all there.
    async fn take_snapshot(&self, listing: &Listing) -> bool {
        let Some(stored) = &listing.latest else {
            return true;
        };
        if !self.precedes(&stored.generation) {
            return true;
        }
        let _one_at_a_time = self.fetching.take().await;
        if !self.precedes(&stored.generation) {
            return true;
        }
        match self.fetch(stored).await {
            Some(snapshot) => {
                self.install(snapshot, stored.generation.clone());
                true
            }
            None => false,
        }
    }

    /// Whether what we know is older than this generation.
    fn precedes(&self, generation: &str) -> bool {
        let state = self.state.borrow();
        state
            .as_ref()
            .is_none_or(|s| s.generation.as_str() < generation)
    }

    async fn fetch(&self, stored: &Stored) -> Option<Snapshot> {
        let mut bytes = Vec::with_capacity(stored.chunks.len() * CHUNK);
        for key in &stored.chunks {
            // A chunk that is gone belongs to a snapshot that has just been replaced.
            bytes.extend(self.host.get(key.clone()).await.ok().flatten()?);
        }
        Snapshot::decode(bytes)
    }

    /// Puts a snapshot in place, with all our own writes that it may have missed, and all that was gone already.
    fn install(&self, snapshot: Snapshot, generation: String) {
        let (base, whole) = (snapshot.read_started, snapshot.whole);
        let mut catalogue = Catalogue::from(snapshot);
        let mut state = self.state.borrow_mut();
        if let Some(earlier) = state.as_ref() {
            catalogue.follow(&earlier.catalogue);
        }
        let mut own = self.own.borrow_mut();
        own.retain(|note| note.may_be_missed_by(base));
        let unshared = self.unshared.borrow();
        let missed = own.iter().flat_map(|note| &note.changes);
        missed
            .chain(unshared.iter())
            .for_each(|change| catalogue.apply(change));
        *state = Some(State {
            catalogue,
            generation,
            base,
            checked: base,
            whole,
            notes: Set::new(),
        });
    }

    /// Takes in the notes that are new to us; whether all of them could be read.
    async fn take_notes(&self, listing: &Listing) -> bool {
        let mut complete = true;
        for key in self.new_notes(listing) {
            let Ok(Some(bytes)) = self.host.get(key.clone()).await else {
                complete = false;
                continue;
            };
            let note = codec::decode::<Note>(&bytes);
            if let Some(state) = self.state.borrow_mut().as_mut() {
                for change in note.iter().flat_map(|n| &n.changes) {
                    state.catalogue.apply(change);
                }
                state.notes.insert(key);
            }
        }
        // Another snapshot may have come into place meanwhile, to which they were not added.
        complete && self.new_notes(listing).is_empty()
    }

    /// The keys of the notes that have not been taken in.
    fn new_notes(&self, listing: &Listing) -> Vec<String> {
        let mut state = self.state.borrow_mut();
        let Some(state) = state.as_mut() else {
            return Vec::new();
        };
        let base = state.base;
        let counts = |key: &&String| {
            let at = self.shelf.note_time(key);
            at.is_some_and(|at| may_be_missed(at, base))
        };
        state.notes.retain(|key| listing.notes.contains(key));
        let notes = listing.notes.iter().filter(counts);
        let new = notes.filter(|key| !state.notes.contains(*key));
        new.cloned().collect()
    }

    /// Takes another instance's word that the snapshot we have, with its notes, is still right.
    fn take_check(&self, listing: &Listing) {
        if let Some(state) = self.state.borrow_mut().as_mut()
            && let Some(check) = listing.check_of(&state.generation)
        {
            state.checked = state.checked.max(check.read_started);
            state.catalogue.watermark = state.catalogue.watermark.max(check.watermark);
        }
    }

    /// Whether so many notes lie beside the snapshot that new instances are slow to start.
    pub(super) fn has_many_notes(&self) -> bool {
        let state = self.state.borrow();
        state.as_ref().is_some_and(|s| s.notes.len() >= TOO_MANY)
    }

    /// Puts a note of changes into the store, and says whether it is there. What is not goes with the next refresh.
    pub(super) async fn share(&self, changes: Vec<Change>) -> bool {
        let note = Note {
            at: self.host.now(),
            changes,
        };
        self.own.borrow_mut().push(note.clone());
        self.unshared
            .borrow_mut()
            .extend(note.changes.iter().cloned());
        self.tell_of_guards().await;
        let key = self.shelf.note_key(note.at, self.host.random());
        let Some(bytes) = codec::encode(&note) else {
            return false;
        };
        if let Err(error) = self.put(key.clone(), bytes).await {
            let detail =
                format!("other instances see this write only after their next read: {error}");
            self.logger.line(Level::Warn, "journal", &detail);
            return false;
        }
        if let Some(state) = self.state.borrow_mut().as_mut() {
            state.notes.insert(key);
        }
        let mut unshared = self.unshared.borrow_mut();
        unshared.retain(|change| !note.changes.contains(change));
        true
    }

    /// Notes that NetBox was compared with what we know, and tells the other instances: what is new by a note, and that
    /// all is right now by a key alone. Many notes are folded into a new snapshot.
    pub(super) async fn revalidated(&self, read_started: Timestamp, news: Vec<Change>) {
        let Some((generation, watermark, many)) = self.state.borrow_mut().as_mut().map(|state| {
            state.checked = state.checked.max(read_started);
            let many = state.notes.len() >= FOLD_FROM;
            (state.generation.clone(), state.catalogue.watermark, many)
        }) else {
            return;
        };
        let Some(listing) = self.list().await else {
            self.unshared.borrow_mut().extend(news);
            return;
        };
        // Only now, for a write may have failed to be shared meanwhile.
        let mut changes = self.unshared.take();
        changes.extend(news);
        let stored = listing.latest.as_ref().map(|l| l.generation.as_str());
        let large = codec::encode(&changes).is_some_and(|bytes| bytes.len() + NOTE_EXTRA > CHUNK);
        if stored < Some(generation.as_str()) || many || large {
            if !self.fold(&listing).await {
                self.unshared.borrow_mut().extend(changes);
            }
            return;
        }
        if !changes.is_empty() && !self.share(changes).await {
            return;
        }
        // Beside a later snapshot than ours our word is worth nothing.
        if stored == Some(generation.as_str()) {
            let check = self.shelf.check(&generation, read_started, watermark);
            if let Err(error) = self.put(check.key, vec![1]).await {
                self.logger.line(Level::Warn, "store", &error.to_string());
                return;
            }
            let earlier = |c: &&Check| c.read_started < read_started;
            let replaced = listing.checks.iter().filter(earlier).map(|c| &c.key);
            self.clear(replaced).await;
        }
    }

    /// Puts all that is known into the store as a new snapshot; whether it is there.
    async fn fold(&self, listing: &Listing) -> bool {
        let Some((snapshot, generation)) = self.state.borrow_mut().as_mut().map(|state| {
            let snapshot = state.catalogue.snapshot(state.checked, state.whole);
            state.generation = Shelf::generation(state.checked, self.host.random());
            state.base = state.checked;
            state.notes.clear();
            (snapshot, state.generation.clone())
        }) else {
            return false;
        };
        let Some(encoded) = snapshot.encode() else {
            return false;
        };
        self.shelve(&encoded, &generation, snapshot.read_started, listing)
            .await
    }

    /// Takes in a read of everything, and puts it into the store.
    pub(super) async fn replace(&self, snapshot: Snapshot) {
        let read_started = snapshot.read_started;
        let generation = Shelf::generation(read_started, self.host.random());
        // Another instance may have put a later one into the store, which was taken in meanwhile.
        if !self.precedes(&generation) {
            return;
        }
        let encoded = snapshot.encode();
        self.install(snapshot, generation.clone());
        if let Some(listing) = self.list().await {
            self.take_notes(&listing).await;
            if let Some(encoded) = encoded {
                self.shelve(&encoded, &generation, read_started, &listing)
                    .await;
            }
            self.tell_of_log(&listing).await;
        }
    }

    /// Tells the other instances whether NetBox ignores guards, which each would else learn by its first write only.
    async fn tell_of_guards(&self) {
        let Some(unguarded) = self.client.news_of_unguarded() else {
            return;
        };
        let key = self.shelf.unguarded_key();
        let told = match unguarded {
            true => self.host.set(key, vec![1]).await,
            false => self.host.delete(key).await,
        };
        match told {
            Ok(()) => self.client.hear_of_unguarded(unguarded),
            Err(error) => self.logger.line(Level::Warn, "store", &error.to_string()),
        }
    }

    /// Tells the other instances for how long the change log is left alone, so that not each of them asks in vain.
    async fn tell_of_log(&self, listing: &Listing) {
        let until = self.reader.log_closed_until();
        if until <= self.host.now() || listing.closed_logs.iter().any(|(_, at)| *at == until) {
            return;
        }
        let key = self.shelf.closed_log_key(until);
        if let Err(error) = self.put(key, vec![1]).await {
            self.logger.line(Level::Warn, "store", &error.to_string());
            return;
        }
        self.clear(listing.closed_logs.iter().map(|(key, _)| key))
            .await;
    }

    /// Puts a snapshot into the store and clears away what it replaces; whether it is there. A store that fails costs
    /// calls, nothing else.
    async fn shelve(
        &self,
        encoded: &Encoded,
        generation: &str,
        read_started: Timestamp,
        before: &Listing,
    ) -> bool {
        let keys = self.shelf.chunk_keys(generation, encoded.chunk_count());
        for (key, chunk) in keys.into_iter().zip(encoded.chunks()) {
            if let Err(error) = self.host.set(key, chunk).await {
                self.logger.line(Level::Warn, "store", &error.to_string());
                return false;
            }
        }
        if let Err(error) = self.publish().await {
            self.logger.line(Level::Warn, "store", &error.to_string());
            return false;
        }
        // The replaced snapshot stays until the next one comes, for instances that are loading it right now; its notes stay
        // for as long, since those instances need them.
        let replaced = before.latest.as_ref();
        let kept = replaced
            .and_then(|stored| Shelf::generation_time(&stored.generation))
            .unwrap_or(read_started);
        let folded = |key: &&String| {
            let at = self.shelf.note_time(key);
            at.is_some_and(|at| !may_be_missed(at, kept))
        };
        let notes = before.notes.iter().filter(folded);
        let checks = before
            .checks
            .iter()
            .filter(|c| c.read_started < read_started);
        self.clear(
            before
                .outdated
                .iter()
                .chain(notes)
                .chain(checks.map(|c| &c.key)),
        )
        .await;
        true
    }

    async fn clear(&self, keys: impl Iterator<Item = &String>) {
        for key in keys {
            if self.host.delete(key.clone()).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
