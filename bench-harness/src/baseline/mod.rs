//! Others that keep the same segments in the same NetBox, to be measured beside the component in the same run.
//!
//! - [`Naive`]: the service that the component replaces as it was first: it looks everything up before each write, one call after another.
//! - [`Tuned`]: the same service as it was last: caches, and look-ups at once where they don't need one another.
//! - [`Pynetbox`]: a script as a user would write it with the Python package `pynetbox`.
//!
//! All of them leave in NetBox what the component leaves there, as far as a list of segments shows. A segment that was released is
//! `active` again, where the component keeps `reserved` to remember the release. What they do not have is what the component adds:
//! guards against rivals, undo, and a check after a create. So ten allocations at once that choose the same segment overwrite one
//! another here; the service lost nine of ten, too.

mod cache;
mod naive;
mod pynetbox;
mod rows;
mod session;
mod tuned;

pub use naive::Naive;
pub use pynetbox::Pynetbox;
pub use tuned::Tuned;

use futures::future::join_all;

use crate::verify::Manner;

/// Does each of several operations as the manner asks. None of the baselines has lists: `Bulk` is one after another.
async fn each<T, R>(
    items: &[T],
    manner: Manner,
    work: impl AsyncFn(&T) -> anyhow::Result<R>,
) -> anyhow::Result<Vec<R>> {
    if manner == Manner::AtOnce {
        return join_all(items.iter().map(|item| work(item)))
            .await
            .into_iter()
            .collect();
    }
    let mut done = Vec::new();
    for item in items {
        done.push(work(item).await?);
    }
    Ok(done)
}
