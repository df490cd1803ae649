//! Where in the key-value store things lie.
//!
//! Names carry all that a reader must know, so one listing of the keys tells whether anything is new:
//! `segment-edge/<scope>/snapshot/<generation>/<n>-<chunks>` and `segment-edge/<scope>/note/<time>-<random>`. A snapshot
//! counts when all its chunks are there, so the order in which they are written does not matter. The scope is a hash of the
//! settings that decide what is ours: another NetBox or tenant never sees this one's rows.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::timestamp::Timestamp;

/// The names of one scope's keys.
#[derive(Clone, Debug)]
pub struct Shelf {
    root: String,
}

/// A complete snapshot in the store: its generation and the keys of its chunks, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Later snapshots have larger generations: the time when the read began, then randomness.
    pub generation: String,
    /// The keys of the chunks.
    pub chunks: Vec<String>,
}

/// What a listing of the store's keys shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The latest complete snapshot.
    pub latest: Option<Stored>,
    /// The keys of all other snapshots' chunks, complete or not, older than the latest.
    pub outdated: Vec<String>,
    /// The keys of the notes, in order of time.
    pub notes: BTreeSet<String>,
}

impl Shelf {
    /// The shelf of whatever these settings describe.
    #[must_use]
    pub fn new(scope: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in scope {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let scope: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self {
            root: format!("segment-edge/{scope}"),
        }
    }

    /// The generation of a snapshot whose read began at `read_started`.
    #[must_use]
    pub fn generation(read_started: Timestamp, random: u64) -> String {
        format!("{:016x}-{random:016x}", read_started.micros())
    }

    /// The keys for a snapshot of so many chunks.
    #[must_use]
    pub fn chunk_keys(&self, generation: &str, chunks: usize) -> Vec<String> {
        (0..chunks)
            .map(|n| format!("{}/snapshot/{generation}/{n}-{chunks}", self.root))
            .collect()
    }

    /// The key for the note of a write confirmed at `at`.
    #[must_use]
    pub fn note_key(&self, at: Timestamp, random: u64) -> String {
        format!("{}/note/{:016x}-{random:016x}", self.root, at.micros())
    }

    /// When the write was confirmed whose note lies under `key`.
    #[must_use]
    pub fn note_time(&self, key: &str) -> Option<Timestamp> {
        let name = key.strip_prefix(&self.root)?.strip_prefix("/note/")?;
        let (time, _) = name.split_once('-')?;
        i64::from_str_radix(time, 16)
            .ok()
            .map(Timestamp::from_micros)
    }

    /// Sorts out a listing of all keys in the store, which may hold other scopes' and other applications' as well.
    #[must_use]
    pub fn sort<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Listing {
        let mut listing = Listing::default();
        let mut generations: BTreeMap<&str, BTreeMap<usize, &str>> = BTreeMap::new();
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for key in keys {
            let Some(name) = key.strip_prefix(&self.root) else {
                continue;
            };
            if name.starts_with("/note/") {
                listing.notes.insert(key.to_owned());
            } else if let Some((generation, n, chunks)) = chunk(name) {
                generations.entry(generation).or_default().insert(n, key);
                sizes.insert(generation, chunks);
            }
        }
        for (generation, chunks) in generations.into_iter().rev() {
            let complete = sizes.get(generation) == Some(&chunks.len());
            if listing.latest.is_none() && complete {
                listing.latest = Some(Stored {
                    generation: generation.to_owned(),
                    chunks: chunks.into_values().map(str::to_owned).collect(),
                });
            } else if listing.latest.is_some() {
                listing
                    .outdated
                    .extend(chunks.into_values().map(str::to_owned));
            }
        }
        listing
    }
}

/// Reads `/snapshot/<generation>/<n>-<chunks>`.
fn chunk(name: &str) -> Option<(&str, usize, usize)> {
    let (generation, part) = name.strip_prefix("/snapshot/")?.split_once('/')?;
    let (n, chunks) = part.split_once('-')?;
    Some((generation, n.parse().ok()?, chunks.parse().ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_snapshot_counts_when_all_its_chunks_are_there() {
        let shelf = Shelf::new(&["http://netbox", "redbull"]);
        let old = shelf.chunk_keys(&Shelf::generation(at(1), 9), 2);
        let new = shelf.chunk_keys(&Shelf::generation(at(2), 1), 3);
        let mut keys: Vec<&str> = old.iter().chain(&new[..2]).map(String::as_str).collect();
        let listing = shelf.sort(keys.iter().copied());
        assert_eq!(listing.latest.unwrap().chunks, old);
        assert!(
            listing.outdated.is_empty(),
            "one that is being written is not outdated"
        );

        keys.push(&new[2]);
        let listing = shelf.sort(keys);
        assert_eq!(listing.latest.unwrap().chunks, new);
        assert_eq!(listing.outdated, old);
    }

    #[test]
    fn another_scope_and_other_keys_are_left_alone() {
        let ours = Shelf::new(&["http://netbox", "redbull"]);
        let theirs = Shelf::new(&["http://netbox", "other"]);
        let keys = [theirs.note_key(at(1), 1), "some/other/key".to_owned()];
        assert_eq!(
            ours.sort(keys.iter().map(String::as_str)),
            Listing::default()
        );
    }

    #[test]
    fn ten_chunks_keep_their_order() {
        let shelf = Shelf::new(&[]);
        let keys = shelf.chunk_keys(&Shelf::generation(at(1), 0), 11);
        let mut shuffled: Vec<&str> = keys.iter().map(String::as_str).collect();
        shuffled.sort_unstable();
        assert_eq!(shelf.sort(shuffled).latest.unwrap().chunks, keys);
    }

    #[test]
    fn a_note_tells_its_time_by_its_key() {
        let shelf = Shelf::new(&[]);
        assert_eq!(shelf.note_time(&shelf.note_key(at(77), 5)), Some(at(77)));
        assert_eq!(shelf.note_time("else"), None);
    }

    #[test]
    fn keys_stay_below_the_255_bytes_that_stores_allow() {
        let shelf = Shelf::new(&["x"]);
        assert!(
            shelf.chunk_keys(&Shelf::generation(at(i64::MAX / 1_000_000), u64::MAX), 99)[98].len()
                < 255
        );
    }
}
