//! The host as a process of its own, so that a test can kill it: `bench-harness serve` with its store in a file.
//!
//! SIGKILL leaves no time to finish or to clean up anything, as a power failure or an out-of-memory kill does. What the store had taken
//! is on disk, and a new process on the same file goes on from there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::netbox::{Double, Fault, Gate, Matcher};

/// The longest the process may take to serve: a component that was never compiled takes seconds.
const START: Duration = Duration::from_secs(120);

/// How often it is looked whether the double has noticed the death.
const LOOK: Duration = Duration::from_millis(5);

/// How a process is started.
#[derive(Clone, Debug)]
pub struct Served {
    /// The binary `bench-harness`; a test of this package has it as `env!("CARGO_BIN_EXE_bench-harness")`.
    pub binary: PathBuf,
    /// The built component.
    pub wasm: PathBuf,
    /// The file of the key-value store, made when missing. One process at a time can have it.
    pub store: PathBuf,
    /// The component's variables. They go by the environment, so no secret is on a command line.
    pub variables: BTreeMap<String, String>,
    /// Whether it is kept to one processor, where the machine lets it.
    pub one_processor: bool,
}

impl Served {
    /// The component before a NetBox, open to everybody, without a log of calls and requests.
    #[must_use]
    pub fn before(netbox_url: &str, token: &str, binary: &Path, wasm: &Path, store: &Path) -> Self {
        let variables = [
            ("netbox_url", netbox_url),
            ("netbox_token", token),
            ("auth", "off"),
            ("log_level", "error"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            binary: binary.into(),
            wasm: wasm.into(),
            store: store.into(),
            variables: BTreeMap::from(variables),
            one_processor: false,
        }
    }

    /// Sets one more variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts the process on a free port, and waits until it serves.
    ///
    /// # Errors
    /// When it can't be started, or ends before it serves: its own words are on stderr.
    pub async fn start(&self) -> anyhow::Result<Process> {
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--wasm").arg(&self.wasm);
        command.arg("--store").arg(&self.store);
        command.args(["--listen", "127.0.0.1:0", "--env-variables"]);
        if let Some(netbox) = self.variables.get("netbox_url") {
            command.args(["--allow-host", netbox]);
        }
        for (name, value) in &self.variables {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let (child, on_one_processor) = match self.one_processor {
            true => on_one_processor(command)?,
            false => (command.spawn(), false),
        };
        let mut child = child.with_context(|| format!("cannot start {}", self.binary.display()))?;
        let stdout = child.stdout.take().context("it has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START, lines.next_line()).await;
        let line = line.context("it did not serve in time")??;
        let url = line
            .as_deref()
            .and_then(|line| line.rsplit_once(" on "))
            .map(|(_, url)| url.to_owned())
            .context("it ended before it served")?;
        // A full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Ok(Process {
            child,
            url,
            client,
            on_one_processor,
        })
    }
}

/// Starts the process from a thread that is kept to the last processor, which a child inherits; whether that was possible.
fn on_one_processor(mut command: Command) -> anyhow::Result<(std::io::Result<Child>, bool)> {
    let runtime = tokio::runtime::Handle::current();
    let start = move || {
        let _inside = runtime.enter();
        let cores = core_affinity::get_core_ids().unwrap_or_default();
        let kept = cores
            .last()
            .is_some_and(|core| core_affinity::set_for_current(*core));
        (command.spawn(), kept)
    };
    let started = std::thread::spawn(start).join();
    started
        .ok()
        .context("the thread that starts the process ended")
}

/// A running process. Dropping it kills it too.
#[derive(Debug)]
pub struct Process {
    child: Child,
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
    on_one_processor: bool,
}

/// When a process is killed, as seen by the call to NetBox during which that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before NetBox did anything for the call: it never does.
    BeforeTheWork,
    /// NetBox has carried the call out, and nobody hears of it.
    AfterTheWork,
}

/// What became of a request whose process was to be killed.
#[derive(Debug)]
pub enum Fate {
    /// The process was killed while the request ran.
    Killed,
    /// The request was answered, since it did not come to the call; the process still runs.
    Answered(Response<Bytes>, Box<Process>),
}

impl Process {
    /// `http://address:port`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is kept to one processor.
    #[must_use]
    pub fn is_on_one_processor(&self) -> bool {
        self.on_one_processor
    }

    /// Sends a request, whose address is a path.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn send(&self, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        parts.uri = format!("{}{}", self.url, parts.uri).parse()?;
        let request = Request::from_parts(parts, Full::new(body));
        let (parts, body) = self.client.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }

    /// Kills the process (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// When that is not possible.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot kill the process")
    }

    /// Sends a request and kills the process at its `n`-th call from now on that matches, counted from 1. With `n` going up until
    /// the request is answered, a process dies at every place where it can.
    ///
    /// # Errors
    /// When the process can't be killed, or the request has no answer although the process lives.
    pub async fn killed_at(
        self,
        double: &Double,
        n: usize,
        matcher: Matcher,
        moment: Moment,
        request: Request<Bytes>,
    ) -> anyhow::Result<Fate> {
        let gate = Gate::closed();
        let fault = match moment {
            Moment::BeforeTheWork => Fault::Hold(gate.clone()),
            Moment::AfterTheWork => Fault::HoldAnswer(gate.clone()),
        };
        double.fail_nth(n, matcher, fault);
        tokio::select! {
            // A call at the gate may not be overlooked because the answer to another came first.
            biased;
            () = gate.reached() => {}
            answer = self.send(request) => {
                double.heal();
                return Ok(Fate::Answered(answer?, Box::new(self)));
            }
        }
        self.kill().await?;
        // The double drops the call when it sees that its connection is closed. Opened before, the gate would let it through.
        for _ in 0..1_000 {
            if double
                .ledger()
                .calls()
                .0
                .iter()
                .all(|call| call.end.is_some())
            {
                gate.open();
                double.heal();
                return Ok(Fate::Killed);
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("the double did not notice that the process is dead")
    }
}
