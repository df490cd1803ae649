//! Holds the component to exact figures: scenarios, their targets, and what was found.
//!
//! - [`Subject`] (`subject.rs`): what does the work: the component, or a baseline.
//! - [`Outcome`] (`outcome.rs`): what a run found.

mod outcome;
mod subject;

pub use outcome::{
    Check, ComponentFacts, Figures, Growth, Original, Outcome, Row, Span, WarmReads,
};
pub use subject::{Claim, Id, Manner, Seen, Subject, Wanted};
