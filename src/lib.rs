//! Network segments kept in NetBox, served from the edge.
//!
//! A **segment** is what a network team hands out as one thing: a VLAN with its EPG name, an IP prefix, a site, a VRF, a DHCP
//! flag and the clusters that use it. NetBox keeps it as a prefix and a VLAN; this crate serves it over HTTP as one WASI
//! component, asks NetBox as little as can be, and never lets two callers both win.
//!
//! # A tour
//!
//! A request comes in at [`api`], which knows HTTP: routes, tokens, bodies, problems. It asks [`service`] for one of the
//! things this program does: list, get, create, change, delete. The service decides by the rules of [`segment`], the domain,
//! which knows neither HTTP nor NetBox, and by what [`catalogue`] knows of NetBox: two levels of cache that answer most
//! requests without a NetBox call. What must be asked or written goes through [`netbox`], the one door to it. [`once`] sees
//! to it that a write with an `Idempotency-Key` is carried out once, [`metrics`] counts what is done. All that the host gives, from HTTP to the clock, comes
//! in through the ports in [`platform`]; the wasm-only module `spin` implements them on spin-sdk, for WASIp3 and for WASIp2.
//!
//! ```text
//! api -> service -> catalogue -> segment
//!            \-> netbox <-/
//!                   \-> platform
//! ```

pub mod api;
pub mod catalogue;
pub mod csv;
pub mod log;
pub mod metrics;
pub mod netbox;
pub mod once;
pub mod platform;
pub mod segment;
pub mod service;
pub mod settings;
pub mod sorted;
pub mod sync;
pub mod timestamp;
pub mod xlsx;

#[cfg(target_family = "wasm")]
mod spin;
