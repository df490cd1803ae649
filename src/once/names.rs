//! The names under which keys lie in the store: `segment-edge/<scope>/once/<folder>/<time>-<random>`.
//!
//! A folder is all of one caller's key; each request that claims it has a name of its own there. The time is when the claim began,
//! so a listing alone tells what is overdue.

use super::key::{Caller, Key, digest};
use crate::catalogue::Shelf;
use crate::timestamp::Timestamp;

/// One caller's key, as a hash: no key is readable in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folder([u8; 16]);

/// The names of one scope.
#[derive(Clone, Debug)]
pub struct Names {
    root: String,
}

impl Names {
    /// The names beside the catalogue of this shelf.
    #[must_use]
    pub fn beside(shelf: &Shelf) -> Self {
        Self {
            root: format!("{}/once/", shelf.root()),
        }
    }

    /// The folder of a caller's key.
    #[must_use]
    pub fn folder(&self, caller: Caller<'_>, key: &Key) -> Folder {
        let (kind, name): (&[u8], _) = match caller {
            Caller::Anybody => (b"anybody", ""),
            Caller::Token(name) => (b"token", name),
        };
        let whole = digest(&[kind, name.as_bytes(), key.text().as_bytes()]);
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        Folder(half)
    }

    /// The name of a claim in a folder.
    #[must_use]
    pub fn name(&self, folder: Folder, begun: Timestamp, random: u64) -> String {
        format!("{}{:016x}-{random:016x}", self.path(folder), begun.micros())
    }

    /// Whether a name lies in this folder.
    #[must_use]
    pub fn is_in(&self, folder: Folder, name: &str) -> bool {
        name.strip_prefix(&self.root)
            .is_some_and(|rest| rest.starts_with(&hex(folder)))
    }

    /// When the claim of this name began; `None` when it is not one of these names.
    #[must_use]
    pub fn begun(&self, name: &str) -> Option<Timestamp> {
        let (_, claim) = name.strip_prefix(&self.root)?.split_once('/')?;
        let (time, _) = claim.split_once('-')?;
        i64::from_str_radix(time, 16)
            .ok()
            .map(Timestamp::from_micros)
    }

    fn path(&self, folder: Folder) -> String {
        format!("{}{}/", self.root, hex(folder))
    }
}

fn hex(folder: Folder) -> String {
    folder.0.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_another_caller_is_another_key() {
        let names = Names::beside(&Shelf::new(&["http://netbox"]));
        let key = Key::parse(b"k").unwrap();
        let folders = [
            names.folder(Caller::Anybody, &key),
            names.folder(Caller::Token(""), &key),
            names.folder(Caller::Token("ci"), &key),
        ];
        assert_ne!(folders[0], folders[1]);
        assert_ne!(folders[1], folders[2]);
    }

    #[test]
    fn a_name_tells_its_folder_and_its_time_and_is_short_enough_for_every_store() {
        let names = Names::beside(&Shelf::new(&["http://netbox"]));
        let key = |text: &[u8]| names.folder(Caller::Anybody, &Key::parse(text).unwrap());
        let at = Timestamp::from_micros(77);
        let name = names.name(key(b"k"), at, u64::MAX);
        assert!(names.is_in(key(b"k"), &name));
        assert!(!names.is_in(key(b"other"), &name));
        assert_eq!(names.begun(&name), Some(at));
        assert_eq!(names.begun("segment-edge/else"), None);
        assert!(name.len() < 255);
    }
}
