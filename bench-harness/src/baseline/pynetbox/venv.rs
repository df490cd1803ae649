//! The virtual environment with pynetbox, made when it is first needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

const REQUIREMENTS: &str = include_str!("../../../pynetbox/requirements.txt");

/// The Python of the virtual environment, which has the packages of `requirements.txt`.
pub(super) fn python() -> anyhow::Result<PathBuf> {
    let home = target()?.join("pynetbox");
    let (venv, list) = (home.join("venv"), home.join("requirements.txt"));
    let python = venv.join("bin/python");
    fs::create_dir_all(&home).with_context(|| format!("can't make {}", home.display()))?;
    // Two processes that need it at once must not both make it. The lock ends with the file handle.
    let lock = File::create(home.join("lock"))?;
    lock.lock()?;
    let installed = fs::read_to_string(&list).unwrap_or_default();
    if installed == REQUIREMENTS && python.is_file() {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    let remedy = "install Python 3.10 or newer with its module venv (Debian: python3-venv)";
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).context(remedy)?;
    let wanted = home.join("wanted.txt");
    fs::write(&wanted, REQUIREMENTS)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-r",
    ]);
    run(pip.arg(&wanted)).context("pynetbox can't be installed; is PyPI reachable?")?;
    // Its presence says that the installation came to its end.
    fs::rename(&wanted, &list)?;
    Ok(python)
}

/// Cargo's target folder, in which this program lies; elsewhere a folder `target` of the current one.
fn target() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let mut folders = program.ancestors();
    let found = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = found.unwrap_or(Path::new("target"));
    Ok(std::path::absolute(target)?)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let told = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("{told} can't be run"))?;
    if !output.status.success() {
        bail!(
            "{told} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
