//! `bench-harness netbox-double`: the NetBox double alone on a port.

use std::net::SocketAddr;
use std::time::Duration;

use bench_harness::netbox::{Chaos, DoubleSettings, Fault, RateLimit, Release, serve_double};

use super::time::duration;

/// The page of a fault.
const PAGE: &str = "<html><body><h1>a fault of the double</h1></body></html>";

/// Run the NetBox double alone: a stateful stand-in that answers as NetBox 4.7.3 does and counts every call.
#[derive(Debug, clap::Args)]
pub(crate) struct NetboxDouble {
    /// The address to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many segments it holds; 100 are those recorded from a real NetBox.
    #[arg(long, value_name = "N", default_value_t = 100)]
    segments: usize,
    /// How long each answer waits: 50ms, 1s.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    latency: Duration,
    /// Calls a second and at once that are let through, such as 10/s:20; what is beyond is answered 503 with an HTML page.
    #[arg(long, value_name = "RATE")]
    rate_limit: Option<RateLimit>,
    /// With --rate-limit: answer 429 with this Retry-After instead.
    #[arg(long, value_name = "SECONDS", requires = "rate_limit")]
    retry_after: Option<u32>,
    /// Answer a share of the calls with this status instead of doing their work, such as 503=0.2; may be given many times.
    #[arg(long = "fault", value_name = "STATUS=SHARE", value_parser = share)]
    faults: Vec<(u16, f64)>,
    /// The same, but after the work was done: the caller is told of a failure that was none.
    #[arg(long = "fault-after", value_name = "STATUS=SHARE", value_parser = share)]
    faults_after: Vec<(u16, f64)>,
    /// Delay calls at random by up to this, on top of the latency.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    jitter: Duration,
    /// Seeds what happens at random.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The NetBox to be: 4.7, or 4.5, which ignores If-Match.
    #[arg(long, value_name = "VERSION", default_value = "4.7")]
    netbox_version: Release,
}

impl NetboxDouble {
    /// Serves until Ctrl-C.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let segments = self.segments;
        serve_double(segments, self.settings()).await
    }

    fn settings(self) -> DoubleSettings {
        let before = self.faults.into_iter();
        let before = before.map(|(status, share)| (share, Fault::html(status, PAGE)));
        let after = self.faults_after.into_iter();
        let after = after.map(|(status, share)| (share, Fault::html_after(status, PAGE)));
        let rate_limit = match (self.rate_limit, self.retry_after) {
            (Some(limit), Some(seconds)) => Some(limit.telling(seconds)),
            (limit, _) => limit,
        };
        DoubleSettings {
            listen: self.listen,
            latency: self.latency,
            rate_limit,
            release: self.netbox_version,
            chaos: Chaos {
                seed: self.seed,
                delay: self.jitter,
                faults: before.chain(after).collect(),
            },
            ..DoubleSettings::default()
        }
    }
}

fn share(text: &str) -> Result<(u16, f64), String> {
    let wrong = || {
        format!(
            "{text:?} is not a share: expected a status and a share from 0 to 1, such as 503=0.2"
        )
    };
    let (status, share) = text.split_once('=').ok_or_else(wrong)?;
    match (status.parse(), share.parse()) {
        (Ok(status @ 400..=599), Ok(share)) if (0.0..=1.0).contains(&share) => Ok((status, share)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_status_and_a_part_of_one() {
        assert_eq!(share("503=0.2"), Ok((503, 0.2)));
        for bad in ["503", "503=2", "503=-1", "200=0.5", "503=", "503=NaN"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
