//! A Python that NetBox accepts, and NetBox's packages in a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::lab::Lab;
use super::{VERSION, log, step};
use crate::debian::{self, Package};
use crate::run::{self, Limited, say};

/// The oldest Python minor version that NetBox 4.7 runs on.
const OLDEST_MINOR: u32 = 12;
/// How long uv may take to bring a Python when the system has none.
const UV_LIMIT: Duration = Duration::from_secs(180);

/// Lists NetBox's own requirements, less what it does not need to serve: its documentation's generators. The compiled
/// database driver is replaced by its ready-made form, so that no compiler and no PostgreSQL headers are needed.
const REQUIREMENTS: &str = r#"
import importlib.metadata as m, re
for line in m.requires("netbox"):
    if "extra ==" in line or re.match(r"(mkdocs|zensical|pymdown)", line):
        continue
    print(line.replace("psycopg[c,pool]", "psycopg[binary,pool]"))
"#;

/// Makes the virtual environment with NetBox when it is not there.
pub(crate) fn install(lab: &Lab) -> Result<()> {
    let done = lab
        .home
        .join("venv")
        .join(format!("netbox-{VERSION}-complete"));
    if done.exists() {
        return Ok(());
    }
    let venv = lab.home.join("venv");
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    step(&format!("installing NetBox {VERSION} from PyPI"), || {
        let python = find(lab)?;
        run::logged(
            run::command(&python).args(["-m", "venv"]).arg(&venv),
            "making a virtual environment",
            &log("venv"),
        )?;
        let pip = |arguments: &[&str], name: &str| {
            let mut command = run::command(lab.venv("python"));
            // Byte code is written when a module is first used; compiling all of them up front takes longer.
            command
                .args([
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--disable-pip-version-check",
                    "--no-compile",
                ])
                .args(arguments);
            run::logged(&mut command, "pip install", &log(name))
        };
        pip(&["--no-deps", &format!("netbox=={VERSION}")], "pip-netbox")?;
        let list = lab.home.join("requirements.txt");
        fs::write(
            &list,
            run::output(run::command(lab.venv("python")).args(["-c", REQUIREMENTS]))?,
        )?;
        pip(&["-r", &list.to_string_lossy()], "pip-requirements")?;
        fs::write(&done, "")?;
        Ok(())
    })
}

/// A Python of at least 3.12 that can make virtual environments.
fn find(lab: &Lab) -> Result<PathBuf> {
    if let Some(found) = candidates(lab).into_iter().find(|python| suits(python)) {
        return Ok(found);
    }
    if debian_has_new_python() {
        debian::install(
            &[
                Package {
                    name: "python3",
                    file: "/nonexistent",
                },
                Package {
                    name: "python3-venv",
                    file: "/nonexistent",
                },
            ],
            "NetBox",
        )?;
        let system = PathBuf::from("/usr/bin/python3");
        if suits(&system) {
            return Ok(system);
        }
    }
    let why = match by_uv(lab) {
        Ok(python) => return Ok(python),
        Err(error) => error,
    };
    bail!(
        "NetBox {VERSION} needs Python 3.{OLDEST_MINOR} or newer with its venv module, and none was found on the PATH, in /usr, or in ~/.pyenv.\n\
         Debian 13 and Ubuntu 24.04 have one: apt-get install python3 python3-venv. On Debian 12: install pyenv (`pyenv install 3.13`)\n\
         or uv (`uv python install 3.13`), or name one in SEGMENT_EDGE_PYTHON. Fetching one by uv failed: {why:#}"
    )
}

fn suits(python: &Path) -> bool {
    let test =
        format!("import sys, venv, ensurepip; sys.exit(sys.version_info < (3, {OLDEST_MINOR}))");
    run::succeeds(run::command(python).args(["-c", &test]))
}

fn candidates(lab: &Lab) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::env::var_os("SEGMENT_EDGE_PYTHON")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    for name in ["python3.13", "python3.12", "python3.14", "python3"] {
        found.extend(run::which(name));
        found.push(Path::new("/usr/bin").join(name));
    }
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let managed = [
        home.join(".pyenv/versions"),
        home.join(".local/share/uv/python"),
        lab.home.join("python"),
    ];
    for folder in managed {
        found.extend(
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path().join("bin/python3")),
        );
    }
    found
}

/// Whether apt offers a Python that is new enough.
fn debian_has_new_python() -> bool {
    let policy =
        run::output(run::command("apt-cache").args(["policy", "python3"])).unwrap_or_default();
    let candidate = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: 3."));
    candidate
        .and_then(|rest| rest.split('.').next()?.parse().ok())
        .is_some_and(|minor: u32| minor >= OLDEST_MINOR)
}

/// A Python brought by uv, which itself comes from PyPI by whatever Python there is.
fn by_uv(lab: &Lab) -> Result<PathBuf> {
    say("  no Python 3.12 or newer here: trying to fetch one by uv");
    let folder = lab.home.join("python");
    let uv = match run::which("uv") {
        Some(uv) => uv,
        None => {
            let tools = lab.home.join("uv");
            debian::install(
                &[Package {
                    name: "python3-venv",
                    file: "/usr/bin/python3",
                }],
                "uv",
            )?;
            run::output(run::command("python3").args(["-m", "venv"]).arg(&tools))?;
            run::output(run::command(tools.join("bin/pip")).args([
                "install",
                "-q",
                "--disable-pip-version-check",
                "uv",
            ]))?;
            tools.join("bin/uv")
        }
    };
    let mut fetch = run::command(uv);
    fetch
        .args(["python", "install", "3.13", "--no-bin", "--install-dir"])
        .arg(&folder);
    match run::limited(&mut fetch, UV_LIMIT, "Downloading", UV_LIMIT)? {
        Limited::Done => {}
        Limited::Failed(said) => bail!("{said}"),
        Limited::TimedOut => bail!("it took longer than {} s", UV_LIMIT.as_secs()),
    }
    match candidates(lab)
        .into_iter()
        .find(|python| python.starts_with(&folder) && suits(python))
    {
        Some(python) => Ok(python),
        None => bail!("uv left no usable Python in {}", folder.display()),
    }
}
