//! What one instance carries: WASI, outbound HTTP, its store and its variables.

use super::key_value::KeyValue;
use super::log::Source;
use super::memory::MemoryWatch;
use super::outbound::Outbound;
use super::shared::Shared;
use super::stdio::GuestOutput;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The data of one instance's store.
pub(super) struct InstanceState {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(super) memory: MemoryWatch,
    shared: Arc<Shared>,
}

impl InstanceState {
    /// No files, no environment, no sockets, no arguments: what Spin gives a component that asks for none.
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let log = &shared.settings.log;
        let wasi = WasiCtx::builder()
            .stdout(GuestOutput::new(log.clone(), Source::Stdout))
            .stderr(GuestOutput::new(log.clone(), Source::Stderr))
            .build();
        Self {
            table: ResourceTable::new(),
            wasi,
            http: WasiHttpCtx::new(),
            outbound: shared.outbound.clone(),
            memory: MemoryWatch::new(shared.clone()),
            shared,
        }
    }

    /// The part of the state that Spin's interfaces work on.
    pub(super) fn spin(&mut self) -> SpinView<'_> {
        SpinView {
            table: &mut self.table,
            store: &self.shared.settings.store,
            variables: &self.shared.settings.variables,
        }
    }
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Names [`SpinView`] to the generated bindings.
pub(super) struct SpinInterfaces;

impl HasData for SpinInterfaces {
    type Data<'a> = SpinView<'a>;
}

/// What the implementations of `spin:key-value` and `spin:variables` can reach.
pub(super) struct SpinView<'a> {
    pub(super) table: &'a mut ResourceTable,
    pub(super) store: &'a KeyValue,
    pub(super) variables: &'a BTreeMap<String, String>,
}
