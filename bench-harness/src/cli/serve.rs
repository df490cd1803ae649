//! `bench-harness serve`: the component on a port, as Spin would run it.

use super::time::duration;
use anyhow::Context as _;
use bench_harness::host::{
    Component, Host, KeyValue, LogSink, Metering, Reuse, Settings, variables_from_environment,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Run the component on a port, with Spin's instance reuse, key-value store, variables and allowed hosts.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The built component.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/wasm32-wasip2/release/segment_edge.wasm"
    )]
    wasm: PathBuf,
    /// The address to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// A variable of the component; may be given many times. It wins over the environment.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    variables: Vec<(String, String)>,
    /// Also take variables from the environment: SPIN_VARIABLE_NETBOX_URL is netbox_url. Keeps secrets off the command line.
    #[arg(long)]
    env_variables: bool,
    /// Where the key-value store is: `memory`, or a file that survives restarts.
    #[arg(long, value_name = "memory|FILE", default_value = "memory")]
    store: String,
    /// A host the component may call, such as http://127.0.0.1:8001 or https://*.example.com; may be given many times.
    #[arg(long = "allow-host", value_name = "URL")]
    allowed_hosts: Vec<String>,
    /// Requests one instance serves before it is dropped.
    #[arg(long, value_name = "N", default_value_t = Reuse::default().max_requests)]
    max_instance_reuse_count: usize,
    /// Requests one instance serves at the same time.
    #[arg(long, value_name = "N", default_value_t = Reuse::default().max_concurrent)]
    max_instance_concurrent_reuse_count: usize,
    /// How long an instance without a request is kept: 1s, 500ms, 2m.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1s")]
    idle_instance_timeout: Duration,
    /// The longest a request may wait for its answer; without it there is no limit.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    request_timeout: Option<Duration>,
    /// The most memory an instance may have, in MiB: 128 on Akamai Functions. Without it there is no limit.
    #[arg(long, value_name = "MIB")]
    memory_limit: Option<usize>,
}

impl Serve {
    /// Serves until Ctrl-C or SIGTERM.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let component = Component::load_cached(&self.wasm, Metering::Off)?;
        let host = Host::start(&component, self.settings()?).await?;
        println!("serving {} on {}", self.wasm.display(), host.url());
        stop_signal().await?;
        eprintln!("stopping");
        host.stop().await;
        Ok(())
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let mut variables = match self.env_variables {
            true => variables_from_environment(),
            false => BTreeMap::new(),
        };
        variables.extend(self.variables.iter().cloned());
        let store = match self.store.as_str() {
            "memory" => KeyValue::memory(),
            file => KeyValue::file(file.as_ref())?,
        };
        Ok(Settings {
            listen: self.listen,
            variables,
            store,
            allowed_hosts: self.allowed_hosts.clone(),
            reuse: Reuse {
                max_requests: self.max_instance_reuse_count,
                max_concurrent: self.max_instance_concurrent_reuse_count,
                idle: self.idle_instance_timeout,
            },
            request_timeout: self.request_timeout,
            memory_limit: self.memory_limit.map(|mib| mib << 20),
            log: LogSink::printing(),
        })
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn stop_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for Ctrl-C"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
        .await
        .context("cannot wait for Ctrl-C")
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected NAME=VALUE, such as netbox_url=http://127.0.0.1:8001")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_variables_value_may_contain_an_equals_sign() {
        let expected = ("token".to_owned(), "a=b".to_owned());
        assert_eq!(pair("token=a=b").unwrap(), expected);
        assert!(pair("token").is_err());
    }
}
