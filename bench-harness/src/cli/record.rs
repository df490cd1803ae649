//! `bench-harness record`: NetBox traffic as HAR.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bench_harness::har::Recorder;
use bench_harness::har::scenario::{Edge, Ground, drive};
use bench_harness::host::{Component, Metering};
use bench_harness::netbox::{Api, Secret};
use url::Url;

use super::scenario::{Scenario, answers_of};
use super::serve::stop_signal;

/// How often the file is written while calls come.
const EVERY: Duration = Duration::from_secs(3);

/// Record NetBox traffic as HAR 1.2: a proxy before your NetBox, whose file has no tokens, cookies, names of hosts or people.
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    /// NetBox's address, such as https://netbox.example.com.
    #[arg(long, env = "NETBOX_URL", value_name = "URL")]
    netbox_url: Url,
    /// The address to listen on, for your clients to use instead of NetBox's; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    /// The file to write, every few seconds and at the end (Ctrl-C).
    #[arg(long, value_name = "FILE.har")]
    out: PathBuf,
    /// Drive the component through all it does, on three segments of its own that are deleted again, and end. Its answers go to
    /// FILE.edge.har.
    #[arg(long, requires = "netbox_token")]
    scenario: bool,
    /// With --scenario: a NetBox token that may write. Better in the environment than on the command line.
    #[arg(
        long,
        env = "NETBOX_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    netbox_token: Option<Secret>,
    #[command(flatten)]
    place: Scenario,
}

impl Record {
    /// Records until Ctrl-C or SIGTERM, or until the scenario has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        if self.out.extension().is_none_or(|end| end != "har") {
            bail!(
                "--out {}: the file's name must end with .har",
                self.out.display()
            );
        }
        let recorder = Recorder::start(&self.netbox_url, self.listen).await?;
        if let Some(token) = &self.netbox_token {
            recorder.learn(token.reveal());
        }
        if self.scenario {
            self.with_scenario(&recorder).await
        } else {
            println!(
                "recording {} on {}; stop with Ctrl-C",
                self.netbox_url,
                recorder.url()
            );
            self.until_stopped(&recorder).await
        }
    }

    async fn until_stopped(&self, recorder: &Recorder) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop_signal());
        let (mut written, mut warned) = (0, false);
        loop {
            tokio::select! {
                stopped = &mut stop => {
                    stopped?;
                    break;
                }
                () = tokio::time::sleep(EVERY) => {}
            }
            if recorder.count() == written {
                continue;
            }
            match recorder.write(&self.out) {
                Ok(count) => written = count,
                Err(error) if !warned => {
                    eprintln!("{error:#}");
                    warned = true;
                }
                Err(_) => {}
            }
        }
        self.finish(recorder)
    }

    async fn with_scenario(&self, recorder: &Recorder) -> anyhow::Result<()> {
        let token = self
            .netbox_token
            .as_ref()
            .context("--netbox-token is missing")?;
        let plan = self.place.plan();
        let component = Component::load_cached(&self.place.wasm, Metering::Off)?;
        // NetBox itself is looked at and cleared past the proxy: that is no part of the recording.
        let api = Api::new(&self.netbox_url, token.clone())?;
        let ground = Ground::prepare(&api, &plan).await?;
        let (_, scrubber) = recorder.har();
        let mut edge =
            Edge::start(&component, &recorder.url(), token.reveal(), &plan, scrubber).await?;
        let driven = tokio::select! {
            driven = drive(&mut edge, &plan) => driven,
            stopped = stop_signal() => stopped.and_then(|()| bail!("the scenario was stopped")),
        };
        let removed = ground.restore(&api).await;
        let answers = answers_of(&self.out);
        if driven.is_ok() {
            let (_, scrubber) = recorder.har();
            edge.har(&plan)?.write(&answers, &scrubber)?;
        }
        self.finish(recorder)?;
        for what in removed? {
            println!("removed {what}, which the scenario had left");
        }
        driven.with_context(|| {
            format!(
                "{} is not complete; NetBox is as before",
                self.out.display()
            )
        })?;
        println!("the component's answers are in {}", answers.display());
        Ok(())
    }

    fn finish(&self, recorder: &Recorder) -> anyhow::Result<()> {
        let count = recorder.write(&self.out)?;
        println!("{count} calls are in {}", self.out.display());
        match recorder.unanswered() {
            0 => {}
            lost => eprintln!("{lost} calls got no answer from NetBox, and are not recorded"),
        }
        Ok(())
    }
}
