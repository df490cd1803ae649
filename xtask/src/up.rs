//! `cargo xtask up`: build, then serve the component in the foreground, beside the NetBox double or a NetBox of the user's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::run::{self, say};
use crate::{component, netbox, workspace};

/// How long a child may take to stop when asked to, before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long the component may take to be served: the host compiles it first.
const START_LIMIT: Duration = Duration::from_secs(120);

/// What to serve, and before which NetBox.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A NetBox to use instead of the double
    #[arg(long, value_name = "URL")]
    netbox_url: Option<String>,
    /// Its API token; by environment it stays out of the process list
    #[arg(
        long,
        value_name = "TOKEN",
        env = "NETBOX_TOKEN",
        hide_env_values = true
    )]
    netbox_token: Option<String>,
    /// How many segments the double holds
    #[arg(long, value_name = "N", default_value_t = 100)]
    segments: u32,
    /// How long the double waits before each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 50)]
    latency: u32,
    /// The address to serve on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

/// A child process that is stopped when this goes out of scope.
struct Service {
    name: &'static str,
    child: Child,
}

impl Service {
    fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start `{}`", run::shown(command)))?;
        Ok(Self { name, child })
    }

    /// An error when the process has ended.
    fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("{} ended: {status}", self.name),
            None => Ok(()),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        run::terminate(self.child.id());
        let begun = Instant::now();
        while begun.elapsed() < STOP_LIMIT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds, starts, prints what to try, and serves until Ctrl-C.
