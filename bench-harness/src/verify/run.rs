//! A whole run: every chosen scenario, by the component and by its rivals, held against the targets.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::anyone::Rival;
use super::compare;
use super::golden::Golden;
use super::ground::RealNetBox;
use super::measure::{Detour, Measure, Measured};
use super::outcome::{Check, ComponentFacts, Finding, Outcome, Row};
use super::scenario::{Scenario, all};
use super::targets::{Limits, Target, Targets};
use super::{growth, reads};
use crate::host::{Component, Metering};
use crate::netbox::Api;

/// What is to be done in a run.
#[allow(missing_debug_implementations, reason = "it holds functions")]
pub struct Plan {
    /// The built component.
    pub wasm: PathBuf,
    /// The binary `bench-harness`, to serve warm reads from a process of its own.
    pub binary: PathBuf,
    /// What is asked.
    pub targets: Targets,
    /// The golden file.
    pub golden: PathBuf,
    /// Keys, or their beginnings; `growth` and `reads` too. None: everything but growth.
    pub only: Vec<String>,
    /// A real NetBox in place of the double.
    pub netbox: Option<RealNetBox>,
    /// Who else does the work.
    pub rivals: Vec<Rival>,
    /// Whether the golden file is written anew instead of being held against.
    pub bless: bool,
    /// Whether growth is measured.
    pub growth: bool,
    /// Whether times are left out of account.
    pub exact: bool,
    /// Leads the component's calls elsewhere.
    pub detour: Option<Detour>,
    /// Hears what is done, a line at a time.
    pub progress: fn(&str),
}

