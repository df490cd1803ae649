//! `bench-harness replay`: a NetBox that answers as recorded.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use bench_harness::har::scenario::{Edge, differences, drive};
use bench_harness::har::{Har, Latency, Mode, Replay as Server, ReplayOptions, Scrubber};
use bench_harness::host::{Component, Metering};

use super::scenario::{answers_of, plan_of};
use super::serve::stop_signal;

/// The token that the component is given: what was recorded has none.
const TOKEN: &str = "replayed";
/// How many mismatches are shown: the first ones tell, the others follow from them.
const SHOWN: usize = 20;

/// Answer as a recorded NetBox did, and fail when other calls come than were recorded.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// A HAR of NetBox traffic, as `record` writes it.
    #[arg(value_name = "FILE.har")]
    file: PathBuf,
    /// The address to serve on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    /// A call that was not recorded, or a recorded one that does not come, is a failure (exit code 1). The default.
    #[arg(long, conflicts_with = "loose")]
    strict: bool,
    /// Calls that were not recorded are answered 404, and nothing is a failure.
    #[arg(long)]
    loose: bool,
    /// How long answers wait: recorded, none, a factor such as x0.5, or a time such as 50ms.
    #[arg(long, value_name = "LATENCY", default_value = "recorded")]
    latency: Latency,
    /// Drive the component through the same scenario as `record --scenario`, compare its answers with those in FILE.edge.har, and end.
    #[arg(long)]
    scenario: bool,
    /// With --scenario: the built component.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/wasm32-wasip2/release/segment_edge.wasm"
    )]
    wasm: PathBuf,
}

impl Replay {
    /// Serves until Ctrl-C or SIGTERM, or until the scenario has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let har = Har::read(&self.file)?;
        let recorded = har.log.entries.len();
        let options = ReplayOptions {
            listen: self.listen,
            mode: if self.loose {
                Mode::Loose
            } else {
                Mode::Strict
            },
            latency: self.latency,
        };
        let server = Server::start(har, options).await?;
        let differing = if self.scenario {
            self.drive(&server).await?
        } else {
            println!(
                "{} with {recorded} calls on {}; stop with Ctrl-C",
                self.file.display(),
                server.url()
            );
            stop_signal().await?;
            Vec::new()
        };
        // The calls first: what the component answered otherwise follows from them.
        let mismatches = server.verify().err().unwrap_or_default();
        let mut wrong: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
        wrong.extend(differing);
        let answered = server.answered();
        if wrong.is_empty() {
            println!("{answered} calls were answered as recorded, of {recorded} recorded");
            return Ok(());
        }
        for line in wrong.iter().take(SHOWN) {
            eprintln!("{line}");
        }
        if wrong.len() > SHOWN {
            eprintln!("and {} more", wrong.len() - SHOWN);
        }
        bail!(
            "{} mismatches; {answered} calls were answered as recorded, of {recorded} recorded",
            wrong.len()
        )
    }

    /// Takes the steps of the scenario; what was answered otherwise.
    async fn drive(&self, server: &Server) -> anyhow::Result<Vec<String>> {
        let file = answers_of(&self.file);
        let answers = Har::read(&file)
            .context("the scenario's answers come from `bench-harness record --scenario`")?;
        let plan = plan_of(&answers);
        let plan = plan.with_context(|| {
            format!(
                "{} does not say how its scenario was driven",
                file.display()
            )
        })?;
        let component = Component::load_cached(&self.wasm, Metering::Off)?;
        let mut edge =
            Edge::start(&component, &server.url(), TOKEN, &plan, Scrubber::new()).await?;
        let driven = drive(&mut edge, &plan).await;
        let now = edge.har(&plan)?;
        let mut wrong = differences(&answers, &now);
        match driven {
            Ok(()) => println!(
                "{} answers of the component compared with {}",
                now.log.entries.len(),
                file.display()
            ),
            Err(error) => wrong.push(format!("{error:#}")),
        }
        Ok(wrong)
    }
}
