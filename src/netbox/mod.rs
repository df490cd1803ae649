//! The NetBox client: one door for every call, GraphQL reads with REST as the way out, and guarded writes.
//!
//! - [`client`]: `call`, which paces, times, retries what may be retried, classifies and logs.
//! - [`pace`] and [`rate`]: how many calls at once, how fast, and when none at all; `turns` waits by them.
//! - [`answer`] and [`error`]: what came back, and what a caller may conclude from it.
//! - [`rows`]: the objects we read, in the form both APIs share.
//! - [`read`]: the whole data set, in one GraphQL call or by REST; [`pages`] plans the further pages.
//! - [`delta`]: what was written and deleted since an instant, in two calls at once.
//! - [`hook`]: objects as webhooks deliver them.
//! - [`mod@write`]: what is written: new VLANs and prefixes, and changes of them. [`find`]: single rows, looked up.
//! - [`row`]: what VLANs and prefixes have in common.
//! - [`mod@line`] and `group`: group commit. [`kinds`]: the six kinds of writes that lists are made of. [`writer`]: sends them,
//!   and finds out what became of each.
//! - [`views`]: what was written of late, for whoever must know whether somebody was faster.
//! - [`trail`]: what one request of ours cost: calls and time.

pub mod answer;
mod class;
pub mod client;
pub mod delta;
pub mod error;
pub mod find;
mod graphql;
mod group;
pub mod hook;
pub mod kinds;
pub mod line;
pub mod pace;
pub mod pages;
mod past;
pub mod rate;
pub mod read;
mod rest;
pub mod row;
pub mod rows;
pub mod trail;
mod turns;
pub mod views;
pub mod write;
pub mod writer;

pub use client::{Client, Connection};
pub use error::NetboxError;
pub use group::MOST;
pub use rate::RateLimit;
pub use trail::Trail;
pub use writer::{Atomicity, Failed, Writer};
