//! Answers without what differs between any two servers: ids, times, addresses.

use regex::Regex;
use serde_json::{Map, Value};

use super::client::Answer;

/// The keys whose values name objects, instants or places of one server.
const OWN: [&str; 12] = [
    "id",
    "url",
    "display_url",
    "next",
    "previous",
    "created",
    "last_updated",
    "scope_id",
    "request_id",
    "time",
    "changed_object_id",
    // Counted before the answer to a POST or after it, as it happens.
    "_depth",
];

fn without_digits(text: &str) -> String {
    Regex::new("[0-9]+")
        .unwrap()
        .replace_all(text, "9")
        .into_owned()
}

/// Error texts name rows as `10.0.0.0/24 (12)`, and ids of a request between quotes stay.
fn text(base: &str, text: &str) -> String {
    let text = text.replace(base, "http://netbox");
    let text = Regex::new(r"\([0-9]+\)").unwrap().replace_all(&text, "(9)");
    // NetBox lists dependents in the order of a set, which is none.
    match text.split_once("dependent objects were found: ") {
        Some((before, names)) => {
            let mut names: Vec<&str> = names.split(", ").collect();
            names.sort_unstable();
            format!("{before}dependent objects were found: {}", names.join(", "))
        }
        None => text.into_owned(),
    }
}

fn value(base: &str, key: &str, found: &Value) -> Value {
    let own = OWN.contains(&key);
    match found {
        Value::String(found) if own => without_digits(&text(base, found)).into(),
        Value::String(found) => text(base, found).into(),
        Value::Number(_) if own => 9.into(),
        Value::Array(items) => items.iter().map(|item| value(base, key, item)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, found)| (key.clone(), value(base, key, found)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
        other => other.clone(),
    }
}

/// Keys and types only; of a list its first item, as far as it is one of objects.
fn shape(found: &Value) -> Value {
    match found {
        Value::Null => Value::Null,
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, found)| (key.clone(), shape(found)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
    }
}

fn normal(base: &str, answer: &Answer) -> Value {
    if answer.media_type() == "text/html" {
        return "a page".into();
    }
    match serde_json::from_str::<Value>(&answer.text) {
        Ok(json) => value(base, "", &json),
        Err(_) => text(base, &answer.text).into(),
    }
}

fn walk(at: &str, there: &Value, here: &Value, wrong: &mut Vec<String>) {
    match (there, here) {
        (Value::Object(old), Value::Object(new)) => {
            let keys = |map: &Map<String, Value>| {
                map.keys()
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
            };
            if keys(old) != keys(new) {
                wrong.push(format!("{at}: NetBox {there}, the double {here}"));
                return;
            }
            for (key, old) in old {
                walk(&format!("{at}/{key}"), old, &new[key], wrong);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (n, (old, new)) in old.iter().zip(new).enumerate() {
                walk(&format!("{at}/{n}"), old, new, wrong);
            }
        }
        (old, new) if old != new => wrong.push(format!("{at}: NetBox {old}, the double {new}")),
        _ => {}
    }
}

/// What differs between NetBox's answer and the double's.
pub fn differences(
    shape_only: bool,
    (base, there): (&str, &Answer),
    (own_base, here): (&str, &Answer),
) -> Vec<String> {
    if there.status != here.status {
        return vec![format!(
            "NetBox answers {} {}, the double {} {}",
            there.status, there.text, here.status, here.text
        )];
    }
    let mut wrong = Vec::new();
    if there.media_type() != here.media_type() {
        wrong.push(format!(
            "NetBox sends {}, the double {}",
            there.media_type(),
            here.media_type()
        ));
    }
    for name in ["etag", "location", "api-version"] {
        let of = |base: &str, answer: &Answer| {
            answer.header(name).map(|v| without_digits(&text(base, v)))
        };
        let (old, new) = (of(base, there), of(own_base, here));
        if old != new {
            wrong.push(format!("{name}: NetBox {old:?}, the double {new:?}"));
        }
    }
    let (mut old, mut new) = (normal(base, there), normal(own_base, here));
    if shape_only {
        (old, new) = (shape(&old), shape(&new));
    }
    walk("", &old, &new, &mut wrong);
    wrong
}
