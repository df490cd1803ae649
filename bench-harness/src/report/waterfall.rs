//! The calls of one row over time.

use maud::{Markup, html};

use super::plot::{px, step};
use super::text;
use crate::verify::{Row, Span};

const WIDTH: f64 = 560.0;
const RIGHT: f64 = 545.0;
const TOP: f64 = 4.0;
/// Calls that are drawn at most; what is beyond is only counted.
const MOST: usize = 300;
/// Up to so many calls each is named in the picture.
const NAMED: usize = 14;

/// How long the longest of several timelines is, in microseconds: they are drawn to one scale.
pub(super) fn length(rows: &[&Row]) -> u64 {
    let ends = rows.iter().flat_map(|row| &row.timeline);
    ends.map(|span| span.end_us).max().unwrap_or(0).max(1)
}

/// A row's calls as a picture of this length.
pub(super) fn figure(row: &Row, length: u64) -> Markup {
    let calls = row.timeline.len();
    let shown = &row.timeline[..calls.min(MOST)];
    let height = (230.0 / shown.len().max(1) as f64).clamp(3.0, 16.0);
    let bottom = TOP + height * shown.len() as f64;
    let scale = |us: u64| RIGHT * us as f64 / length as f64;
    let total = length as f64 / 1_000.0;
    let (step, mut ticks) = (step(total), Vec::new());
    let mut at = 0.0;
    while at <= total {
        ticks.push((at, RIGHT * at / total));
        at += step;
    }
    let told = format!(
        "{}: {} calls (depth) over {}",
        text::subject(row),
        text::calls(&row.figures),
        text::ms(row.figures.wall_ms)
    );
    html! {
        figure.waterfall {
            figcaption {
                b { (text::subject(row)) } " "
                (text::calls(&row.figures)) " calls (depth), " (text::ms(row.figures.wall_ms))
                @if row.added_ms > 0 { ", +" (row.added_ms) " ms a call" }
            }
            @if shown.is_empty() {
                p.none { "No call to NetBox." }
            } @else {
                svg viewBox={ "0 0 " (px(WIDTH)) " " (px(bottom + 22.0)) } role="img" aria-label=(told) {
                    @for (value, x) in ticks {
                        line.rule x1=(px(x)) x2=(px(x)) y1=(px(TOP)) y2=(px(bottom)) {}
                        text.axis x=(px(x)) y=(px(bottom + 16.0)) text-anchor=(if x < 1.0 { "start" } else { "middle" }) { (text::round(text::ms(value))) }
                    }
                    @for (place, span) in shown.iter().enumerate() {
                        (bar(span, scale(span.start_us), scale(span.end_us), TOP + place as f64 * height, height, shown.len() <= NAMED))
                    }
                }
            }
            @if calls > MOST { p.none { "The first " (MOST) " of " (calls) " calls." } }
        }
    }
}

fn kind(span: &Span) -> &'static str {
    let read =
        matches!(span.method.as_str(), "GET" | "HEAD" | "OPTIONS") || span.route == "/graphql/";
    match (span.status, read) {
        (0 | 400.., _) => "failed",
        (_, true) => "read",
        _ => "write",
    }
}

fn bar(span: &Span, from: f64, to: f64, top: f64, height: f64, named: bool) -> Markup {
    let route = span.route.strip_prefix("/api").unwrap_or(&span.route);
    let took = span.end_us.saturating_sub(span.start_us) as f64 / 1_000.0;
    let gap = if height > 6.0 { 2.0 } else { 0.5 };
    // The name stands after the bar, where there is no room before it, else in it.
    let name = match (to < RIGHT * 0.55, from > RIGHT * 0.45) {
        (true, _) => Some((to + 6.0, "start", "axis")),
        (_, true) => Some((from - 6.0, "end", "axis")),
        _ if to - from > RIGHT * 0.4 => Some((from + 6.0, "start", "inside")),
        _ => None,
    };
    html! {
        g class=(kind(span)) {
            title { (span.method) " " (span.route) ", " (span.status) ", " (text::ms(took)) ", " (text::bytes(span.bytes)) }
            rect x=(px(from)) y=(px(top)) width=(px((to - from).max(1.5))) height=(px(height - gap)) rx="1" {}
            @if let Some((x, anchor, class)) = name.filter(|_| named) {
                text class=(class) x=(px(x)) y=(px(top + height / 2.0 + 3.0)) text-anchor=(anchor) { (span.method) " " (route) }
            }
        }
    }
}
