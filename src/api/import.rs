//! Segments to be made, as CSV: what an export gave, or a table with the same columns in any order.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Incoming;
use super::body::whole;
use super::bulk::{Item, MOST, counted};
use super::export;
use super::problem::Problem;
use crate::csv::{Row, Rows, count, original, quotes_pair};
use crate::segment::{Draft, Rule, Violation, VlanId, nearest};

/// The media type.
pub(super) const KIND: &str = "text/csv";

/// The columns that a table must have.
const NEEDED: [&str; 5] = ["site", "vrf", "vlan_id", "epg_name", "segment"];
/// The columns that it may have.
const OPTIONAL: [&str; 3] = ["dhcp", "description", "cluster_name"];

/// The segments of a body, each with what is wrong with it, and the lines that they are on.
pub(super) fn drafts(
    call: &Incoming,
    max_body: usize,
) -> Result<(Vec<Item<Draft>>, Vec<usize>), Problem> {
    let text = text(whole(call, max_body)?)?;
    let mut rows = Rows::of(text);
    let Some(header) = rows.next() else {
        return Err(Problem::malformed(
            "there is no body; send a header line with the names of the columns, then a line for each segment",
        ));
    };
    let columns = columns(&header)?;
    let (mut drafts, mut lines, mut length) = (Vec::new(), Vec::new(), 0);
    // A spreadsheet may write lines of empty cells after its last row.
    for row in rows.filter(|row| row.cells.iter().any(|cell| !cell.is_empty())) {
        length += 1;
        if length <= MOST {
            lines.push(row.line);
            let draft = draft(&row, &columns);
            drafts.push(draft.map_err(|w| Problem::invalid(w).on_line(Some(&row.line))));
        }
    }
    counted(length)?;
    Ok((drafts, lines))
}

/// A body as text whose quotes pair.
fn text(bytes: &Bytes) -> Result<&str, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + count(b'\n', good);
        Problem::malformed(format!(
            "line {line} of the body is not UTF-8; save the table as \"CSV UTF-8\""
        ))
    })?;
    if quotes_pair(text) {
        Ok(text)
    } else {
        Err(Problem::malformed(
            "the body has an odd number of quotes (\"): one is not closed, or stands inside a cell, where it must be doubled",
        ))
    }
}

/// The columns of a table, in its order.
fn columns(header: &Row) -> Result<Vec<&'static str>, Problem> {
    let mut columns: Vec<&'static str> = Vec::new();
    let mut wrong = Vec::new();
    for name in &header.cells {
        let known = export::COLUMNS.iter().find(|known| *known == name);
        match known {
            Some(known) if columns.contains(known) => {
                let given = format!("The column {known}");
                wrong.push(Violation::of_member(known, Rule::Repeated { given }));
            }
            Some(known) => columns.push(known),
            None => {
                let rule = Rule::UnknownField {
                    name: name.clone(),
                    nearest: nearest(name, &export::COLUMNS),
                    fields: &export::COLUMNS,
                };
                wrong.push(Violation::of_member(name, rule));
            }
        }
    }
    for name in NEEDED.iter().filter(|name| !columns.contains(name)) {
        let right = "a column of this name; columns are separated by commas";
        wrong.push(Violation::of_member(name, Rule::Required { right }));
    }
    if wrong.is_empty() {
        Ok(columns)
    } else {
        Err(Problem::invalid(wrong).on_line(Some(&header.line)))
    }
}

/// The segment in a row. An empty cell is a field that was left out.
fn draft(row: &Row, columns: &[&'static str]) -> Result<Draft, Vec<Violation>> {
    let cells = row.cells.len();
    if cells != columns.len() {
        let columns = columns.len();
        return Err(vec![Violation::new("", Rule::Cells { cells, columns })]);
    }
    let mut members = Map::new();
    let mut wrong = Vec::new();
    for (column, cell) in columns.iter().zip(&row.cells) {
        let known = NEEDED.contains(column) || OPTIONAL.contains(column);
        if !known || cell.is_empty() {
            continue;
        }
        let value = value(column, cell).unwrap_or_else(|(rule, instead)| {
            wrong.push(Violation::of_member(column, rule));
            instead
        });
        members.insert((*column).to_owned(), value);
    }
    match Draft::parse(&Value::Object(members)) {
        Ok(draft) if wrong.is_empty() => Ok(draft),
        parsed => {
            wrong.extend(parsed.err().into_iter().flatten());
            Err(wrong)
        }
    }
}

/// What a cell says; or the rule that it breaks, and a good value that stands in for it while the others are looked at.
fn value(column: &str, cell: &str) -> Result<Value, (Rule, Value)> {
    match column {
        "vlan_id" => VlanId::parse(cell)
            .map(|vlan_id| vlan_id.get().into())
            .map_err(|rule| (rule, VlanId::MIN.get().into())),
        // Spreadsheets write them in capitals.
        "dhcp" => match cell.to_ascii_lowercase().as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => {
                let given = cell.to_owned();
                let right = "true or false";
                Err((Rule::Choice { given, right }, false.into()))
            }
        },
        _ => Ok(original(cell).into_owned().into()),
    }
}

#[cfg(test)]
mod tests;
