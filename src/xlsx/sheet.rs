//! The sheet.

use std::fmt::{Display, Write as _};

use super::parts;
use super::text::{escaped, fitting, has_edge_space};
use super::zip::{Packing, Zip};

/// How much XML is gathered before it is packed, in bytes.
const PIECE: usize = 16 << 10;

/// Writes cells and rows, each as soon as it is given. Rows have one cell at least, and a sheet has 1,048,576 rows at most.
pub struct Sheet {
    part: Packing,
    xml: String,
    shown: String,
    /// The number of the row, from 1, and the same as text.
    row: usize,
    number: String,
    /// The number of the cell that was written last, from 1.
    column: usize,
}

impl Sheet {
    /// Adds a text to the row. An empty one is an empty cell; of one longer than 32,767 units of UTF-16, which is all that a
    /// cell can hold, the end is left out.
    pub fn text(&mut self, text: &str) {
        if text.is_empty() {
            return self.next();
        }
        let style = if self.row == 1 {
            " s=\"1\""
        } else if looks_like_formula(text) {
            " s=\"2\""
        } else {
            ""
        };
        self.open(style, "inlineStr");
        self.xml.push_str(if has_edge_space(text) {
            "<is><t xml:space=\"preserve\">"
        } else {
            "<is><t>"
        });
        let (text, more) = fitting(text);
        escaped(text, &mut self.xml);
        self.xml.push_str(more);
        self.xml.push_str("</t></is></c>");
    }

    /// Adds what is shown by a value as a text.
    pub fn text_of(&mut self, value: &dyn Display) {
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        // Writing to a String cannot fail.
        let _ = write!(shown, "{value}");
        self.text(&shown);
        self.shown = shown;
    }

    /// Adds what is shown by a value as a number: digits, with a point among them or not.
    pub fn number_of(&mut self, value: &dyn Display) {
        self.open("", "n");
        let _ = write!(self.xml, "<v>{value}</v></c>");
    }

    /// Adds a boolean.
    pub fn truth(&mut self, truth: bool) {
        self.open("", "b");
        let value = if truth { "1" } else { "0" };
        self.xml.push_str("<v>");
        self.xml.push_str(value);
        self.xml.push_str("</v></c>");
    }

    /// Ends the row.
    pub fn end(&mut self) {
        self.xml.push_str("</row>");
        if self.xml.len() >= PIECE {
            self.part.put(&self.xml);
            self.xml.clear();
        }
        self.row += 1;
        self.column = 0;
    }

    /// Goes to the next cell. The first one begins the row.
    fn next(&mut self) {
        if self.column == 0 {
            self.number.clear();
            // Writing to a String cannot fail.
            let _ = write!(self.number, "{}", self.row);
            self.xml.push_str("<row r=\"");
            self.xml.push_str(&self.number);
            self.xml.push_str("\">");
        }
        self.column += 1;
    }

    fn open(&mut self, style: &str, kind: &str) {
        self.next();
        let xml = &mut self.xml;
        xml.push_str("<c r=\"");
        letters(self.column, xml);
        for piece in [&self.number, "\"", style, " t=\"", kind, "\">"] {
            xml.push_str(piece);
        }
    }
}

/// A workbook with one sheet: a header of `columns`, one at least, which have these widths in characters, and what `rows`
/// writes. The title must be letters alone.
#[must_use]
pub fn written(title: &str, columns: &[&str], widths: &[u8], rows: &dyn Fn(&mut Sheet)) -> Vec<u8> {
    let mut zip = Zip::default();
    zip.store("[Content_Types].xml", parts::CONTENT_TYPES);
    zip.store("_rels/.rels", parts::ROOT);
    zip.store("xl/_rels/workbook.xml.rels", parts::OF_WORKBOOK);
    zip.store("xl/styles.xml", parts::STYLES);
    let mut sheet = Sheet {
        part: zip.pack("xl/worksheets/sheet1.xml"),
        xml: parts::SHEET_BEGINS.to_owned(),
        shown: String::new(),
        row: 1,
        number: String::new(),
        column: 0,
    };
    for (place, width) in widths.iter().enumerate() {
        let place = place + 1;
        let _ = write!(
            sheet.xml,
            "<col min=\"{place}\" max=\"{place}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    sheet.xml.push_str("</cols><sheetData>");
    columns.iter().for_each(|name| sheet.text(name));
    sheet.end();
    rows(&mut sheet);
    let mut last = String::new();
    letters(columns.len(), &mut last);
    let rows = sheet.row - 1;
    // A text of digits is meant to be one, and wants no mark.
    let _ = write!(
        sheet.xml,
        "</sheetData><autoFilter ref=\"A1:{last}{rows}\"/><ignoredErrors><ignoredError sqref=\"A1:{last}{rows}\" numberStoredAsText=\"1\"/></ignoredErrors></worksheet>"
    );
    sheet.part.put(&sheet.xml);
    let mut zip = sheet.part.end();
    let range = format!("$A$1:${last}${rows}");
    zip.store("xl/workbook.xml", &parts::workbook(title, &range));
    zip.finish()
}

/// Adds the name of a column: A is the first, AA the 27th.
fn letters(column: usize, into: &mut String) {
    if column > 26 {
        letters((column - 1) / 26, into);
    }
    into.push(char::from(b'A' + ((column - 1) % 26) as u8));
}

/// Whether a text would be a formula if somebody typed it.
fn looks_like_formula(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@'))
}
