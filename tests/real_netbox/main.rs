//! End to end, over the built component and a real NetBox, seen through a proxy that counts the calls.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod lab;

mod a_read_asks_a_real_netbox_once;
mod a_write_changes_a_real_netbox;
mod rivals_never_both_stay;
