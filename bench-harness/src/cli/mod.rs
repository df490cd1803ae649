//! The subcommands of `bench-harness`, one file each.

pub(crate) mod double;
pub(crate) mod serve;
mod time;