impl Plan {
    /// Everything but growth, by the component alone, before the double.
    ///
    /// # Errors
    /// When the targets built in are wrong.
    pub fn new(wasm: &Path, binary: &Path, golden: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            wasm: wasm.to_owned(),
            binary: binary.to_owned(),
            targets: Targets::built_in()?,
            golden: golden.to_owned(),
            only: Vec::new(),
            netbox: None,
            rivals: Vec::new(),
            bless: false,
            growth: false,
            exact: false,
            detour: None,
            progress: |_| {},
        })
    }

    /// A name chooses its scenario in every manner; the beginning of names, where no scenario has it for a name, all of those.
    fn chosen(&self, key: &str) -> bool {
        let exactly = |only: &str| key == only || key.starts_with(&format!("{only}/"));
        let begins = |only: &str| key.starts_with(only) && !all().iter().any(|s| s.name == only);
        self.only.is_empty() || self.only.iter().any(|only| exactly(only) || begins(only))
    }

    /// Does it.
    ///
    /// # Errors
    /// When the component, the golden file or the real NetBox can't be had, or `only` chooses nothing. What a scenario meets is in its row.
    pub async fn run(&self) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let scenarios: Vec<Scenario> = all()
            .into_iter()
            .filter(|scenario| self.chosen(&scenario.key()))
            .filter(|scenario| self.netbox.is_none() || scenario.segments == 100)
            .collect();
        let reads = self.chosen("reads") && self.netbox.is_none() && !self.exact;
        let growth = self.growth && self.netbox.is_none();
        ensure!(
            !scenarios.is_empty() || reads || growth,
            "no scenario begins with {}; there are {}",
            self.only.join(", "),
            all()
                .iter()
                .map(Scenario::key)
                .collect::<Vec<_>>()
                .join(", ")
        );
        let mut outcome = Outcome {
            version: 1,
            at: OffsetDateTime::now_utc().format(&Rfc3339)?,
            component: facts(&self.wasm)?,
            netbox: name_of(self.netbox.as_ref()).await?,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            took_seconds: 0.0,
            rows: Vec::new(),
            growth: Vec::new(),
            reads: None,
            findings: Vec::new(),
        };
        let plain = Component::load_cached(&self.wasm, Metering::Off)?;
        match &self.netbox {
            None => self.at_the_double(&plain, &scenarios, &mut outcome).await?,
            Some(netbox) => {
                self.at_a_real_netbox(&plain, netbox, &scenarios, &mut outcome)
                    .await
            }
        }
        if reads {
            (self.progress)("warm reads over sockets");
            let measured = reads::measure(&self.wasm, &self.binary).await?;
            outcome
                .findings
                .extend(reads::findings(&measured, &self.targets.reads));
            outcome.reads = Some(measured);
        }
        if growth {
            for segments in growth::SIZES {
                (self.progress)(&format!("growth: {segments} segments"));
                let measured = growth::measure(&plain, segments).await?;
                outcome
                    .findings
                    .extend(growth::findings(&measured, &self.targets.growth));
                outcome.growth.push(measured);
            }
        }
        outcome.took_seconds = begun.elapsed().as_secs_f64();
        Ok(outcome)
    }

    async fn at_the_double(
        &self,
        plain: &Component,
        scenarios: &[Scenario],
        outcome: &mut Outcome,
    ) -> anyhow::Result<()> {
        let metered = Component::load_cached(&self.wasm, Metering::Fuel)?;
        let golden = match self.golden.exists() || !self.bless {
            true => Golden::read(&self.golden)?,
            false => Golden::default(),
        };
        let mut blessed = golden.clone();
        let detour = self.detour.as_ref();
        let measure = |component| Measure {
            component,
            netbox: None,
            detour,
        };
        for scenario in scenarios {
            let key = scenario.key();
            (self.progress)(&key);
            let target = self.target(&key)?;
            let mut first: Option<Measured> = None;
            for added in scenario.added(true) {
                let limits = &self.targets.limits;
                let held = |row: &Row| {
                    let mut checks = checks(row, target, limits, true);
                    checks.retain(|check| !self.exact || check.what != "latency-ms");
                    checks
                };
                let in_time = |row: &Row| {
                    held(row)
                        .iter()
                        .all(|check| check.met || check.what != "latency-ms")
                };
                let mut measured = measure(plain).component(scenario, *added, in_time).await;
                measured.row.original = target.original();
                measured.row.checks = held(&measured.row);
                if first.is_none() {
                    exactly(&measure(&metered), scenario, target, &mut measured.row).await;
                    if measured.row.failure.is_none() {
                        blessed.bless(&key, &measured.row);
                    }
                    if !self.bless
                        && measured.row.failure.is_none()
                        && target.golden_varies.is_none()
                    {
                        let (checks, others) =
                            golden.check(&key, &measured.row, limits.golden_tolerance);
                        measured.row.checks.extend(checks);
                        outcome.findings.extend(others);
                    }
                }
                outcome.rows.push(measured.row.clone());
                first.get_or_insert(measured);
            }
            let Some(first) = first else { continue };
            if scenario.is_for_the_component_alone() {
                continue;
            }
            for rival in &self.rivals {
                for added in scenario.added(false) {
                    let other = measure(plain).rival(rival, scenario, *added).await;
                    let known = target.differs.get(rival.name());
                    outcome
                        .findings
                        .extend(compare::same_result(scenario, &first, &other, known));
                    outcome.rows.push(other.row);
                }
            }
        }
        if self.bless {
            blessed.write(&self.golden)?;
        }
        Ok(())
    }

    async fn at_a_real_netbox(
        &self,
        plain: &Component,
        netbox: &RealNetBox,
        scenarios: &[Scenario],
        outcome: &mut Outcome,
    ) {
        let measure = |netbox| Measure {
            component: plain,
            netbox,
            detour: self.detour.as_ref(),
        };
        for scenario in scenarios {
            let key = scenario.key();
            (self.progress)(&key);
            let Ok(target) = self.target(&key) else {
                continue;
            };
            let at_double = measure(None).component(scenario, 50, |_| true).await;
            let added = counted_at(scenario);
            let mut real = measure(Some(netbox))
                .component(scenario, added, |_| true)
                .await;
            real.row.original = target.original();
            real.row.checks = checks(&real.row, target, &self.targets.limits, false);
            // How many travel together depends on how long a call takes, and which instances meet on chance.
            if !scenario.needs_one_instance_each() {
                outcome
                    .findings
                    .extend(compare::same_calls(&key, &at_double.row, &real.row));
            }
            outcome.rows.push(real.row.clone());
            if scenario.is_for_the_component_alone() {
                continue;
            }
            for rival in &self.rivals {
                let other = measure(Some(netbox)).rival(rival, scenario, added).await;
                // Others may write to this NetBox meanwhile, so what the answers show is not compared.
                let [one, two] =
                    [(&real, &other.row), (&other, &other.row)].map(|(measured, row)| Measured {
                        row: row.clone(),
                        state: measured.state.clone(),
                        seen: Vec::new(),
                    });
                let known = target.differs.get(rival.name());
                outcome
                    .findings
                    .extend(compare::same_result(scenario, &one, &two, known));
                outcome.rows.push(other.row);
            }
        }
    }

    fn target(&self, key: &str) -> anyhow::Result<&Target> {
        let target = self.targets.scenario.get(key);
        target.with_context(|| format!("there are no targets for {key}"))
    }
}

