//! NetBox calls by operation, as bars.

use maud::{Markup, html};

use super::plot::px;
use super::text;
use super::view::{Group, Who};
use crate::verify::Row;

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    html! {
        section #calls aria-labelledby="calls-title" {
            h2 #calls-title { "NetBox calls for each operation" }
            p {
                "In brackets the depth: the longest chain of calls that had to wait for one another. "
                "A bar is as long as its calls, against the most in its row. "
                "“Claimed” is what the authors of the original service reported of its first and its tuned state, “measured” its tuned state "
                "before a real NetBox 4.7.3."
            }
            div.scroll {
                table.calls {
                    caption { "NetBox calls (depth) of each operation" }
                    thead {
                        tr {
                            th scope="col" { "Operation" }
                            th scope="col" { "Calls (depth)" }
                            th scope="col" { "Original, claimed: first, tuned" }
                            th scope="col" { "Original, measured" }
                        }
                    }
                    tbody { @for group in groups { (row(group)) } }
                }
            }
        }
    }
}

/// The least and the most of a figure over rows that differ in latency alone.
fn range(rows: &[&Row], figure: impl Fn(&Row) -> usize) -> Option<(usize, usize)> {
    let figures = || {
        rows.iter()
            .filter(|row| row.failure.is_none())
            .map(|row| figure(row))
    };
    Some((figures().min()?, figures().max()?))
}

fn told((least, most): (usize, usize)) -> String {
    match least == most {
        true => text::count(least as u64),
        false => format!("{}–{}", text::count(least as u64), text::count(most as u64)),
    }
}

fn row(group: &Group<'_>) -> Markup {
    let subjects = group.subjects();
    let calls = |row: &Row| row.figures.calls;
    let most = subjects.iter().filter_map(|rows| range(rows, calls));
    let most = most.map(|(_, most)| most).max().unwrap_or(0).max(1);
    let original = group.original();
    html! {
        tr {
            th scope="row" {
                (group.first.title)
                small { (text::setting(group.first)) }
            }
            td {
                ul.bars {
                    @for rows in &subjects {
                        @if let Some(first) = rows.first() {
                            (bar(first, range(rows, calls), range(rows, |row| row.figures.depth), most))
                        }
                    }
                }
            }
            td data-label="Original, claimed (first, tuned)" { (original.and_then(|o| o.claimed.as_deref()).unwrap_or("–")) }
            td data-label="Original, measured" { (original.and_then(|o| o.measured.as_deref()).unwrap_or("–")) }
        }
    }
}

fn bar(
    row: &Row,
    calls: Option<(usize, usize)>,
    depth: Option<(usize, usize)>,
    most: usize,
) -> Markup {
    let class = Who::of(row).class();
    html! {
        li {
            span.who { (text::subject(row)) }
            @if let (Some(calls), Some(depth)) = (calls, depth) {
                @let width = px(100.0 * calls.1 as f64 / most as f64);
                span.track { i class=(class) style={ "width:" (width) "%" } {} }
                span.value { b { (told(calls)) } " (" (told(depth)) ")" }
            } @else {
                span.none { (row.failure.as_deref().unwrap_or("no figures")) }
            }
        }
    }
}
