//! The component that the scenario asks, and its answers.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;
use time::OffsetDateTime;

use super::plan::Plan;
use crate::har::exchange::Exchange;
use crate::har::model::{Entry, Har};
use crate::har::scrub::Scrubber;
use crate::host::{Component, Host, KeyValue, Reuse, Settings};

/// The address of the component in its recording.
const EDGE: &str = "http://segment-edge.invalid";
/// How long the catalogue of the hasty host is believed.
const SHORT: Duration = Duration::from_secs(1);

/// The component before a NetBox, and what it answered so far.
pub struct Edge {
    lasting: Host,
    hasty: Host,
    scrubber: Scrubber,
    entries: Vec<Entry>,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge")
            .field("answers", &self.entries.len())
            .finish_non_exhaustive()
    }
}

/// Which of the two hosts is asked. They share a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Its catalogue outlasts the scenario, so that the speed of NetBox does not decide when it is compared.
    Lasting,
    /// Its catalogue is old after a second.
    Hasty,
}

impl Edge {
    /// Starts the component before the NetBox at this address. `scrubber` clears its answers.
    ///
    /// # Errors
    /// When a variable's name is none that Spin takes, or no port is free.
    pub async fn start(
        component: &Component,
        netbox_url: &str,
        token: &str,
        plan: &Plan,
        scrubber: Scrubber,
    ) -> anyhow::Result<Self> {
        let store = KeyValue::memory();
        let settings = |lifetime: &str| {
            let mut settings = Settings::new();
            for (name, value) in &plan.variables {
                settings = settings.variable(name, value);
            }
            settings
                .variable("netbox_url", netbox_url)
                .variable("netbox_token", token)
                .variable("auth", "off")
                .variable("cache_ttl", lifetime)
                .variable("stale_while_revalidate", "0")
                .allow_host(netbox_url)
                .store(store.clone())
                // No instance ends in the midst of the scenario, however slow NetBox is.
                .reuse(Reuse {
                    idle: Duration::from_secs(600),
                    ..Reuse::default()
                })
        };
        Ok(Self {
            lasting: Host::start(component, settings("600")).await?,
            hasty: Host::start(component, settings(&SHORT.as_secs().to_string())).await?,
            scrubber,
            entries: Vec::new(),
        })
    }

    /// The answers so far, one entry a step, with the step's name as its comment.
    ///
    /// # Errors
    /// Never in practice: every plan can be written as JSON.
    pub fn har(&self, plan: &Plan) -> anyhow::Result<Har> {
        let comment =
            "What segment-edge answered in the scenario of `bench-harness record --scenario`";
        let mut har = Har::of(self.entries.clone(), comment);
        har.log.scenario = Some(serde_json::to_value(plan)?);
        Ok(har)
    }

    /// Waits until the catalogue of the hasty host is old.
    pub(super) async fn age(&self) {
        tokio::time::sleep(SHORT + Duration::from_millis(200)).await;
    }

    /// Takes one step; the answer's JSON, null where there is none.
    pub(super) async fn step(
        &mut self,
        which: Which,
        name: &str,
        (method, path): (Method, &str),
        body: &Value,
        expected: u16,
    ) -> anyhow::Result<Value> {
        let number = self.entries.len() + 1;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "segment-edge.invalid")
            // The same in each run, as problems repeat it; in the form of a UUID, as NetBox keeps it as one.
            .header(
                "x-request-id",
                format!("00000000-0000-4000-8000-{number:012}"),
            );
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header("content-type", "application/json");
            Bytes::from(body.to_string())
        };
        let request = request.body(bytes).context("a step with a broken path")?;
        let host = match which {
            Which::Lasting => &self.lasting,
            Which::Hasty => &self.hasty,
        };
        let (began, start) = (OffsetDateTime::now_utc(), Instant::now());
        let response = host.handle(request.clone()).await?;
        let exchange = Exchange {
            request,
            response,
            began,
            waited: start.elapsed(),
            received: Duration::ZERO,
        };
        let mut entry = exchange.entry(EDGE);
        self.scrubber.entry(&mut entry);
        entry.comment = Some(name.to_owned());
        self.entries.push(entry);
        let (status, body) = (exchange.response.status(), exchange.response.body());
        anyhow::ensure!(
            status.as_u16() == expected,
            "step \"{name}\" ({} {}) was answered {status} instead of {expected}: {}",
            exchange.request.method(),
            exchange.request.uri(),
            String::from_utf8_lossy(body)
        );
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body)
            .with_context(|| format!("step \"{name}\" was not answered in JSON"))
    }
}
