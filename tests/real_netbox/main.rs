//! End to end, over the built component and a real NetBox, seen through a proxy that counts the calls.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../races/arena/mod.rs"]
mod arena;
mod lab;

mod a_read_asks_a_real_netbox_once;
mod a_write_changes_a_real_netbox;
mod every_answer_in_a_race_is_true;
mod rivals_never_both_stay;
mod ten_take_what_one_takes_before_a_real_netbox;
mod the_documented_rights_are_enough;
