//! The NetBox's folder: ports, secrets, and the file of addresses and tokens.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{SEGMENTS, VERSION, process};
use crate::run::say;
use crate::{debian, workspace};

/// The three loopback ports.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ChosenPorts {
    pub(crate) netbox: u16,
    pub(crate) postgres: u16,
    pub(crate) redis: u16,
}

/// An opened lab. The lock is held while it lives, so that two commands do not set up at once.
pub(crate) struct Lab {
    /// `target/netbox`.
    pub(crate) home: PathBuf,
    /// PostgreSQL's data folder.
    pub(crate) pgdata: PathBuf,
    pub(crate) ports: ChosenPorts,
    secrets: BTreeMap<String, String>,
    _lock: File,
}

fn home() -> PathBuf {
    workspace::target().join("netbox")
}

impl Lab {
    /// Opens the folder, making it (and its secrets) when it is not there.
    pub(crate) fn open() -> Result<Self> {
        let home = home();
        for dir in ["run", "root/conf", "root/media", "root/static"] {
            fs::create_dir_all(home.join(dir))?;
        }
        let lock = File::create(home.join("lock"))?;
        if lock.try_lock().is_err() {
            say("  waiting for another `cargo xtask netbox` to finish");
            lock.lock()?;
        }
        let pgdata = place_for_postgres(&home)?;
        let secrets_file = home.join("secrets");
        if !secrets_file.exists() {
            // What was made with other secrets is of no use any more.
            super::postgres::discard(&pgdata)?;
            let _ = fs::remove_dir_all(home.join("dump"));
            write_private(&secrets_file, &new_secrets()?)?;
        }
        let ports = match read_pairs(&home.join("ports")) {
            Ok(saved) => {
                let port = |name: &str, usual| {
                    saved
                        .get(name)
                        .and_then(|p| p.parse().ok())
                        .unwrap_or(usual)
                };
                ChosenPorts {
                    netbox: port("netbox", 18001),
                    postgres: port("postgres", 15432),
                    redis: port("redis", 16379),
                }
            }
            Err(_) => ChosenPorts {
                netbox: 18001,
                postgres: 15432,
                redis: 16379,
            },
        };
        Ok(Self {
            secrets: read_pairs(&secrets_file)?,
            home,
            pgdata,
            ports,
            _lock: lock,
        })
    }

    /// Settles the ports of those services that are not running yet.
    pub(crate) fn choose_ports(&mut self, asked: &super::Ports) -> Result<()> {
        let running = [
            process::ours(&self.run_file("gunicorn.pid"), &self.gunicorn_mark()).is_some(),
            super::postgres::running(self),
            super::redis::running(self),
        ];
        let slots = [
            ("NetBox", &mut self.ports.netbox, asked.port, "--port"),
            (
                "PostgreSQL",
                &mut self.ports.postgres,
                asked.pg_port,
                "--pg-port",
            ),
            (
                "Redis",
                &mut self.ports.redis,
                asked.redis_port,
                "--redis-port",
            ),
        ];
        for ((name, port, wish, flag), running) in slots.into_iter().zip(running) {
            if running {
                if wish.is_some_and(|wish| wish != *port) {
                    bail!(
                        "{name} already runs on port {port}: `cargo xtask netbox down` first, then up with {flag}"
                    );
                }
                continue;
            }
            *port = wish.unwrap_or(*port);
            if TcpListener::bind(("127.0.0.1", *port)).is_ok() {
                continue;
            }
            if wish.is_some() {
                bail!(
                    "port {port} asked for {name} is taken by another program: name another with {flag}"
                );
            }
            let free = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            say(format!(
                "  port {port} is taken by another program; {name} gets {free}"
            ));
            *port = free;
        }
        Ok(())
    }

    /// Remembers the ports for the next start.
    pub(crate) fn save_ports(&self) -> Result<()> {
        let ChosenPorts {
            netbox,
            postgres,
            redis,
        } = self.ports;
        fs::write(
            self.home.join("ports"),
            format!("netbox={netbox}\npostgres={postgres}\nredis={redis}\n"),
        )?;
        Ok(())
    }

