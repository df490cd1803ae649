//! The baselines: what each of their operations costs, to the call, and that all leave the same in NetBox as the component. Needs the
//! built component (`cargo xtask build`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod edge;
mod kit;
mod picture;

mod a_script_on_pynetbox_does_the_same_work;
mod all_leave_the_same_in_netbox;
mod the_naive_service_asks_for_everything;
mod the_tuned_service_costs_what_was_measured;
