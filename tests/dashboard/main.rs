//! The dashboard: the built component in the host, on a real port, before the double, used by a headless Chromium.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../writing/rows.rs"]
mod rows;

mod browser;

mod a_screenshot_for_the_documents;
mod changes_are_made_and_shown;
mod everybody_can_read_and_use_it;
mod nothing_foreign_gets_in;
mod segments_are_listed_and_found;
mod the_api_is_shown_as_a_page;
mod the_files_are_served_safely;
mod the_state_of_netbox_stays_in_view;
mod what_crosses_on_the_way;
