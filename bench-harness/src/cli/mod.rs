//! The subcommands of `bench-harness`, one file each.

pub(crate) mod double;
mod install_webhook;
pub(crate) mod netbox;
pub(crate) mod report;
pub(crate) mod serve;
mod time;
