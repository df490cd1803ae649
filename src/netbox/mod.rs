//! The NetBox client: one door for every call, GraphQL reads with REST as the way out, and guarded writes.
//!
//! - [`client`]: `call`, which paces, times, retries what may be retried, classifies and logs.
//! - [`answer`] and [`error`]: what came back, and what a caller may conclude from it.
//! - [`rows`]: the objects we read, in the form both APIs share.
//! - [`read`]: the whole data set, in one GraphQL call or by REST; [`pages`] plans the further pages.
//! - [`mod@write`]: VLAN groups, VLANs and prefixes, made, changed and removed.
//! - [`trail`]: what one request of ours cost: calls and time.

pub mod answer;
pub mod client;
pub mod error;
mod graphql;
pub mod pages;
pub mod read;
mod rest;
pub mod rows;
pub mod trail;
pub mod write;

pub use client::{Client, Connection};
pub use error::NetboxError;
pub use trail::Trail;
