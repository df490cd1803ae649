//! Whether two services answer the same for the same NetBox: two segment-edges, two of the Python service that it replaces, or one of each.
//!
//! Both are asked the same questions (`questions.rs`), by GET alone. Answers are brought into one form (`rows.rs`, `normal.rs`); what is then still
//! different is either [known](Known), with its reason, or a [`Difference`] that needs one.
//!
//! The shapes of the Python service are those of its own source, in the state after its second round of fixes.

mod answers;
mod findings;
mod known;
mod normal;
mod questions;
mod report;
mod rows;
mod run;
mod service;

pub use findings::{Difference, Place};
pub use known::{Known, KnownDifference};
pub use questions::Sample;
pub use report::{Party, Report, Side};
pub use run::compare;
pub use service::{Kind, Service};
