//! Reading.

use csv_core::ReadFieldResult;

/// A row, and where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins on, counted from 1. A cell can go over several lines.
    pub line: usize,
    /// Its cells, as they were written.
    pub cells: Vec<String>,
}

/// The rows of a text, one after another. Lines with nothing in them are no rows; a byte order mark is left out.
pub struct Rows<'a> {
    form: csv_core::Reader,
    rest: &'a [u8],
    line: usize,
    space: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// The rows of `text`.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self {
            form: csv_core::Reader::new(),
            rest: text.as_bytes(),
            line: 1,
            space: vec![0; text.len()],
        }
    }

    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at_checked(bytes).unwrap_or_default();
        self.line += count(b'\n', passed);
        self.rest = rest;
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while let Some(b'\r' | b'\n') = self.rest.first() {
            self.pass(1);
        }
        let line = self.line;
        let (mut cells, mut cell) = (Vec::new(), Vec::new());
        loop {
            let (result, read, length) = self.form.read_field(self.rest, &mut self.space);
            self.pass(read);
            cell.extend_from_slice(self.space.get(..length).unwrap_or_default());
            match result {
                // Once nothing is left, the reader is asked again and says that this was the end.
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    // It was cut out of UTF-8 at ASCII characters, so it is UTF-8.
                    cells.push(String::from_utf8(std::mem::take(&mut cell)).unwrap_or_default());
                    if record_end {
                        return Some(Row { line, cells });
                    }
                }
                ReadFieldResult::End => return None,
            }
        }
    }
}

/// Whether each quote of a text has its partner: one that is not closed would make one cell of all that follows.
#[must_use]
pub fn quotes_pair(text: &str) -> bool {
    count(b'"', text.as_bytes()).is_multiple_of(2)
}

/// How often `byte` is there.
#[must_use]
pub fn count(byte: u8, bytes: &[u8]) -> usize {
    bytes.iter().filter(|other| **other == byte).count()
}
