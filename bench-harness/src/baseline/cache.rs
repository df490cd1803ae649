//! Something known for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the service believed what it had read.
const TTL: Duration = Duration::from_secs(300);

#[derive(Debug)]
struct Slot<T> {
    known: Option<(Instant, T)>,
    emptied: u64,
}

/// One value, believed for five minutes unless it is emptied.
#[derive(Debug)]
pub(super) struct Cache<T>(Mutex<Slot<T>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::new(Slot {
            known: None,
            emptied: 0,
        }))
    }
}

impl<T: Clone> Cache<T> {
    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the value, and does not keep what is being read now.
    pub(super) fn empty(&self) {
        let mut slot = self.slot();
        slot.known = None;
        slot.emptied += 1;
    }

    /// The value, read when it is not known. Several that miss it at once all read it: the service did not let them share a read.
    pub(super) async fn get(
        &self,
        read: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let emptied = {
            let slot = self.slot();
            match &slot.known {
                Some((since, value)) if since.elapsed() < TTL => return Ok(value.clone()),
                _ => slot.emptied,
            }
        };
        let value = read.await?;
        let mut slot = self.slot();
        if slot.emptied == emptied {
            slot.known = Some((Instant::now(), value.clone()));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn what_was_read_before_the_cache_was_emptied_is_not_kept() {
        let cache = Cache::default();
        let read = async {
            cache.empty();
            Ok(1)
        };
        assert_eq!(cache.get(read).await.unwrap(), 1);
        assert_eq!(cache.get(async { Ok(2) }).await.unwrap(), 2);
        assert_eq!(cache.get(async { Ok(3) }).await.unwrap(), 2);
    }
}
