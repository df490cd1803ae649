//! The report: what the page holds and does not hold, the table to the letter, and the command.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fixture;

mod the_command_reads_what_verify_writes;
mod the_page_needs_nothing_else;
mod the_page_shows_every_figure;
mod the_table_is_as_it_was;
