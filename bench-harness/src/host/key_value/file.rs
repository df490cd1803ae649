//! The pairs in a redb file: one table, one transaction an operation.

use super::Backend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

const PAIRS: TableDefinition<&str, &[u8]> = TableDefinition::new("key-value");

pub(super) struct File(Database);

impl File {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let database = Database::create(path)?;
        // Readers fail on a table that no writer has made.
        let write = database.begin_write()?;
        write.open_table(PAIRS)?;
        write.commit()?;
        Ok(Self(database))
    }
}

impl Backend for File {
    fn get(&self, key: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let table = self.0.begin_read()?.open_table(PAIRS)?;
        Ok(table.get(key)?.map(|value| value.value().to_vec()))
    }

    fn set(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        let write = self.0.begin_write()?;
        write.open_table(PAIRS)?.insert(key, value)?;
        Ok(write.commit()?)
    }

    fn delete(&self, key: &str) -> anyhow::Result<()> {
        let write = self.0.begin_write()?;
        write.open_table(PAIRS)?.remove(key)?;
        Ok(write.commit()?)
    }

    fn keys(&self) -> anyhow::Result<Vec<String>> {
        let table = self.0.begin_read()?.open_table(PAIRS)?;
        let keys = table.iter()?.map(|pair| Ok(pair?.0.value().to_owned()));
        keys.collect()
    }

    fn clear(&self) -> anyhow::Result<()> {
        let write = self.0.begin_write()?;
        write.open_table(PAIRS)?.retain(|_, _| false)?;
        Ok(write.commit()?)
    }

    fn blocks(&self) -> bool {
        true
    }
}
