//! Recorded answers, as the wire has them.

use std::time::Duration;

use anyhow::Context as _;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use wiremock::{Request, ResponseTemplate};

use crate::har::model::{Pair, Response};
use crate::har::scrub::ELSEWHERE;

/// Headers that speak of the recorded connection or of the recorded bytes, not of the answer.
fn is_left_out(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection" | "keep-alive" | "transfer-encoding" | "content-length" | "content-encoding"
    )
}

fn header(pair: &Pair) -> Option<(HeaderName, HeaderValue)> {
    // Browsers record the headers of HTTP/2 that are none.
    if pair.name.starts_with(':') {
        return None;
    }
    let name = HeaderName::from_bytes(pair.name.as_bytes()).ok()?;
    let value = HeaderValue::from_str(&pair.value).ok()?;
    (!is_left_out(&name)).then_some((name, value))
}

/// Whether a recorded answer can be given.
pub(super) fn check(response: &Response) -> anyhow::Result<()> {
    StatusCode::from_u16(response.status)
        .ok()
        .filter(|status| status.as_u16() >= 200)
        .with_context(|| format!("{} is no status of an answer", response.status))?;
    response
        .content
        .bytes()
        .context("the body of its answer is not the Base64 that it says to be")?;
    Ok(())
}

/// The recorded answer to this request. Addresses of NetBox in it lead back to the replay.
pub(super) fn recorded(
    response: &Response,
    request: &Request,
    delay: Duration,
) -> ResponseTemplate {
    let host = request.headers.get(http::header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let here = host.map_or_else(|| ELSEWHERE.to_owned(), |host| format!("http://{host}"));
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut template = ResponseTemplate::new(status);
    for pair in &response.headers {
        let value = pair.value.replace(ELSEWHERE, &here);
        let pair = Pair {
            value,
            name: pair.name.clone(),
        };
        if let Some((name, value)) = header(&pair) {
            template = template.append_header(name, value);
        }
    }
    let mut body = response.content.bytes().unwrap_or_default();
    if response.content.encoding.is_none()
        && let Ok(text) = std::str::from_utf8(&body)
        && text.contains(ELSEWHERE)
    {
        body = text.replace(ELSEWHERE, &here).into_bytes();
    }
    if !body.is_empty() {
        // An empty media type keeps the recorded header.
        template = template.set_body_raw(body, "");
    }
    if delay.is_zero() {
        template
    } else {
        template.set_delay(delay)
    }
}

/// The answer to a call that was not recorded.
pub(super) fn not_recorded(status: u16, call: &str, nearest: &str) -> ResponseTemplate {
    let problem = json!({
        "type": "urn:segment-edge:problem:not-recorded",
        "title": "The recording has no such call",
        "status": status,
        "detail": format!("{call} is not in the recording, or came more often than recorded; nearest: {nearest}"),
    });
    ResponseTemplate::new(status).set_body_raw(problem.to_string(), "application/problem+json")
}
