//! A NetBox to test against: a double that answers as NetBox 4.7.3 does, keeps rows, can be slow or faulty, and counts every call; and a
//! proxy that counts the calls to a real one. What "as NetBox does" means is pinned by `tests/the_double_answers_as_netbox_does.rs`.

mod api;
mod auth;
mod call;
mod chaos;
mod clock;
mod dataset;
mod db;
mod double;
mod faults;
mod graphql;
mod inventory;
mod json;
mod ledger;
mod limit;
mod proxy;
mod release;
mod reply;
mod rest;
mod run;
mod schema;
mod server;
mod state;

pub use api::{Api, Secret};
pub use chaos::Chaos;
pub use clock::Stamp;
pub use dataset::{Data, SegmentSpec, segment};
pub use db::{Action, Author, Cell, Change, Db, Row};
pub use double::{Double, DoubleSettings};
pub use faults::{Fault, Gate, Matcher};
pub use inventory::{Inventory, Known, Ours};
pub use ledger::{Calls, Ledger, LedgerCall, Mark};
pub use limit::{RateLimit, Refusal};
pub use proxy::CountingProxy;
pub use release::Release;
pub use run::serve_double;
pub use schema::Kind;
