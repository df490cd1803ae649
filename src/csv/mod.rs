//! Tables as comma-separated text (RFC 4180), written for spreadsheets and read back.
//!
//! Reading and quoting are `csv-core`'s work. What is done here: a cell is written so that no spreadsheet takes it for a
//! formula, and rows know the line they began on. Nothing here knows what the tables are about.

mod formula;
mod read;
mod write;

pub use formula::{harmless, original};
pub use read::{Row, Rows, count, quotes_pair};
pub use write::{Writer, written};

#[cfg(test)]
mod tests;
