//! Times against the floor.

use maud::{Markup, html};

use super::plot::{Log, px};
use super::text;
use super::view::{Group, Who};
use crate::verify::Row;

const WIDTH: f64 = 560.0;
const LEFT: f64 = 178.0;
const RIGHT: f64 = 425.0;
const LANE: f64 = 20.0;
const TOP: f64 = 6.0;

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    // What makes no call has no floor, and what was measured at one latency alone is in the table of all figures.
    let shown: Vec<&Group<'_>> = groups
        .iter()
        .filter(|group| group.rows.iter().any(|row| row.figures.floor_ms > 0.0))
        .collect();
    let times = shown.iter().flat_map(|group| &group.rows);
    let times = times.map(|row| row.figures.wall_ms);
    let scale = Log::over(times, LEFT, RIGHT);
    html! {
        @if !shown.is_empty() {
            section #latency aria-labelledby="latency-title" {
                h2 #latency-title { "Time against the floor" }
                p {
                    "The floor is depth × added latency: who needs these calls can’t be faster. "
                    "The tick is the floor, the dot the best of the repetitions; the line between them is what the subject itself and NetBox’s own "
                    "work cost. Logarithmic, the same scale in all charts."
                }
                div.grid {
                    @for group in shown { (figure(group, scale)) }
                }
            }
        }
    }
}

fn figure(group: &Group<'_>, scale: Log) -> Markup {
    let mut latencies: Vec<u64> = group.rows.iter().map(|row| row.added_ms).collect();
    latencies.sort_unstable();
    latencies.dedup();
    let mut lanes: Vec<(Option<u64>, &Row)> = Vec::new();
    for added in latencies {
        let here = |row: &&&Row| row.added_ms == added && row.failure.is_none();
        for (place, row) in group.rows.iter().filter(here).enumerate() {
            lanes.push(((place == 0).then_some(added), row));
        }
    }
    let bottom = TOP + lanes.len() as f64 * LANE;
    let ticks = scale.ticks();
    let told = format!(
        "Time of {}, {}",
        group.first.title,
        text::setting(group.first)
    );
    html! {
        figure {
            figcaption { b { (group.first.title) } " " small { (text::setting(group.first)) } }
            svg viewBox={ "0 0 " (px(WIDTH)) " " (px(bottom + 24.0)) } role="img" aria-label=(told) {
                @for (place, (value, x)) in ticks.iter().copied().enumerate() {
                    line.rule x1=(px(x)) x2=(px(x)) y1=(px(TOP)) y2=(px(bottom)) {}
                    // More labels than five would run into one another.
                    @if ticks.len() <= 5 || place.is_multiple_of(2) {
                        text.axis x=(px(x)) y=(px(bottom + 16.0)) text-anchor="middle" { (tick(value)) }
                    }
                }
                @for (place, (added, row)) in lanes.iter().enumerate() {
                    (lane(row, *added, TOP + place as f64 * LANE, scale))
                }
            }
        }
    }
}

/// 0.1 ms, 10 ms, 1 s.
fn tick(ms: f64) -> String {
    let plain = |value: f64| format!("{}", (value * 1_000.0).round() / 1_000.0);
    match ms >= 1_000.0 {
        true => format!("{} s", plain(ms / 1_000.0)),
        false => format!("{} ms", plain(ms)),
    }
}

fn lane(row: &Row, added: Option<u64>, top: f64, scale: Log) -> Markup {
    let (class, middle) = (Who::of(row).class(), top + LANE / 2.0);
    let figures = &row.figures;
    let (floor, dot) = (scale.at(figures.floor_ms), scale.at(figures.wall_ms));
    let floored = figures.floor_ms > 0.0;
    let over = text::over_floor(figures).map_or_else(String::new, |over| format!("  {over}"));
    let told = format!(
        "{}, +{} ms a call: {}, floor {}",
        text::subject(row),
        row.added_ms,
        text::ms(figures.wall_ms),
        text::ms(figures.floor_ms)
    );
    html! {
        g class=(class) {
            title { (told) }
            @if let Some(added) = added {
                @if top > TOP { line.rule x1="0" x2=(px(WIDTH)) y1=(px(top)) y2=(px(top)) {} }
                text.axis x="0" y=(px(middle + 4.0)) { "+" (added) " ms" }
            }
            text.name x=(px(LEFT - 10.0)) y=(px(middle + 4.0)) text-anchor="end" { (short(row)) }
            @if floored {
                line.over x1=(px(floor)) x2=(px(dot)) y1=(px(middle)) y2=(px(middle)) {}
                line.floor x1=(px(floor)) x2=(px(floor)) y1=(px(middle - 6.0)) y2=(px(middle + 6.0)) {}
            }
            circle cx=(px(dot)) cy=(px(middle)) r="4.5" {}
            text.value x=(px(dot + 10.0)) y=(px(middle + 4.0)) { (text::ms(figures.wall_ms)) (over) }
        }
    }
}

/// The subject in few letters.
fn short(row: &Row) -> String {
    match row.instances {
        0 | 1 => row.subject.clone(),
        many => format!("with {many}"),
    }
}
