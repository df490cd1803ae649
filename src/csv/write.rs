//! Writing.

use std::fmt::{Display, Write as _};

use csv_core::WriteResult;

use super::harmless;

/// Whether a cell needs quotes around it (RFC 4180, section 2).
fn needs_quotes(cell: &str) -> bool {
    cell.bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'))
}

/// Writes cells and rows, each as soon as it is given. Rows have two cells at least: an empty line would be none.
///
/// Of `csv-core` only what doubles quotes is used: its writer knows a style that looks for numbers, and the code that reads
/// fractions takes 20 kB.
pub struct Writer<'a> {
    put: &'a mut dyn FnMut(&[u8]),
    begun: bool,
    shown: String,
}

impl<'a> Writer<'a> {
    /// A writer whose bytes go to `put`.
    pub fn new(put: &'a mut dyn FnMut(&[u8])) -> Self {
        Self {
            put,
            begun: false,
            shown: String::new(),
        }
    }

    /// Adds a cell to the row: in quotes where that is needed, and never a formula.
    pub fn cell(&mut self, text: &str) {
        if self.begun {
            (self.put)(b",");
        }
        self.begun = true;
        let text = harmless(text);
        if !needs_quotes(&text) {
            (self.put)(text.as_bytes());
            return;
        }
        (self.put)(b"\"");
        let (mut rest, mut space) = (text.as_bytes(), [0; 128]);
        loop {
            let (result, read, length) = csv_core::quote(rest, &mut space, b'"', b'"', true);
            (self.put)(space.get(..length).unwrap_or_default());
            rest = rest.get(read..).unwrap_or_default();
            if result == WriteResult::InputEmpty {
                break;
            }
        }
        (self.put)(b"\"");
    }

    /// Adds what is shown by a value as a cell.
    pub fn cell_of(&mut self, value: &dyn Display) {
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        // Writing to a String cannot fail.
        let _ = write!(shown, "{value}");
        self.cell(&shown);
        self.shown = shown;
    }

    /// Ends the row.
    pub fn end(&mut self) {
        (self.put)(b"\r\n");
        self.begun = false;
    }
}

/// What `rows` writes, in one piece of exactly its length. It is run twice, first only to know that length: a buffer that
/// grows would take up to three times as much memory when it has to move.
#[must_use]
pub fn written(rows: &dyn Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut length = 0;
    rows(&mut Writer::new(&mut |bytes| length += bytes.len()));
    let mut text = Vec::with_capacity(length);
    rows(&mut Writer::new(&mut |bytes| text.extend_from_slice(bytes)));
    text
}
