//! Load: requests sent at a rate that does not wait for the answers, as users do.
//!
//! Latency counts from the instant at which a request was due, not from the one at which it could be sent: a server that stalls makes
//! every request that was due meanwhile late, and all of that is in the figures (no coordinated omission).
//!
//! - [`Schedule`] (`schedule.rs`): when requests are due.
//! - [`Mix`] (`mix.rs`): which requests.
//! - `client.rs`: one connection.
//! - `segments.rs`: the segments of the load's own that writes work on, made before and removed after.
//! - [`run`] (`run.rs`): sends them.
//! - [`Report`] (`report.rs`): what came of it, as table and JSON, and the limits it is held to.

pub(crate) mod client;
mod mix;
mod report;
mod run;
mod schedule;
mod segments;
mod tally;

pub use mix::{Mix, Operation};
pub use report::{Limits, OperationReport, Report};
pub use run::{LoadSettings, Progress, run};
pub use schedule::{Arrivals, Schedule};
pub use segments::Place;
