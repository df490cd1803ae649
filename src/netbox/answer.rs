//! Reading NetBox's answers: JSON where it should be, an error in our own words where it is not.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::NetboxError;

/// How much of NetBox's own text goes into a message, in characters.
const QUOTED: usize = 300;

/// Turns a response into its JSON body (`Null` when empty), or into the error it stands for.
///
/// # Errors
/// [`NetboxError`], by status and by whether the body is what a NetBox of 4.x sends.
pub fn judge(operation: &'static str, response: &Response<Bytes>) -> Result<Value, NetboxError> {
    let status = response.status();
    let body = response.body();
    if status.is_success() {
        if body.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(body).map_err(|_| NetboxError::Unusable {
            operation,
            status: status.as_u16(),
            detail: format!("not JSON: {}", quote(response)),
        });
    }
    Err(refusal(operation, status, response))
}

fn refusal(operation: &'static str, status: StatusCode, response: &Response<Bytes>) -> NetboxError {
    let json: Option<Value> = serde_json::from_slice(response.body()).ok();
    let detail = json
        .as_ref()
        .map_or_else(|| quote(response), |json| shorten(&plain(json)));
    match status {
        StatusCode::BAD_REQUEST if json.is_some() => NetboxError::Refused { operation, detail },
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
            NetboxError::Forbidden { operation, detail }
        }
        StatusCode::NOT_FOUND => NetboxError::Missing { operation, detail },
        StatusCode::CONFLICT => NetboxError::InUse { operation, detail },
        StatusCode::PRECONDITION_FAILED => NetboxError::Stale { operation },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => NetboxError::Throttled {
            status: status.as_u16(),
            retry_after: retry_after(response),
        },
        StatusCode::INTERNAL_SERVER_ERROR
            if json.as_ref().and_then(|j| j.get("exception"))
                == Some(&Value::from("IntegrityError")) =>
        {
            NetboxError::Raced { operation, detail }
        }
        _ => NetboxError::Unusable {
            operation,
            status: status.as_u16(),
            detail,
        },
    }
}

/// `Retry-After` in seconds; its date form is not worth a parser here, since no proxy was seen to send it.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// NetBox's error bodies in one line: `{"vid":["…"],"__all__":["…"]}` becomes `vid: …; …`.
fn plain(json: &Value) -> String {
    match json {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match name.as_str() {
                "__all__" | "detail" | "error" => plain(value),
                _ => format!("{name}: {}", plain(value)),
            })
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

fn quote(response: &Response<Bytes>) -> String {
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("no content type");
    if kind.starts_with("text/html") {
        return "an HTML page, as a proxy or an error page sends it".to_owned();
    }
    shorten(&format!(
        "{kind}, {}",
        String::from_utf8_lossy(response.body())
    ))
}

fn shorten(text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(QUOTED)
        .collect();
    one_line.trim().to_owned()
}

/// Reads `value` as a `T`.
///
/// # Errors
/// [`NetboxError::Unusable`] naming the field that does not fit.
pub fn decode<T: DeserializeOwned>(
    operation: &'static str,
    value: Value,
) -> Result<T, NetboxError> {
    serde_json::from_value(value).map_err(|error| NetboxError::Unusable {
        operation,
        status: 200,
        detail: format!("an unexpected shape: {error}"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn answer(status: u16, kind: &str, body: &'static str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .header("content-type", kind)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn a_lost_race_is_told_from_any_other_500() {
        let raced = answer(
            500,
            "application/json",
            r#"{"error":"duplicate key value violates unique constraint \"ipam_vlan_unique_group_vid\"","exception":"IntegrityError"}"#,
        );
        assert!(matches!(
            judge("create VLAN", &raced),
            Err(NetboxError::Raced { .. })
        ));
        let down = answer(
            500,
            "application/json",
            r#"{"error":"connection failed","exception":"OperationalError"}"#,
        );
        assert!(matches!(
            judge("create VLAN", &down),
            Err(NetboxError::Unusable { status: 500, .. })
        ));
    }

    #[test]
    fn an_html_page_is_unusable_and_not_quoted() {
        let page = answer(200, "text/html; charset=utf-8", "<html>secret</html>");
        let error = judge("read everything", &page).unwrap_err();
        assert!(matches!(error, NetboxError::Unusable { status: 200, .. }));
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn field_errors_are_told_in_one_line() {
        let refused = answer(
            400,
            "application/json",
            r#"{"vid":["Too large."],"__all__":["VLAN exists."]}"#,
        );
        let error = judge("create VLAN", &refused).unwrap_err();
        assert_eq!(
            error.to_string(),
            "NetBox refused `create VLAN`: VLAN exists.; vid: Too large."
        );
    }

    #[test]
    fn a_proxy_that_throttles_says_for_how_long() {
        let mut busy = answer(503, "text/html", "<html>busy</html>");
        busy.headers_mut()
            .insert("retry-after", "7".parse().unwrap());
        assert_eq!(
            judge("x", &busy),
            Err(NetboxError::Throttled {
                status: 503,
                retry_after: Some(Duration::from_secs(7))
            })
        );
    }
}
