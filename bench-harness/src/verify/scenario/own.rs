//! What only the component has: pages, search, statistics, and an answer that grows old.

use std::time::Duration;

use anyhow::ensure;
use http::Method;
use serde_json::{Value, json};

use super::{Played, Work};
use crate::verify::edge::Edge;
use crate::verify::ground::{Ground, Laid};

/// Longer than the `cache_ttl` of one second that the scenario sets.
const OLD: Duration = Duration::from_millis(1_100);

const READS: [&str; 7] = [
    "/api/segments",
    "/api/segments?limit=100&allocated=true",
    "/api/segments/search?q=10.0.0.7",
    "/api/segments/1",
    "/api/stats",
    "/api/sites",
    "/api/vrfs",
];

pub(super) async fn make_ready(work: Work, edge: &Edge, laid: &Laid) -> anyhow::Result<()> {
    match work {
        Work::ReadsAfterWrite => {
            let id = laid.segments.first().copied().unwrap_or_default();
            let body = json!({"description": "written by verify"});
            edge.ask(Method::PATCH, &format!("/api/segments/{id}"), &body)
                .await?;
        }
        Work::Revalidate => tokio::time::sleep(OLD).await,
        _ => {}
    }
    Ok(())
}

pub(super) async fn play(
    work: Work,
    edge: &Edge,
    ground: &Ground,
    _: &Laid,
) -> anyhow::Result<Played> {
    let paths: &[&str] = match work {
        Work::Page | Work::Revalidate => &["/api/segments?limit=1"],
        _ => &READS,
    };
    let mut played = Played::default();
    for path in paths {
        let before = ground.ledger().count();
        let answer = edge.ask(Method::GET, path, &Value::Null).await?;
        ensure!(!answer.is_null(), "GET {path} gave nothing");
        played.requests += 1;
        played.counted += 1;
        played.hits += usize::from(ground.ledger().count() == before);
    }
    Ok(played)
}
