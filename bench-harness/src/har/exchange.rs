//! From a call on the wire to an entry of a HAR.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::model::{Cache, Content, Entry, Pair, PostData, Request, Response, Timings, size};

/// A call and its answer, as they were on the wire.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was asked; its address has a path and perhaps a query.
    pub request: http::Request<Bytes>,
    /// What was answered.
    pub response: http::Response<Bytes>,
    /// When the call began.
    pub began: OffsetDateTime,
    /// From the beginning until the answer's head was there.
    pub waited: Duration,
    /// From there until its body was complete.
    pub received: Duration,
}

/// Why a body was left out.
const COMPRESSED: &str =
    "left out: it was compressed, so it could not be looked through for secrets";

impl Exchange {
    /// The entry; `base` is the address before the path, without a last slash. Nothing is removed from it yet.
    #[must_use]
    pub fn entry(&self, base: &str) -> Entry {
        let path = self.request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        let headers = self.response.headers();
        let mut content = Content::of(self.response.body(), text(headers, &header::CONTENT_TYPE));
        let encoding = text(headers, &header::CONTENT_ENCODING);
        if !matches!(encoding, "" | "identity") {
            content.text = None;
            content.encoding = None;
            content.comment = Some(COMPRESSED.to_owned());
        }
        let status = self.response.status();
        Entry {
            started_date_time: instant(self.began),
            time: millis(self.waited + self.received),
            request: Request {
                method: self.request.method().to_string(),
                url: format!("{base}{path}"),
                http_version: "HTTP/1.1".to_owned(),
                cookies: Vec::new(),
                headers: pairs(self.request.headers()),
                query_string: query(path),
                post_data: post_data(&self.request),
                headers_size: -1,
                body_size: size(self.request.body().len()),
            },
            response: Response {
                status: status.as_u16(),
                status_text: status.canonical_reason().unwrap_or_default().to_owned(),
                http_version: "HTTP/1.1".to_owned(),
                cookies: Vec::new(),
                headers: pairs(headers),
                redirect_url: text(headers, &header::LOCATION).to_owned(),
                headers_size: -1,
                body_size: content.size,
                content,
            },
            cache: Cache {},
            timings: Timings {
                send: 0.0,
                wait: millis(self.waited),
                receive: millis(self.received),
            },
            comment: None,
        }
    }
}

/// The parameters of an address, decoded.
pub(super) fn query(address: &str) -> Vec<Pair> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| Pair {
            name: name.into_owned(),
            value: value.into_owned(),
        })
        .collect()
}

/// A time as the format has it.
pub(super) fn instant(at: OffsetDateTime) -> String {
    at.format(&Rfc3339)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

/// Milliseconds, to the microsecond.
pub(super) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn post_data(request: &http::Request<Bytes>) -> Option<PostData> {
    let body = request.body();
    (!body.is_empty()).then(|| PostData {
        mime_type: text(request.headers(), &header::CONTENT_TYPE).to_owned(),
        text: String::from_utf8_lossy(body).into_owned(),
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn pairs(headers: &HeaderMap) -> Vec<Pair> {
    headers
        .iter()
        .map(|(name, value)| Pair {
            name: name.to_string(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        })
        .collect()
}
