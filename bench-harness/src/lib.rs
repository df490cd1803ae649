//! bench-harness
#![allow(missing_docs)]
pub mod host;
pub mod netbox;
