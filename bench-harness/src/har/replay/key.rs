//! When a call counts as the recorded one.
//!
//! Compared are the method, the path, the parameters (in any order) and the body (JSON by its values, whatever the order of its
//! members). Not compared are host, port and all headers: token, `X-Request-ID` and `If-Match` among them. And, since they follow the
//! clock:
//!
//! - an instant (RFC 3339, or a date and time with a space) as the value of a parameter or a member, or within a GraphQL query, is
//!   equal to any other instant;
//! - the parameters `time_after`, `time_before`, and those that begin with `last_updated` or `created` are equal whatever they hold;
//! - so are the cursors `start` and those that begin with `id__` in calls for the change log (`/api/core/object-changes/`).
//!
//! What the scrubber removes is equal to what it left behind.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::har::exchange::query;
use crate::har::model;
use crate::har::scrub::Scrubber;

/// What stands for an instant.
const TIME: &str = "<time>";
/// What stands for a cursor.
const CURSOR: &str = "<cursor>";
/// Calls for the change log.
const CHANGE_LOG: &str = "/api/core/object-changes/";
/// How much of a body is shown.
const SHOWN: usize = 300;

/// What a call is matched on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The parameters, sorted.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// The body that a call is matched on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// No body.
    Empty,
    /// JSON, with sorted members.
    Json(Value),
    /// Anything else.
    Text(String),
}

impl Key {
    /// What a recorded call is matched on.
    #[must_use]
    pub fn recorded(request: &model::Request) -> Self {
        let body = request.post_data.as_ref();
        let body = body.map_or("", |body| body.text.as_str());
        Self::new(&request.method, &request.url, body)
    }

    /// What a call to the replay is matched on.
    pub(super) fn of(request: &wiremock::Request) -> Self {
        let body = String::from_utf8_lossy(&request.body);
        Self::new(request.method.as_str(), request.url.as_str(), &body)
    }

    fn new(method: &str, address: &str, body: &str) -> Self {
        let path = match url::Url::parse(address) {
            Ok(address) => address.path().to_owned(),
            Err(_) => address.split('?').next().unwrap_or_default().to_owned(),
        };
        // The recording went through the scrubber; what comes must look the same.
        let scrubber = Scrubber::new();
        let mut parameters: Vec<(String, String)> = query(&scrubber.parameters(address))
            .into_iter()
            .map(|pair| {
                let value = parameter(&path, &pair.name, &pair.value);
                (pair.name, value)
            })
            .collect();
        parameters.sort();
        let body = scrubber.body(body, &path);
        let body = match serde_json::from_str::<Value>(&body) {
            _ if body.is_empty() => Body::Empty,
            Ok(mut value) => {
                timeless(&mut value);
                Body::Json(value)
            }
            Err(_) => Body::Text(instants(&body)),
        };
        Self {
            method: method.to_ascii_uppercase(),
            path,
            query: parameters,
            body,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={value}")?;
        }
        let body = match &self.body {
            Body::Empty => return Ok(()),
            Body::Json(value) => value.to_string(),
            Body::Text(text) => text.clone(),
        };
        let shown: String = body.chars().take(SHOWN).collect();
        let more = if shown.len() < body.len() { "…" } else { "" };
        write!(f, " {shown}{more}")
    }
}

fn parameter(path: &str, name: &str, value: &str) -> String {
    let clock = matches!(name, "time_after" | "time_before" | "time")
        || name.starts_with("last_updated")
        || name.starts_with("created");
    let cursor = path.ends_with(CHANGE_LOG) && (name == "start" || name.starts_with("id__"));
    match (clock, cursor) {
        (true, _) => TIME.to_owned(),
        (_, true) => CURSOR.to_owned(),
        _ => whole_instant(value),
    }
}

fn instant() -> Option<&'static Regex> {
    static INSTANT: OnceLock<Option<Regex>> = OnceLock::new();
    INSTANT
        .get_or_init(|| {
            Regex::new(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?").ok()
        })
        .as_ref()
}

/// The text with each instant in it replaced.
fn instants(text: &str) -> String {
    instant().map_or_else(
        || text.to_owned(),
        |instant| instant.replace_all(text, TIME).into_owned(),
    )
}

/// The text, unless it is an instant and nothing else.
fn whole_instant(text: &str) -> String {
    let found = instant().and_then(|instant| instant.find(text));
    match found {
        Some(found) if found.len() == text.len() => TIME.to_owned(),
        _ => text.to_owned(),
    }
}

fn timeless(value: &mut Value) {
    match value {
        Value::String(text) => *text = whole_instant(text),
        Value::Array(items) => items.iter_mut().for_each(timeless),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    // A GraphQL query: how it is laid out says nothing.
                    Value::String(text) if name == "query" => {
                        let words: Vec<&str> = text.split_whitespace().collect();
                        *text = instants(&words.join(" "));
                    }
                    other => timeless(other),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(address: &str) -> Key {
        Key::new("GET", address, "")
    }

    fn post(body: &str) -> Key {
        Key::new("POST", "http://n/graphql/", body)
    }

    #[test]
    fn hosts_and_the_order_of_parameters_do_not_matter() {
        assert_eq!(
            get("http://netbox.invalid/api/x/?a=1&b=2"),
            get("http://127.0.0.1:8001/api/x/?b=2&a=1")
        );
        assert_ne!(get("http://n/api/x/?a=1"), get("http://n/api/x/?a=2"));
        assert_ne!(get("http://n/api/x/?a=1"), get("http://n/api/x/"));
        assert_ne!(get("http://n/api/x/"), get("http://n/api/x"));
    }

    #[test]
    fn what_follows_the_clock_does_not_matter_and_other_values_do() {
        let log = "http://n/api/core/object-changes/";
        assert_eq!(
            get(&format!("{log}?time_after=2026-01-01T00:00:00Z&start=5")),
            get(&format!("{log}?time_after=2027-01-01T00:00:00.5Z&start=9"))
        );
        assert_ne!(
            get("http://n/api/ipam/prefixes/?start=5"),
            get("http://n/api/ipam/prefixes/?start=9")
        );
        assert_eq!(
            get("http://n/api/x/?last_updated__gte=1"),
            get("http://n/api/x/?last_updated__gte=2")
        );
        let since = |time: &str, tenant: &str| {
            let variables = format!(r#"{{"since":"{time}","tenant":"{tenant}"}}"#);
            post(&format!(r#"{{"query":"{{a}}","variables":{variables}}}"#))
        };
        let (one, two) = ("2026-01-01T00:00:00Z", "2026-01-02T10:00:00.123456+00:00");
        assert_eq!(since(one, "t"), since(two, "t"));
        assert_ne!(since(one, "t"), since(one, "u"));
        assert_ne!(since(one, "t"), since("yesterday", "t"));
    }

    #[test]
    fn the_layout_of_json_and_graphql_does_not_matter() {
        assert_eq!(
            post(r#"{"query":"{ a\n  b }","variables":{"x":1,"y":2}}"#),
            post(r#"{"variables":{"y":2,"x":1}, "query":"{ a b }"}"#)
        );
    }

    #[test]
    fn a_secret_in_a_body_is_equal_to_what_the_scrubber_left_of_it() {
        assert_eq!(
            post(r#"{"secret":"hush-hush"}"#),
            post(r#"{"secret":"(removed)"}"#)
        );
    }
}
