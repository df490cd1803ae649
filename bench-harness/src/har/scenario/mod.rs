//! Drives the component through all it does, so that one command makes a complete recording, and the same again before the replay.
//!
//! - [`Plan`] (`plan.rs`): where in NetBox it works.
//! - [`drive`] (`drive.rs`): the steps, one after another.
//! - `edge.rs`: the component they are sent to, and its answers as HAR.
//! - [`Ground`] (`ground.rs`): NetBox before, and how it is brought back to that.
//! - [`differences`] (`compare.rs`): whether two runs were answered alike.

mod compare;
mod drive;
mod edge;
mod ground;
mod plan;

pub use compare::differences;
pub use drive::drive;
pub use edge::Edge;
pub use ground::Ground;
pub use plan::{DESCRIPTION, NAMES, Plan};
