//! A script on the Python package `pynetbox`, as a process that is asked over its stdin.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use url::Url;

use crate::netbox::Secret;
use crate::venv;
use crate::verify::{Claim, Id, Manner, Seen, Subject, Wanted};

const REQUIREMENTS: &str = include_str!("../../pynetbox/requirements.txt");

/// What the script says of a segment.
#[derive(Deserialize)]
struct Shown {
    id: u64,
    site: String,
    vrf: String,
    vlan_id: u16,
    epg_name: String,
    segment: String,
    clusters: String,
}

impl From<Shown> for Seen {
    fn from(shown: Shown) -> Self {
        Self {
            id: shown.id,
            site: shown.site,
            vrf: shown.vrf,
            vlan_id: shown.vlan_id,
            epg_name: shown.epg_name,
            segment: shown.segment,
            clusters: shown.clusters,
        }
    }
}

/// The script `pynetbox/segments.py` with the pynetbox of `pynetbox/requirements.txt`. It keeps nothing from one request to the next;
/// lists of creates, changes and deletes go in one call each, as pynetbox offers it.
///
/// [`Subject::start`] starts the process anew, so it takes as long as Python needs to start.
#[derive(Debug)]
pub struct Pynetbox {
    netbox: Url,
    token: Secret,
    python: PathBuf,
    running: Option<Mutex<Running>>,
}

#[derive(Debug)]
struct Running {
    /// Killed when dropped.
    _child: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Pynetbox {
    /// The script for this NetBox, not yet started. Where pynetbox is not there yet, it is installed into a virtual environment under
    /// `target/pynetbox`: this waits for it, some seconds, and blocks the thread.
    ///
    /// # Errors
    /// When there is no `python3` with its module venv, or PyPI can't be reached.
    pub fn new(netbox: &Url, token: Secret) -> anyhow::Result<Self> {
        Ok(Self {
            netbox: netbox.clone(),
            token,
            python: venv::python("pynetbox", REQUIREMENTS)?,
            running: None,
        })
    }

    fn launch(&self) -> anyhow::Result<Running> {
        let mut child = Command::new(&self.python)
            .args(["-c", include_str!("../../pynetbox/segments.py")])
            .env("NETBOX_URL", self.netbox.as_str())
            .env("NETBOX_TOKEN", self.token.reveal())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("can't start {}", self.python.display()))?;
        let stdin = child.stdin.take().context("the script has no stdin")?;
        let stdout = child.stdout.take().context("the script has no stdout")?;
        Ok(Running {
            _child: child,
            stdin,
            answers: BufReader::new(stdout).lines(),
        })
    }

    async fn ask<T: DeserializeOwned>(&self, ask: Value) -> anyhow::Result<T> {
        let what = ask["do"].as_str().unwrap_or_default();
        let running = self.running.as_ref();
        let mut running = running
            .with_context(|| format!("{what}: the pynetbox script was not started"))?
            .lock()
            .await;
        running
            .stdin
            .write_all(format!("{ask}\n").as_bytes())
            .await?;
        let line = running.answers.next_line().await?;
        let line = line.with_context(|| format!("{what}: the pynetbox script ended"))?;
        let mut answer: Value = serde_json::from_str(&line)
            .with_context(|| format!("{what}: the pynetbox script said {line:?}"))?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{what}: the pynetbox script failed: {error}");
        }
        serde_json::from_value(answer["ok"].take())
            .with_context(|| format!("{what}: the pynetbox script said {line:?}"))
    }

    async fn write<T: DeserializeOwned>(
        &self,
        what: &str,
        items: Vec<Value>,
        manner: Manner,
    ) -> anyhow::Result<T> {
        self.ask(json!({"do": what, "items": items, "manner": manner}))
            .await
    }
}

fn claims(claims: &[Claim]) -> Vec<Value> {
    let claim =
        |claim: &Claim| json!({"cluster": claim.cluster, "site": claim.site, "vrf": claim.vrf});
    claims.iter().map(claim).collect()
}

impl Subject for Pynetbox {
    fn name(&self) -> &'static str {
        "pynetbox"
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.running = None;
        self.running = Some(Mutex::new(self.launch()?));
        self.ask::<String>(json!({"do": "start"})).await.map(drop)
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        let all: Vec<Shown> = self.ask(json!({"do": "list"})).await?;
        Ok(all.into_iter().map(Seen::from).collect())
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        let shown: Shown = self.ask(json!({"do": "get", "id": id})).await?;
        Ok(shown.into())
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        self.ask(json!({"do": "references"})).await
    }

    async fn create(&self, wanted: &[Wanted], manner: Manner) -> anyhow::Result<Vec<Id>> {
        let item = |wanted: &Wanted| {
            json!({
                "site": wanted.site, "vrf": wanted.vrf, "vlan_id": wanted.vlan_id, "epg_name": wanted.epg_name,
                "segment": wanted.segment, "dhcp": wanted.dhcp,
            })
        };
        let items = wanted.iter().map(item).collect();
        self.write("create", items, manner).await
    }

    async fn rename(&self, names: &[(Id, String)], manner: Manner) -> anyhow::Result<()> {
        let items = names.iter().map(|name| json!(name)).collect();
        self.write::<Value>("rename", items, manner).await.map(drop)
    }

    async fn renumber(&self, numbers: &[(Id, u16)], manner: Manner) -> anyhow::Result<bool> {
        let items = numbers.iter().map(|number| json!(number)).collect();
        self.write::<Value>("renumber", items, manner).await?;
        Ok(true)
    }

    async fn allocate(&self, wanted: &[Claim], manner: Manner) -> anyhow::Result<Vec<Id>> {
        self.write("allocate", claims(wanted), manner).await
    }

    async fn release(&self, held: &[Claim], manner: Manner) -> anyhow::Result<()> {
        let released = self.write::<Value>("release", claims(held), manner);
        released.await.map(drop)
    }

    async fn delete(&self, ids: &[Id], manner: Manner) -> anyhow::Result<()> {
        let items = ids.iter().map(|id| json!(id)).collect();
        self.write::<Value>("delete", items, manner).await.map(drop)
    }
}
