//! The files of deployment: that they say what the component and the hosts expect, and what a host with tight limits gets from it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod files;

mod a_host_with_tight_limits_is_enough;
mod every_file_says_what_its_reader_knows;
mod every_operation_fits_into_the_time_of_a_request;
mod the_manifest_names_every_setting;
