//! One call as the double received it.

use bytes::Bytes;
use serde_json::Value;

use super::auth::Access;
use super::db::Author;
use super::release::Release;
use super::reply::Reply;

/// The user all tokens belong to, named as in the recordings.
pub(crate) const USER: &str = "lab";

/// One call, its token already looked at.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
    /// `http://host:port`, from the `Host` header, for the addresses in answers.
    pub(crate) base: String,
    pub(crate) request_id: String,
    /// Which NetBox is to answer it.
    pub(crate) release: Release,
    /// Its `MAX_PAGE_SIZE`.
    pub(crate) max_page: usize,
    /// What the token allows; the text of the refusal otherwise (`None`: there were no credentials).
    pub(crate) access: Result<Access, Option<&'static str>>,
}

impl Call {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Who made this call, for the change log.
    pub(crate) fn author(&self, message: &str) -> Author {
        Author {
            user: USER.into(),
            request_id: self.request_id.clone(),
            message: message.into(),
        }
    }

    /// The body as JSON, or NetBox's refusal (415 for another type, 400 for bad JSON).
    pub(crate) fn json(&self) -> Result<Value, Reply> {
        let kind = self.header("content-type").unwrap_or("");
        if !kind.starts_with("application/json") {
            let text = format!("Unsupported media type \"{kind}\" in request.");
            return Err(Reply::detail(415, &text));
        }
        if self.body.is_empty() {
            return Err(Reply::detail(
                400,
                "JSON parse error - Expecting value: line 1 column 1 (char 0)",
            ));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let wanted = if self.body.starts_with(b"{") {
                "Expecting property name enclosed in double quotes"
            } else {
                "Expecting value"
            };
            let at = column.saturating_sub(1);
            Reply::detail(
                400,
                &format!("JSON parse error - {wanted}: line {line} column {column} (char {at})"),
            )
        })
    }
}
