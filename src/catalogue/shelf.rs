//! Where in the key-value store things lie.
//!
//! Names carry all that a reader must know, so one listing of the keys tells whether anything is new:
//! `segment-edge/<scope>/snapshot/<generation>/<n>-<chunks>`, `segment-edge/<scope>/note/<time>-<random>` and
//! `segment-edge/<scope>/checked/<generation>/<time>-<watermark>`. A snapshot counts when all its chunks are there, so the
//! order in which they are written does not matter. A check says that the snapshot, with the notes that are there, is what
//! NetBox has as of that time. `segment-edge/<scope>/log-closed/<time>` says until when NetBox's change log is
//! left alone, `segment-edge/<scope>/unguarded` that NetBox ignores `If-Match`, `segment-edge/<scope>/edition` whether anything
//! was put there. The scope is a hash of the settings that decide
//! what is ours: another NetBox or tenant never sees this one's rows.

use sha2::{Digest, Sha256};

use crate::sorted::{Map, Set};
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

/// A word in the store that a snapshot was compared with NetBox, and is right with the notes beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The key that says so.
    pub key: String,
    /// The generation of the snapshot.
    pub generation: String,
    /// When the comparison began, by the clock of the instance that made it.
    pub read_started: Timestamp,
    /// The watermark since then, by NetBox's clock.
    pub watermark: Timestamp,
}

/// What a listing of the store's keys shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The latest complete snapshot.
    pub latest: Option<Stored>,
    /// The keys of all other snapshots' chunks, complete or not, older than the latest.
    pub outdated: Vec<String>,
    /// The keys of the notes, in order of time.
    pub notes: Set<String>,
    /// The checks, of whatever snapshot.
    pub checks: Vec<Check>,
    /// The keys that say until when the change log can't be read, each with that time.
    pub closed_logs: Vec<(String, Timestamp)>,
}

impl Listing {
    /// The latest check of the snapshot of this generation.
    #[must_use]
    pub fn check_of(&self, generation: &str) -> Option<&Check> {
        let of = self.checks.iter().filter(|c| c.generation == generation);
        of.max_by_key(|check| check.read_started)
    }
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

    /// What the names of all keys of this scope begin with, without a slash at its end.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// What the names of all intents of this scope begin with.
    #[must_use]
    pub fn intents(&self) -> String {
        format!("{}/intent/", self.root)
    }

    /// What the names of all counts of this scope begin with.
    #[must_use]
    pub fn figures(&self) -> String {
        format!("{}/metrics/", self.root)
    }

    /// The key of the store's edition: its value is another one each time that something was put there.
    #[must_use]
    pub fn edition_key(&self) -> String {
        format!("{}/edition", self.root)
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

    /// The check that a snapshot was compared with NetBox.
    #[must_use]
    pub fn check(&self, generation: &str, read_started: Timestamp, watermark: Timestamp) -> Check {
        let (at, up_to) = (read_started.micros(), watermark.micros());
        Check {
            key: format!("{}/checked/{generation}/{at:016x}-{up_to:016x}", self.root),
            generation: generation.to_owned(),
            read_started,
            watermark,
        }
    }

    /// The key that says that NetBox ignores `If-Match`.
    #[must_use]
    pub fn unguarded_key(&self) -> String {
        format!("{}/unguarded", self.root)
    }

    /// The key that says that the change log can't be read until an instant.
    #[must_use]
    pub fn closed_log_key(&self, until: Timestamp) -> String {
        format!("{}/log-closed/{:016x}", self.root, until.micros())
    }

    /// When the read began that the snapshot of this generation is from.
    #[must_use]
    pub fn generation_time(generation: &str) -> Option<Timestamp> {
        time(generation.split_once('-')?.0)
    }

    /// When the write was confirmed whose note lies under `key`.
    #[must_use]
    pub fn note_time(&self, key: &str) -> Option<Timestamp> {
        let name = key.strip_prefix(&self.root)?.strip_prefix("/note/")?;
        time(name.split_once('-')?.0)
    }

    /// Sorts out a listing of all keys in the store, which may hold other scopes' and other applications' as well.
    #[must_use]
    pub fn sort<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Listing {
        let mut listing = Listing::default();
        let mut generations: Map<&str, Map<usize, &str>> = Map::new();
        let mut sizes: Map<&str, usize> = Map::new();
        for key in keys {
            let Some(name) = key.strip_prefix(&self.root) else {
                continue;
            };
            if name.starts_with("/note/") {
                listing.notes.insert(key.to_owned());
            } else if let Some((generation, n, chunks)) = chunk(name) {
                generations.entry(generation).or_default().insert(n, key);
                sizes.insert(generation, chunks);
            } else if let Some((generation, read_started, watermark)) = check(name) {
                listing
                    .checks
                    .push(self.check(generation, read_started, watermark));
            } else if let Some(until) = name.strip_prefix("/log-closed/").and_then(time) {
                listing.closed_logs.push((key.to_owned(), until));
            }
        }
        for (generation, chunks) in generations.into_iter().rev() {
            let complete = sizes.get(generation) == Some(&chunks.len());
            if listing.latest.is_none() && complete {
                listing.latest = Some(Stored {
                    generation: generation.to_owned(),
                    chunks: chunks.values().map(|key| (*key).to_owned()).collect(),
                });
            } else if listing.latest.is_some() {
                listing
                    .outdated
                    .extend(chunks.values().map(|key| (*key).to_owned()));
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

/// Reads `/checked/<generation>/<time>-<watermark>`.
fn check(name: &str) -> Option<(&str, Timestamp, Timestamp)> {
    let (generation, times) = name.strip_prefix("/checked/")?.split_once('/')?;
    let (read_started, watermark) = times.split_once('-')?;
    Some((generation, time(read_started)?, time(watermark)?))
}

fn time(hex: &str) -> Option<Timestamp> {
    i64::from_str_radix(hex, 16)
        .ok()
        .map(Timestamp::from_micros)
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
    fn the_latest_check_of_a_snapshot_is_found_by_its_key() {
        let shelf = Shelf::new(&[]);
        let (ours, other) = (Shelf::generation(at(1), 1), Shelf::generation(at(2), 1));
        let checks = [
            shelf.check(&ours, at(7), at(6)),
            shelf.check(&ours, at(9), at(8)),
            shelf.check(&other, at(11), at(10)),
        ];
        let listing = shelf.sort(checks.iter().map(|c| c.key.as_str()));
        assert_eq!(listing.checks, checks);
        assert_eq!(listing.check_of(&ours), Some(&checks[1]));
        assert_eq!(Shelf::generation_time(&ours), Some(at(1)));
    }

    #[test]
    fn a_closed_change_log_is_told_by_a_key() {
        let shelf = Shelf::new(&[]);
        let key = shelf.closed_log_key(at(5));
        assert_eq!(shelf.sort([key.as_str()]).closed_logs, [(key, at(5))]);
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
