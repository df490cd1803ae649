//! `bench-harness verify`: every scenario, held against its targets.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_harness::baseline::{Naive, Pynetbox, Tuned};
use bench_harness::netbox::Secret;
use bench_harness::report;
use bench_harness::verify::{Outcome, Plan, RealNetBox, Rival, Targets, missed, notes};
use url::Url;

/// From the workspace's root, where `cargo xtask verify` runs this.
const GOLDEN: &str = "bench-harness/golden/fuel.toml";

/// Run every scenario through the built component and hold it against targets.toml; exit code 1 when a target is missed.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The built component.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/wasm32-wasip2/release/segment_edge.wasm"
    )]
    wasm: PathBuf,
    /// Only this scenario, such as create-10 or rename-10/bulk, or all whose names begin like this, such as create; also reads. May be
    /// given many times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Other targets than those of this version.
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// The golden file of fuel and bytes.
    #[arg(long, value_name = "FILE", default_value = GOLDEN)]
    golden: PathBuf,
    /// Write the golden file anew from this run instead of holding the run against it.
    #[arg(long, conflicts_with = "netbox_url")]
    bless: bool,
    /// Measure growth to 100,000 segments too.
    #[arg(long)]
    growth: bool,
    /// A real NetBox with the 100 seeded segments, in place of the double. It is left as it was.
    #[arg(long, value_name = "URL", requires = "netbox_token")]
    netbox_url: Option<Url>,
    /// The environment variable that holds its API token.
    #[arg(long, value_name = "ENV")]
    netbox_token: Option<String>,
    /// Whether the baselines do the same work: the service that the component replaces, in its first and in its tuned state.
    #[arg(long, value_name = "WHETHER", default_value = "on")]
    baselines: Switch,
    /// Let a script on pynetbox do the work too; needs python3, and PyPI the first time.
    #[arg(long)]
    pynetbox: bool,
    /// Only figures that are the same on every machine: no latency is held to a target, and warm reads are not measured.
    #[arg(long, conflicts_with = "growth")]
    exact: bool,
    /// Write the whole outcome as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page that shows it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Verify {
    /// Runs, prints, and ends with exit code 1 when something was missed.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let plan = self.plan()?;
        let outcome = plan.run().await?;
        print!("{}", report::table(&outcome));
        print!("{}", notes(&outcome));
        if let Some(file) = &self.json {
            write(file, &serde_json::to_string_pretty(&outcome)?)?;
        }
        if let Some(file) = &self.html {
            write(file, &report::html(&outcome))?;
        }
        end(&outcome);
        Ok(())
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let binary = std::env::current_exe().context("cannot tell where this program is")?;
        let mut plan = Plan::new(&self.wasm, &binary, &self.golden)?;
        if let Some(file) = &self.targets {
            plan.targets = Targets::read(file)?;
        }
        plan.only.clone_from(&self.only);
        plan.bless = self.bless;
        plan.growth = self.growth;
        plan.exact = self.exact;
        if self.baselines == Switch::On {
            plan.rivals.push(Rival::new("naive", Naive::new));
            plan.rivals.push(Rival::new("tuned", Tuned::new));
        }
        if self.pynetbox {
            plan.rivals.push(Rival::new("pynetbox", Pynetbox::new));
        }
        plan.progress = |line| eprintln!("{line}");
        if let (Some(url), Some(name)) = (&self.netbox_url, &self.netbox_token) {
            let token = std::env::var(name).ok().filter(|token| !token.is_empty());
            let token = token.with_context(|| {
                format!("the environment variable {name} is not set: it must hold the NetBox token")
            })?;
            let Ok(token) = token.parse::<Secret>();
            plan.netbox = Some(RealNetBox {
                url: url.clone(),
                token,
            });
        }
        Ok(plan)
    }
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn end(outcome: &Outcome) {
    if outcome.is_met() {
        println!(
            "all targets met, in {:.0} s before {}",
            outcome.took_seconds, outcome.netbox
        );
        return;
    }
    print!("\n{}", missed(outcome));
    let count = outcome.missed().count() + outcome.unmet().count();
    println!("\n{count} missed, in {:.0} s", outcome.took_seconds);
    std::process::exit(1);
}
