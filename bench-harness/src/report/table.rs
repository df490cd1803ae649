//! A run for a terminal.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

use super::text;
use super::view::{self, Group};
use crate::verify::{Outcome, Row};

const HEADS: [&str; 12] = [
    "operation",
    "by",
    "added",
    "calls (depth)",
    "claimed",
    "measured",
    "in flight",
    "time",
    "floor",
    "fuel",
    "memory",
    "targets",
];

pub(super) fn table(outcome: &Outcome) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line).bottom_border(line));
    table.set_header(HEADS);
    for group in view::groups(outcome) {
        for (place, row) in group.rows.iter().enumerate() {
            table.add_row(cells(&group, row, place));
        }
    }
    for column in table.column_iter_mut().skip(2).take(9) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}\n{}", table.trim_fmt(), verdict(outcome))
}

/// The cells of a row; what all rows of a group share is said once.
fn cells(group: &Group<'_>, row: &Row, place: usize) -> Vec<String> {
    let figures = &row.figures;
    let original = group.original().filter(|_| place == 0);
    let told = |text: Option<&String>| text.cloned().unwrap_or_default();
    let mut cells = vec![
        match place {
            0 if group.rows.len() == 1 => clean(&row.title) + "\n  " + &text::setting(row),
            0 => clean(&row.title),
            1 => format!("  {}", text::setting(row)),
            _ => String::new(),
        },
        clean(&text::subject(row)),
        format!("+{} ms", row.added_ms),
    ];
    if let Some(failure) = &row.failure {
        cells.push("none".into());
        cells.resize(HEADS.len() - 1, String::new());
        cells.push(clean(failure));
        return cells;
    }
    let optional = |text: Option<String>| text.unwrap_or_default();
    cells.extend([
        text::calls(figures),
        clean(&told(original.and_then(|o| o.claimed.as_ref()))),
        clean(&told(original.and_then(|o| o.measured.as_ref()))),
        figures.peak_in_flight.to_string(),
        text::ms(figures.wall_ms),
        optional(text::over_floor(figures)),
        optional(figures.fuel.map(text::fuel)),
        optional(figures.guest_memory_bytes.map(text::memory)),
        targets(row),
    ]);
    cells
}

fn targets(row: &Row) -> String {
    let missed = row.checks.iter().filter(|check| !check.met);
    let missed: Vec<&str> = missed.map(|check| check.what.as_str()).collect();
    match (row.checks.len(), missed.as_slice()) {
        (0, _) => String::new(),
        (all, []) => format!("{all} met"),
        _ => clean(&format!("MISSED {}", missed.join(", "))),
    }
}

/// Text that can't move the cursor or colour a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect()
}

fn verdict(outcome: &Outcome) -> String {
    let (all, met) = view::tally(outcome);
    let mut lines = Vec::new();
    for row in outcome.missed() {
        let place = format!(
            "{} ({}, {}, +{} ms)",
            row.title,
            text::subject(row),
            text::setting(row),
            row.added_ms
        );
        lines.extend(
            row.failure
                .iter()
                .map(|why| format!("missed: {place}: {why}")),
        );
        for check in row.checks.iter().filter(|check| !check.met) {
            let (asked, found) = (text::asked(check), text::found(check));
            lines.push(format!("missed: {place}: {asked}, found {found}"));
        }
    }
    for finding in outcome.unmet() {
        let (asked, found) = (text::asked(&finding.check), text::found(&finding.check));
        let place = &finding.about;
        lines.push(format!("missed: {place}: {asked}, found {found}"));
    }
    lines.push(format!(
        "{met} of {all} targets met, before {}",
        outcome.netbox
    ));
    lines.iter().map(|line| clean(line) + "\n").collect()
}