/// Counts the fuel, in a run of its own: counting makes the guest slower.
async fn exactly(metered: &Measure<'_>, scenario: &Scenario, target: &Target, row: &mut Row) {
    let fuel = metered
        .component(scenario, counted_at(scenario), |_| true)
        .await
        .row;
    row.figures.fuel = fuel.figures.fuel;
    let (calls, metered) = (row.figures.calls, fuel.figures.calls);
    if let Some(failure) = fuel.failure {
        row.failure
            .get_or_insert(format!("while fuel was counted: {failure}"));
    } else if target.golden_varies.is_none() && calls != metered {
        row.failure.get_or_insert(format!(
            "{calls} NetBox calls, but {metered} while fuel was counted"
        ));
    }
}

/// What is added to each call where only calls and fuel count. They do not depend on it, but who travels together does.
fn counted_at(scenario: &Scenario) -> u64 {
    if scenario.needs_one_instance_each() {
        50
    } else {
        0
    }
}

fn checks(row: &Row, target: &Target, limits: &Limits, at_double: bool) -> Vec<Check> {
    let figures = &row.figures;
    let mut checks = Vec::new();
    if row.failure.is_some() {
        return checks;
    }
    let mut at_most = |what: &str, target: Option<f64>, found: f64| {
        checks.extend(target.map(|target| Check::at_most(what, target, found)));
    };
    let number = |n: usize| n as f64;
    at_most("calls", target.calls.map(number), number(figures.calls));
    at_most(
        "bytes",
        target.bytes.map(|bytes| bytes as f64),
        figures.netbox_bytes as f64,
    );
    // Whether calls overlap shows only where they take a while.
    if row.added_ms >= limits.latency_at_ms || !at_double {
        at_most("depth", target.depth.map(number), number(figures.depth));
        let peak = target
            .peak_in_flight
            .unwrap_or(limits.peak_in_flight * row.instances);
        at_most(
            "peak-in-flight",
            Some(number(peak)),
            number(figures.peak_in_flight),
        );
    }
    let memory = target.memory_mib.unwrap_or(limits.memory_mib) * f64::from(1 << 20);
    at_most(
        "memory-bytes",
        Some(memory),
        figures.guest_memory_bytes.unwrap_or(0) as f64,
    );
    let writes = all().iter().any(|s| s.name == row.scenario && s.writes());
    if at_double
        && writes
        && row.added_ms == limits.latency_at_ms
        && target.latency_untargeted.is_none()
    {
        let floor = number(figures.depth) * answered_in(row);
        let limit = floor * limits.latency_factor + limits.latency_constant_ms;
        at_most("latency-ms", Some(limit), figures.wall_ms);
    }
    checks.extend(
        target
            .hit_rate
            .map(|rate| Check::at_least("hit-rate", rate, figures.hit_rate)),
    );
    checks
}

/// L, in milliseconds: what NetBox took for a call on average, seen from its own side. Its timers and its own work make it a little
/// more than what was added.
fn answered_in(row: &Row) -> f64 {
    let spans = row.timeline.iter().map(|span| span.end_us - span.start_us);
    spans.sum::<u64>() as f64 / 1_000.0 / row.timeline.len().max(1) as f64
}

fn facts(wasm: &Path) -> anyhow::Result<ComponentFacts> {
    let bytes = std::fs::read(wasm);
    let bytes = bytes.with_context(|| {
        format!(
            "cannot read the component {}; `cargo xtask build` makes it",
            wasm.display()
        )
    })?;
    Ok(ComponentFacts {
        bytes: bytes.len() as u64,
        sha256: Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    })
}

async fn name_of(netbox: Option<&RealNetBox>) -> anyhow::Result<String> {
    let Some(netbox) = netbox else {
        return Ok("double".to_owned());
    };
    let status = Api::new(&netbox.url, netbox.token.clone())?
        .call("GET", "/api/status/", None)
        .await?;
    let version = status["netbox-version"]
        .as_str()
        .unwrap_or("of unknown version");
    Ok(format!("NetBox {version}"))
}

impl Outcome {
    /// The findings that were not met.
    pub fn unmet(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.check.met)
    }
}
