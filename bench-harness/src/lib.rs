//! Runs the segment-edge component as Spin would, beside a NetBox that counts every call.
//!
//! - [`har`] records NetBox traffic as HAR, clears it of secrets, and plays it back.
//! - [`host`] loads the built `.wasm` and serves it: instance reuse, key-value store, variables, allowed hosts, log.
//! - [`netbox`] is what it talks to: a double that answers as NetBox 4.7.3 does, or a counting proxy before a real one, each
//!   with a ledger of the calls.
//! - [`baseline`] does the same work otherwise: the service that the component replaces, and a script on pynetbox.
//! - [`mod@compare`] asks two services the same questions, and says what differs.
//! - [`load`] sends requests at a rate that does not wait for the answers.
//! - [`process`] runs the host as a process of its own, to be killed.
//! - [`venv`] has Python programs from PyPI at hand.
//! - [`verify`] holds the component to exact figures; [`report`] shows what it found, as a page and as a table.
//!
//! The component is never linked in: what is tested and measured is the file that is deployed.

pub mod baseline;
pub mod compare;
pub mod har;
pub mod host;
pub mod load;
pub mod netbox;
pub mod process;
pub mod report;
pub mod venv;
pub mod verify;
