//! The examples in `clients/`, run against the built component on a port, with tokens on, before the double.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod console;
mod kit;

mod every_command_of_the_cookbook_gives_what_it_prints;
mod the_playbook_changes_only_what_differs;
mod the_python_module_writes_once_however_often_it_asks;
mod the_terraform_example_fits_the_api;
