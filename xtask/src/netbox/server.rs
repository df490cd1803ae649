//! NetBox itself: its configuration, migrations, accounts, and the gunicorn that serves it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::lab::{Lab, write_private};
use super::{log, process, step};
use crate::run;
use crate::workspace;

/// Worker processes; each serves one request at a time.
const WORKERS: u32 = 2;
/// How long NetBox may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(120);

/// Accounts and tokens: an administrator with a token of each version, one that may only read, and a user who may do nothing.
const ACCOUNTS: &str = "
import os
from users.models import Token, User
e = os.environ
admin, _ = User.objects.get_or_create(username='admin', defaults={'is_superuser': True})
nobody, _ = User.objects.get_or_create(username='nobody')
Token.objects.filter(user__in=[admin, nobody]).delete()
Token(version=2, user=admin, key=e['TOKEN_KEY'], token=e['TOKEN_SECRET'], description='v2').save()
Token(version=1, user=admin, token=e['TOKEN_V1'], description='v1').save()
Token(version=1, user=admin, token=e['TOKEN_READONLY'], write_enabled=False, description='read only').save()
Token(version=1, user=nobody, token=e['TOKEN_NOPERM'], description='no permissions').save()
";

/// Writes NetBox's configuration file.
pub(crate) fn configure(lab: &Lab) -> Result<()> {
    let text = format!(
        "ALLOWED_HOSTS = ['127.0.0.1', 'localhost']\n\
         DATABASES = {{'default': {{\n    'ENGINE': 'django.db.backends.postgresql', 'NAME': 'netbox', 'USER': 'netbox',\n    \
         'PASSWORD': '{db_password}', 'HOST': '127.0.0.1', 'PORT': {pg_port}, 'CONN_MAX_AGE': 300,\n    \
         # lets `reset` replace the database under a running NetBox\n    'CONN_HEALTH_CHECKS': True,\n}}}}\n\
         _redis = {{'HOST': '127.0.0.1', 'PORT': {redis_port}, 'USERNAME': '', 'PASSWORD': '{redis_password}', 'SSL': False}}\n\
         REDIS = {{'tasks': {{**_redis, 'DATABASE': 0}}, 'caching': {{**_redis, 'DATABASE': 1}}}}\n\
         SECRET_KEY = '{secret_key}'\nAPI_TOKEN_PEPPERS = {{1: '{pepper}'}}\n\
         ISOLATED_DEPLOYMENT = True\nCENSUS_REPORTING_ENABLED = False\nRELEASE_CHECK_URL = None\n",
        db_password = lab.secret("DB_PASSWORD")?,
        pg_port = lab.ports.postgres,
        redis_port = lab.ports.redis,
        redis_password = lab.secret("REDIS_PASSWORD")?,
        secret_key = lab.secret("SECRET_KEY")?,
        pepper = lab.secret("PEPPER")?,
    );
    write_private(&lab.home.join("root/conf/configuration.py"), &text)
}

/// A program of the virtual environment, told where NetBox's configuration is.
fn tool(lab: &Lab, program: &str) -> Command {
    let mut command = run::command(lab.venv(program));
    command
        .env("NETBOX_ROOT", lab.home.join("root"))
        .env_remove("PYTHONPATH")
        .env_remove("DJANGO_SETTINGS_MODULE");
    command
}

/// Makes the tables.
pub(crate) fn migrate(lab: &Lab) -> Result<()> {
    step("running NetBox's migrations (minutes, once)", || {
        run::logged(
            tool(lab, "netbox").args(["migrate", "--no-input", "--skip-checks"]),
            "migrations",
            &log("migrate"),
        )
    })
}

/// Makes the accounts and tokens.
pub(crate) fn accounts(lab: &Lab) -> Result<()> {
    step("making accounts and tokens", || {
        let mut command = tool(lab, "netbox");
        for name in [
            "TOKEN_KEY",
            "TOKEN_SECRET",
            "TOKEN_V1",
            "TOKEN_READONLY",
            "TOKEN_NOPERM",
        ] {
            command.env(name, lab.secret(name)?);
        }
        run::logged(
            command.args(["shell", "--no-imports", "-c", ACCOUNTS]),
            "accounts",
            &log("accounts"),
        )
    })
}

/// Starts NetBox when it does not run, and waits until it answers.
pub(crate) fn start(lab: &Lab) -> Result<()> {
    let pid_file = lab.run_file("gunicorn.pid");
    if process::ours(&pid_file, &lab.gunicorn_mark()).is_some() {
        return wait_ready(lab);
    }
    step(&format!("starting NetBox at {}", lab.url()), || {
        let _ = fs::remove_file(&pid_file);
        fs::create_dir_all(workspace::logs())?;
        let mut gunicorn = tool(lab, "gunicorn");
        gunicorn
            .args([
                "netbox.wsgi",
                "--daemon",
                "--timeout",
                "300",
                "--capture-output",
                "--no-control-socket",
                "--worker-tmp-dir",
            ])
            .arg(lab.run_file(""));
        gunicorn.args([
            "--bind",
            &format!("127.0.0.1:{}", lab.ports.netbox),
            "--workers",
            &WORKERS.to_string(),
        ]);
        gunicorn
            .arg("--pid")
            .arg(&pid_file)
            .arg("--error-logfile")
            .arg(log("gunicorn"));
        run::output(&mut gunicorn)?;
        wait_ready(lab)
    })
}

/// Stops NetBox.
pub(crate) fn stop(lab: &Lab) -> Result<()> {
    process::stop(&lab.run_file("gunicorn.pid"), &lab.gunicorn_mark())
}

/// Waits until every worker has answered: the first request to each loads much of NetBox.
pub(crate) fn wait_ready(lab: &Lab) -> Result<()> {
    let begun = Instant::now();
    loop {
        let status = ask(lab, "/api/status/");
        match status {
            Ok(200) => break,
            Ok(403) => bail!(
                "NetBox refuses the tokens of {}: remove {} and run up again",
                lab.home.join("secrets").display(),
                lab.home.display()
            ),
            _ if begun.elapsed() > START_LIMIT => {
                bail!(
                    "NetBox did not answer within {} s (last: {status:?}); see {}",
                    START_LIMIT.as_secs(),
                    log("gunicorn").display()
                )
            }
            _ => thread::sleep(Duration::from_millis(200)),
        }
    }
    thread::scope(|scope| {
        let warm: Vec<_> = (0..2 * WORKERS)
            .map(|_| scope.spawn(|| ask(lab, "/api/ipam/prefixes/?limit=1")))
            .collect();
        warm.into_iter().try_for_each(|one| match one.join() {
            Ok(Ok(200)) => Ok(()),
            Ok(Ok(status)) => bail!(
                "NetBox answers {status} to a list of prefixes; see {}",
                log("gunicorn").display()
            ),
            Ok(Err(error)) => Err(error),
            Err(_) => bail!("a warming request stopped unexpectedly"),
        })
    })
}

/// The HTTP status NetBox answers to a GET with the administrator's token.
fn ask(lab: &Lab, path: &str) -> Result<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", lab.ports.netbox))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let token = lab.secret("TOKEN_V1")?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let head = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
    head.split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .context("NetBox's answer is not HTTP")
}
