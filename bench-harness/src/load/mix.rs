//! Which requests are sent, in which proportions.

use std::fmt;
use std::str::FromStr;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// All segments.
    List,
    /// A page of 100 segments.
    Page,
    /// One segment.
    Get,
    /// Segments by a text.
    Search,
    /// The statistics.
    Stats,
    /// Liveness; needs no catalogue.
    Health,
    /// A new segment.
    Create,
    /// A free segment for a cluster.
    Allocate,
    /// A segment back from its cluster.
    Release,
    /// A segment gone.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::List,
        Self::Page,
        Self::Get,
        Self::Search,
        Self::Stats,
        Self::Health,
        Self::Create,
        Self::Allocate,
        Self::Release,
        Self::Delete,
    ];

    /// Its name in a mix and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Page => "page",
            Self::Get => "get",
            Self::Search => "search",
            Self::Stats => "stats",
            Self::Health => "health",
            Self::Create => "create",
            Self::Allocate => "allocate",
            Self::Release => "release",
            Self::Delete => "delete",
        }
    }

    /// Whether it needs a segment of the load's own.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Allocate | Self::Release | Self::Delete
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Operations and their shares. Shares are relative: `list=70,get=30` is the same as `list=7,get=3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix(Vec<(Operation, u32)>);

impl Default for Mix {
    fn default() -> Self {
        Self(vec![
            (Operation::List, 70),
            (Operation::Get, 15),
            (Operation::Search, 10),
            (Operation::Health, 5),
        ])
    }
}

impl Mix {
    /// Chooses an operation for each of so many requests. The same seed chooses the same.
    #[must_use]
    pub fn plan(&self, requests: usize, seed: u64) -> Vec<Operation> {
        let total: u32 = self.0.iter().map(|(_, share)| share).sum();
        let mut dice = fastrand::Rng::with_seed(seed ^ 0x6d69_7865);
        let one = |_| {
            let mut at = dice.u32(0..total.max(1));
            for (operation, share) in &self.0 {
                if at < *share {
                    return *operation;
                }
                at -= share;
            }
            Operation::Health
        };
        (0..requests).map(one).collect()
    }

    /// Whether anything in it changes segments.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.0
            .iter()
            .any(|(operation, share)| operation.writes() && *share > 0)
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(operation, share)| format!("{operation}={share}"))
            .collect();
        f.write_str(&parts.join(","))
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "expected operations with shares, such as list=70,get=15,search=10,health=5";
        let mut mix: Vec<(Operation, u32)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, share) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} has no share: {FORM}"))?;
            let (name, share) = (name.trim(), share.trim());
            let operation = Operation::ALL
                .into_iter()
                .find(|operation| operation.name() == name);
            let operation = operation.ok_or_else(|| {
                let names = Operation::ALL.map(Operation::name).join(", ");
                format!("there is no operation {name:?}: expected one of {names}")
            })?;
            let number: u32 = share
                .parse()
                .ok()
                .filter(|number| *number <= 1_000_000)
                .ok_or_else(|| format!("the share of {name} is {share:?}: expected a whole number from 0 to 1000000"))?;
            if mix.iter().any(|(known, _)| *known == operation) {
                return Err(format!("{name} is given twice: {FORM}"));
            }
            mix.push((operation, number));
        }
        if mix.iter().all(|(_, share)| *share == 0) {
            return Err(format!("all shares are zero: {FORM}"));
        }
        Ok(Self(mix))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_mix_is_planned_in_its_proportions() {
        let mix: Mix = "list=3, create=1,stats=0".parse().unwrap();
        let plan = mix.plan(10_000, 1);
        let count = |wanted| {
            plan.iter()
                .filter(|operation| **operation == wanted)
                .count()
        };
        assert!((7_300..7_700).contains(&count(Operation::List)));
        assert_eq!(count(Operation::List) + count(Operation::Create), 10_000);
        assert_eq!(mix.plan(10_000, 1), plan);
        assert!(mix.writes() && !Mix::default().writes());
    }

    #[test]
    fn what_is_wrong_with_a_mix_is_named() {
        for (bad, word) in [
            ("", "no share"),
            ("list", "\"list\""),
            ("lst=1", "one of list, page"),
            ("list=-1", "\"-1\""),
            ("list=1,list=2", "twice"),
            ("list=0,get=0", "zero"),
            ("list=1.5", "whole number"),
        ] {
            let error = bad.parse::<Mix>().unwrap_err();
            assert!(error.contains(word), "{bad}: {error}");
        }
    }

    #[test]
    fn a_mix_reads_as_it_is_written() {
        let mix = Mix::default();
        assert_eq!(mix.to_string().parse::<Mix>().unwrap(), mix);
    }
}
