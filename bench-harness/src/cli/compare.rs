//! `bench-harness compare`: whether two services answer the same.

use std::path::PathBuf;

use anyhow::Context as _;
use bench_harness::compare::{Report, Sample, Service, Side, compare};
use bench_harness::netbox::Secret;
use url::Url;

/// The exit code when the two could not be compared.
const NOT_COMPARED: i32 = 2;

/// Ask two services before the same NetBox the same questions, by GET alone, and show what differs: two segment-edges, two of the
/// service that it replaces, or one of each. Exit code 1 when something differs without a known reason, 2 when they can't be compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// The address of one service, such as http://127.0.0.1:8000.
    #[arg(long, value_name = "URL")]
    left: Url,
    /// The address of the other.
    #[arg(long, value_name = "URL")]
    right: Url,
    /// The environment variable that holds the token of the left one, when it takes one.
    #[arg(long, value_name = "ENV")]
    left_token: Option<String>,
    /// The environment variable that holds the token of the right one, when it takes one.
    #[arg(long, value_name = "ENV")]
    right_token: Option<String>,
    /// Ask for at most so many ids, VLAN ids, clusters and texts each; for all without it.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Chooses the sample.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Also write everything that was found to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Compare {
    /// Compares, prints, and ends with an exit code that says what came of it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let report = match self.compared().await {
            Ok(report) => report,
            Err(error) => {
                eprintln!("Error: {error:#}");
                std::process::exit(NOT_COMPARED);
            }
        };
        print!("{}", report.text());
        if !report.is_equal() {
            std::process::exit(1);
        }
        Ok(())
    }

    async fn compared(&self) -> anyhow::Result<Report> {
        let (left, right) = (
            token(self.left_token.as_deref())?,
            token(self.right_token.as_deref())?,
        );
        let left = Service::find(Side::Left, &self.left, left.as_ref()).await?;
        let right = Service::find(Side::Right, &self.right, right.as_ref()).await?;
        let sample = Sample {
            most: self.sample,
            seed: self.seed,
        };
        let report = compare(&left, &right, sample).await?;
        if let Some(file) = &self.json {
            let text = serde_json::to_string_pretty(&report)?;
            std::fs::write(file, text + "\n")
                .with_context(|| format!("{} can't be written", file.display()))?;
        }
        Ok(report)
    }
}

fn token(name: Option<&str>) -> anyhow::Result<Option<Secret>> {
    let Some(name) = name else {
        return Ok(None);
    };
    let token = std::env::var(name).ok().filter(|token| !token.is_empty());
    let token = token.with_context(|| {
        format!("the environment variable {name} is not set: it must hold a token of the service")
    })?;
    let Ok(token) = token.parse::<Secret>();
    Ok(Some(token))
}
