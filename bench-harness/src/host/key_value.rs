//! `spin:key-value@3.0.0` and `fermyon:spin/key-value@2.0.0`: the store, with the limits that real Spin hosts set, counters, and switches to make it fail or crawl.

mod file;
mod guest;
mod guest_p2;
mod memory;

#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub use guest::OpenStore;

use anyhow::{Context as _, bail};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The only store label that exists without a runtime configuration, and the only one this host knows.
pub const DEFAULT_LABEL: &str = "default";

/// The largest value and key a store takes. The defaults are those of the tightest Spin hosts (Akamai Functions, Fermyon Cloud).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes in a value: 1,000,000 by default.
    pub value_bytes: usize,
    /// Bytes in a key: 255 by default.
    pub key_bytes: usize,
}

impl StoreLimits {
    /// No limit at all, as Spin's own SQLite store behaves.
    pub const NONE: Self = Self {
        value_bytes: usize::MAX,
        key_bytes: usize::MAX,
    };
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            value_bytes: 1_000_000,
            key_bytes: 255,
        }
    }
}

/// How many operations guests have asked for, the failed ones included. `exists` counts as a get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreOps {
    /// `get` and `exists`.
    pub gets: usize,
    /// `set`.
    pub sets: usize,
    /// `delete`.
    pub deletes: usize,
    /// `get-keys`.
    pub lists: usize,
}

/// A key-value store. Clones are the same store, so two hosts can share one.
///
/// The methods of this type are for tests: they are neither counted, limited, delayed nor made to fail.
#[derive(Clone)]
pub struct KeyValue(Arc<Inner>);

struct Inner {
    backend: Box<dyn Backend>,
    limits: Mutex<StoreLimits>,
    failing: AtomicBool,
    delay_nanos: AtomicU64,
    gets: AtomicUsize,
    sets: AtomicUsize,
    deletes: AtomicUsize,
    lists: AtomicUsize,
}

/// Where the pairs are kept.
trait Backend: Send + Sync {
    fn get(&self, key: &str) -> anyhow::Result<Option<Vec<u8>>>;
    fn set(&self, key: &str, value: &[u8]) -> anyhow::Result<()>;
    fn delete(&self, key: &str) -> anyhow::Result<()>;
    fn keys(&self) -> anyhow::Result<Vec<String>>;
    fn clear(&self) -> anyhow::Result<()>;
    /// Whether an operation may wait for a disk, and so must not run on an async worker thread.
    fn blocks(&self) -> bool;
}

impl KeyValue {
    /// An empty store in memory, gone with its last clone.
    pub fn memory() -> Self {
        Self::over(Box::new(memory::Memory::default()))
    }

    /// The store in the file at `path` (redb), made when missing. Every write is on disk before the guest hears of it.
    ///
    /// # Errors
    /// When the file cannot be opened, is not a redb database, or is open elsewhere: one process at a time; within it, share clones.
    pub fn file(path: &Path) -> anyhow::Result<Self> {
        let file = file::File::open(path)
            .with_context(|| format!("cannot open the key-value store {}", path.display()))?;
        Ok(Self::over(Box::new(file)))
    }

    fn over(backend: Box<dyn Backend>) -> Self {
        Self(Arc::new(Inner {
            backend,
            limits: Mutex::new(StoreLimits::default()),
            failing: AtomicBool::new(false),
            delay_nanos: AtomicU64::new(0),
            gets: AtomicUsize::new(0),
            sets: AtomicUsize::new(0),
            deletes: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
        }))
    }

    /// The value of `key`, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, key: &str) -> anyhow::Result<Option<Vec<u8>>> {
        self.0.backend.get(key)
    }

    /// Sets `key` to `value`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        self.0.backend.set(key, value)
    }

    /// Removes `key`; no error when it is not there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.0.backend.delete(key)
    }

    /// Every key, in byte order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn keys(&self) -> anyhow::Result<Vec<String>> {
        self.0.backend.keys()
    }

    /// Removes every key.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn clear(&self) -> anyhow::Result<()> {
        self.0.backend.clear()
    }

    /// What guests have asked for since the store was made.
    pub fn ops(&self) -> StoreOps {
        StoreOps {
            gets: self.0.gets.load(Relaxed),
            sets: self.0.sets.load(Relaxed),
            deletes: self.0.deletes.load(Relaxed),
            lists: self.0.lists.load(Relaxed),
        }
    }

    /// While true, every operation of a guest fails with `error::other`.
    pub fn set_failing(&self, failing: bool) {
        self.0.failing.store(failing, Relaxed);
    }

    /// Makes every operation of a guest take this much longer (up to 584 years).
    pub fn set_delay(&self, delay: Duration) {
        let nanos = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        self.0.delay_nanos.store(nanos, Relaxed);
    }

    /// Replaces the limits; what is stored already stays.
    pub fn set_limits(&self, limits: StoreLimits) {
        *self.0.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    fn check_key(&self, key: &str) -> anyhow::Result<StoreLimits> {
        let limits = *self.0.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if key.len() > limits.key_bytes {
            bail!(
                "key of {} bytes: at most {} are allowed",
                key.len(),
                limits.key_bytes
            );
        }
        Ok(limits)
    }

    fn check_value(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        let limits = self.check_key(key)?;
        if value.len() > limits.value_bytes {
            bail!(
                "value of {} bytes for key {key:?}: at most {} are allowed",
                value.len(),
                limits.value_bytes
            );
        }
        Ok(())
    }
}

impl Default for KeyValue {
    fn default() -> Self {
        Self::memory()
    }
}

impl fmt::Debug for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyValue")
            .field("ops", &self.ops())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
