//! Tables as workbooks of spreadsheets (Office Open XML, ECMA-376), written only.
//!
//! The crates for that add 159 to 716 kB to the component. What a table needs is one sheet and a handful of fixed parts
//! around it, so these are written here, over the crates that know the hard part: `miniz_oxide` packs, `crc32fast` checks.
//!
//! A workbook is a zip file of XML (`zip`). The rows are packed piece by piece: 100,000 of them are over 40 MB of XML, which never
//! lie in memory at once. `text` writes what XML can't hold. Nothing here knows what the tables are about.
//!
//! # Formulas
//! What a cell of CSV is, the spreadsheet guesses from its text, and so a text that begins with `=` must be made harmless there
//! (OWASP, "CSV Injection"; see [`crate::csv`]). A cell of a workbook says what it is: a formula is an element of its own, `f`,
//! and what stands in an inline string is text, whatever it begins with. An apostrophe would be seen, and part of the text.
//! Only if somebody edits such a cell would its text be looked at anew; the style `quotePrefix` keeps it a text then too.

mod parts;
mod sheet;
mod text;
mod zip;

pub use sheet::{Sheet, written};

#[cfg(test)]
mod tests;
