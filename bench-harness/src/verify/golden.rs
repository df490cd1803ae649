//! The golden file: fuel and NetBox bytes of each scenario, as they were when somebody last looked and agreed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::outcome::{Check, Finding, Row};

const HEAD: &str = "# Fuel (wasmtime's unit, about one a guest instruction) and bytes of NetBox calls, by scenario.\n\
                    # Made by `bench-harness verify --bless`. How to read it: docs/PERFORMANCE.md.\n\n";

/// The figures by scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Golden {
    scenario: BTreeMap<String, Exact>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Exact {
    fuel: Option<u64>,
    bytes: u64,
}

impl Golden {
    /// Reads the file.
    ///
    /// # Errors
    /// When it can't be read, or has keys that are not known.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path);
        let text =
            text.with_context(|| format!("cannot read the golden file {}", path.display()))?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = format!("{HEAD}{}", toml::to_string(self)?);
        std::fs::write(path, text)
            .with_context(|| format!("cannot write the golden file {}", path.display()))
    }

    /// Takes a row's figures as the right ones.
    pub(crate) fn bless(&mut self, key: &str, row: &Row) {
        let exact = Exact {
            fuel: row.figures.fuel,
            bytes: row.figures.netbox_bytes,
        };
        self.scenario.insert(key.to_owned(), exact);
    }

    /// Holds a row against the file: its checks, and what should be said where a figure is so much better that the file is out of date.
    pub(crate) fn check(&self, key: &str, row: &Row, tolerance: f64) -> (Vec<Check>, Vec<Finding>) {
        let Some(golden) = self.scenario.get(key) else {
            let check = Check::at_most("golden-bytes", 0.0, row.figures.netbox_bytes as f64);
            let text = format!("the golden file has no {key}: run `bench-harness verify --bless`");
            let finding = Finding {
                about: key.to_owned(),
                check: Check {
                    met: false,
                    ..check
                },
                text,
            };
            return (Vec::new(), vec![finding]);
        };
        let mut pairs = vec![("golden-bytes", golden.bytes, row.figures.netbox_bytes)];
        if let (Some(golden), Some(found)) = (golden.fuel, row.figures.fuel) {
            pairs.push(("golden-fuel", golden, found));
        }
        let (mut checks, mut better) = (Vec::new(), Vec::new());
        for (what, golden, found) in pairs {
            let (golden, found) = (golden as f64, found as f64);
            let check = Check::at_most(what, golden * (1.0 + tolerance), found);
            if found < golden * (1.0 - tolerance) {
                better.push(Finding {
                    about: key.to_owned(),
                    text: format!(
                        "{what} is {found:.0} instead of {golden:.0}: better; run `bench-harness verify --bless` to hold it there"
                    ),
                    check: check.clone(),
                });
            }
            checks.push(check);
        }
        (checks, better)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::outcome::Figures;

    fn row(fuel: u64, bytes: u64) -> Row {
        Row {
            scenario: "create-1".into(),
            title: String::new(),
            manner: None,
            subject: "segment-edge".into(),
            segments: 100,
            warm: true,
            instances: 1,
            added_ms: 50,
            figures: Figures {
                fuel: Some(fuel),
                netbox_bytes: bytes,
                ..Figures::default()
            },
            timeline: Vec::new(),
            checks: Vec::new(),
            original: None,
            failure: None,
        }
    }

    #[test]
    fn three_per_cent_more_passes_four_fails_and_four_less_asks_to_bless() {
        let mut golden = Golden::default();
        golden.bless("create-1", &row(100_000, 1_000));
        let held = |fuel| golden.check("create-1", &row(fuel, 1_000), 0.03);
        let (checks, better) = held(103_000);
        assert!(checks.iter().all(|check| check.met) && better.is_empty());
        let (checks, _) = held(104_000);
        let missed: Vec<&str> = checks
            .iter()
            .filter(|c| !c.met)
            .map(|c| c.what.as_str())
            .collect();
        assert_eq!(missed, ["golden-fuel"]);
        let (checks, better) = held(96_000);
        assert!(checks.iter().all(|check| check.met));
        assert!(
            better
                .iter()
                .all(|finding| finding.check.met && finding.text.contains("--bless"))
        );
        assert_eq!(better.len(), 1);
    }

    #[test]
    fn a_scenario_that_the_file_does_not_have_is_not_passed_over() {
        let (_, findings) = Golden::default().check("create-1", &row(1, 1), 0.03);
        assert!(findings.iter().any(|finding| !finding.check.met));
    }
}
