//! A host for the component: the built `.wasm` on wasmtime, as Spin would run it.
//!
//! - [`Component`] (`engine.rs`): the `.wasm`, compiled and linked, loaded once. It may be one of WASIp3 or of WASIp2: its exports tell.
//! - [`Settings`] and [`Reuse`] (`settings.rs`): address, variables, store, allowed hosts, how instances are reused.
//! - [`Host`] (`running.rs`): the component behind a socket (`server.rs`), or asked directly.
//! - `worker.rs`: the life of an instance, for the reuse engine of `wasmtime-wasi-http` that Spin uses too; `state.rs` is what an
//!   instance carries, `shared.rs` what all of them share.
//! - [`KeyValue`] (`key_value.rs`): `spin:key-value@3.0.0` in memory or in a file; `variables.rs`: `spin:variables@3.0.0`; both also as
//!   `fermyon:spin@2.0.0` has them, for WASIp2.
//! - `memory.rs`: how much memory instances take, and the limit they may be given.
//! - `outbound.rs`: outbound HTTP over pooled connections, to [`AllowedHosts`] only.
//! - [`LogSink`] (`log.rs`): stdout, stderr and the host's own messages, line by line.
//!
//! ```no_run
//! # async fn tour() -> anyhow::Result<()> {
//! use bench_harness::host::{Component, Host, Metering, Settings};
//!
//! let wasm = "target/wasm32-wasip2/release/segment_edge.wasm".as_ref();
//! let component = Component::load_cached(wasm, Metering::Off)?;
//! let settings = Settings::new()
//!     .variable("netbox_url", "http://127.0.0.1:8001")
//!     .allow_host("http://127.0.0.1:8001");
//! let host = Host::start(&component, settings).await?;
//! println!("{}/api/segments", host.url());
//! host.stop().await;
//! # Ok(())
//! # }
//! ```

mod allowed_hosts;
mod bindings;
mod engine;
mod key_value;
mod log;
mod memory;
mod outbound;
mod running;
mod server;
mod settings;
mod shared;
mod state;
mod stdio;
pub(crate) mod tls;
mod variables;
mod worker;

pub use allowed_hosts::AllowedHosts;
pub use engine::{Component, Metering};
pub use key_value::{DEFAULT_LABEL, KeyValue, StoreLimits, StoreOps};
pub use log::{LogLine, LogSink, Source};
pub use running::Host;
pub use settings::{Reuse, Settings};
pub use variables::{from_environment as variables_from_environment, is_valid_name};
