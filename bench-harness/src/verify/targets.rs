//! `targets.toml`: what each scenario may cost, and what is known of the original service. Data, so that a target can be changed and
//! read without reading code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use super::outcome::Original;
use super::scenario;

const TARGETS: &str = include_str!("targets.toml");

/// All targets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Targets {
    /// What holds for every scenario.
    pub limits: Limits,
    /// What may grow with the number of segments, and how far.
    pub growth: GrowthTargets,
    /// How fast warm reads must be.
    pub reads: ReadTargets,
    /// By [`Scenario::key`](super::Scenario::key).
    pub scenario: BTreeMap<String, Target>,
}

/// What holds for every scenario.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// A write may take (depth x L) x this + [`Limits::latency_constant_ms`].
    pub latency_factor: f64,
    /// In milliseconds.
    pub latency_constant_ms: f64,
    /// The L at which that is checked, in milliseconds.
    pub latency_at_ms: u64,
    /// The most NetBox calls at one moment, from one instance.
    pub peak_in_flight: usize,
    /// The most linear memory of an instance, in MiB.
    pub memory_mib: f64,
    /// How much fuel and bytes may rise above the golden file: 0.03 is 3 %.
    pub golden_tolerance: f64,
}

/// What may grow with the number of segments, and how far, at [`GrowthTargets::segments`] segments.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrowthTargets {
    /// Where the targets hold.
    pub segments: usize,
    /// The most linear memory of an instance, in MiB.
    pub memory_mib: f64,
    /// NetBox calls of the first read.
    pub cold_calls: usize,
    /// A page of 100, in milliseconds.
    pub page_ms: f64,
    /// A search, in milliseconds.
    pub search_ms: f64,
    /// One segment, in milliseconds.
    pub get_ms: f64,
    /// An allocation without NetBox's own time, in milliseconds.
    pub allocate_ms: f64,
}

/// How fast warm reads of 100 segments must be, over a socket.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReadTargets {
    /// The median at one connection, in milliseconds.
    pub p50_ms: f64,
    /// At least so many a second, on one processor.
    pub requests_per_second: f64,
}

/// What one scenario may cost.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Target {
    /// NetBox calls, at most.
    pub calls: Option<usize>,
    /// The longest chain of calls, at most.
    pub depth: Option<usize>,
    /// Calls at one moment, at most; else [`Limits::peak_in_flight`] times the instances.
    pub peak_in_flight: Option<usize>,
    /// Bytes of all bodies of NetBox calls, at most.
    pub bytes: Option<u64>,
    /// The share of requests without a NetBox call, at least.
    pub hit_rate: Option<f64>,
    /// Linear memory of an instance in MiB; else [`Limits::memory_mib`].
    pub memory_mib: Option<f64>,
    /// Why there is no target for calls.
    pub untargeted: Option<String>,
    /// Why a write's latency is not held against the limit.
    pub latency_untargeted: Option<String>,
    /// Why fuel and bytes are not held against the golden file.
    pub golden_varies: Option<String>,
    /// See [`Original::claimed`].
    pub claimed: Option<String>,
    /// See [`Original::measured`].
    pub measured: Option<String>,
    /// By the name of a baseline, why its result is another one.
    #[serde(default)]
    pub differs: BTreeMap<String, String>,
}

impl Targets {
    /// The targets of this version.
    ///
    /// # Errors
    /// As [`Targets::parse`].
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(TARGETS).context("targets.toml")
    }

    /// Reads a file of targets.
    ///
    /// # Errors
    /// When it can't be read, and as [`Targets::parse`].
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read the targets {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads targets.
    ///
    /// # Errors
    /// Names the place of a key that is not known or of a wrong type, a scenario that does not exist or has no entry, and an entry
    /// that asks for nothing without saying why.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let targets: Self = toml::from_str(text)?;
        let known: BTreeSet<String> = scenario::all()
            .iter()
            .map(scenario::Scenario::key)
            .collect();
        for (name, target) in &targets.scenario {
            ensure!(
                known.contains(name),
                "there is no scenario {name:?}; there are {}",
                known.iter().cloned().collect::<Vec<_>>().join(", ")
            );
            if target.calls.is_none() && target.untargeted.is_none() {
                bail!(
                    "scenario {name:?} has no target for calls: give `calls`, or say why not in `untargeted`"
                );
            }
        }
        if let Some(missing) = known
            .iter()
            .find(|key| !targets.scenario.contains_key(*key))
        {
            bail!(
                "scenario {missing:?} has no entry: give `calls`, or say why not in `untargeted`"
            );
        }
        Ok(targets)
    }
}

impl Target {
    /// What is known of the original service.
    pub(crate) fn original(&self) -> Option<Original> {
        (self.claimed.is_some() || self.measured.is_some()).then(|| Original {
            claimed: self.claimed.clone(),
            measured: self.measured.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(from: &str, to: &str) -> String {
        assert!(TARGETS.contains(from), "{from}");
        let error = Targets::parse(&TARGETS.replacen(from, to, 1)).unwrap_err();
        format!("{error:#}")
    }

    #[test]
    fn the_targets_of_this_version_are_sound() {
        Targets::built_in().unwrap();
    }

    #[test]
    fn an_unknown_key_a_wrong_type_and_an_unknown_scenario_are_named() {
        assert!(refused("golden-tolerance", "golden-tolerence").contains("golden-tolerence"));
        let wrong = refused("latency-at-ms = 50", "latency-at-ms = \"fifty\"");
        assert!(
            wrong.contains("latency-at-ms") && wrong.contains("fifty"),
            "{wrong}"
        );
        let unknown = refused("[scenario.create-1]", "[scenario.crate-1]");
        assert!(
            unknown.contains("there is no scenario \"crate-1\""),
            "{unknown}"
        );
    }

    #[test]
    fn a_scenario_without_a_target_must_say_why() {
        let silent = refused("[scenario.create-1]\ncalls = 3", "[scenario.create-1]");
        assert!(silent.contains("`untargeted`"), "{silent}");
    }
}
