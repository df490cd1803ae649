//! Building the components: the wasm32-wasip2 target however this machine can get it.
//!
//! In this order: an installed target; `rustup target add`; std built from Debian's packages; one message that says what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};

use crate::debian_toolchain::DebianToolchain;
use crate::run::{self, Limited, say};
use crate::workspace;

/// The Rust target of a WASI component.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The size limit of each component in bytes: 2 MiB. Edge hosts fetch and compile the whole file before its first request.
pub(crate) const SIZE_LIMIT: u64 = 2_097_152;

/// How long `rustup target add` may take to reach its server.
const RUSTUP_LIMIT: Duration = Duration::from_secs(10);
/// How long it may take once the download has begun.
const RUSTUP_DOWNLOAD_LIMIT: Duration = Duration::from_secs(240);
/// How long a refusal by rustup's server is remembered, so that not every build waits for it.
const REFUSAL_KEPT: Duration = Duration::from_secs(12 * 3600);

/// What is built in one go, for one generation of WASI: cargo would join the features of `segment-edge` in one go.
pub(crate) struct Go {
    /// Arguments of `cargo build`: the profile, packages and features.
    pub(crate) arguments: &'static [&'static str],
    /// The folder of that profile.
    pub(crate) folder: &'static str,
    /// The files it leaves there, and their names beside the component.
    pub(crate) files: &'static [(&'static str, &'static str)],
}

/// The component of WASIp3 with the one that does nothing, which is measured beside it; and the component of WASIp2.
pub(crate) const GOES: [Go; 2] = [
    Go {
        arguments: &[
            "--release",
            "--package",
            "segment-edge",
            "--package",
            "empty-handler",
        ],
        folder: "release",
        files: &[
            ("segment_edge.wasm", "segment_edge.wasm"),
            ("empty_handler.wasm", "empty_handler.wasm"),
        ],
    },
    Go {
        arguments: &[
            "--profile",
            "wasip2",
            "--package",
            "segment-edge",
            "--no-default-features",
            "--features",
            "wasip2",
        ],
        folder: "wasip2",
        files: &[("segment_edge.wasm", "segment_edge_wasip2.wasm")],
    },
];

/// The components that were built.
pub(crate) struct Built {
    /// The one of WASIp3.
    pub(crate) path: PathBuf,
    /// Warnings of the workspace's own code, one entry each.
    pub(crate) warnings: Vec<String>,
}

/// Builds the components and says how, how big each is and how long it took.
///
/// # Errors
/// When no way to build the target is found, when a build fails, or when a component is larger than [`SIZE_LIMIT`].
pub(crate) fn build() -> Result<Built> {
    let begun = Instant::now();
    let wanted = workspace::component();
    let mut lines = Vec::new();
    let debian = match target_ready()? {
        true => None,
        false => Some(DebianToolchain::find().with_context(|| {
            format!(
                "the component needs the Rust target {TARGET}, and this machine has no way to it.\n\
                 With rustup and a network: rustup target add {TARGET}\n\
                 On Debian, as root: apt-get install rustc-web cargo-web rust-web-src wasi-libc\n\
                 Why the last way failed"
            )
        })?),
    };
    for go in &GOES {
        let (mut build, target) = match &debian {
            None => (rustup_build(go), workspace::target()),
            Some(debian) => (debian.build(go), DebianToolchain::target_dir()),
        };
        lines.extend(run::stderr_lines(&mut build)?);
        for (made, name) in go.files {
            let made = target.join(TARGET).join(go.folder).join(made);
            let wanted = wanted.with_file_name(name);
            if made != wanted {
                copy_if_new(&made, &wanted)?;
            }
        }
    }
    let how = match debian {
        None => "with the installed target",
        Some(_) => "with std from Debian's packages",
    };
    for path in [&wanted, &workspace::component_wasip2()] {
        weigh(path)?;
    }
    say(format!(
        "built {how} in {:.1} s",
        begun.elapsed().as_secs_f64()
    ));
    Ok(Built {
        path: wanted,
        warnings: own_warnings(&lines),
    })
}

