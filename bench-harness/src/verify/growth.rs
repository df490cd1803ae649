//! What grows with the number of segments.

use std::time::Instant;

use anyhow::ensure;
use http::Method;
use serde_json::{Value, json};

use super::edge::Edge;
use super::outcome::{Check, Finding, Growth};
use super::subject::Subject as _;
use super::targets::GrowthTargets;
use crate::host::Component;
use crate::netbox::{Data, Double, DoubleSettings};

/// The numbers of segments.
pub(super) const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// How often a figure is taken; the median counts.
const TIMES: usize = 15;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

async fn timed(edge: &Edge, path: &str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let answer = edge.send(Method::GET, path, &Value::Null).await?;
    ensure!(answer.status() == 200, "GET {path}: {}", answer.status());
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

async fn often(edge: &Edge, path: &str) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        times.push(timed(edge, path).await?);
    }
    Ok(median(times))
}

/// A write's time, less what NetBox had of it.
async fn write(double: &Double, edge: &Edge, path: &str, body: &Value) -> anyhow::Result<f64> {
    let mark = double.ledger().mark();
    let begun = Instant::now();
    edge.ask(Method::POST, path, body).await?;
    let all = begun.elapsed().as_secs_f64() * 1_000.0;
    let calls = double.ledger().since(mark);
    let spans = calls
        .0
        .iter()
        .map(|call| call.end.unwrap_or(call.start) - call.start);
    Ok((all - spans.sum::<u64>() as f64 / 1_000.0).max(0.0))
}

/// All figures at one number of segments.
pub(super) async fn measure(component: &Component, segments: usize) -> anyhow::Result<Growth> {
    let double = Double::start(DoubleSettings::with(Data::Generated(segments))).await?;
    let mut edge = Edge::new(component, &double.url(), double.token(), 1)
        .variable("log_level", "warn")
        .variable("cache_ttl", "600");
    edge.start().await?;
    let cold_ms = timed(&edge, "/api/segments?limit=1").await?;
    let cold_calls = double.ledger().count();
    edge.restart().await?;
    let new_instance_ms = timed(&edge, "/api/segments?limit=1").await?;
    let page_ms = often(&edge, "/api/segments?limit=100").await?;
    let search_ms = often(&edge, "/api/segments/search?q=10.0.7.9").await?;
    let get_ms = often(&edge, "/api/segments/50").await?;
    let (mut allocates, mut creates) = (Vec::new(), Vec::new());
    for n in 0..5 {
        let claim =
            json!({"cluster_name": format!("growth-{n}"), "site": "site1", "vrf": "Network1"});
        allocates.push(write(&double, &edge, "/api/allocate-vlan", &claim).await?);
        let wanted = json!({
            "site": "site1", "vrf": "Network1", "vlan_id": 10 + n, "epg_name": format!("EPG_GROWTH_{n}"),
            "segment": format!("172.20.{n}.0/24"),
        });
        creates.push(write(&double, &edge, "/api/segments", &wanted).await?);
    }
    let mut store_bytes = 0;
    for key in edge.store().keys()? {
        store_bytes += edge
            .store()
            .get(&key)?
            .map_or(0, |value| value.len() as u64);
    }
    let guest_memory_bytes = edge.peak_memory();
    edge.stop().await;
    Ok(Growth {
        segments,
        cold_calls,
        cold_ms,
        guest_memory_bytes,
        store_bytes,
        new_instance_ms,
        page_ms,
        search_ms,
        get_ms,
        allocate_ms: median(allocates),
        create_ms: median(creates),
    })
}

/// The figures held against the targets, at the number of segments where these hold.
pub(super) fn findings(growth: &Growth, targets: &GrowthTargets) -> Vec<Finding> {
    if growth.segments != targets.segments {
        return Vec::new();
    }
    let checks = [
        Check::at_most(
            "memory-bytes",
            targets.memory_mib * f64::from(1 << 20),
            growth.guest_memory_bytes as f64,
        ),
        Check::at_most(
            "cold-calls",
            targets.cold_calls as f64,
            growth.cold_calls as f64,
        ),
        Check::at_most("page-ms", targets.page_ms, growth.page_ms),
        Check::at_most("search-ms", targets.search_ms, growth.search_ms),
        Check::at_most("get-ms", targets.get_ms, growth.get_ms),
        Check::at_most("allocate-ms", targets.allocate_ms, growth.allocate_ms),
    ];
    let finding = |check| Finding {
        about: format!("growth {}", growth.segments),
        check,
        text: String::new(),
    };
    checks.into_iter().map(finding).collect()
}
