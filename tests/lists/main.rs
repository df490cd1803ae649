//! End to end, over the built component and the double: lists of writes, allocation, and what travels together.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../writing/rows.rs"]
mod rows;

mod a_dry_run_changes_nothing;
mod a_free_segment_goes_to_one_cluster;
mod a_hundred_thousand_segments_fit;
mod a_list_is_done_wholly_or_item_by_item;
mod an_export_can_be_imported;
mod many_at_once_travel_together;
mod room_is_found_for_a_segment;
mod ten_thousand_segments_are_no_burden;
mod wrong_requests;
