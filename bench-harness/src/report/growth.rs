//! What it costs to have more segments.

use maud::{Markup, html};

use super::plot::{Log, px};
use super::text;
use crate::verify::{Growth, Outcome};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 230.0;

/// Writes a figure.
type Told = fn(f64) -> String;

/// A curve: its name, its figures, and how one is written.
struct Curve {
    name: &'static str,
    of: fn(&Growth) -> f64,
    told: Told,
}

const fn curve(name: &'static str, of: fn(&Growth) -> f64, told: Told) -> Curve {
    Curve { name, of, told }
}

fn whole(value: f64) -> String {
    text::count(value.max(0.0).round() as u64)
}

fn decimal(value: f64) -> String {
    text::bytes(value.max(0.0) as u64)
}

fn memory(value: f64) -> String {
    text::memory(value.max(0.0) as u64)
}

/// Titles, how the axes are written, and curves.
const CHARTS: [(&str, Told, &[Curve]); 4] = [
    (
        "A cold start",
        whole,
        &[curve("NetBox calls", |g| g.cold_calls as f64, whole)],
    ),
    (
        "First answers",
        text::ms,
        &[
            curve("cold", |g| g.cold_ms, text::ms),
            curve("new instance", |g| g.new_instance_ms, text::ms),
        ],
    ),
    (
        "Warm operations",
        text::ms,
        &[
            curve("page of 100", |g| g.page_ms, text::ms),
            curve("search", |g| g.search_ms, text::ms),
            curve("one segment", |g| g.get_ms, text::ms),
            curve("allocate", |g| g.allocate_ms, text::ms),
            curve("create", |g| g.create_ms, text::ms),
        ],
    ),
    (
        "Memory and store",
        decimal,
        &[
            curve("guest memory", |g| g.guest_memory_bytes as f64, memory),
            curve("store", |g| g.store_bytes as f64, memory),
        ],
    ),
];

pub(super) fn section(outcome: &Outcome) -> Markup {
    let growth = &outcome.growth;
    html! {
        @if !growth.is_empty() {
            section #growth aria-labelledby="growth-title" {
                h2 #growth-title { "Cost against size" }
                p { "segment-edge with more and more segments; both axes are logarithmic. A line that is level costs the same at any size." }
                div.grid {
                    @for (title, told, curves) in &CHARTS { (chart(title, *told, curves, growth)) }
                }
                div.scroll tabindex="0" role="group" aria-label="Table of costs by size" {
                    (table(growth))
                }
            }
        }
    }
}

fn chart(title: &str, told: Told, curves: &[Curve], growth: &[Growth]) -> Markup {
    let across = Log::over(growth.iter().map(|g| g.segments as f64), LEFT, RIGHT);
    let values = curves.iter().flat_map(|curve| growth.iter().map(curve.of));
    let up = Log::over(values, BOTTOM, TOP);
    let ends: Vec<f64> = curves
        .iter()
        .map(|curve| growth.last().map_or(BOTTOM, |last| up.at((curve.of)(last))))
        .collect();
    let labels = apart(&ends);
    html! {
        figure {
            figcaption { b { (title) } }
            svg viewBox={ "0 0 " (px(WIDTH)) " " (px(BOTTOM + 26.0)) } role="img" aria-label={ (title) " by number of segments; the figures are in the table below" } {
                @for (value, y) in up.ticks() {
                    line.rule x1=(px(LEFT)) x2=(px(RIGHT)) y1=(px(y)) y2=(px(y)) {}
                    text.axis x=(px(LEFT - 8.0)) y=(px(y + 4.0)) text-anchor="end" { (text::round(told(value))) }
                }
                @for (value, x) in across.ticks() {
                    text.axis x=(px(x)) y=(px(BOTTOM + 18.0)) text-anchor="middle" { (whole(value)) }
                }
                @for (place, curve) in curves.iter().enumerate() {
                    g class={ "curve c" (place) } {
                        polyline points=(points(curve, growth, across, up)) {}
                        @for g in growth {
                            circle cx=(px(across.at(g.segments as f64))) cy=(px(up.at((curve.of)(g)))) r="3.5" {
                                title { (curve.name) ", " (text::count(g.segments as u64)) " segments: " ((curve.told)((curve.of)(g))) }
                            }
                        }
                        text.value x=(px(RIGHT + 10.0)) y=(px(labels[place] + 4.0)) { (curve.name) }
                    }
                }
            }
        }
    }
}

fn points(curve: &Curve, growth: &[Growth], across: Log, up: Log) -> String {
    let point = |g: &Growth| {
        let (x, y) = (across.at(g.segments as f64), up.at((curve.of)(g)));
        format!("{},{}", px(x), px(y))
    };
    growth.iter().map(point).collect::<Vec<_>>().join(" ")
}

/// The same heights moved so far apart that labels at them don't overlap.
fn apart(heights: &[f64]) -> Vec<f64> {
    const LINE: f64 = 15.0;
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut moved = heights.to_vec();
    let mut least = f64::NEG_INFINITY;
    for place in order.iter().copied() {
        moved[place] = moved[place].max(least);
        least = moved[place] + LINE;
    }
    let mut most = BOTTOM;
    for place in order.into_iter().rev() {
        moved[place] = moved[place].min(most);
        most = moved[place] - LINE;
    }
    moved
}

fn table(growth: &[Growth]) -> Markup {
    let curves = || CHARTS.iter().flat_map(|(_, _, curves)| *curves);
    html! {
        table {
            caption { "Costs by number of segments" }
            thead { tr { th scope="col" .n { "Segments" } @for curve in curves() { th scope="col" .n { (curve.name) } } } }
            tbody {
                @for g in growth {
                    tr {
                        th scope="row" .n { (text::count(g.segments as u64)) }
                        @for curve in curves() { td.n { ((curve.told)((curve.of)(g))) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_overlap_and_stay_inside() {
        let moved = apart(&[229.0, 230.0, 230.0, 40.0]);
        assert!(moved.iter().all(|height| *height <= BOTTOM));
        let mut sorted = moved;
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] > 14.9));
    }
}
