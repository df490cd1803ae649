//! The store as a guest of WASIp2 sees it. A call waits within the host: nothing else in that instance goes on.

use super::DEFAULT_LABEL;
use super::guest::OpenStore;
use crate::host::bindings::p2::fermyon::spin::key_value::{Error, Host, HostStore};
use crate::host::bindings::spin::key_value::key_value::Error as NewerError;
use crate::host::state::SpinView;
use wasmtime::component::Resource;

impl From<NewerError> for Error {
    fn from(error: NewerError) -> Self {
        match error {
            NewerError::StoreTableFull => Self::StoreTableFull,
            NewerError::NoSuchStore => Self::NoSuchStore,
            NewerError::AccessDenied => Self::AccessDenied,
            NewerError::Other(text) => Self::Other(text),
        }
    }
}

impl Host for SpinView<'_> {}

impl HostStore for SpinView<'_> {
    async fn open(
        &mut self,
        label: String,
    ) -> wasmtime::Result<Result<Resource<OpenStore>, Error>> {
        if label != DEFAULT_LABEL {
            return Ok(Err(Error::NoSuchStore));
        }
        Ok(Ok(self.table.push(OpenStore::new(self.store))?))
    }

    async fn get(
        &mut self,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let store = self.table.get(&handle)?.store();
        Ok(store.guest_get(key).await.map_err(Error::from))
    }

    async fn set(
        &mut self,
        handle: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = self.table.get(&handle)?.store();
        Ok(store.guest_set(key, value).await.map_err(Error::from))
    }

    async fn delete(
        &mut self,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = self.table.get(&handle)?.store();
        Ok(store.guest_delete(key).await.map_err(Error::from))
    }

    async fn exists(
        &mut self,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let found = HostStore::get(self, handle, key).await?;
        Ok(found.map(|value| value.is_some()))
    }

    async fn get_keys(
        &mut self,
        handle: Resource<OpenStore>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let store = self.table.get(&handle)?.store();
        Ok(store.guest_keys().await.map_err(Error::from))
    }

    async fn drop(&mut self, handle: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
