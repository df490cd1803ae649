//! The compiled component: loaded once, shared by every host.

use super::bindings::Spin;
use super::bindings::p2::SpinP2;
use super::state::{InstanceState, SpinInterfaces};
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wasmtime::component::{self, Linker};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails,
};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

/// What a component of WASIp2 exports; an instance of it serves one request.
const P2_EXPORT: &str = "wasi:http/incoming-handler@0.2.0";

/// Instances that may live at once in one engine. Each reserves address space, not memory.
const MAX_INSTANCES: u32 = 256;

/// Whether guest instructions are counted. Counting makes the guest slower, so times are measured without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metering {
    /// Not counted.
    #[default]
    Off,
    /// Counted as wasmtime fuel: about one unit an instruction, the same on every machine.
    Fuel,
}

/// A component, compiled and linked. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Component(Arc<Loaded>);

struct Loaded {
    engine: Engine,
    proxy: ProxyPre<InstanceState>,
    metering: Metering,
}

impl Component {
    /// Reads and compiles the component at `path`; takes seconds.
    ///
    /// # Errors
    /// When the file cannot be read, is not a component, or imports something this host does not have.
    pub fn load(path: &Path, metering: Metering) -> anyhow::Result<Self> {
        let engine = engine(metering)?;
        let bytes = read(path)?;
        let compiled = component::Component::new(&engine, &bytes)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("cannot compile {}", path.display()))?;
        Self::link(engine, &compiled, metering).with_context(|| linking(path))
    }

    /// As [`Component::load`], but keeps the compiled code in the folder `cwasm` beside the file and reuses it as long as the
    /// component, wasmtime and the settings are the same; then it takes milliseconds.
    ///
    /// # Errors
    /// As [`Component::load`]. A cache that cannot be read or written is not an error.
    pub fn load_cached(path: &Path, metering: Metering) -> anyhow::Result<Self> {
        let engine = engine(metering)?;
        let bytes = read(path)?;
        let cached = cache_path(path, &engine, &bytes);
        let compiled = match open_compiled(&engine, &cached) {
            Some(compiled) => compiled,
            None => {
                let compiled = component::Component::new(&engine, &bytes)
                    .map_err(anyhow::Error::from)
                    .with_context(|| format!("cannot compile {}", path.display()))?;
                if let Ok(code) = compiled.serialize() {
                    keep(&cached, &code);
                }
                compiled
            }
        };
        Self::link(engine, &compiled, metering).with_context(|| linking(path))
    }

    fn link(
        engine: Engine,
        compiled: &component::Component,
        metering: Metering,
    ) -> anyhow::Result<Self> {
        let mut linker = Linker::<InstanceState>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        p2::add_only_http_to_linker_async(&mut linker)?;
        p3::add_to_linker(&mut linker)?;
        Spin::add_to_linker::<_, SpinInterfaces>(&mut linker, InstanceState::spin)?;
        SpinP2::add_to_linker::<_, SpinInterfaces>(&mut linker, InstanceState::spin)?;
        let linked = linker.instantiate_pre(compiled)?;
        // Any version 0.2 is found by this name.
        let proxy = if compiled.get_export_index(None, P2_EXPORT).is_some() {
            ProxyPre::P2(p2::bindings::ProxyPre::new(linked)?)
        } else {
            ProxyPre::P3(p3::bindings::ServicePre::new(linked)?)
        };
        Ok(Self(Arc::new(Loaded {
            engine,
            proxy,
            metering,
        })))
    }

    /// Whether guest instructions are counted.
    pub fn is_metered(&self) -> bool {
        self.0.metering == Metering::Fuel
    }

    /// Whether an instance of it can serve several requests; one of WASIp2 can not.
    pub fn is_reusable(&self) -> bool {
        matches!(self.0.proxy, ProxyPre::P3(_))
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(super) fn proxy(&self) -> &ProxyPre<InstanceState> {
        &self.0.proxy
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("metering", &self.0.metering)
            .finish_non_exhaustive()
    }
}

fn linking(path: &Path) -> String {
    format!(
        "{} does not fit this host: it must be a component that exports wasi:http/handler@0.3 or wasi:http/incoming-handler@0.2, with WASI and Spin imports only",
        path.display()
    )
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read the component {}", path.display()))
}

/// Pooled instances start in microseconds. Where the address space for the pool cannot be had, instances are made one by one.
fn engine(metering: Metering) -> anyhow::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    // Names come from the name section; line tables would only cost compile time, and add a hint to every trap.
    config.wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config.consume_fuel(metering == Metering::Fuel);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MAX_INSTANCES)
        .total_core_instances(MAX_INSTANCES * 4)
        .total_memories(MAX_INSTANCES)
        .total_tables(MAX_INSTANCES * 4)
        .total_stacks(MAX_INSTANCES * 2);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    if let Ok(engine) = Engine::new(&config) {
        return Ok(engine);
    }
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Ok(Engine::new(&config)?)
}

fn cache_path(path: &Path, engine: &Engine, bytes: &[u8]) -> PathBuf {
    let mut compatibility = DefaultHasher::new();
    engine
        .precompile_compatibility_hash()
        .hash(&mut compatibility);
    let digest = Sha256::digest(bytes);
    let content: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    let name = format!("{content}-{:016x}.cwasm", compatibility.finish());
    path.with_file_name("cwasm").join(name)
}

/// None when there is no usable file.
#[allow(unsafe_code)]
fn open_compiled(engine: &Engine, path: &Path) -> Option<component::Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: the file must be wasmtime's own output, unchanged. `keep` is what writes this folder, whole files only, under a
    // name made of the component's hash; it lies beside the component, so whoever could change it could change the component.
    unsafe { component::Component::deserialize_file(engine, path) }.ok()
}

/// Writes beside the target and renames, so that a reader never sees half a file. Failing only costs time later.
fn keep(path: &Path, code: &[u8]) {
    let Some(folder) = path.parent() else { return };
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&partial, code))
        .and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
}
