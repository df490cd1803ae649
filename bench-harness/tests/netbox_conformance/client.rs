//! A plain HTTP client, so that the tests see answers exactly as they came.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; null when it is empty or something else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The media type without its parameters.
    pub fn media_type(&self) -> &str {
        let kind = self.header("content-type").unwrap_or("");
        kind.split(';').next().unwrap_or("")
    }
}

/// A client of one server.
pub struct Client {
    hyper: Hyper<HttpConnector, Full<Bytes>>,
    pub base: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let hyper = Hyper::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self {
            hyper,
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &[(String, String)],
        body: Option<String>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept", "application/json");
        if let Some(token) = token {
            let scheme = if token.starts_with("nbt_") {
                "Bearer"
            } else {
                "Token"
            };
            request = request.header("authorization", format!("{scheme} {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        if let Some(all) = request.headers_mut() {
            for (name, value) in headers {
                let name: http::HeaderName = name.parse().unwrap();
                all.insert(name, value.parse().unwrap());
            }
        }
        let request = request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .unwrap();
        let answer = self.hyper.request(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }
}
