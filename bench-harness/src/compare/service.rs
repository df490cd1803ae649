//! One of the two services: its address, its token, and which of the two programs it is.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::report::Side;
use crate::load::client::{Ask, Client};
use crate::netbox::Secret;

/// How long one answer may take: the Python service reads all of NetBox for the first one.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Which program answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// This project's component.
    SegmentEdge,
    /// The Python service that it replaces.
    Python,
}

impl Kind {
    /// The kind that a body of `GET /api/health` tells; only the Python service says what its storage is.
    fn of(health: &Value) -> Self {
        match health.get("storage_type") {
            Some(_) => Self::Python,
            None => Self::SegmentEdge,
        }
    }
}

/// A status and a body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Null when the body is no JSON.
    pub(super) body: Value,
}

/// A service that is asked. It is never written to.
#[derive(Debug)]
pub struct Service {
    client: Client,
    side: Side,
    url: String,
    kind: Kind,
}

impl Service {
    /// The service at this address; it is asked for its health at once, to learn which program it is.
    ///
    /// # Errors
    /// When the address is none or has a user or password in it, or nobody answers there in JSON.
    pub async fn find(side: Side, url: &Url, token: Option<&Secret>) -> anyhow::Result<Self> {
        if !url.username().is_empty() || url.password().is_some() {
            bail!(
                "the {side} address has a user or password in it; give a token with --{side}-token"
            );
        }
        let mut service = Self {
            client: Client::new(url, token, TIMEOUT)?,
            side,
            url: url.as_str().trim_end_matches('/').to_owned(),
            kind: Kind::SegmentEdge,
        };
        let health = service.ask("/api/health").await?;
        if !health.body.is_object() {
            bail!(
                "{side}: GET {}/api/health was answered {} and not with a JSON object; is it the address of a service?",
                service.url,
                health.status
            );
        }
        service.kind = Kind::of(&health.body);
        Ok(service)
    }

    /// Which program it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its address, without a last slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it answers to GET.
    pub(super) async fn ask(&self, path: &str) -> anyhow::Result<Answer> {
        let Self {
            client, side, url, ..
        } = self;
        let answer = client.send(&Ask::get(path)).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("{side}: GET {url}{path}: {error}"))?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: serde_json::from_slice(answer.body()).unwrap_or_default(),
        })
    }

    /// The list of all segments, which must be there: without it there is nothing to compare.
    pub(super) async fn list(&self) -> anyhow::Result<Vec<Value>> {
        const PATH: &str = "/api/segments";
        let Self { side, url, .. } = self;
        let answer = self.ask(PATH).await?;
        match answer.status {
            200 => {}
            401 | 403 => bail!(
                "{side}: GET {url}{PATH} was answered {}: name an environment variable with a token that may read in --{side}-token",
                answer.status
            ),
            other => {
                bail!("{side}: GET {url}{PATH} was answered {other}: there is nothing to compare")
            }
        }
        let Value::Array(rows) = answer.body else {
            bail!("{side}: GET {url}{PATH} was not answered with a JSON list");
        };
        Ok(rows)
    }
}

/// What both answer to the same question, asked at the same time.
pub(super) async fn ask_both(
    left: &Service,
    right: &Service,
    path: &str,
) -> anyhow::Result<(Answer, Answer)> {
    let (left, right) = tokio::join!(left.ask(path), right.ask(path));
    left.and_then(|left| Ok((left, right?)))
        .with_context(|| format!("can't compare the answers to {path}"))
}
