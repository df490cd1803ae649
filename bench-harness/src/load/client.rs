//! One connection that is kept open, opened again when it breaks.

use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

use crate::host::tls;
use crate::netbox::Secret;

/// A request of the load.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Ask {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: http::Method::GET,
            path: path.into(),
            body: Value::Null,
        }
    }

    pub(crate) fn with(method: http::Method, path: impl Into<String>, body: Value) -> Self {
        Self {
            method,
            path: path.into(),
            body,
        }
    }
}

/// A connection to what is put under load.
#[derive(Debug)]
pub(crate) struct Client {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: String,
    authorization: Option<HeaderValue>,
    timeout: Duration,
}

impl Client {
    pub(crate) fn new(
        url: &Url,
        token: Option<&Secret>,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            bail!("{url} is no address like http://127.0.0.1:3000");
        }
        let mut tcp = HttpConnector::new();
        // Without it small requests wait for acknowledgements, 40 ms.
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let bearer = |token: &Secret| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
                .ok()
                .context("the token has characters that no token has")?;
            value.set_sensitive(true);
            anyhow::Ok(value)
        };
        Ok(Self {
            pool: Pool::builder(TokioExecutor::new()).build(connector),
            base: url.as_str().trim_end_matches('/').to_owned(),
            authorization: token.map(bearer).transpose()?,
            timeout,
        })
    }

    /// Sends a request, and reads the answer to its end.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Response<Bytes>, &'static str> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.base, ask.path));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let body = if ask.body.is_null() {
            Bytes::new()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Bytes::from(ask.body.to_string())
        };
        let request = request.body(Full::new(body)).map_err(|_| "no request")?;
        let exchange = async {
            let answer = self.pool.request(request).await;
            let (head, body) = answer.map_err(|_| "no answer")?.into_parts();
            let body = body.collect().await.map_err(|_| "broken answer")?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err("timeout"),
        }
    }

    /// Sends a request that must go well, and gives the JSON of its answer.
    pub(crate) async fn must(&self, ask: &Ask) -> anyhow::Result<Value> {
        let Ask { method, path, .. } = ask;
        let answer = self.send(ask).await;
        let answer =
            answer.map_err(|error| anyhow::anyhow!("{method} {}{path}: {error}", self.base))?;
        let (status, body) = (answer.status(), answer.body());
        // 207: a list of which some items failed.
        if !status.is_success() || status.as_u16() == 207 {
            let words: String = String::from_utf8_lossy(body).chars().take(500).collect();
            bail!(
                "{method} {}{path} was answered {status}: {words}",
                self.base
            );
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body).with_context(|| {
            format!(
                "{method} {}{path} was not answered in JSON; is it the address of segment-edge?",
                self.base
            )
        })
    }
}
