//! End to end, over the built component: what it does when NetBox fails.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod a_known_catalogue_outlives_netbox;

mod a_write_that_fails_leaves_nothing_half_made;
mod every_failure_of_netbox_is_a_clear_problem;
mod only_what_can_do_no_harm_is_repeated;
mod problems;
mod what_failed_is_not_done_or_undone_later;
