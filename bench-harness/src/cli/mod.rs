//! The subcommands of `bench-harness`, one file each.

pub(crate) mod compare;
pub(crate) mod double;
pub(crate) mod har;
mod install_webhook;
pub(crate) mod load;
pub(crate) mod netbox;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod report;
mod scenario;
pub(crate) mod serve;
mod time;
pub(crate) mod verify;
