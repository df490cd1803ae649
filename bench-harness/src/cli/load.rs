//! `bench-harness load`: requests at a rate, and how long they took.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bench_harness::host::{Component, Host, Metering, Settings};
use bench_harness::load::{Arrivals, Limits, LoadSettings, Mix, Place, Progress, Report, run};
use bench_harness::netbox::{Data, Double, DoubleSettings, Secret};
use indicatif::{ProgressBar, ProgressStyle};
use ipnet::Ipv4Net;
use url::Url;

use super::serve::stop_signal;
use super::time::duration;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(200);

/// Send requests at a rate that does not wait for the answers, and show how long they took.
#[derive(Debug, clap::Args)]
pub(crate) struct Load {
    /// The address of a segment-edge, such as http://127.0.0.1:3000. Without it the component is served here, before a NetBox double.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Without --url: the built component.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/wasm32-wasip2/release/segment_edge.wasm"
    )]
    wasm: PathBuf,
    /// Without --url: how many segments the NetBox double holds.
    #[arg(long, value_name = "N", default_value_t = 100)]
    segments: usize,
    /// Without --url: how long each NetBox call takes.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    latency: Duration,
    /// Requests a second, whether or not answers come.
    #[arg(long, value_name = "N", default_value_t = 100.0)]
    rate: f64,
    /// For how long requests are due: 30s, 5m.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    duration: Duration,
    /// How they arrive: constant, or poisson (by chance, as those of many users).
    #[arg(long, value_name = "HOW", default_value = "constant")]
    arrivals: Arrivals,
    /// Connections: so many requests are under way at most.
    #[arg(long, value_name = "N", default_value_t = 10)]
    connections: usize,
    /// Which requests: list, page, get, search, stats, health, create, allocate, release, delete, each with its share. Writes use
    /// segments of their own, which are deleted afterwards.
    #[arg(long, value_name = "MIX", default_value_t = Mix::default())]
    mix: Mix,
    /// The token for --url. Better in the environment than on the command line.
    #[arg(
        long,
        env = "SEGMENT_EDGE_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    token: Option<Secret>,
    /// How long an answer may take.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    timeout: Duration,
    /// For writes: the site, by slug; the first one without it.
    #[arg(long, value_name = "SLUG")]
    site: Option<String>,
    /// For writes: the VRF, by name; the first one without it.
    #[arg(long, value_name = "NAME")]
    vrf: Option<String>,
    /// For writes: the addresses of their segments.
    #[arg(long, value_name = "CIDR", default_value_t = Place::default().range)]
    range: Ipv4Net,
    /// For writes: the VLAN ids of their segments.
    #[arg(long, value_name = "FIRST-LAST", value_parser = vlans, default_value = "2001-3999")]
    vlans: (u16, u16),
    /// Seeds what happens by chance.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Also write the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fail (exit code 1) when 1 % of the requests took longer, such as 5ms.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    max_p99: Option<Duration>,
    /// Fail (exit code 1) when more requests failed.
    #[arg(long, value_name = "N")]
    max_errors: Option<u64>,
}

impl Load {
    /// Sends them until all were answered, or Ctrl-C or SIGTERM, and prints the table.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        if let Some(url) = &self.url {
            return self.against(url.clone()).await;
        }
        let data = match self.segments {
            0 => Data::NoSegments,
            100 => Data::Recorded100,
            more => Data::Generated(more),
        };
        let double = Double::start(DoubleSettings {
            latency: self.latency,
            ..DoubleSettings::with(data)
        })
        .await?;
        let component = Component::load_cached(&self.wasm, Metering::Off)?;
        let settings = Settings::new()
            .variable("netbox_url", double.url())
            .variable("netbox_token", double.token())
            .variable("auth", "off")
            .allow_host(double.url());
        let host = Host::start(&component, settings).await?;
        let done = self.against(Url::parse(&host.url())?).await;
        host.stop().await;
        done
    }

    async fn against(&self, url: Url) -> anyhow::Result<()> {
        let settings = LoadSettings {
            token: self.token.clone(),
            rate: self.rate,
            duration: self.duration,
            arrivals: self.arrivals,
            connections: self.connections,
            mix: self.mix.clone(),
            place: Place {
                site: self.site.clone(),
                vrf: self.vrf.clone(),
                range: self.range,
                vlans: self.vlans,
            },
            timeout: self.timeout,
            seed: self.seed,
            ..LoadSettings::new(url)
        };
        let report = with_bar(&settings).await?;
        print!("{}", report.table());
        if let Some(file) = &self.json {
            let text = serde_json::to_string_pretty(&report)?;
            std::fs::write(file, text + "\n")
                .with_context(|| format!("{} can't be written", file.display()))?;
        }
        let limits = Limits {
            max_p99: self.max_p99,
            max_errors: self.max_errors,
        };
        let broken = report.broken(&limits);
        if !broken.is_empty() {
            bail!("{}", broken.join("; "));
        }
        Ok(())
    }
}

/// Runs with a progress bar, which only shows on a terminal.
async fn with_bar(settings: &LoadSettings) -> anyhow::Result<Report> {
    let planned = settings.rate * settings.duration.as_secs_f64();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "for the eye only"
    )]
    let bar = ProgressBar::new(planned.max(0.0) as u64);
    let style = "{bar:40} {pos}/{len} requests, {msg} failed, {elapsed} of {prefix} s";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_prefix(settings.duration.as_secs().to_string());
    let progress = Progress::default();
    let shown = async {
        loop {
            bar.set_message(progress.failed().to_string());
            bar.set_position(progress.done());
            tokio::time::sleep(TICK).await;
        }
    };
    let stop = async { drop(stop_signal().await) };
    let report = tokio::select! {
        report = run(settings, &progress, stop) => report,
        () = shown => bail!("the progress bar ended"),
    };
    bar.finish_and_clear();
    report
}

fn vlans(text: &str) -> Result<(u16, u16), String> {
    let range = text
        .split_once('-')
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    range
        .filter(|(first, last)| (1..=4094).contains(first) && first <= last && *last <= 4094)
        .ok_or_else(|| {
            format!("{text:?} are no VLAN ids: expected a range within 1-4094, such as 2001-3999")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vlan_ids_are_a_range_within_1_and_4094() {
        assert_eq!(vlans("2001-3999"), Ok((2001, 3999)));
        for bad in ["", "5", "0-5", "6-5", "1-4095", "a-b"] {
            assert!(vlans(bad).is_err(), "{bad}");
        }
    }
}
