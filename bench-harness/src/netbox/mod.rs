//! A NetBox to test against: a double that answers as NetBox 4.7.3 does, keeps rows, can be slow or faulty, and counts every call; and a
//! proxy that counts the calls to a real one. What "as NetBox does" means is pinned by `tests/the_double_answers_as_netbox_does.rs`.

mod auth;
mod call;
mod clock;
mod dataset;
mod db;
mod double;
mod faults;
mod graphql;
mod json;
mod ledger;
mod proxy;
mod reply;
mod rest;
mod run;
mod schema;
mod server;
mod state;

pub use clock::Stamp;
pub use dataset::{Data, SegmentSpec, segment};
pub use db::{Action, Author, Cell, Change, Db, Row};
pub use double::{Double, DoubleSettings};
pub use faults::{Fault, Gate, Matcher};
pub use ledger::{Calls, Ledger, LedgerCall, Mark};
pub use proxy::CountingProxy;
pub use run::serve_double;
pub use schema::Kind;
