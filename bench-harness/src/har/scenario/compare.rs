//! Whether two runs of the scenario were answered alike.

use serde_json::Value;

use crate::har::diff::members;
use crate::har::model::{Entry, Har};

/// The headers that must be the same. The others say when, how fast and by whom.
const HEADERS: [&str; 7] = [
    "content-type",
    "etag",
    "location",
    "link",
    "x-total-count",
    "x-netbox-calls",
    "cache-status",
];

/// What differs between the answers of a recorded run and those of another, step by step; empty when they are alike. Times, ages and
/// lifetimes aside, everything is compared: status, headers that speak of the answer, body.
#[must_use]
pub fn differences(recorded: &Har, now: &Har) -> Vec<String> {
    let (before, after) = (&recorded.log.entries, &now.log.entries);
    let mut wrong = Vec::new();
    for (one, other) in before.iter().zip(after) {
        let step = one.comment.as_deref().unwrap_or("?");
        let mut differ = |what: &str, one: &str, other: &str| {
            if one != other {
                wrong.push(format!(
                    "step \"{step}\": {what} is {other}, recorded {one}"
                ));
            }
        };
        differ("the name", step, other.comment.as_deref().unwrap_or("?"));
        differ("the request", &asked(one), &asked(other));
        differ(
            "the status",
            &one.response.status.to_string(),
            &other.response.status.to_string(),
        );
        // Another status makes all of the answer another one; what went wrong stands in the failure of the step.
        if one.response.status != other.response.status {
            continue;
        }
        for name in HEADERS {
            differ(
                &format!("the header {name}"),
                &header(one, name),
                &header(other, name),
            );
        }
        members("", &body(other), &body(one), &mut |what, now, recorded| {
            let words = |value: Option<String>| value.unwrap_or_else(|| "missing".to_owned());
            differ(&what, &words(recorded), &words(now));
        });
    }
    if before.len() != after.len() {
        wrong.push(format!(
            "{} steps were taken, recorded {}",
            after.len(),
            before.len()
        ));
    }
    wrong
}

fn asked(entry: &Entry) -> String {
    let body = entry.request.post_data.as_ref();
    let body = body.map_or("", |body| body.text.as_str());
    format!("{} {} {body}", entry.request.method, entry.request.url)
}

/// A header, without the seconds that are left of an answer's life.
fn header(entry: &Entry, name: &str) -> String {
    let headers = entry.response.headers.iter();
    let mut found = headers.filter(|header| header.name.eq_ignore_ascii_case(name));
    let value = found.next().map_or("", |header| header.value.as_str());
    let parts = value.split(';').map(str::trim);
    if name != "cache-status" {
        return value.to_owned();
    }
    let kept: Vec<&str> = parts.filter(|part| !part.starts_with("ttl=")).collect();
    kept.join("; ")
}

fn body(entry: &Entry) -> Value {
    let text = entry.response.content.text.as_deref().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