    /// NetBox's address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.netbox)
    }

    /// A secret by its name.
    pub(crate) fn secret(&self, name: &str) -> Result<&str> {
        let value = self.secrets.get(name).map(String::as_str);
        value.with_context(|| {
            format!(
                "{} lacks {name}: remove {} and run `cargo xtask netbox up`",
                self.home.join("secrets").display(),
                self.home.display()
            )
        })
    }

    /// A file of a running process.
    pub(crate) fn run_file(&self, name: &str) -> PathBuf {
        self.home.join("run").join(name)
    }

    /// What the command line of our gunicorn contains.
    pub(crate) fn gunicorn_mark(&self) -> String {
        self.run_file("gunicorn.pid").display().to_string()
    }

    /// A program of the virtual environment.
    pub(crate) fn venv(&self, program: &str) -> PathBuf {
        self.home.join("venv/bin").join(program)
    }

    /// The kept dump of the seeded database.
    pub(crate) fn dump_file(&self) -> PathBuf {
        self.home
            .join(format!("dump/netbox-{VERSION}-{SEGMENTS}.dump"))
    }

    /// The file of address and tokens.
    pub(crate) fn env_file(&self) -> PathBuf {
        self.home.join("env")
    }

    /// Writes that file, readable by its owner only.
    pub(crate) fn write_environment(&self) -> Result<()> {
        let text = format!(
            "NETBOX_URL={}\nNETBOX_TOKEN=nbt_{}.{}\nNETBOX_TOKEN_V1={}\nNETBOX_TOKEN_READONLY={}\nNETBOX_TOKEN_NOPERM={}\n",
            self.url(),
            self.secret("TOKEN_KEY")?,
            self.secret("TOKEN_SECRET")?,
            self.secret("TOKEN_V1")?,
            self.secret("TOKEN_READONLY")?,
            self.secret("TOKEN_NOPERM")?,
        );
        write_private(&self.env_file(), &text)
    }
}

/// The variables of the env file.
pub(crate) fn environment() -> Result<Vec<(String, String)>> {
    let file = home().join("env");
    let pairs = read_pairs(&file).context("there is no NetBox yet: run `cargo xtask netbox up`")?;
    Ok(pairs.into_iter().collect())
}

/// `target/netbox/pg`, or a folder in `/var/tmp` when the user that PostgreSQL runs as cannot get into the workspace.
///
/// PostgreSQL refuses to run as root, so root runs it as `postgres`, who may not pass a folder such as `/root`.
fn place_for_postgres(home: &Path) -> Result<PathBuf> {
    let passable =
        |dir: &Path| fs::metadata(dir).is_ok_and(|m| m.permissions().mode() & 0o001 != 0);
    if !debian::is_root() || home.ancestors().all(passable) {
        return Ok(home.join("pg"));
    }
    let hash = home
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let place = PathBuf::from(format!("/var/tmp/segment-edge-{hash:016x}"));
    if !place.exists() {
        say(format!(
            "  the user postgres cannot enter {}: the database goes to {}",
            home.display(),
            place.display()
        ));
        fs::create_dir_all(&place)?;
    }
    fs::set_permissions(&place, fs::Permissions::from_mode(0o711))?;
    Ok(place.join("pg"))
}

fn new_secrets() -> Result<String> {
    let mut text = String::new();
    for (name, length, hex) in [
        ("DB_PASSWORD", 32, true),
        ("REDIS_PASSWORD", 32, true),
        ("SECRET_KEY", 60, false),
        ("PEPPER", 60, false),
        ("TOKEN_V1", 40, true),
        ("TOKEN_READONLY", 40, true),
        ("TOKEN_NOPERM", 40, true),
        ("TOKEN_KEY", 12, false),
        ("TOKEN_SECRET", 40, false),
    ] {
        text.push_str(&format!("{name}={}\n", random_text(length, hex)?));
    }
    Ok(text)
}

/// Random characters from the kernel: hexadecimal digits, or letters and digits.
///
/// # Errors
/// When the kernel gives none.
pub(crate) fn random_text(length: usize, hex: bool) -> Result<String> {
    let alphabet: &[u8] = if hex {
        b"0123456789abcdef"
    } else {
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    };
    let mut source = File::open("/dev/urandom")?;
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut byte = [0_u8];
        source.read_exact(&mut byte)?;
        // Bytes past the last whole multiple would favour the first characters.
        if usize::from(byte[0]) < 256 - 256 % alphabet.len() {
            text.push(char::from(alphabet[usize::from(byte[0]) % alphabet.len()]));
        }
    }
    Ok(text)
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

fn read_pairs(path: &Path) -> Result<BTreeMap<String, String>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect())
}
