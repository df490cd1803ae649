//! The served component does all that its description says: every answer, every kind of problem, every field.
//!
//! That it does nothing else is held by every other end-to-end test: `support::contract` looks at each answer they get.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asked;
mod described;
mod every_described_answer_is_given;
mod grounds;
mod schemathesis_finds_no_fault;
#[path = "../support/mod.rs"]
mod support;
