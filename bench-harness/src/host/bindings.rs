//! Rust traits for the two Spin interfaces, generated from `bench-harness/wit`.
//!
//! The WIT is a copy of the interfaces only: names, types and versions are what a component built with spin-sdk 7 imports.

wasmtime::component::bindgen!({
    path: "wit",
    world: "bench-harness:host/spin",
    imports: { default: trappable },
    with: { "spin:key-value/key-value.store": crate::host::key_value::OpenStore },
});
