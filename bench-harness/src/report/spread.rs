//! How the repetitions of a row differ.

use maud::{Markup, html};

use super::plot::px;
use super::text;
use super::view::{Group, Who};
use crate::verify::Row;

const WIDTH: f64 = 240.0;
const EDGE: f64 = 6.0;

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    let repeated = |row: &&Row| row.figures.walls_ms.len() > 1 && row.failure.is_none();
    let rows: Vec<&Row> = groups
        .iter()
        .flat_map(|group| group.at_most().into_iter().filter(repeated))
        .collect();
    let most = rows
        .iter()
        .filter_map(|row| Some(sorted(row).last()? / best(row)));
    let most = most.fold(1.0_f64, f64::max).max(1.2);
    html! {
        @if !rows.is_empty() {
            section #spread aria-labelledby="spread-title" {
                h2 #spread-title { "How steady the times are" }
                p {
                    "Each mark is a repetition at the highest latency measured, from the best of its row at the left to " (text::number(most)) " times the best at the right."
                }
                div.scroll tabindex="0" role="group" aria-label="Table of repetitions" {
                    table {
                        caption { "Time of each repetition" }
                        thead {
                            tr {
                                th scope="col" { "Operation" } th scope="col" { "By" } th scope="col" .n { "Added" }
                                th scope="col" { "Repetitions" }
                                th scope="col" .n { "Best" } th scope="col" .n { "Median" } th scope="col" .n { "Worst" }
                            }
                        }
                        tbody { @for row in rows { (line(row, most)) } }
                    }
                }
            }
        }
    }
}

fn sorted(row: &Row) -> Vec<f64> {
    let mut walls = row.figures.walls_ms.clone();
    walls.sort_by(f64::total_cmp);
    walls
}

fn best(row: &Row) -> f64 {
    let walls = row.figures.walls_ms.iter().copied();
    walls.fold(f64::INFINITY, f64::min).max(1e-6)
}

/// The middle value; of two in the middle their mean.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (Some(high), 0) => (sorted[middle - 1] + high) / 2.0,
        (Some(value), _) => *value,
        (None, _) => 0.0,
    }
}

fn line(row: &Row, most: f64) -> Markup {
    let walls = sorted(row);
    let (least, worst) = (best(row), walls.last().copied().unwrap_or_default());
    let at = |wall: f64| EDGE + (wall / least - 1.0) / (most - 1.0) * (WIDTH - 2.0 * EDGE);
    html! {
        tr {
            th scope="row" { (row.title) small { (text::setting(row)) } }
            td { (text::subject(row)) }
            td.n { "+" (row.added_ms) " ms" }
            td {
                svg.strip viewBox={ "0 0 " (px(WIDTH)) " 16" } role="img" aria-label={ (walls.len()) " repetitions" } {
                    line.rule x1=(px(EDGE)) x2=(px(WIDTH - EDGE)) y1="8" y2="8" {}
                    g class=(Who::of(row).class()) {
                        @for wall in &walls {
                            circle.faint cx=(px(at(*wall))) cy="8" r="4" { title { (text::ms(*wall)) } }
                        }
                        line.floor x1=(px(at(median(&walls)))) x2=(px(at(median(&walls)))) y1="1" y2="15" {}
                    }
                }
            }
            td.n { (text::ms(least)) } td.n { (text::ms(median(&walls))) } td.n { (text::ms(worst)) }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(super::median(&[1.0, 2.0, 9.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(super::median(&[1.0, 2.0]).to_bits(), 1.5_f64.to_bits());
        assert_eq!(super::median(&[]).to_bits(), 0.0_f64.to_bits());
    }
}
