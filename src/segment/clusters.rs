//! Cluster names, and the set of clusters that share a segment.

use serde::{Deserialize, Serialize};

use super::text::text_value;
use super::{Rule, TextKind};
use crate::sorted::Set;

/// The name of one cluster: 1 to 100 ASCII letters, digits, `_`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterName(String);

text_value!(ClusterName);

impl ClusterName {
    /// The name written in `text`.
    ///
    /// # Errors
    /// Every rule of [`TextKind::ClusterName`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        let broken = TextKind::ClusterName.check(text);
        if broken.is_empty() {
            Ok(Self(text.to_owned()))
        } else {
            Err(broken)
        }
    }
}

/// The clusters of a segment, each once, in the order they were given.
///
/// Their text form is the one of NetBox's custom field `Cluster`: names separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Clusters(Vec<ClusterName>);

impl Clusters {
    /// The clusters written in `text`: names separated by commas, spaces around a name ignored. A blank text is none.
    ///
    /// # Errors
    /// Every rule that a name breaks; an empty name between commas is one of the wrong length.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        if text.trim_matches(' ').is_empty() {
            return Ok(Self::default());
        }
        let (mut names, mut broken) = (Vec::new(), Vec::new());
        for piece in text.split(',') {
            match ClusterName::parse(piece.trim_matches(' ')) {
                Ok(name) => names.push(name),
                Err(rules) => broken.extend(rules),
            }
        }
        if broken.is_empty() {
            Ok(names.into_iter().collect())
        } else {
            Err(broken)
        }
    }

    /// The clusters as NetBox holds them: empty pieces are dropped, names are taken as they are.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        text.split(',')
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
            .map(ClusterName::stored)
            .collect()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `name` is one of them.
    #[must_use]
    pub fn contains(&self, name: &ClusterName) -> bool {
        self.0.contains(name)
    }

    /// The names, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, ClusterName> {
        self.0.iter()
    }

    /// Adds `name` at the end; `false` when it was there already.
    pub fn insert(&mut self, name: ClusterName) -> bool {
        let new = !self.contains(&name);
        if new {
            self.0.push(name);
        }
        new
    }

    /// Takes `name` out; `false` when it was not there.
    pub fn remove(&mut self, name: &ClusterName) -> bool {
        let before = self.0.len();
        self.0.retain(|held| held != name);
        self.0.len() < before
    }
}

impl From<ClusterName> for Clusters {
    fn from(name: ClusterName) -> Self {
        Self(vec![name])
    }
}

impl FromIterator<ClusterName> for Clusters {
    fn from_iter<I: IntoIterator<Item = ClusterName>>(names: I) -> Self {
        let mut clusters = Self::default();
        let mut seen = Set::new();
        for name in names {
            if seen.insert(name.clone()) {
                clusters.0.push(name);
            }
        }
        clusters
    }
}

impl<'a> IntoIterator for &'a Clusters {
    type Item = &'a ClusterName;
    type IntoIter = std::slice::Iter<'a, ClusterName>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de> Deserialize<'de> for Clusters {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<ClusterName>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

impl std::fmt::Display for Clusters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, name) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(name.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
