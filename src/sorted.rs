//! Maps and sets as sorted vectors.
//!
//! Most of ours are small, and what is large lies in the catalogue's sheet. A look-up is as fast as in a tree; the code for each
//! type is a fifth as large, and the component has a limit (measured: trees took 280 kB of 2 MiB). To put something between
//! *n* entries moves those after it: for what grows with the network, see what bounds it there.

use std::borrow::Borrow;

use serde::{Serialize, Serializer};

pub use litemap::LiteMap as Map;

/// The entries of `map` from `first` on.
pub fn from<'a, K: Ord, V>(map: &'a Map<K, V>, first: &K) -> &'a [(K, V)] {
    let (Ok(at) | Err(at)) = map.find_index(first);
    map.as_slice().get(at..).unwrap_or_default()
}

/// Writes a map as an object, an empty one too. By itself it would be written as a list then.
///
/// # Errors
/// The serializer's.
pub fn as_object<K: Serialize, V: Serialize, S: Serializer>(
    map: &Map<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter())
}

/// Values in order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T>(Map<T, ()>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Set<T> {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Map::new_vec())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.keys()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T: Ord> Set<T> {
    /// Adds `value`; `false` when it was there.
    pub fn insert(&mut self, value: T) -> bool {
        self.0.insert(value, ()).is_none()
    }

    /// Takes `value` out; `false` when it was not there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.remove(value).is_some()
    }

    /// Whether `value` is there.
    #[must_use]
    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains_key(value)
    }

    /// Keeps those that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|value, ()| keep(value));
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().map(|value| (value, ())).collect())
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.0.extend(values.into_iter().map(|value| (value, ())));
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(value, ())| value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entries_are_found_from_any_key_on() {
        let map: Map<u8, char> = [(1, 'a'), (3, 'b'), (5, 'c')].into_iter().collect();
        assert_eq!(from(&map, &0).len(), 3);
        assert_eq!(from(&map, &3), [(3, 'b'), (5, 'c')]);
        assert_eq!(from(&map, &4), [(5, 'c')]);
        assert_eq!(from(&map, &6), []);
    }

    proptest! {
        #[test]
        fn a_set_holds_what_a_tree_would(
            first in prop::collection::vec(0..20_u8, 0..20),
            steps in prop::collection::vec((any::<bool>(), 0..20_u8), 0..40),
        ) {
            let mut set: Set<u8> = first.iter().copied().collect();
            let mut tree: BTreeSet<u8> = first.into_iter().collect();
            for (add, value) in steps {
                if add {
                    prop_assert_eq!(set.insert(value), tree.insert(value));
                } else {
                    prop_assert_eq!(set.remove(&value), tree.remove(&value));
                }
                prop_assert_eq!(set.contains(&value), tree.contains(&value));
            }
            prop_assert_eq!((set.len(), set.is_empty()), (tree.len(), tree.is_empty()));
            prop_assert!(set.iter().eq(&tree));
        }
    }
}
