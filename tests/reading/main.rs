//! End to end, over the built component and the double: what it reads, and what its answers look like.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod golden;

mod a_cold_catalogue_takes_few_calls;
mod a_deep_health_check_names_the_remedy;
mod a_list_takes_filters_and_pages;
mod a_read_looks_into_the_store_only_for_news;
mod a_warm_catalogue_asks_netbox_nothing;
mod a_webhook_shows_changes_at_once;
mod a_workbook_has_what_the_list_has;
mod a_wrong_request_is_told_what_would_be_right;
mod an_export_opens_in_a_spreadsheet;
mod an_old_catalogue_is_compared_not_reloaded;
mod an_old_catalogue_is_read_again;
mod every_answer_says_what_it_cost;
mod every_call_is_told_in_the_log;
mod only_a_token_opens_the_door;
mod the_dashboard_and_the_alerts_know_the_metrics;
mod the_metrics_tell_what_was_done;
mod the_store_saves_calls_and_never_costs_correctness;
