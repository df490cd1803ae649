//! The host dies by SIGKILL at every NetBox call of a write, and another goes on with the same store. Needs the built component
//! (`cargo xtask build`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod kit;
mod picture;
mod writes;

mod a_killed_host_leaves_what_can_be_mended;
mod a_lost_answer_doubles_nothing;
mod an_undo_that_failed_is_made_up_for;
mod at_every_call_of_a_write;
