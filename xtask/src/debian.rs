//! Debian packages: install what is missing, and start no service by doing so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;

/// A package and the file by which one sees that it is there.
pub(crate) struct Package {
    /// The name apt knows.
    pub(crate) name: &'static str,
    /// A file that the package brings.
    pub(crate) file: &'static str,
}

/// How this process may act as root.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// It is root.
    Yes,
    /// By `sudo` that asks no password.
    Sudo,
    /// Not at all.
    No,
}

/// How this process may act as root.
pub(crate) fn root() -> Root {
    if is_root() {
        Root::Yes
    } else if run::succeeds(run::command("sudo").args(["-n", "true"])) {
        Root::Sudo
    } else {
        Root::No
    }
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    run::output(run::command("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// A command run as root, by `sudo -n` when this process is not root itself.
fn as_root(program: &str) -> Command {
    if is_root() {
        return run::command(program);
    }
    let mut command = run::command("sudo");
    command.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", program]);
    command
}

/// Installs those of `packages` whose file is missing. `purpose` ends the sentence "… is needed for".
///
/// Nothing is ever removed: a package that clashes with an installed one is an error.
///
/// # Errors
/// When there is no apt, no right to use it, or apt fails; the message says what to install by hand.
pub(crate) fn install(packages: &[Package], purpose: &str) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|p| !Path::new(p.file).exists())
        .map(|p| p.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if run::which("apt-get").is_none() {
        bail!(
            "{purpose} needs {names} (names as in Debian), and this system has no apt-get: install them by its own means"
        );
    }
    if root() == Root::No {
        bail!(
            "{purpose} needs Debian packages that are missing, and this user may not install them.\nRun as root: apt-get install {names}"
        );
    }
    run::say(format!("  installing Debian packages: {names}"));
    let _quiet = NoServices::begin()?;
    // Package lists may be old or (in a container image) absent: refresh them only when the plain try fails.
    if apt(&missing).is_err() {
        run::logged(
            as_root("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["update", "-q"]),
            "apt-get update",
            &run::log_file("apt-update"),
        )
        .context("cannot refresh the package lists")?;
        apt(&missing).with_context(|| format!("{purpose} needs {names}"))?;
    }
    Ok(())
}

fn apt(names: &[&str]) -> Result<()> {
    let mut command = as_root("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args([
            "install",
            "-y",
            "-q",
            "--no-install-recommends",
            "--no-remove",
            "-o",
            "DPkg::Lock::Timeout=120",
        ])
        .args(names);
    run::logged(
        &mut command,
        "apt-get install",
        &run::log_file("apt-install"),
    )
}

/// While it lives, packages being installed start no service and PostgreSQL makes no cluster of its own.
///
/// Debian's way: a `policy-rc.d` that answers 101 ("do not"), and a file in `createcluster.d`. What is already there stays as it is.
struct NoServices {
    written: Vec<&'static str>,
}

impl NoServices {
    const FILES: [(&'static str, &'static str); 2] = [
        ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n"),
        (
            "/etc/postgresql-common/createcluster.d/segment-edge.conf",
            "create_main_cluster = false\n",
        ),
    ];

    fn begin() -> Result<Self> {
        let mut guard = Self {
            written: Vec::new(),
        };
        for (path, text) in Self::FILES {
            if Path::new(path).exists() {
                continue;
            }
            let staged = std::env::temp_dir().join(format!(
                "segment-edge-{}-{}",
                std::process::id(),
                guard.written.len()
            ));
            fs::write(&staged, text)?;
            fs::set_permissions(&staged, fs::Permissions::from_mode(0o755))?;
            let done = run::output(
                as_root("install")
                    .args(["-D", "-m", "755"])
                    .arg(&staged)
                    .arg(path),
            );
            fs::remove_file(&staged)?;
            done.with_context(|| {
                format!("cannot write {path}, which keeps new packages from starting services")
            })?;
            guard.written.push(path);
        }
        Ok(guard)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        for path in &self.written {
            if let Err(error) = run::output(as_root("rm").arg("-f").arg(path)) {
                run::say(format!("  could not remove {path} again: {error}"));
            }
        }
    }
}
