//! Every answer that a test gets is held to the served description of the API: its status, its headers, its body.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reply;

/// Headers that say something about the transfer, not about the API.
const TRANSFER: [&str; 6] = [
    "content-type",
    "content-length",
    "content-encoding",
    "vary",
    "date",
    "connection",
];
const EVERYWHERE: [&str; 3] = ["x-request-id", "x-netbox-calls", "server-timing"];

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../src/api/openapi.json");
    serde_json::from_str(text).expect("the description is JSON")
});

/// Validators by the reference of their schema.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> =
    LazyLock::new(Mutex::default);

/// The description.
pub fn description() -> &'static Value {
    &DESCRIPTION
}

/// The described path that `path` is, if it is one.
pub fn template(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default();
    let path = path
        .strip_suffix('/')
        .filter(|p| !p.is_empty())
        .unwrap_or(path);
    let paths = DESCRIPTION["paths"].as_object()?;
    if let Some((exact, _)) = paths.get_key_value(path) {
        return Some(exact);
    }
    let rest = path.strip_prefix("/api/segments/")?;
    let (id, template) = match rest.strip_suffix("/clusters") {
        Some(id) => (id, "/api/segments/{id}/clusters"),
        None => (rest, "/api/segments/{id}"),
    };
    let plain = !id.is_empty() && !id.starts_with('0') && id.bytes().all(|b| b.is_ascii_digit());
    (plain && id.parse::<u64>().is_ok()).then_some(template)
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str().and_then(|at| at.strip_prefix('#')) {
        Some(pointer) => DESCRIPTION
            .pointer(pointer)
            .expect("references lead somewhere"),
        None => value,
    }
}

fn validator(schema: &Value) -> &'static Validator {
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = json!({"schemas": DESCRIPTION["components"]["schemas"]});
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        let made = jsonschema::validator_for(&whole).expect("schemas are valid");
        Box::leak(Box::new(made))
    })
}

/// Panics when the answer to a request is not one that is described.
#[track_caller]
pub fn check(method: &Method, path: &str, reply: &Reply) {
    let status = reply.status.as_u16();
    let at = format!("{method} {path}: {status}");
    for name in EVERYWHERE {
        assert!(reply.headers.contains_key(name), "{at} has no {name}");
    }
    let Some(template) = template(path) else {
        // Settings that are wrong are told whatever is asked for.
        assert!(
            matches!(status, 404 | 500),
            "{at}, and no such path is described"
        );
        return;
    };
    let name = match *method {
        Method::HEAD => "get".to_owned(),
        ref other => other.as_str().to_ascii_lowercase(),
    };
    let Some(operation) = DESCRIPTION["paths"][template].get(&name) else {
        assert!(
            matches!(status, 405 | 500),
            "{at}, and no such method is described"
        );
        return;
    };
    let Some(response) = operation["responses"].get(status.to_string()) else {
        panic!(
            "{at} is not described: {}",
            String::from_utf8_lossy(&reply.bytes)
        );
    };
    let response = resolved(response);
    for name in reply.headers.keys().map(http::HeaderName::as_str) {
        let described = response["headers"].as_object().into_iter().flatten();
        let mut described = described.map(|(name, _)| name);
        let known = TRANSFER.contains(&name) || described.any(|d| d.eq_ignore_ascii_case(name));
        assert!(known, "{at} has the header {name}, which is not described");
    }
    if *method == Method::HEAD {
        return;
    }
    let kind = reply.header("content-type");
    let Some(content) = response["content"].as_object() else {
        assert!(
            reply.bytes.is_empty(),
            "{at} has a body, and none is described"
        );
        return;
    };
    let Some(described) = content.get(kind) else {
        panic!("{at} is {kind:?}, and {:?} are described", content.keys());
    };
    if kind.ends_with("json") {
        let body: Value = serde_json::from_slice(&reply.bytes).expect("JSON is JSON");
        let wrong: Vec<String> = validator(&described["schema"])
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{at} is not as described: {wrong:#?}\n{body:#}"
        );
    }
}
