//! Recording NetBox traffic, and playing it back. Needs the built component (`cargo xtask build`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod kit;

mod a_file_is_written_by_the_commands;
mod a_recording_has_no_secrets;
mod a_replay_says_what_differs;
mod a_scenario_is_played_back;
