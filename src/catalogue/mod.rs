//! What we know of NetBox, and how long we may believe it.
//!
//! - [`snapshot`]: all rows as one read of NetBox gave them; what goes into the key-value store.
//! - [`sheet`]: those rows, packed, so that they can be looked into where they lie.
//! - [`index`]: what they make, with all that was written since; kept up to date by every write of ours.
//! - [`freshness`]: whether the catalogue may answer, must be read again, or may answer while it is.
//! - [`revalidation`]: what was written and deleted since, and what that means for what we know.
//! - [`journal`]: small notes of single writes, so that other instances on the same store see them at once.
//! - [`codec`] and [`shelf`]: the bytes, and where in the store they lie.
//! - [`keeper`]: holds it all together: loads, refreshes one at a time, and never lets a refresh hide a write.

pub mod codec;
pub mod freshness;
pub mod index;
pub mod journal;
pub mod keeper;
pub mod revalidation;
pub mod sheet;
pub mod shelf;
pub mod snapshot;

pub use freshness::Lifetimes;
pub use index::Catalogue;
pub use journal::Change;
pub use keeper::{Keeper, Source, Sourced};
pub use shelf::Shelf;
pub use snapshot::Snapshot;
