//! Holds the component to exact figures: scenarios, their targets, and what was found.
//!
//! - [`Plan`] (`run.rs`): a whole run, which gives an [`Outcome`] (`outcome.rs`).
//! - [`Scenario`] (`scenario.rs`): the workloads. `ground.rs` is where they are played, `measure.rs` one row.
//! - [`Subject`] (`subject.rs`): what does the work: the component ([`Edge`]), or a [`Rival`] (`anyone.rs`).
//! - [`Targets`] (`targets.toml`): what may be spent. [`Golden`]: fuel and bytes as they were.
//! - `compare.rs`: the same result for all, the same calls before a real NetBox. `growth.rs`: what grows. `reads.rs`: warm reads.
//! - [`missed`], [`notes`], [`timeline()`]: what was missed, in text. [`crate::report`] shows a run as a whole.

mod anyone;
mod compare;
mod edge;
mod golden;
mod ground;
mod growth;
mod measure;
mod outcome;
mod reads;
mod run;
mod scenario;
mod subject;
mod table;
mod targets;
mod timeline;

pub use anyone::{Anyone, Rival};
pub use edge::{Edge, FuelMark};
pub use golden::Golden;
pub use ground::RealNetBox;
pub use measure::Detour;
pub use outcome::{
    Check, ComponentFacts, Figures, Finding, FreshReads, Growth, Original, Outcome, Row, Span,
    WarmReads,
};
pub use run::Plan;
pub use scenario::{Scenario, all as all_scenarios};
pub use subject::{Claim, Id, Manner, Seen, Subject, Wanted};
pub use table::{missed, notes};
pub use targets::{GrowthTargets, Limits, ReadTargets, Target, Targets};
pub use timeline::timeline;
