//! `bench-harness report`: what a run of `verify` found, as a page or as a table.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use bench_harness::report;
use bench_harness::verify::Outcome;

/// The form of the documents that this program reads.
const VERSION: u32 = 1;

/// Show what a run of verify found: as one HTML page that needs nothing else, or as a table.
#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// What `bench-harness verify --json` wrote.
    file: PathBuf,
    /// Write the page to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print the table; it is also printed when there is no --html.
    #[arg(long)]
    table: bool,
}

impl Report {
    /// Reads the file, and writes what is asked for.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let file = self.file.display();
        let text = fs::read_to_string(&self.file).with_context(|| format!("can't read {file}"))?;
        let outcome: Outcome = serde_json::from_str(&text)
            .with_context(|| format!("{file} is not what `verify --json` writes"))?;
        anyhow::ensure!(
            outcome.version == VERSION,
            "{file} is of version {}; this program reads version {VERSION}",
            outcome.version
        );
        if let Some(page) = &self.html {
            fs::write(page, report::html(&outcome))
                .with_context(|| format!("can't write {}", page.display()))?;
        }
        if self.table || self.html.is_none() {
            print!("{}", report::table(&outcome));
        }
        Ok(())
    }
}
