//! A small client of NetBox's REST API, for setting a NetBox up.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

use crate::host::tls;

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A text that nothing shows.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// NetBox's REST API behind one token.
#[derive(Debug)]
pub struct Api {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    token: Secret,
}

impl Api {
    /// The API of the NetBox at this address.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(netbox: &Url, token: Secret) -> anyhow::Result<Self> {
        Self::with_idle(netbox, token, 0)
    }

    /// The same over connections that are kept, up to this many idle ones.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn keeping(netbox: &Url, token: Secret, connections: usize) -> anyhow::Result<Self> {
        Self::with_idle(netbox, token, connections)
    }

    fn with_idle(netbox: &Url, token: Secret, connections: usize) -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config()?)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(connections)
                .build(connector),
            base: netbox.as_str().trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// Makes one call; the JSON of its answer, null when it has none (204).
    ///
    /// # Errors
    /// When NetBox does not answer in time, refuses (in its own words), or answers something else than JSON.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let token = self.token.reveal();
        let scheme = if token.starts_with("nbt_") {
            "Bearer"
        } else {
            "Token"
        };
        let mut authorization = HeaderValue::try_from(format!("{scheme} {token}"))
            .ok()
            .context("the NetBox token has characters that no token has")?;
        authorization.set_sensitive(true);
        let bytes = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(bytes)))
            .with_context(|| format!("{} is no address of a NetBox", self.base))?;
        let exchange = async {
            let (parts, body) = self.client.request(request).await?.into_parts();
            anyhow::Ok((parts.status, body.collect().await?.to_bytes()))
        };
        let route = path.split('?').next().unwrap_or(path);
        let (status, bytes) = tokio::time::timeout(TIMEOUT, exchange)
            .await
            .with_context(|| format!("NetBox at {} did not answer in time", self.base))?
            .with_context(|| format!("NetBox at {} can't be reached", self.base))?;
        let json: Option<Value> = serde_json::from_slice(&bytes).ok();
        match (status.is_success(), json) {
            _ if status == StatusCode::NO_CONTENT => Ok(Value::Null),
            (true, Some(json)) => Ok(json),
            (true, None) => bail!(
                "NetBox answered {method} {route} with something else than JSON; is {} its address?",
                self.base
            ),
            (false, json) => {
                let words = json.map_or_else(|| "no JSON".to_owned(), |json| json.to_string());
                let hint = match status {
                    StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
                        "; the token must be valid, allowed to write, and its user may do this (for a webhook: view, add and change webhooks and event rules)"
                    }
                    _ => "",
                };
                bail!("NetBox refused {method} {route} ({status}): {words}{hint}")
            }
        }
    }
}
