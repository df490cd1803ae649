//! The key-value store. Its calls wait within the host, so nothing else of this request goes on meanwhile.

use spin_sdk_5::key_value::{Error, Store};

/// An open store.
pub(in crate::spin) struct KeyValue(Store);

impl KeyValue {
    /// The store that exists everywhere.
    pub(in crate::spin) async fn open_default() -> Result<Self, Error> {
        Store::open_default().map(Self)
    }

    /// The value under `key`, if any.
    pub(in crate::spin) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(&key)
    }

    /// Puts `value` under `key`.
    pub(in crate::spin) async fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        self.0.set(&key, &value)
    }

    /// Removes `key`.
    pub(in crate::spin) async fn delete(&self, key: String) -> Result<(), Error> {
        self.0.delete(&key)
    }
}

/// Every key in the store.
pub(in crate::spin) async fn keys(store: &KeyValue) -> Result<Vec<String>, Error> {
    store.0.get_keys()
}
