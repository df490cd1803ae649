//! `bench-harness compare`: two services that answer alike, and each way in which they may not. Needs the built component
//! (`cargo xtask build`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod before;
mod command;
mod components;
mod kit;
mod services;
