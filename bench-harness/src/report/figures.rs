//! All rows with all their figures.

use maud::{Markup, html};

use super::text;
use super::view::Group;
use crate::verify::Row;

const HEADS: [&str; 13] = [
    "Added",
    "Calls",
    "Depth",
    "In flight",
    "Bytes",
    "Time",
    "Floor",
    "× floor",
    "Hits",
    "Requests",
    "Fuel",
    "Memory",
    "Targets",
];

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    html! {
        section #figures aria-labelledby="figures-title" {
            h2 #figures-title { "All figures" }
            div.scroll tabindex="0" role="group" aria-label="Table of all figures" {
                table.dense {
                    caption { "Every scenario, subject and latency" }
                    thead {
                        tr {
                            th scope="col" { "Operation" } th scope="col" { "By" }
                            @for head in HEADS { th scope="col" .n { (head) } }
                        }
                    }
                    @for group in groups {
                        tbody { @for (place, row) in group.rows.iter().enumerate() { (line(row, (place == 0).then_some(group.rows.len()))) } }
                    }
                }
            }
        }
    }
}

/// A row; the first of a group names it for so many.
fn line(row: &Row, group: Option<usize>) -> Markup {
    let figures = &row.figures;
    let dash = || "–".to_owned();
    html! {
        tr {
            @if let Some(rows) = group {
                th scope="rowgroup" rowspan=(rows) { (row.title) small { code { (row.scenario) } ", " (text::setting(row)) } }
            }
            td { (text::subject(row)) }
            td.n { "+" (row.added_ms) " ms" }
            @if let Some(failure) = &row.failure {
                td.bad colspan=(HEADS.len() - 2) { (failure) }
            } @else {
                td.n { (text::count(figures.calls as u64)) }
                td.n { (text::count(figures.depth as u64)) }
                td.n { (text::count(figures.peak_in_flight as u64)) }
                td.n { (text::bytes(figures.netbox_bytes)) }
                td.n { (text::ms(figures.wall_ms)) }
                td.n { (text::ms(figures.floor_ms)) }
                td.n { (text::over_floor(figures).unwrap_or_else(dash)) }
                td.n { (text::share(figures.hit_rate)) }
                td.n { (text::count(figures.requests as u64)) }
                td.n { (figures.fuel.map_or_else(dash, text::fuel)) }
                td.n { (figures.guest_memory_bytes.map_or_else(dash, text::memory)) }
            }
            (targets(row))
        }
    }
}

fn targets(row: &Row) -> Markup {
    let asked: Vec<String> = row.checks.iter().map(text::asked).collect();
    let missed: Vec<&str> = row
        .checks
        .iter()
        .filter(|check| !check.met)
        .map(|check| check.what.as_str())
        .collect();
    html! {
        @if row.checks.is_empty() { td.n { "–" } }
        @else if missed.is_empty() { td.n.good title=(asked.join(", ")) { (row.checks.len()) " met" } }
        @else { td.n.bad title=(asked.join(", ")) { "missed: " (missed.join(", ")) } }
    }
}
