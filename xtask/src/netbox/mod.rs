//! A real NetBox on loopback, for tests and trying things out: `cargo xtask netbox up|down|reset|seed N|env`.
//!
//! NetBox comes from PyPI, PostgreSQL and Redis from Debian, all three on ports of their own under `target/netbox/`.
//! Nothing else on the machine is touched. A seeded copy of the database is kept as a template (for `reset`) and as a
//! dump (for a cluster made anew), so that the migrations run once. The accounts are throw-away ones.

mod lab;
mod postgres;
mod process;
mod python;
mod redis;
mod seed;
mod server;

use std::fs;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};

use crate::run::{self, say};
use lab::Lab;
pub(crate) use lab::{random_text, write_private};

/// The NetBox release that is installed.
pub(crate) const VERSION: &str = "4.7.3";
/// How many segments `up` and `reset` leave behind.
pub(crate) const SEGMENTS: u32 = 100;

/// What to do with the NetBox.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Install what is missing and start; ready with 100 segments the first time, as left the next times
    Up(Ports),
    /// Stop it; the data stays
    Down,
    /// Back to the 100 segments, with NetBox left running
    Reset,
    /// Add what is missing of the first N segments of the data set
    Seed {
        /// How many segments there shall be
        segments: u32,
    },
    /// Print the address and tokens as shell exports
    Env,
}

/// Loopback ports; a free one is taken when the usual one is busy and none is asked for.
#[derive(Args, Default)]
pub(crate) struct Ports {
    /// NetBox's port (usually 18001)
    #[arg(long, env = "SEGMENT_EDGE_NETBOX_PORT")]
    pub(crate) port: Option<u16>,
    /// PostgreSQL's port (usually 15432)
    #[arg(long, env = "SEGMENT_EDGE_PG_PORT")]
    pub(crate) pg_port: Option<u16>,
    /// Redis's port (usually 16379)
    #[arg(long, env = "SEGMENT_EDGE_REDIS_PORT")]
    pub(crate) redis_port: Option<u16>,
}

/// Does what the command line asks.
///
/// # Errors
/// With a message that names the step that failed and where its log is.
pub(crate) fn run(action: Action) -> Result<()> {
    match action {
        Action::Up(ports) => up(&ports).map(drop),
        Action::Down => down(),
        Action::Reset => reset(),
        Action::Seed { segments } => {
            let lab = up(&Ports::default())?;
            seed::seed(&lab, segments)
        }
        Action::Env => {
            for (name, value) in lab::environment()? {
                println!("export {name}='{value}'");
            }
            Ok(())
        }
    }
}

/// Brings NetBox up, installing and seeding it when needed.
///
/// # Errors
/// As [`run()`].
pub(crate) fn up(ports: &Ports) -> Result<Lab> {
    let begun = Instant::now();
    let mut lab = Lab::open()?;
    postgres::install()?;
    redis::install()?;
    let before = lab.ports.clone();
    lab.choose_ports(ports)?;
    let moved = lab.ports != before;
    lab.save_ports()?;

    // The Python packages are mostly downloads, the database mostly processor: both at once.
    thread::scope(|scope| {
        let packages = scope.spawn(|| python::install(&lab));
        let services = postgres::start(&lab).and_then(|()| redis::start(&lab));
        let packages = packages
            .join()
            .map_err(|_| anyhow!("installing NetBox's packages stopped unexpectedly"))?;
        services.and(packages)
    })?;
    server::configure(&lab)?;
    if moved {
        server::stop(&lab)?;
    }
    let made = ensure_database(&lab)?;
    server::start(&lab)?;
    lab.write_environment()?;
    if made == Made::Migrated {
        seed::seed(&lab, SEGMENTS)?;
        postgres::keep_seeded(&lab)?;
    }
    say(format!(
        "NetBox {VERSION} is up at {} ({:.1} s); tokens: {}",
        lab.url(),
        begun.elapsed().as_secs_f64(),
        lab.env_file().display()
    ));
    Ok(lab)
}

/// Where the database came from.
#[derive(PartialEq, Eq)]
enum Made {
    /// It was there, or came from the seeded copy.
    Ready,
    /// By migrations, and holds no segments yet.
    Migrated,
}

fn ensure_database(lab: &Lab) -> Result<Made> {
    if !postgres::has_seeded(lab)? && lab.dump_file().exists() {
        match postgres::restore_dump(lab) {
            Ok(()) => {}
            Err(error) => {
                say(format!(
                    "  the kept dump cannot be used, so the database is made anew: {error:#}"
                ));
                fs::remove_file(lab.dump_file())?;
            }
        }
    }
    if postgres::has_seeded(lab)? {
        if !postgres::has_database(lab, "netbox")? {
            postgres::copy(lab, postgres::SEEDED, "netbox")?;
        }
        if !lab.dump_file().exists() {
            postgres::dump(lab)?;
        }
        return Ok(Made::Ready);
    }
    server::stop(lab)?;
    postgres::empty(lab)?;
    server::migrate(lab)?;
    server::accounts(lab)?;
    Ok(Made::Migrated)
}

/// Stops NetBox, Redis and PostgreSQL; the data stays.
///
/// # Errors
/// When one of them does not stop.
pub(crate) fn down() -> Result<()> {
    let lab = Lab::open()?;
    server::stop(&lab)?;
    redis::stop(&lab)?;
    postgres::stop(&lab)?;
    say("NetBox is down; its data stays");
    Ok(())
}

/// Puts the database back to the seeded one and empties Redis; NetBox runs on (and is started when it was down).
///
/// # Errors
/// As [`run()`].
pub(crate) fn reset() -> Result<()> {
    let begun = Instant::now();
    let lab = up(&Ports::default())?;
    postgres::copy(&lab, postgres::SEEDED, "netbox")?;
    redis::flush(&lab)?;
    server::wait_ready(&lab).context("after the reset")?;
    say(format!(
        "NetBox is back to {SEGMENTS} segments ({:.1} s)",
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// The variables under which tests find the NetBox: `NETBOX_URL` and the tokens.
///
/// # Errors
/// When there is none yet.
pub(crate) fn environment() -> Result<Vec<(String, String)>> {
    lab::environment()
}

/// Says what a step does and how long it took.
fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    say(format!("  {what}"));
    let result = work().with_context(|| what.to_owned())?;
    say(format!("  {what}: {:.1} s", begun.elapsed().as_secs_f64()));
    Ok(result)
}

/// The log file of a step of this NetBox.
fn log(name: &str) -> std::path::PathBuf {
    run::log_file(&format!("netbox-{name}"))
}
