//! `bench-harness har`: HAR files, without a NetBox.

use std::path::PathBuf;

use bench_harness::har::{Scrubber, from_recordings};

/// Make HAR files.
#[derive(Debug, clap::Args)]
pub(crate) struct HarFiles {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// One HAR of the project's own recordings of NetBox, one JSON file an exchange.
    FromRecordings {
        /// The folder of the recordings.
        #[arg(
            value_name = "FOLDER",
            default_value = "bench-harness/recordings/netbox-4.7.3"
        )]
        folder: PathBuf,
        /// The file to write.
        #[arg(
            long,
            value_name = "FILE.har",
            default_value = "bench-harness/recordings/netbox-4.7.3.har"
        )]
        out: PathBuf,
    },
}

impl HarFiles {
    /// Does it, and says what was done.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Action::FromRecordings { folder, out } = self.action;
        let har = from_recordings(&folder)?;
        har.write(&out, &Scrubber::new())?;
        println!("{} calls are in {}", har.log.entries.len(), out.display());
        Ok(())
    }
}
