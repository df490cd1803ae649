//! The double on its own, for the command line.

use super::dataset::Data;
use super::double::{Double, DoubleSettings};

/// Serves a double with this many segments until Ctrl-C; 100 segments are those of the recordings. Prints where it listens, a fresh
/// token and how to see the ledger.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve_double(segments: usize, settings: DoubleSettings) -> anyhow::Result<()> {
    let data = match segments {
        0 => Data::NoSegments,
        100 => Data::Recorded100,
        more => Data::Generated(more),
    };
    let latency = settings.latency;
    let double = Double::start(DoubleSettings { data, ..settings }).await?;
    // The first line is for programs: `cargo xtask up` reads where the double is from it.
    println!(
        "NETBOX_URL={} NETBOX_TOKEN={}",
        double.url(),
        double.token()
    );
    println!("read-only token  {}", double.read_only_token());
    println!(
        "segments         {segments}, latency {} ms",
        latency.as_millis()
    );
    println!("calls            {}/__ledger", double.url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
