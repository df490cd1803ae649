//! Python programs from PyPI in a virtual environment of their own, made when they are first needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// The Python of the virtual environment `target/{name}/venv`, which has the packages of `requirements` (the text of a
/// `requirements.txt`). The programs that they bring lie beside it. It is made where it is missing or has other packages: that takes
/// some seconds, and blocks the thread.
///
/// # Errors
/// When there is no `python3` with its module venv, or PyPI can't be reached.
pub fn python(name: &str, requirements: &str) -> anyhow::Result<PathBuf> {
    let home = target()?.join(name);
    let (venv, list) = (home.join("venv"), home.join("requirements.txt"));
    let python = venv.join("bin/python");
    fs::create_dir_all(&home).with_context(|| format!("can't make {}", home.display()))?;
    // Two processes that need it at once must not both make it. The lock ends with the file handle.
    let lock = File::create(home.join("lock"))?;
    lock.lock()?;
    let installed = fs::read_to_string(&list).unwrap_or_default();
    if installed == requirements && python.is_file() {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    let remedy = "install Python 3.10 or newer with its module venv (Debian: python3-venv)";
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).context(remedy)?;
    let wanted = home.join("wanted.txt");
    fs::write(&wanted, requirements)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-r",
    ]);
    run(pip.arg(&wanted))
        .with_context(|| format!("{name}: its packages can't be installed; is PyPI reachable?"))?;
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
