//! Reading NetBox's answers: JSON where it should be, an error in our own words where it is not.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::error::{ItemPlace, NetboxError};
use super::pace::Outcome;
use crate::timestamp::Timestamp;

/// How much of NetBox's own text goes into a message, in characters.
const QUOTED: usize = 300;

/// Turns a response into its body, which is JSON or empty, or into the error it stands for. What the JSON says is read later:
/// whoever knows its shape reads a thousand rows in a tenth of the memory that a tree of values takes.
///
/// # Errors
/// [`NetboxError`], by status and by whether the body is what a NetBox of 4.x sends.
pub fn judge(operation: &'static str, response: &Response<Bytes>) -> Result<Bytes, NetboxError> {
    let status = response.status();
    let body = response.body();
    if status.is_success() {
        let json = serde_json::from_slice::<IgnoredAny>(body);
        if body.is_empty() || json.is_ok() {
            return Ok(body.clone());
        }
        return Err(NetboxError::Unusable {
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
    if matches!(status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT)
        && let Some(items) = json
            .as_ref()
            .and_then(|json| items(operation, status, json))
    {
        return NetboxError::Items { operation, items };
    }
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

/// The items that NetBox names in its refusal of a list: `{"errors":[{"index":1,"errors":{…}}]}`, with `id` in the place of
/// `index` where rows have one (4.7); before that a list with an empty object for each item that was right.
fn items(
    operation: &'static str,
    status: StatusCode,
    json: &Value,
) -> Option<Vec<(ItemPlace, NetboxError)>> {
    let error = |what: &Value| {
        let detail = shorten(&plain(what));
        if status == StatusCode::CONFLICT {
            NetboxError::InUse { operation, detail }
        } else if what.get("id").is_some() {
            NetboxError::Missing { operation, detail }
        } else {
            NetboxError::Refused { operation, detail }
        }
    };
    let number = |entry: &Value, name| entry.get(name).and_then(Value::as_u64);
    if let Some(entries) = json.get("errors").and_then(Value::as_array) {
        let place = |entry: &Value| match (number(entry, "index"), number(entry, "id")) {
            (Some(index), _) => usize::try_from(index).ok().map(ItemPlace::Index),
            (None, id) => id.map(ItemPlace::Id),
        };
        let named = entries
            .iter()
            .map(|entry| Some((place(entry)?, error(entry.get("errors")?))));
        return named.collect::<Option<Vec<_>>>().filter(|n| !n.is_empty());
    }
    let entries = json.as_array()?;
    let wrong = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.as_object().is_some_and(|fields| !fields.is_empty()));
    let named: Vec<_> = wrong
        .map(|(n, entry)| (ItemPlace::Index(n), error(entry)))
        .collect();
    (!named.is_empty()).then_some(named)
}

/// `Retry-After`, in seconds or as a date; a date is compared with NetBox's own clock, the `Date` of the same answer.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let header = |name| response.headers().get(name)?.to_str().ok().map(str::trim);
    let text = header(header::RETRY_AFTER)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = Timestamp::parse_http_date(header(header::DATE)?)?;
    Some(Timestamp::parse_http_date(text)?.since(now))
}

/// What the response says about the load of NetBox, and of the proxy before it.
#[must_use]
pub fn load(response: &Response<Bytes>) -> Outcome {
    match response.status().as_u16() {
        429 | 503 => Outcome::Overloaded(retry_after(response)),
        502 | 504 => Outcome::Overloaded(None),
        500.. if is_html(response) => Outcome::Overloaded(None),
        500.. => Outcome::Unclear,
        200..300 if is_html(response) => Outcome::Unclear,
        _ => Outcome::Answered,
    }
}

fn is_html(response: &Response<Bytes>) -> bool {
    content_type(response).is_some_and(|kind| kind.starts_with("text/html"))
}

fn content_type(response: &Response<Bytes>) -> Option<&str> {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
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
    if is_html(response) {
        return "an HTML page, as a proxy or an error page sends it".to_owned();
    }
    let kind = content_type(response).unwrap_or("no content type");
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

/// Reads an answer that has a certain shape.
///
/// # Errors
/// [`NetboxError::Unusable`] when it has another one.
pub fn decode_bytes<T: DeserializeOwned>(
    operation: &'static str,
    bytes: &[u8],
) -> Result<T, NetboxError> {
    serde_json::from_slice(bytes).map_err(|error| NetboxError::Unusable {
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
    fn the_items_of_a_list_that_are_wrong_are_known_one_by_one() {
        let missing = answer(
            400,
            "application/json",
            r#"{"detail":"1 of 2 objects could not be found.","errors":[{"id":9,"errors":{"id":["Object with ID 9 does not exist"]}}]}"#,
        );
        let Err(NetboxError::Items { items, .. }) = judge("change prefix", &missing) else {
            panic!("no list")
        };
        assert_eq!(items[0].0, ItemPlace::Id(9));
        assert!(matches!(items[0].1, NetboxError::Missing { .. }));
        let older = answer(400, "application/json", r#"[{},{"vid":["Too large."]}]"#);
        let Err(NetboxError::Items { items, .. }) = judge("create VLAN", &older) else {
            panic!("no list")
        };
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].0, ItemPlace::Index(1));
        assert!(matches!(items[0].1, NetboxError::Refused { .. }));
        let in_use = answer(
            409,
            "application/json",
            r#"{"detail":"1 of 5 objects could not be deleted.","errors":[{"id":103,"errors":{"__all__":["Unable to delete."]}}]}"#,
        );
        let Err(NetboxError::Items { items, .. }) = judge("delete VLAN", &in_use) else {
            panic!("no list")
        };
        assert!(matches!(items[0].1, NetboxError::InUse { .. }));
    }

    #[test]
    fn a_date_to_retry_after_is_taken_by_the_clock_that_gave_it() {
        let mut busy = answer(429, "text/plain", "slow down");
        busy.headers_mut()
            .insert("date", "Mon, 23 Nov 2026 08:25:58 GMT".parse().unwrap());
        busy.headers_mut().insert(
            "retry-after",
            "Mon, 23 Nov 2026 08:26:10 GMT".parse().unwrap(),
        );
        let asked = Some(Duration::from_secs(12));
        assert_eq!(load(&busy), Outcome::Overloaded(asked));
    }

    #[test]
    fn only_what_speaks_of_load_slows_us_down() {
        for (status, kind, load_of_it) in [
            (502, "application/json", Outcome::Overloaded(None)),
            (504, "text/plain", Outcome::Overloaded(None)),
            (500, "text/html; charset=utf-8", Outcome::Overloaded(None)),
            (500, "application/json", Outcome::Unclear),
            (200, "text/html", Outcome::Unclear),
            (200, "application/json", Outcome::Answered),
            (404, "text/html", Outcome::Answered),
            (412, "application/json", Outcome::Answered),
        ] {
            assert_eq!(load(&answer(status, kind, "{}")), load_of_it, "{status}");
        }
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
