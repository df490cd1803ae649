//! The same of any NetBox, by its REST API.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{Inventory, Ours, Prefix, Vlan, clusters};

/// Rows asked for at once: the most that NetBox gives.
const PAGE: usize = 1_000;

impl Inventory {
    /// What is ours in the NetBox at `url` (`http://host:port`). It takes one call for each thousand VLANs and prefixes, so nothing may be
    /// written meanwhile.
    ///
    /// # Errors
    /// When NetBox can't be reached, refuses the token, or answers something else than its lists.
    pub async fn read(url: &str, token: &str, ours: &Ours) -> anyhow::Result<Self> {
        let Ours { tenant, role } = ours;
        let prefixes = format!("prefixes/?tenant={tenant}&role={role}");
        let prefixes = rows(url, token, &prefixes).await?;
        let vlans = rows(url, token, &format!("vlans/?tenant={tenant}")).await?;
        let prefixes: Option<_> = prefixes.iter().map(prefix).collect();
        let vlans: Option<_> = vlans.iter().map(vlan).collect();
        Ok(Self {
            prefixes: prefixes.context("a prefix is not as NetBox gives them")?,
            vlans: vlans.context("a VLAN is not as NetBox gives them")?,
        })
    }
}

fn prefix(row: &Value) -> Option<Prefix> {
    Some(Prefix {
        id: row["id"].as_u64()?,
        net: row["prefix"].as_str()?.parse().ok()?,
        vrf: row["vrf"]["id"].as_u64(),
        live: row["status"]["value"].as_str()? != "container",
        clusters: clusters(row["custom_fields"]["Cluster"].as_str()),
    })
}

fn vlan(row: &Value) -> Option<Vlan> {
    Some(Vlan {
        id: row["id"].as_u64()?,
        vid: row["vid"].as_i64()?,
        name: row["name"].as_str()?.to_owned(),
        group: row["group"]["id"].as_u64(),
        prefixes: row["prefix_count"].as_u64()?,
    })
}

/// All rows of a list below `/api/ipam/`.
async fn rows(url: &str, token: &str, list: &str) -> anyhow::Result<Vec<Value>> {
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http();
    let scheme = if token.starts_with("nbt_") {
        "Bearer"
    } else {
        "Token"
    };
    let mut rows = Vec::new();
    loop {
        let base = url.trim_end_matches('/');
        let address = format!("{base}/api/ipam/{list}&limit={PAGE}&offset={}", rows.len());
        let request = Request::get(&address)
            .header("accept", "application/json")
            .header("authorization", format!("{scheme} {token}"))
            .body(Empty::new())?;
        let response = client.request(request).await;
        let (parts, body) = response
            .with_context(|| format!("no answer from {address}"))?
            .into_parts();
        let bytes = body.collect().await?.to_bytes();
        if parts.status != http::StatusCode::OK {
            bail!(
                "{address}: {} {}",
                parts.status,
                String::from_utf8_lossy(&bytes)
            );
        }
        let page: Value = serde_json::from_slice(&bytes)?;
        let results = page["results"]
            .as_array()
            .with_context(|| format!("{address} gave no results"))?;
        rows.extend(results.iter().cloned());
        if page["next"].is_null() || results.is_empty() {
            return Ok(rows);
        }
    }
}
