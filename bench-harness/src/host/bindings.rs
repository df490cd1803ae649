//! Rust traits for Spin's interfaces, generated from `bench-harness/wit`.
//!
//! The WIT is a copy of the interfaces only: names, types and versions are what a component imports that was built with spin-sdk 7
//! (WASIp3), or with spin-sdk 5 (WASIp2: [`p2`]).

wasmtime::component::bindgen!({
    path: "wit",
    world: "bench-harness:host/spin",
    imports: { default: trappable },
    with: { "spin:key-value/key-value.store": crate::host::key_value::OpenStore },
});

pub(super) mod p2 {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "bench-harness:host/spin-p2",
        imports: { default: async | trappable },
        with: { "fermyon:spin/key-value.store": crate::host::key_value::OpenStore },
    });
}
