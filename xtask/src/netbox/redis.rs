//! A Redis of our own: loopback, a password, nothing kept on disk.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::lab::{Lab, write_private};
use super::process;
use crate::debian::{self, Package};
use crate::run;

/// Debian's redis-tools holds the server's program under another name; the package redis-server would add a system service.
const PROGRAM_IN_TOOLS: &str = "/usr/bin/redis-check-rdb";

/// Installs Redis when there is none.
pub(crate) fn install() -> Result<()> {
    if program().is_some() {
        return Ok(());
    }
    debian::install(
        &[Package {
            name: "redis-tools",
            file: PROGRAM_IN_TOOLS,
        }],
        "NetBox",
    )?;
    program()
        .map(drop)
        .context("no redis-server after installing redis-tools: install redis-server")
}

fn program() -> Option<PathBuf> {
    run::which("redis-server")
        .or_else(|| run::which("valkey-server"))
        .or_else(|| Some(PROGRAM_IN_TOOLS.into()).filter(|p: &PathBuf| p.exists()))
}

fn mark(lab: &Lab) -> String {
    format!("127.0.0.1:{}", lab.ports.redis)
}

/// Whether our Redis runs.
pub(crate) fn running(lab: &Lab) -> bool {
    process::ours(&lab.run_file("redis.pid"), &mark(lab)).is_some()
}

/// Starts it when it does not run.
pub(crate) fn start(lab: &Lab) -> Result<()> {
    if running(lab) {
        return Ok(());
    }
    let config = lab.run_file("redis.conf");
    let text = format!(
        "bind 127.0.0.1\nport {}\nrequirepass {}\nsave \"\"\nappendonly no\ndaemonize yes\npidfile \"{}\"\ndir \"{}\"\nlogfile \"{}\"\n",
        lab.ports.redis,
        lab.secret("REDIS_PASSWORD")?,
        lab.run_file("redis.pid").display(),
        lab.run_file("").display(),
        super::log("redis").display(),
    );
    write_private(&config, &text)?;
    std::fs::create_dir_all(crate::workspace::logs())?;
    let program = program().context("no redis-server")?;
    // The program looks at the name it is called by to tell what it is to be.
    run::output(run::command(program).arg0("redis-server").arg(&config))?;
    let begun = Instant::now();
    while talk(lab, "PING").is_err() {
        if begun.elapsed() > Duration::from_secs(10) {
            bail!(
                "Redis does not answer on {}; see {}",
                mark(lab),
                super::log("redis").display()
            );
        }
        thread::sleep(Duration::from_millis(30));
    }
    Ok(())
}

/// Stops it.
pub(crate) fn stop(lab: &Lab) -> Result<()> {
    process::stop(&lab.run_file("redis.pid"), &mark(lab))
}

/// Forgets all that NetBox keeps in it.
pub(crate) fn flush(lab: &Lab) -> Result<()> {
    talk(lab, "FLUSHALL")
}

/// Sends one command that answers with a single line.
fn talk(lab: &Lab, command: &str) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", lab.ports.redis))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "AUTH {}\r\n{command}\r\n",
        lab.secret("REDIS_PASSWORD")?
    )?;
    let mut answers = BufReader::new(stream).lines();
    for _ in 0..2 {
        let answer = answers.next().context("Redis closed the connection")??;
        if !answer.starts_with('+') {
            bail!("Redis refused {command}: {answer}");
        }
    }
    Ok(())
}
