//! The pairs in a map in memory.

use super::Backend;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Pairs = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
pub(super) struct Memory(Mutex<Pairs>);

impl Memory {
    fn pairs(&self) -> MutexGuard<'_, Pairs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Memory {
    fn get(&self, key: &str) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.pairs().get(key).cloned())
    }

    fn set(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        self.pairs().insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    fn delete(&self, key: &str) -> anyhow::Result<()> {
        self.pairs().remove(key);
        Ok(())
    }

    fn keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.pairs().keys().cloned().collect())
    }

    fn clear(&self) -> anyhow::Result<()> {
        self.pairs().clear();
        Ok(())
    }

    fn blocks(&self) -> bool {
        false
    }
}
