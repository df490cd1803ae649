//! Where things are: the workspace, its target folder, and the files the commands share.

use std::path::PathBuf;

/// The workspace's root folder (the one with the workspace `Cargo.toml`).
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The workspace's own `target/`, whatever `CARGO_TARGET_DIR` says: the component, the tools and NetBox have fixed places in it.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// The folder native builds go to: `CARGO_TARGET_DIR` when set, else `target/`.
pub(crate) fn native_target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => target(),
    }
}

/// Where `cargo install --root` puts the tools this workspace needs.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// Where the output of long steps goes.
pub(crate) fn logs() -> PathBuf {
    target().join("xtask-log")
}

/// The built component, the file that hosts and tests load.
pub(crate) fn component() -> PathBuf {
    target().join("wasm32-wasip2/release/segment_edge.wasm")
}

/// The same for hosts with WASIp2.
pub(crate) fn component_wasip2() -> PathBuf {
    component().with_file_name("segment_edge_wasip2.wasm")
}
