//! HAR 1.2, as far as it concerns an API: what browsers' developer tools open.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A HAR file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Har {
    /// Its only member.
    pub log: Log,
}

/// What was recorded, by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// The version of the format: `1.2`.
    pub version: String,
    /// The program that recorded it.
    pub creator: Creator,
    /// The calls, in the order in which they began.
    pub entries: Vec<Entry>,
    /// What the recording is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How the scenario was driven whose answers these are; only in the file with the component's answers.
    #[serde(default, rename = "_scenario", skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Value>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One call and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When it began, RFC 3339.
    pub started_date_time: String,
    /// How long it took, in milliseconds.
    pub time: f64,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub response: Response,
    /// Nothing: an API's answers are not cached by whoever recorded them.
    #[serde(default)]
    pub cache: Cache,
    /// The parts of `time`.
    pub timings: Timings,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An empty object, which the format requires.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {}

/// A name and a value: a header, a cookie, a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// `HTTP/1.1`
    pub http_version: String,
    /// Always empty: cookies are not recorded.
    #[serde(default)]
    pub cookies: Vec<Pair>,
    /// The headers.
    pub headers: Vec<Pair>,
    /// The parameters of the address, decoded.
    #[serde(default)]
    pub query_string: Vec<Pair>,
    /// The body, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
    /// Bytes of the head; -1: not known.
    #[serde(default = "unknown")]
    pub headers_size: i64,
    /// Bytes of the body; -1: not known.
    #[serde(default = "unknown")]
    pub body_size: i64,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostData {
    /// Its media type.
    #[serde(default)]
    pub mime_type: String,
    /// The body as text.
    #[serde(default)]
    pub text: String,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The words that go with it.
    #[serde(default)]
    pub status_text: String,
    /// `HTTP/1.1`
    pub http_version: String,
    /// Always empty: cookies are not recorded.
    #[serde(default)]
    pub cookies: Vec<Pair>,
    /// The headers.
    pub headers: Vec<Pair>,
    /// The body.
    pub content: Content,
    /// The `Location` header; empty when there is none.
    #[serde(default, rename = "redirectURL")]
    pub redirect_url: String,
    /// Bytes of the head; -1: not known.
    #[serde(default = "unknown")]
    pub headers_size: i64,
    /// Bytes of the body; -1: not known.
    #[serde(default = "unknown")]
    pub body_size: i64,
}

/// The body of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Bytes of the body.
    pub size: i64,
    /// Its media type.
    pub mime_type: String,
    /// The body, as text or in the encoding named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `base64` when the body is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Why the body is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// The parts of a call's time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Sending.
    #[serde(default)]
    pub send: f64,
    /// Waiting for the answer to begin.
    #[serde(default)]
    pub wait: f64,
    /// Receiving the answer.
    #[serde(default)]
    pub receive: f64,
}

fn unknown() -> i64 {
    -1
}

impl Har {
    /// A file of these calls, recorded by this program.
    #[must_use]
    pub fn of(entries: Vec<Entry>, comment: &str) -> Self {
        Self {
            log: Log {
                version: "1.2".to_owned(),
                creator: Creator {
                    name: env!("CARGO_PKG_NAME").to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                },
                entries,
                comment: Some(comment.to_owned()),
                scenario: None,
            },
        }
    }
}

impl Content {
    /// A body, as text where it is UTF-8 and in Base64 where it is not.
    #[must_use]
    pub fn of(bytes: &[u8], mime_type: &str) -> Self {
        let (text, encoding) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (STANDARD.encode(bytes), Some("base64".to_owned())),
        };
        Self {
            size: size(bytes.len()),
            mime_type: mime_type.to_owned(),
            text: (!bytes.is_empty()).then_some(text),
            encoding,
            comment: None,
        }
    }

    /// The body's bytes; `None` when it says to be Base64 and is not.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let text = self.text.as_deref().unwrap_or_default();
        match self.encoding.as_deref() {
            Some("base64") => STANDARD.decode(text).ok(),
            _ => Some(text.as_bytes().to_vec()),
        }
    }
}

/// A number of bytes as the format has it.
pub(super) fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
