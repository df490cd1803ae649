//! Building the component with Debian's compiler: std from source, and the linkers that rustup's toolchains ship.
//!
//! For machines that cannot reach rustup's download server. Nothing of it stays in the environment of other steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::component::{Go, TARGET, sysroot};
use crate::debian::{self, Package};
use crate::{run, workspace};

/// The Debian packages that together can build the target, and a file of each.
const DEBIAN_TOOLCHAIN: [Package; 5] = [
    Package {
        name: "rustc-web",
        file: "/usr/bin/rustc",
    },
    Package {
        name: "cargo-web",
        file: "/usr/bin/cargo",
    },
    Package {
        name: "rust-web-src",
        file: "/usr/lib/rustlib/src/rust/library",
    },
    Package {
        name: "wasi-libc",
        file: "/usr/lib/wasm32-wasi/libc.a",
    },
    Package {
        name: "gcc",
        file: "/usr/bin/gcc",
    },
];

/// Debian's compiler, and a linker for components.
pub(crate) struct DebianToolchain {
    /// Folders with `wasm-component-ld` and `wasm-ld`, put in front of the `PATH`.
    linkers: Vec<PathBuf>,
    linker: PathBuf,
}

impl DebianToolchain {
    /// Finds or installs all parts.
    pub(crate) fn find() -> Result<Self> {
        debian::install(&DEBIAN_TOOLCHAIN, "building the component")?;
        let version = run::output(run::command("/usr/bin/rustc").arg("-V"))?;
        if !Path::new("/usr/lib/rustlib/src/rust/library").exists() || minor_version(&version) < 95
        {
            bail!(
                "/usr/bin/rustc is `{version}`, too old or not of Debian's rustc-web with rust-web-src: 1.95 or newer is needed"
            );
        }
        // rustup's own toolchains ship both linkers; without rustup they come from crates.io and Debian's lld.
        let host_tools = sysroot().ok().and_then(|root| linker_folder(&root));
        if let Some(dir) = host_tools {
            return Ok(Self {
                linker: dir.join("wasm-component-ld"),
                linkers: vec![dir.join("gcc-ld"), dir],
            });
        }
        let wasm_ld = Self::wasm_ld()?;
        let linker = workspace::tools().join("bin/wasm-component-ld");
        if !linker.exists() {
            let mut install = run::cargo();
            install
                .args(["install", "--locked", "wasm-component-ld", "--root"])
                .arg(workspace::tools());
            run::logged(
                &mut install,
                "cargo install wasm-component-ld",
                &run::log_file("wasm-component-ld"),
            )?;
        }
        Ok(Self {
            linker,
            linkers: vec![wasm_ld, workspace::tools().join("bin")],
        })
    }

    /// The folder of a `wasm-ld`, from Debian's lld.
    fn wasm_ld() -> Result<PathBuf> {
        let newest = || {
            let mut dirs: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib")
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|e| {
                    Some((
                        e.file_name()
                            .to_str()?
                            .strip_prefix("llvm-")?
                            .parse()
                            .ok()?,
                        e.path().join("bin"),
                    ))
                })
                .filter(|(_, dir)| dir.join("wasm-ld").exists())
                .collect();
            dirs.sort();
            dirs.pop().map(|(_, dir)| dir)
        };
        if newest().is_none() {
            // Object files of a newer LLVM need a linker about as new; the plain `lld` is the oldest choice.
            for name in ["lld-22", "lld-19", "lld"] {
                if debian::install(
                    &[Package {
                        name,
                        file: "/nonexistent",
                    }],
                    "linking the component",
                )
                .is_ok()
                {
                    break;
                }
            }
        }
        newest().context("no wasm-ld found: install Debian's lld")
    }

    /// The build, in a target folder of its own, so that the two compilers do not undo one another's work.
    pub(crate) fn build(&self, go: &Go) -> Command {
        let mut path = self.linkers.clone();
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let mut command = run::command("/usr/bin/cargo");
        command
            .args([
                "build",
                "-Zbuild-std=std,panic_abort",
                "--target",
                TARGET,
            ])
            .args(go.arguments)
            .arg("--target-dir")
            .arg(Self::target_dir())
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_WASIP2_LINKER", &self.linker)
            .env(
                "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
                "-L native=/usr/lib/wasm32-wasi -C link-self-contained=no -C opt-level=z -C strip=symbols -C codegen-units=1 --cfg=sha2_backend_soft=\"compact\"",
            );
        if let Ok(joined) = std::env::join_paths(path) {
            command.env("PATH", joined);
        }
        command
    }

    /// Its target folder.
    pub(crate) fn target_dir() -> PathBuf {
        workspace::target().join("debian-toolchain")
    }
}

/// The folder under a rustup sysroot that holds `wasm-component-ld` and `gcc-ld/wasm-ld`.
fn linker_folder(sysroot: &Path) -> Option<PathBuf> {
    fs::read_dir(sysroot.join("lib/rustlib"))
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .find(|dir| dir.join("wasm-component-ld").exists() && dir.join("gcc-ld/wasm-ld").exists())
}

/// 95 of `rustc 1.95.0 (…)`; 0 when it cannot be read.
fn minor_version(version: &str) -> u32 {
    version
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::minor_version;

    #[test]
    fn the_minor_version_is_read_from_what_rustc_says() {
        let debian = "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)";
        assert_eq!(minor_version(debian), 96);
        assert_eq!(minor_version("nonsense"), 0);
    }
}
