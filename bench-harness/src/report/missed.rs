//! What was missed, with the calls that were made.

use maud::{Markup, html};

use super::text;
use super::waterfall;
use crate::verify::{Outcome, Row};

pub(super) fn section(outcome: &Outcome) -> Markup {
    let rows: Vec<&Row> = outcome.missed().collect();
    html! {
        @if !outcome.is_met() {
            section #missed .missed aria-labelledby="missed-title" {
                h2 #missed-title { "Missed targets" }
                @if outcome.unmet().next().is_some() { (findings(outcome)) }
                @for row in rows { (one(row)) }
            }
        }
    }
}

/// What belongs to no single row.
fn findings(outcome: &Outcome) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Targets missed outside of scenarios" {
            table {
                caption { "Targets missed outside of scenarios" }
                thead { tr { th scope="col" { "Where" } th scope="col" { "Target" } th scope="col" .n { "Found" } th scope="col" { "Why" } } }
                tbody {
                    @for finding in outcome.unmet() {
                        tr {
                            th scope="row" { (finding.about) }
                            td { (text::asked(&finding.check)) }
                            td.n.bad { (text::found(&finding.check)) }
                            td { (finding.text) }
                        }
                    }
                }
            }
        }
    }
}

fn one(row: &Row) -> Markup {
    let missed = || row.checks.iter().filter(|check| !check.met);
    html! {
        article {
            h3 { (row.title) }
            p.muted { (text::subject(row)) ", " (text::setting(row)) ", +" (row.added_ms) " ms a call" }
            @if let Some(failure) = &row.failure {
                p.bad { strong { "No figures: " } (failure) }
            }
            @if missed().next().is_some() {
                div.scroll tabindex="0" role="group" aria-label={ "Missed targets of " (row.title) } {
                    table {
                        thead { tr { th scope="col" { "Target" } th scope="col" .n { "Found" } th scope="col" .n { "Off by" } } }
                        tbody {
                            @for check in missed() {
                                tr {
                                    th scope="row" { (text::asked(check)) }
                                    td.n.bad { (text::found(check)) }
                                    td.n.bad { (text::missed_by(check)) }
                                }
                            }
                        }
                    }
                }
            }
            @if !row.timeline.is_empty() {
                (waterfall::figure(row, waterfall::length(&[row])))
            }
        }
    }
}
