//! `bench-harness netbox`: setting up a NetBox for the component.

use super::install_webhook::InstallWebhook;

/// Set up a NetBox for the component.
#[derive(Debug, clap::Args)]
pub(crate) struct Netbox {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    InstallWebhook(InstallWebhook),
}

impl Netbox {
    /// Does it, and says what was done.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::InstallWebhook(install) => install.run().await,
        }
    }
}
