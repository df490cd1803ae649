//! The formats of files.

use std::fmt::Display;

use crate::{csv, xlsx};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Comma-separated text.
    Csv,
    /// A workbook of Excel and other spreadsheets.
    Excel,
}

/// What rows are written to, whatever the format. Empty texts are empty cells.
pub(in crate::api) trait Table {
    /// Adds a text.
    fn text(&mut self, text: &str);
    /// Adds what is shown by a value as a text.
    fn text_of(&mut self, value: &dyn Display);
    /// Adds what is shown by a value as a number.
    fn number_of(&mut self, value: &dyn Display);
    /// Adds a boolean.
    fn truth(&mut self, truth: bool);
    /// Ends the row.
    fn end(&mut self);
}

impl Form {
    /// The media type of a file.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            // With the parameters of RFC 4180, section 3.
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// What the name of a file ends with.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Excel => "xlsx",
        }
    }

    /// A file: a header of `columns`, and what `rows` writes. It has the title and the widths, in characters, where the
    /// format knows such things.
    pub(in crate::api) fn written(
        self,
        title: &str,
        columns: &[&str],
        widths: &[u8],
        rows: &dyn Fn(&mut dyn Table),
    ) -> Vec<u8> {
        match self {
            Self::Csv => csv::written(&|to| {
                columns.iter().for_each(|name| to.cell(name));
                to.end();
                rows(to);
            }),
            Self::Excel => xlsx::written(title, columns, widths, &|sheet| rows(sheet)),
        }
    }
}

impl Table for csv::Writer<'_> {
    fn text(&mut self, text: &str) {
        self.cell(text);
    }

    fn text_of(&mut self, value: &dyn Display) {
        self.cell_of(value);
    }

    fn number_of(&mut self, value: &dyn Display) {
        self.cell_of(value);
    }

    fn truth(&mut self, truth: bool) {
        self.cell(if truth { "true" } else { "false" });
    }

    fn end(&mut self) {
        self.end();
    }
}

impl Table for xlsx::Sheet {
    fn text(&mut self, text: &str) {
        self.text(text);
    }

    fn text_of(&mut self, value: &dyn Display) {
        self.text_of(value);
    }

    fn number_of(&mut self, value: &dyn Display) {
        self.number_of(value);
    }

    fn truth(&mut self, truth: bool) {
        self.truth(truth);
    }

    fn end(&mut self) {
        self.end();
    }
}
