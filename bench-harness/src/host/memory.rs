//! The linear memory of an instance: counted, and held to what a platform gives.

use super::shared::Shared;
use std::sync::Arc;
use wasmtime::ResourceLimiter;

/// Watches one instance's memories.
pub(super) struct MemoryWatch {
    shared: Arc<Shared>,
    bytes: usize,
}

impl MemoryWatch {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, bytes: 0 }
    }
}

impl ResourceLimiter for MemoryWatch {
    /// A refused growth is for the guest what a full machine is: its allocator fails, and Rust aborts.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = self.bytes - current.min(self.bytes) + desired;
        let limit = self.shared.settings.memory_limit;
        if limit.is_some_and(|limit| bytes > limit) {
            return Ok(false);
        }
        self.bytes = bytes;
        self.shared.grew_to(bytes);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