/// Says how big a component is.
///
/// # Errors
/// When it is not there, or too big.
fn weigh(path: &Path) -> Result<()> {
    let size = fs::metadata(path)
        .with_context(|| format!("the build left no {}", path.display()))?
        .len();
    say(format!(
        "component: {} ({} bytes, {:.0} % of the limit)",
        path.display(),
        grouped(size),
        size as f64 * 100.0 / SIZE_LIMIT as f64
    ));
    if size > SIZE_LIMIT {
        bail!(
            "the component {} is {} bytes, over its limit of {} (2 MiB)",
            path.display(),
            grouped(size),
            grouped(SIZE_LIMIT)
        );
    }
    Ok(())
}

/// Whether the current toolchain has the target, after trying to add it by rustup.
///
/// # Errors
/// When rustc cannot be asked.
pub(crate) fn target_ready() -> Result<bool> {
    if target_installed()? {
        return Ok(true);
    }
    if run::which("rustup").is_none() {
        return Ok(false);
    }
    let stamp = workspace::target().join("rustup-target-refused");
    let refused_at = fs::metadata(&stamp).and_then(|m| m.modified()).ok();
    if refused_at.is_some_and(|at| {
        SystemTime::now()
            .duration_since(at)
            .is_ok_and(|age| age < REFUSAL_KEPT)
    }) {
        return Ok(false);
    }
    say(format!("  rustup target add {TARGET}"));
    let mut command = run::command("rustup");
    command
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "0");
    match run::limited(
        &mut command,
        RUSTUP_LIMIT,
        "downloading",
        RUSTUP_DOWNLOAD_LIMIT,
    )? {
        Limited::Done if target_installed()? => return Ok(true),
        Limited::Done => say("  rustup added the target to another toolchain than the one in use"),
        Limited::Failed(said) => say(format!("  rustup could not: {said}")),
        Limited::TimedOut => say(format!(
            "  rustup's server did not answer within {} s",
            RUSTUP_LIMIT.as_secs()
        )),
    }
    fs::create_dir_all(workspace::target())?;
    fs::write(
        &stamp,
        "rustup could not add the target; delete this file to try again at once\n",
    )?;
    Ok(false)
}

/// Whether the toolchain in use has the target's libraries.
fn target_installed() -> Result<bool> {
    let libs = sysroot()?.join("lib/rustlib").join(TARGET).join("lib");
    Ok(fs::read_dir(libs).is_ok_and(|mut dir| dir.next().is_some()))
}

/// The folder of the toolchain in use.
pub(crate) fn sysroot() -> Result<PathBuf> {
    Ok(run::output(run::command("rustc").args(["--print", "sysroot"]))?.into())
}

/// The build of a manifest, into the workspace's own target folder.
fn rustup_build(go: &Go) -> Command {
    let mut command = run::cargo();
    command
        .args(["build", "--target", TARGET])
        .args(go.arguments)
        .arg("--target-dir")
        .arg(workspace::target());
    command
}

/// Copies the built file to where everything looks for it; an equal file keeps its time, so that nothing downstream is redone.
fn copy_if_new(from: &Path, to: &Path) -> Result<()> {
    let fresh = fs::read(from).with_context(|| format!("the build left no {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == fresh) {
        return Ok(());
    }
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir)?;
    }
    let staged = to.with_extension("wasm.new");
    fs::write(&staged, &fresh)?;
    fs::rename(&staged, to)?;
    Ok(())
}

/// Cargo's summaries of warnings in the component's own code; a dependency's warnings are hidden by cargo.
fn own_warnings(lines: &[String]) -> Vec<String> {
    let ours = |line: &&String| line.starts_with("warning: `segment-edge` (lib");
    lines.iter().filter(ours).cloned().collect()
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_grouped_by_thousands() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(SIZE_LIMIT), "2,097,152");
    }

    #[test]
    fn the_summary_of_our_own_warnings_counts_and_that_of_another_package_does_not() {
        let lines = [
            "warning: unused variable: `a`",
            "warning: `segment-edge` (lib) generated 1 warning",
            "warning: `other` (lib) generated 2 warnings",
        ];
        assert_eq!(own_warnings(&lines.map(String::from)), [lines[1]]);
    }
}
