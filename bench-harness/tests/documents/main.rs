//! The documents: every command in them is run, or stands in one list with the reason why it can't be; what they show is what came; and
//! what they point to is there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
#[path = "../compare/before.rs"]
mod before;
#[allow(dead_code)]
#[path = "../../../tests/clients/console.rs"]
mod console;

mod commands;
mod files;
mod ground;
mod not_run;
mod script;

mod deployment_names_files_that_are_there;
mod every_command_is_run;
mod every_link_leads_somewhere;
mod every_route_is_described;
mod what_is_not_run_has_a_reason;
