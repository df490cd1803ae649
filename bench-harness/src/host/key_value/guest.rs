//! The store as a guest sees it: counted, limited, delayed, failing when told to.

use super::{Backend, DEFAULT_LABEL, KeyValue};
use crate::host::bindings::spin::key_value::key_value::{
    Error, Host, HostStore, HostStoreWithStore,
};
use crate::host::state::{SpinInterfaces, SpinView};
use anyhow::anyhow;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

/// An open store: what the guest's resource handle stands for.
#[allow(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct OpenStore(KeyValue);

impl OpenStore {
    pub(super) fn new(store: &KeyValue) -> Self {
        Self(store.clone())
    }

    pub(super) fn store(&self) -> KeyValue {
        self.0.clone()
    }
}

impl KeyValue {
    /// Runs one operation of a guest.
    pub(super) async fn guest<R: Send + 'static>(
        self,
        counter: fn(&super::Inner) -> &AtomicUsize,
        operation: impl FnOnce(&KeyValue, &dyn Backend) -> anyhow::Result<R> + Send + 'static,
    ) -> Result<R, Error> {
        counter(&self.0).fetch_add(1, Relaxed);
        let delay = Duration::from_nanos(self.0.delay_nanos.load(Relaxed));
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let outcome = if self.0.failing.load(Relaxed) {
            Err(anyhow!("the store is set to fail"))
        } else if self.0.backend.blocks() {
            let task =
                tokio::task::spawn_blocking(move || operation(&self, self.0.backend.as_ref()));
            task.await.unwrap_or_else(|lost| Err(lost.into()))
        } else {
            operation(&self, self.0.backend.as_ref())
        };
        outcome.map_err(|error| Error::Other(format!("{error:#}")))
    }

    pub(super) async fn guest_get(self, key: String) -> Result<Option<Vec<u8>>, Error> {
        let get = move |store: &KeyValue, backend: &dyn Backend| {
            store.check_key(&key)?;
            backend.get(&key)
        };
        self.guest(|inner| &inner.gets, get).await
    }

    pub(super) async fn guest_set(self, key: String, value: Vec<u8>) -> Result<(), Error> {
        let set = move |store: &KeyValue, backend: &dyn Backend| {
            store.check_value(&key, &value)?;
            backend.set(&key, &value)
        };
        self.guest(|inner| &inner.sets, set).await
    }

    pub(super) async fn guest_delete(self, key: String) -> Result<(), Error> {
        let delete = move |store: &KeyValue, backend: &dyn Backend| {
            store.check_key(&key)?;
            backend.delete(&key)
        };
        self.guest(|inner| &inner.deletes, delete).await
    }

    pub(super) async fn guest_keys(self) -> Result<Vec<String>, Error> {
        self.guest(|inner| &inner.lists, |_, backend| backend.keys())
            .await
    }
}

fn store<T>(
    accessor: &Accessor<T, SpinInterfaces>,
    handle: &Resource<OpenStore>,
) -> wasmtime::Result<KeyValue> {
    accessor.with(|mut access| Ok(access.get().table.get(handle)?.store()))
}

impl Host for SpinView<'_> {}

impl HostStore for SpinView<'_> {
    fn drop(&mut self, handle: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T> HostStoreWithStore<T> for SpinInterfaces {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<OpenStore>, Error>> {
        if label != DEFAULT_LABEL {
            return Ok(Err(Error::NoSuchStore));
        }
        accessor.with(|mut access| {
            let view = access.get();
            let store = OpenStore::new(view.store);
            Ok(Ok(view.table.push(store)?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let store = store(accessor, &handle)?;
        Ok(store.guest_get(key).await)
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = store(accessor, &handle)?;
        Ok(store.guest_set(key, value).await)
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = store(accessor, &handle)?;
        Ok(store.guest_delete(key).await)
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let found = Self::get(accessor, handle, key).await?;
        Ok(found.map(|value| value.is_some()))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let store = store(accessor, &handle)?;
        let listed = store.guest_keys().await;
        let (keys, result) = match listed {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let result =
                FutureReader::new(&mut access, async move { wasmtime::error::Ok(result) })?;
            Ok((keys, result))
        })
    }
}
