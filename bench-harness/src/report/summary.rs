//! The top of the page: what was measured, and how it went.

use maud::{Markup, html};

use super::text;
use super::view::{self, Group};
use crate::verify::{Outcome, Row};

pub(super) fn header(outcome: &Outcome, groups: &[Group<'_>]) -> Markup {
    let component = &outcome.component;
    let short = component.sha256.get(..12).unwrap_or(&component.sha256);
    html! {
        header {
            h1 { "segment-edge, measured" }
            (verdict(outcome))
            p.lead {
                "Each operation was carried out by the component and by others that do the same work, before the same NetBox in the same run, "
                "and every call to NetBox was counted. Calls, depth, bytes and fuel are exact; times depend on the machine."
            }
            (tiles(outcome, groups))
            dl.facts {
                div { dt { "Run" } dd { time datetime=(outcome.at) { (outcome.at) } ", " (text::number(outcome.took_seconds)) " s" } }
                div { dt { "Before" } dd { (outcome.netbox) } }
                div { dt { "Component" } dd { (text::bytes(component.bytes)) ", SHA-256 " code title=(component.sha256) { (short) } } }
                div { dt { "Processors" } dd { (outcome.processors) } }
                div { dt { "Rows" } dd { (outcome.rows.len()) } }
            }
        }
    }
}

fn verdict(outcome: &Outcome) -> Markup {
    let (all, met) = view::tally(outcome);
    let broken = outcome.missed().count() + outcome.unmet().count();
    html! {
        @if broken > 0 {
            p.verdict.bad {
                strong { (all - met) " of " (all) " targets missed" }
                ", in " a href="#missed" { (broken) @if broken == 1 { " place" } @else { " places" } } "."
            }
        } @else if all == 0 {
            p.verdict { strong { "No targets were checked." } }
        } @else {
            p.verdict.good { strong { "All " (all) " targets met." } }
        }
    }
}

/// NetBox calls of segment-edge and of another for what both did, each once.
fn same_work(groups: &[Group<'_>], other: &str) -> Option<(usize, usize)> {
    let mut sums = (0, 0);
    for group in groups {
        if let (Some(ours), Some(theirs)) = (group.slowest("segment-edge"), group.slowest(other)) {
            sums.0 += ours.figures.calls;
            sums.1 += theirs.figures.calls;
        }
    }
    (sums.1 > 0).then_some(sums)
}

fn tiles(outcome: &Outcome, groups: &[Group<'_>]) -> Markup {
    let edge = || {
        outcome
            .rows
            .iter()
            .filter(|row| row.subject == "segment-edge")
    };
    let slowest = groups
        .iter()
        .filter_map(|group| group.slowest("segment-edge"));
    let ratio = |row: &Row| row.figures.wall_ms / row.figures.floor_ms;
    let worst = slowest
        .filter(|row| row.figures.floor_ms > 0.0)
        .max_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let memory = edge()
        .filter_map(|row| row.figures.guest_memory_bytes)
        .max();
    html! {
        ul.tiles {
            @for other in ["tuned", "naive"] {
                @if let Some((ours, theirs)) = same_work(groups, other) {
                    li {
                        b { (text::count(ours as u64)) }
                        " NetBox calls instead of " (text::count(theirs as u64))
                        small { "for the work that the " (other) " original did, too" }
                    }
                }
            }
            @if let Some(row) = worst {
                li {
                    b { "× " (format!("{:.2}", ratio(row))) }
                    " of the floor, at worst"
                    small { (row.title) ", +" (row.added_ms) " ms a call" }
                }
            }
            @if let Some(reads) = &outcome.reads {
                li {
                    b { (text::number(reads.requests_per_second)) }
                    " warm reads a second"
                    small { "p50 " (text::ms(reads.p50_ms)) ", no NetBox call" }
                }
            }
            @if let Some(memory) = memory {
                li {
                    b { (text::memory(memory)) }
                    " of guest memory at most"
                    small { "largest instance of all scenarios" }
                }
            }
        }
    }
}
