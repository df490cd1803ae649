//! Every answer that a test gets is held to the served description of the API: its status, its headers, its body.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/openapi.json");
    let text = std::fs::read(path).expect("the description can be read");
    serde_json::from_slice(&text).expect("the description is JSON")
});

/// Validators by the reference of their schema.
static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> =
    LazyLock::new(Mutex::default);

/// What was served so far, in the terms of the description.
static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(Mutex::default);

/// What was served, in the terms of the description.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Answers: the operation's id, and the status.
    pub answers: BTreeSet<(String, String)>,
    /// Problems: the operation's id, and the kind.
    pub problems: BTreeSet<(String, String)>,
    /// Fields: the schema, and the path of the property in it.
    pub fields: BTreeSet<String>,
}

/// What was served until now by all tests of this program.
pub fn seen() -> Seen {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

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

/// What a reference stands for; anything else as it is.
pub fn resolved(value: &'static Value) -> &'static Value {
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

/// Whether a path is of the dashboard or its like, which is no part of the API.
fn is_page(path: &str) -> bool {
    path == "/" || path == "/docs" || path.starts_with("/assets/")
}

/// Panics when the answer to a request is not one that is described.
#[track_caller]
pub fn check(method: &Method, path: &str, reply: &Reply) {
    let status = reply.status.as_u16();
    let at = format!("{method} {path}: {status}");
    for name in EVERYWHERE {
        assert!(reply.headers.contains_key(name), "{at} has no {name}");
    }
    if is_page(path) {
        return;
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
    let id = operation["operationId"].as_str().expect("it has an id");
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(response) = operation["responses"].get(status.to_string()) else {
        panic!(
            "{at} is not described: {}",
            String::from_utf8_lossy(&reply.bytes)
        );
    };
    seen.answers.insert((id.to_owned(), status.to_string()));
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
    if !kind.ends_with("json") {
        return;
    }
    let body: Value = serde_json::from_slice(&reply.bytes).expect("JSON is JSON");
    let wrong: Vec<String> = validator(&described["schema"])
        .iter_errors(&body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{at} is not as described: {wrong:#?}\n{body:#}"
    );
    fields(&described["schema"], "", &body, &mut seen.fields);
    if kind == "application/problem+json" {
        let kind = body["type"].as_str().unwrap_or_default();
        let word = kind.rsplit(':').next().unwrap_or_default();
        assert!(
            described["examples"].get(word).is_some(),
            "{at} is the problem {word}, which is not described there"
        );
        seen.problems.insert((id.to_owned(), word.to_owned()));
    }
}

/// Notes which of the described properties a value has.
fn fields(schema: &'static Value, name: &str, value: &Value, seen: &mut BTreeSet<String>) {
    let name = match schema["$ref"].as_str() {
        Some(reference) => reference.rsplit('/').next().unwrap_or_default(),
        None => name,
    };
    let schema = resolved(schema);
    for one in schema["anyOf"].as_array().into_iter().flatten() {
        if validator(one).is_valid(value) {
            fields(one, name, value, seen);
        }
    }
    if let (Some(described), Some(members)) = (schema["properties"].as_object(), value.as_object())
    {
        for (property, of) in described {
            if let Some(member) = members.get(property) {
                let path = format!("{name}.{property}");
                fields(of, &path, member, seen);
                seen.insert(path);
            }
        }
    }
    if let Some(members) = value.as_object() {
        let of = &schema["additionalProperties"];
        for member in members.values().filter(|_| of.is_object()) {
            fields(of, &format!("{name}.*"), member, seen);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        fields(&schema["items"], name, item, seen);
    }
}
