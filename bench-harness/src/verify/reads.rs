//! Warm reads over sockets: the host in a process of its own, kept to one processor; and an empty handler in the same host.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::outcome::{Check, Finding, FreshReads, WarmReads};
use super::targets::ReadTargets;
use crate::netbox::{Double, DoubleSettings};
use crate::process::Served;

/// What is read: the whole list of 100.
const LIST: &str = "/api/segments";
/// The component that does nothing, beside the real one: `cargo xtask build` makes both.
const EMPTY: &str = "empty_handler.wasm";
/// The component of WASIp2, likewise.
const WASIP2: &str = "segment_edge_wasip2.wasm";
/// How long each figure is taken.
const FOR: Duration = Duration::from_secs(3);
/// How often the rate is taken. The best one counts: what else a shared machine does only takes away.
const TRIES: usize = 3;
/// Connections that keep the host busy.
const CONNECTIONS: usize = 8;

/// All figures.
pub(super) async fn measure(wasm: &Path, binary: &Path) -> anyhow::Result<WarmReads> {
    let double = Double::start(DoubleSettings::default()).await?;
    let full = one(&double, wasm, binary).await?;
    let nothing = wasm.with_file_name(EMPTY);
    ensure!(
        nothing.exists(),
        "{} is not there; `cargo xtask build` makes it",
        nothing.display()
    );
    let empty = one(&double, &nothing, binary).await?;
    let fresh = wasm.with_file_name(WASIP2);
    let wasip2 = match fresh.exists() && fresh != wasm {
        true => Some(one(&double, &fresh, binary).await?),
        false => None,
    };
    // One by each component, for its first answer.
    ensure!(
        double.ledger().count() <= 2,
        "warm reads made {} NetBox calls",
        double.ledger().count()
    );
    Ok(WarmReads {
        requests_per_second: full.rate,
        one_processor: full.one_processor,
        p50_ms: share(&full.times, 0.5),
        p99_ms: share(&full.times, 0.99),
        empty_requests_per_second: empty.rate,
        empty_p50_ms: share(&empty.times, 0.5),
        wasip2: wasip2.map(|fresh| FreshReads {
            requests_per_second: fresh.rate,
            p50_ms: share(&fresh.times, 0.5),
            p99_ms: share(&fresh.times, 0.99),
        }),
    })
}

/// What one component does.
struct One {
    rate: f64,
    /// Of one after another, in milliseconds, sorted.
    times: Vec<f64>,
    one_processor: bool,
}

async fn one(double: &Double, wasm: &Path, binary: &Path) -> anyhow::Result<One> {
    let store = Path::new("memory");
    let mut served = Served::before(&double.url(), double.token(), binary, wasm, store);
    served.one_processor = true;
    let process = served.start().await?;
    let address = process.url().trim_start_matches("http://").to_owned();
    let mut connection = connect(&address).await?;
    for _ in 0..200 {
        get(&mut connection, LIST).await?;
    }
    let mut rate = 0.0_f64;
    for _ in 0..TRIES {
        rate = rate.max(busy(&address, LIST).await?);
    }
    Ok(One {
        times: alone(&address, LIST).await?,
        rate,
        one_processor: process.is_on_one_processor(),
    })
}

type Connection = SendRequest<Empty<Bytes>>;

async fn connect(address: &str) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn get(connection: &mut Connection, path: &str) -> anyhow::Result<()> {
    let request = Request::get(path)
        .header("host", "edge.test")
        .body(Empty::new())?;
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    ensure!(answer.status() == 200, "GET {path}: {}", answer.status());
    answer.into_body().collect().await?;
    Ok(())
}

/// The times of one after another on one connection, in milliseconds, sorted.
async fn alone(address: &str, path: &str) -> anyhow::Result<Vec<f64>> {
    let mut connection = connect(address).await?;
    let mut times = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < FOR {
        let one = Instant::now();
        get(&mut connection, path).await?;
        times.push(one.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Answers a second with several connections that never pause.
async fn busy(address: &str, path: &'static str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let one = |address: String| async move {
        let mut connection = connect(&address).await?;
        let mut count = 0_u64;
        while begun.elapsed() < FOR {
            get(&mut connection, path).await?;
            count += 1;
        }
        anyhow::Ok(count)
    };
    let all: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(one(address.to_owned())))
        .collect();
    let mut count = 0;
    for task in all {
        count += task.await??;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

fn share(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// The figures held against the targets.
pub(super) fn findings(reads: &WarmReads, targets: &ReadTargets) -> Vec<Finding> {
    let checks = [
        Check::at_most("p50-ms", targets.p50_ms, reads.p50_ms),
        Check::at_least(
            "requests-per-second",
            targets.requests_per_second,
            reads.requests_per_second,
        ),
    ];
    let mut text = format!(
        "list of 100 against a handler that does nothing: {:.2} times its median, {:.2} times its rate",
        reads.p50_ms / reads.empty_p50_ms,
        reads.requests_per_second / reads.empty_requests_per_second
    );
    if let Some(fresh) = &reads.wasip2 {
        text.push_str(&format!(
            "; by the component of WASIp2, a new instance each: {:.2} ms and {:.0} a second, {:.2} times the median, {:.2} times the rate",
            fresh.p50_ms,
            fresh.requests_per_second,
            fresh.p50_ms / reads.p50_ms,
            fresh.requests_per_second / reads.requests_per_second
        ));
    }
    let finding = |check| Finding {
        about: "warm reads".to_owned(),
        check,
        text: text.clone(),
    };
    checks.into_iter().map(finding).collect()
}
