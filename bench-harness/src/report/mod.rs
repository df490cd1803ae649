//! Shows what a run found: [`html`] as one page that needs nothing else, [`table`] for a terminal.
//!
//! The page loads nothing and runs no script. All text goes through `maud`, which escapes it. A section each in `calls.rs`, `latency.rs`,
//! `timelines.rs`, `spread.rs`, `growth.rs`, `costs.rs` and `figures.rs`; `view.rs` sorts the rows, `plot.rs` draws axes,
//! `text.rs` writes figures.

mod calls;
mod costs;
mod figures;
mod growth;
mod latency;
mod missed;
mod page;
mod plot;
mod spread;
mod summary;
mod table;
mod text;
mod timelines;
mod view;
mod waterfall;

use crate::verify::Outcome;

/// A run as one self-contained HTML page.
#[must_use]
pub fn html(outcome: &Outcome) -> String {
    page::page(outcome).into_string()
}

/// A run as text: a table of all rows, and the targets that were missed.
#[must_use]
pub fn table(outcome: &Outcome) -> String {
    table::table(outcome)
}
