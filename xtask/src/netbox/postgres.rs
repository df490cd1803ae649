//! A PostgreSQL cluster of our own: loopback, a password, no unix socket, and no care for a power cut.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::lab::{Lab, write_private};
use super::{SEGMENTS, VERSION, log, step};
use crate::debian::{self, Package};
use crate::run;

/// The database from which `reset` starts.
pub(crate) const SEEDED: &str = "netbox_seeded";

/// Settings for a database that may be lost: nothing is forced to disk.
const SETTINGS: &str = "\n\
    listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = '128MB'\nmax_connections = 60\njit = off\n\
    fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = '2GB'\nautovacuum_naptime = '5min'\n";

/// Installs PostgreSQL when there is none.
pub(crate) fn install() -> Result<()> {
    if folder().is_none() {
        debian::install(
            &[Package {
                name: "postgresql",
                file: "/nonexistent",
            }],
            "NetBox",
        )?;
    }
    folder()
        .map(drop)
        .context("no PostgreSQL programs (initdb, pg_ctl) found: install postgresql")
}

/// The folder of the newest PostgreSQL's programs.
fn folder() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .map(|(_, bin)| bin)
        .or_else(|| run::which("initdb")?.parent().map(PathBuf::from))
}

/// A program of PostgreSQL.
fn program(name: &str) -> Result<PathBuf> {
    Ok(folder().context("no PostgreSQL found")?.join(name))
}

/// A server program, run as `postgres` when we are root: it refuses root. The working folder is one that everybody may enter.
fn server_program(name: &str) -> Result<Command> {
    let program = program(name)?;
    let mut command = if debian::is_root() {
        let mut command = run::command("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        run::command(program)
    };
    command.current_dir("/");
    Ok(command)
}

/// A client program with address and password set.
fn client(lab: &Lab, name: &str) -> Result<Command> {
    let mut command = run::command(program(name)?);
    command
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", lab.ports.postgres.to_string())
        .env("PGUSER", "netbox")
        .env("PGPASSWORD", lab.secret("DB_PASSWORD")?);
    Ok(command)
}

/// Whether our cluster runs.
pub(crate) fn running(lab: &Lab) -> bool {
    lab.pgdata.exists()
        && server_program("pg_ctl")
            .is_ok_and(|mut c| run::succeeds(c.arg("status").arg("-D").arg(&lab.pgdata)))
}

/// Makes the cluster when it is not there, and starts it when it does not run.
pub(crate) fn start(lab: &Lab) -> Result<()> {
    if !lab.pgdata.join("PG_VERSION").exists() || !lab.pgdata.join("segment-edge.conf").exists() {
        discard(&lab.pgdata)?;
        step("making a PostgreSQL cluster", || initdb(lab))?;
    }
    if running(lab) {
        return Ok(());
    }
    let mut start = server_program("pg_ctl")?;
    start
        .arg("start")
        .arg("-w")
        .arg("-D")
        .arg(&lab.pgdata)
        .arg("-l")
        .arg(lab.pgdata.join("server.log"));
    start.args(["-o", &format!("-p {}", lab.ports.postgres)]);
    run::logged(&mut start, "starting PostgreSQL", &log("pg-start"))
}

fn initdb(lab: &Lab) -> Result<()> {
    let place = lab.pgdata.with_extension("init");
    fs::create_dir_all(&lab.pgdata)?;
    write_private(&place, lab.secret("DB_PASSWORD")?)?;
    if debian::is_root() {
        run::output(
            run::command("chown")
                .arg("postgres")
                .arg(&lab.pgdata)
                .arg(&place),
        )?;
    }
    let mut init = server_program("initdb")?;
    init.arg("-D").arg(&lab.pgdata).args([
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-A",
        "scram-sha-256",
        "-U",
        "netbox",
        "--no-sync",
    ]);
    init.arg("--pwfile").arg(&place);
    let done = run::logged(&mut init, "initdb", &log("initdb"));
    fs::remove_file(&place)?;
    done?;
    let config = lab.pgdata.join("postgresql.conf");
    let text = fs::read_to_string(&config)?;
    fs::write(&config, text + SETTINGS)?;
    fs::write(
        lab.pgdata.join("segment-edge.conf"),
        "made by `cargo xtask netbox up`\n",
    )?;
    Ok(())
}

/// Stops the cluster.
pub(crate) fn stop(lab: &Lab) -> Result<()> {
    if !running(lab) {
        return Ok(());
    }
    run::logged(
        server_program("pg_ctl")?
            .args(["stop", "-w", "-m", "fast", "-D"])
            .arg(&lab.pgdata),
        "stopping PostgreSQL",
        &log("pg-stop"),
    )
}

/// Removes a cluster of ours, stopping it first.
pub(crate) fn discard(pgdata: &Path) -> Result<()> {
    if !pgdata.exists() {
        return Ok(());
    }
    if let Ok(mut stop) = server_program("pg_ctl") {
        run::succeeds(
            stop.args(["stop", "-w", "-m", "immediate", "-D"])
                .arg(pgdata),
        );
    }
    fs::remove_dir_all(pgdata).with_context(|| format!("cannot remove {}", pgdata.display()))
}

/// Runs SQL in a database and returns what it printed.
pub(crate) fn sql(lab: &Lab, database: &str, text: &str) -> Result<String> {
    let mut psql = client(lab, "psql")?;
    psql.args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database])
        .env("PGOPTIONS", "-c client_min_messages=warning");
    run::piped(&mut psql, text)
}

