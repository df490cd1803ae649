//! Answers, and the headers that each of them has.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::Incoming;
use super::problem::Problem;
use crate::catalogue::{Source, Sourced};
use crate::netbox::Trail;
use crate::once::{self, Kept};

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
    Json(Bytes),
    Typed(&'static str, Bytes),
    Problem(Box<Problem>),
    /// One that has its media type among the headers.
    Kept(Bytes),
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
        let json = serde_json::to_vec(value).unwrap_or_default();
        Self::bytes(status, json.into())
    }

    /// An answer with JSON that is written already.
    pub(super) fn bytes(status: StatusCode, json: Bytes) -> Self {
        Self {
            body: Answer::Json(json),
            ..Self::empty(status)
        }
    }

    /// An answer with a body of another media type, to be kept as a file of this name.
    pub(super) fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Self {
        let disposition = format!("attachment; filename=\"{name}\"");
        Self::typed(StatusCode::OK, kind, bytes.into())
            .with(header::CONTENT_DISPOSITION, &disposition)
    }

    /// An answer of another media type.
    pub(super) fn typed(status: StatusCode, kind: &'static str, bytes: Bytes) -> Self {
        Self {
            body: Answer::Typed(kind, bytes),
            ..Self::empty(status)
        }
    }

    /// Whether it says when to try again.
    pub(super) fn is_passing(&self) -> bool {
        self.headers.contains_key(header::RETRY_AFTER)
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

    /// The same, and what to keep of it. The body of a problem stays the one of this request.
    pub(super) fn keep(self, trail: &Trail, call: &Incoming) -> (Self, Kept) {
        let (kind, bytes) = self.body.written(trail, call);
        let mut headers = self.headers;
        if let Some(kind) = kind {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let texts = headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let kept = Kept {
            status: self.status.as_u16(),
            headers: texts.collect(),
            body: once::Body::of(bytes.to_vec()),
        };
        let reply = Self {
            status: self.status,
            headers,
            body: Answer::Kept(bytes),
        };
        (reply, kept)
    }

    /// An answer that was kept, given again.
    pub(super) fn again(kept: Kept) -> Self {
        let mut reply = Self::empty(StatusCode::from_u16(kept.status).unwrap_or_default());
        for (name, value) in &kept.headers {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                reply = reply.with(name, value);
            }
        }
        reply.body = match kept.body {
            once::Body::Whole(bytes) => Answer::Kept(bytes.into()),
            once::Body::TooLarge(size) => {
                reply.headers.remove(header::CONTENT_TYPE);
                let message = format!(
                    "this was answered before; the body of {size} bytes was too large to keep"
                );
                Answer::Json(json!({ "message": message }).to_string().into())
            }
        };
        reply.with(HeaderName::from_static("idempotency-replayed"), "true")
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The finished answer.
    pub(super) fn into_response(
        self,
        trail: &Trail,
        took: Duration,
        call: &Incoming,
    ) -> Response<Bytes> {
        let (kind, bytes) = self.body.written(trail, call);
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
        // 204 and 304 must not have one (RFC 9110, section 8.6); the answer to a HEAD has the one that GET would get.
        let bodiless = matches!(
            self.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        let head = call.method == Method::HEAD;
        if !bodiless {
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
            *response.body_mut() = bytes;
        }
        response
    }
}

impl Answer {
    /// The media type, unless it is among the headers, and the bytes.
    fn written(self, trail: &Trail, call: &Incoming) -> (Option<&'static str>, Bytes) {
        match self {
            Self::Empty => (None, Bytes::new()),
            Self::Json(json) => (Some("application/json"), json),
            Self::Typed(kind, bytes) => (Some(kind), bytes),
            Self::Problem(problem) => (
                Some("application/problem+json"),
                problem.json(&call.path, trail).into(),
            ),
            Self::Kept(bytes) => (None, bytes),
        }
    }
}

/// `Server-Timing` (W3C): what NetBox took of the whole, in milliseconds.
fn timing(trail: &Trail, took: Duration) -> String {
    let calls = trail.calls();
    let plural = if calls == 1 { "" } else { "s" };
    // To a tenth of a millisecond; whole numbers, for the code that prints fractions is large.
    let ms = |d: Duration| {
        let tenths = (d.as_micros() + 50) / 100;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let (waited, total) = (ms(trail.waited()), ms(took));
    format!("netbox;desc=\"{calls} call{plural}\";dur={waited}, total;dur={total}")
}
