//! The subcommands of `bench-harness`, one file each.

pub(crate) mod serve;