/// Whether the database exists.
pub(crate) fn has_database(lab: &Lab, name: &str) -> Result<bool> {
    Ok(sql(
        lab,
        "postgres",
        &format!("select 1 from pg_database where datname = '{name}'"),
    )? == "1")
}

/// What the seeded copy holds, written as the database's comment once it is complete.
fn seeded_mark() -> String {
    format!("NetBox {VERSION}, {SEGMENTS} segments")
}

/// Whether the complete seeded copy of this release is there.
pub(crate) fn has_seeded(lab: &Lab) -> Result<bool> {
    let comment = format!(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = '{SEEDED}'"
    );
    Ok(sql(lab, "postgres", &comment)? == seeded_mark())
}

/// Makes `to` a copy of `from`, dropping the old `to` and ending all connections to both.
pub(crate) fn copy(lab: &Lab, from: &str, to: &str) -> Result<()> {
    let sentence = format!(
        "drop database if exists {to} with (force);\n\
         select pg_terminate_backend(pid) from pg_stat_activity where datname = '{from}' and pid <> pg_backend_pid();\n\
         create database {to} template {from} strategy file_copy;\n"
    );
    // A server process may connect again between the last two statements.
    let mut tries = 0;
    loop {
        match sql(lab, "postgres", &sentence) {
            Ok(_) => return Ok(()),
            Err(error) if tries >= 5 => {
                return Err(error.context(format!("cannot copy the database {from} to {to}")));
            }
            Err(_) => tries += 1,
        }
    }
}

/// Makes an empty database `netbox`.
pub(crate) fn empty(lab: &Lab) -> Result<()> {
    sql(
        lab,
        "postgres",
        "drop database if exists netbox with (force);\ncreate database netbox;\n",
    )
    .map(drop)
}

/// Keeps the present database as the seeded copy, and as a dump.
pub(crate) fn keep_seeded(lab: &Lab) -> Result<()> {
    sql(lab, "netbox", "vacuum analyze;")?;
    copy(lab, "netbox", SEEDED)?;
    mark_seeded(lab)?;
    dump(lab)
}

fn mark_seeded(lab: &Lab) -> Result<()> {
    sql(
        lab,
        "postgres",
        &format!("comment on database {SEEDED} is '{}'", seeded_mark()),
    )
    .map(drop)
}

/// Writes the dump of the seeded copy.
pub(crate) fn dump(lab: &Lab) -> Result<()> {
    let file = lab.dump_file();
    let staged = file.with_extension("new");
    // It holds tokens in plain text: nobody else may read it.
    write_private(&staged, "")?;
    let mut dump = client(lab, "pg_dump")?;
    dump.args(["-Fc", "-Z1", "-d", SEEDED, "-f"]).arg(&staged);
    run::logged(&mut dump, "dumping the seeded database", &log("dump"))?;
    fs::rename(&staged, &file)?;
    Ok(())
}

/// Makes the seeded copy from the dump.
pub(crate) fn restore_dump(lab: &Lab) -> Result<()> {
    step("restoring the kept dump", || {
        sql(
            lab,
            "postgres",
            &format!("drop database if exists {SEEDED} with (force);\ncreate database {SEEDED};\n"),
        )?;
        let mut restore = client(lab, "pg_restore")?;
        restore
            .args(["--exit-on-error", "-j2", "-d", SEEDED])
            .arg(lab.dump_file());
        run::logged(&mut restore, "pg_restore", &log("restore"))?;
        sql(lab, SEEDED, "analyze;")?;
        if sql(lab, SEEDED, "select count(*) from ipam_prefix")? != SEGMENTS.to_string() {
            bail!("the dump does not hold {SEGMENTS} prefixes");
        }
        mark_seeded(lab)
    })
}
