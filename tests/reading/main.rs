//! End to end, over the built component and the double: what it reads.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod a_warm_catalogue_asks_netbox_nothing;
