//! Answers, and the headers that each of them has.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use super::Incoming;
use super::problem::Problem;
use crate::catalogue::{Source, Sourced};
use crate::netbox::Trail;

/// An answer before it has its common headers.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Answer,
}

#[derive(Debug)]
enum Answer {
    Empty,
    Json(Vec<u8>),
    Problem(Box<Problem>),
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let mut reply = Self {
            status: problem.status(),
            headers: HeaderMap::new(),
            body: Answer::Empty,
        };
        for (name, value) in problem.headers() {
            reply = reply.with(name, &value);
        }
        reply.body = Answer::Problem(Box::new(problem));
        reply
    }
}

impl Reply {
    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Answer::Empty,
        }
    }

    /// An answer with a value as its JSON.
    pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Self {
        // Text, numbers and booleans under fixed names always have a JSON form.
        Self::bytes(status, serde_json::to_vec(value).unwrap_or_default())
    }

    /// An answer with JSON that is written already.
    pub(super) fn bytes(status: StatusCode, json: Vec<u8>) -> Self {
        Self {
            body: Answer::Json(json),
            ..Self::empty(status)
        }
    }

    /// The same with one more header; a value that no header may have is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The same, saying where it came from (RFC 9211) and how old that is (RFC 9111).
    pub(super) fn sourced(self, sourced: &Sourced) -> Self {
        let mut status = String::from("segment-edge; ");
        let ttl = sourced.fresh_for.as_secs();
        let _ = match sourced.source {
            Source::Cache => write!(status, "hit; ttl={ttl}"),
            Source::StaleWhileRefreshing => {
                write!(status, "hit; ttl=0; detail=stale-while-revalidate")
            }
            Source::StaleOnError => write!(status, "hit; ttl=0; detail=stale-if-error"),
            Source::Netbox => write!(status, "fwd=miss; stored; ttl={ttl}"),
        };
        self.with(HeaderName::from_static("cache-status"), &status)
            .with(header::AGE, &sourced.age.as_secs().to_string())
            // Only we know when something was written: nobody else may keep it.
            .with(header::CACHE_CONTROL, "no-cache")
    }

    /// The finished answer.
    pub(super) fn into_response(
        self,
        trail: &Trail,
        took: Duration,
        call: &Incoming,
    ) -> Response<Bytes> {
        let (kind, bytes) = match self.body {
            Answer::Empty => (None, Vec::new()),
            Answer::Json(json) => (Some("application/json"), json),
            Answer::Problem(problem) => (
                Some("application/problem+json"),
                problem.json(&call.path, trail),
            ),
        };
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        let mut put = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        if let Some(kind) = kind {
            put(header::CONTENT_TYPE, kind.to_owned());
        }
        // Without it Spin sends the end of the body as a segment of its own, which stalls replies by about 40 ms (measured).
        // 204 and 304 must not have one (RFC 9110, section 8.6), and the host knows no length for the body of a HEAD.
        let bodiless = matches!(
            self.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        let head = call.method == Method::HEAD;
        if !bodiless && !head {
            put(header::CONTENT_LENGTH, bytes.len().to_string());
        }
        put(
            HeaderName::from_static("x-request-id"),
            trail.request_id().to_owned(),
        );
        put(
            HeaderName::from_static("x-netbox-calls"),
            trail.calls().to_string(),
        );
        put(
            HeaderName::from_static("server-timing"),
            timing(trail, took),
        );
        if !head {
            *response.body_mut() = bytes.into();
        }
        response
    }
}

/// `Server-Timing` (W3C): what NetBox took of the whole, in milliseconds.
fn timing(trail: &Trail, took: Duration) -> String {
    let calls = trail.calls();
    let plural = if calls == 1 { "" } else { "s" };
    let ms = |d: Duration| d.as_secs_f64() * 1_000.0;
    format!(
        "netbox;desc=\"{calls} call{plural}\";dur={:.1}, total;dur={:.1}",
        ms(trail.waited()),
        ms(took)
    )
}
