//! `bench-harness netbox-double`: the NetBox double alone on a port.

use std::net::SocketAddr;
use std::time::Duration;

use super::time::duration;

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
}

impl NetboxDouble {
    /// Serves until Ctrl-C.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        bench_harness::netbox::serve_double(self.listen, self.segments, self.latency).await
    }
}