///
/// # Errors
/// When a build fails, the port is taken, or a part ends by itself.
pub(crate) fn up(arguments: &Arguments) -> Result<()> {
    ensure_free(arguments.listen)?;
    let given = match (&arguments.netbox_url, &arguments.netbox_token) {
        (Some(url), Some(token)) => Some((url.trim_end_matches('/').to_owned(), token.clone())),
        (Some(url), None) => bail!("no token for {url}: add --netbox-token, or set NETBOX_TOKEN"),
        (None, _) => None,
    };
    say("building the component");
    let built = component::build()?;
    say("building the host (the first time takes minutes: it compiles wasmtime)");
    // The whole workspace, as `test` builds it: by itself the harness would have other features, and wasmtime be compiled twice.
    run::visible(run::cargo().args(["build", "--release", "--workspace"]))?;
    let harness = workspace::native_target().join("release/bench-harness");

    let stopping = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopping);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))
        .context("cannot wait for Ctrl-C")?;

    let is_double = given.is_none();
    let (double, (url, netbox_token)) = match given {
        Some(given) => (None, given),
        None => start_double(&harness, arguments).map(|(double, at)| (Some(double), at))?,
    };
    let token = api_token()?;
    ensure_free(arguments.listen)?;
    let mut serve = run::command(&harness);
    serve.arg("serve").arg("--wasm").arg(&built.path).args([
        "--listen",
        &arguments.listen.to_string(),
        "--store",
        "memory",
    ]);
    serve.args([
        "--variable",
        &format!("netbox_url={url}"),
        "--allow-host",
        &url,
        "--env-variables",
    ]);
    serve.env("SPIN_VARIABLE_NETBOX_TOKEN", netbox_token);
    serve.env(
        "SPIN_VARIABLE_API_TOKENS",
        format!("demo:admin:{}", sha256(&token)?),
    );
    // Last in, first out: the component's host stops before the double it calls.
    let mut services: Vec<Service> = double.into_iter().collect();
    services.insert(0, Service::start("the component's host", &mut serve)?);

    wait_for(arguments.listen, &mut services, &stopping)?;
    if !stopping.load(Ordering::SeqCst) {
        println!("{}", what_to_try(arguments.listen, &token, &url, is_double));
    }
    while !stopping.load(Ordering::SeqCst) {
        for service in &mut services {
            if let Err(error) = service.check() {
                // A Ctrl-C in the terminal reaches the children too, perhaps before us.
                thread::sleep(Duration::from_millis(200));
                return if stopping.load(Ordering::SeqCst) {
                    Ok(())
                } else {
                    Err(error)
                };
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    say("stopping");
    Ok(())
}

fn ensure_free(listen: SocketAddr) -> Result<()> {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => bail!(
            "cannot serve on {listen} ({error}): stop what is there, or take another address, such as --listen {}:{}",
            listen.ip(),
            listen.port().wrapping_add(1)
        ),
    }
}

/// Starts the double and reads where it is from its first line: `NETBOX_URL=… NETBOX_TOKEN=…`.
fn start_double(harness: &Path, arguments: &Arguments) -> Result<(Service, (String, String))> {
    let mut command = run::command(harness);
    command.args(["netbox-double", "--listen", "127.0.0.1:0"]);
    command.args([
        "--segments",
        &arguments.segments.to_string(),
        "--latency",
        &format!("{}ms", arguments.latency),
    ]);
    let mut double = Service::start("the NetBox double", command.stdout(Stdio::piped()))?;
    let stdout = double
        .child
        .stdout
        .take()
        .context("the double has no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = lines
        .next()
        .context("the NetBox double ended before it said where it is")??;
    let word = |name: &str| {
        line.split_whitespace()
            .find_map(|word| word.strip_prefix(name))
            .map(str::to_owned)
    };
    let at = word("NETBOX_URL=").zip(word("NETBOX_TOKEN="));
    let at = at.context("the NetBox double's first line is not `NETBOX_URL=… NETBOX_TOKEN=…`")?;
    // Read on, so that the double never waits for a full pipe.
    thread::spawn(move || lines.for_each(drop));
    Ok((double, at))
}

/// The token for the tour: made once, kept in `target/up/token`, readable by its owner only.
fn api_token() -> Result<String> {
    let file = workspace::target().join("up/token");
    if let Ok(token) = fs::read_to_string(&file)
        && token.trim().len() == 40
    {
        return Ok(token.trim().to_owned());
    }
    let token = netbox::random_text(40, false)?;
    netbox::write_private(&file, &format!("{token}\n"))?;
    Ok(token)
}

/// The SHA-256 of the text, in lower-case hexadecimal digits, by coreutils' `sha256sum`.
fn sha256(text: &str) -> Result<String> {
    let printed = run::piped(&mut run::command("sha256sum"), text)?;
    let hash = printed
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    ensure!(hash.len() == 64, "sha256sum did not print a SHA-256");
    Ok(hash)
}

fn wait_for(listen: SocketAddr, services: &mut [Service], stopping: &AtomicBool) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect_timeout(&listen, Duration::from_secs(1)).is_err()
        && !stopping.load(Ordering::SeqCst)
    {
        services.iter_mut().try_for_each(Service::check)?;
        if begun.elapsed() > START_LIMIT {
            bail!(
                "nothing answers on {listen} after {} s",
                START_LIMIT.as_secs()
            );
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn what_to_try(listen: SocketAddr, token: &str, netbox: &str, is_double: bool) -> String {
    let base = format!("http://{listen}");
    let behind = if is_double {
        "the NetBox double"
    } else {
        "the NetBox"
    };
    let find = if is_double {
        "/api/segments/1"
    } else {
        "/api/segments/search?q=EPG_TOUR"
    };
    let body = r#"{"site":"site1","vrf":"Network1","vlan_id":3000,"epg_name":"EPG_TOUR","segment":"172.20.0.0/24","dhcp":true,"description":"made by the tour"}"#;
    format!(
        "\n  segment-edge serves on {base}, before {behind} at {netbox}. Ctrl-C stops it.\n\n\
         export TOKEN={token}\n\
         export EDGE={base}\n\
         curl -i {base}/api/health\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" '{base}/api/segments?limit=5'\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" '{base}{find}'\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' {base}/api/segments \\\n  -d '{body}'\n\
         curl -i -H \"Authorization: Bearer $TOKEN\" '{base}/api/segments?site=site1&vrf=Network1'\n"
    )
}
