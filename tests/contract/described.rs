//! What is described, as the test looks at it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::support::contract::{description, resolved};

/// The fields of everything that can be answered, as [`Seen::fields`] names them.
pub(crate) fn described_fields() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for operation in operations() {
        for response in operation.responses().values() {
            let content = resolved(response)["content"].as_object();
            for media in content.into_iter().flatten().map(|(_, media)| media) {
                collect(&media["schema"], "", &mut all);
            }
        }
    }
    all
}

fn collect(schema: &'static Value, name: &str, all: &mut BTreeSet<String>) {
    let name = match schema["$ref"].as_str() {
        Some(reference) => reference.rsplit('/').next().unwrap_or_default(),
        None => name,
    };
    let schema = resolved(schema);
    for one in schema["anyOf"].as_array().into_iter().flatten() {
        collect(one, name, all);
    }
    for (property, of) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{name}.{property}");
        collect(of, &path, all);
        all.insert(path);
    }
    if schema["additionalProperties"].is_object() {
        collect(&schema["additionalProperties"], &format!("{name}.*"), all);
    }
    if schema["items"].is_object() {
        collect(&schema["items"], name, all);
    }
}

/// An operation that is described.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// The path, with `{id}` where there is one.
    pub(crate) template: &'static str,
    pub(crate) method: Method,
    described: &'static Value,
}

/// All operations.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (template, item) in description()["paths"].as_object().into_iter().flatten() {
        for (name, described) in item.as_object().into_iter().flatten() {
            if described["operationId"].is_string() {
                let method = Method::from_bytes(name.to_ascii_uppercase().as_bytes());
                all.push(Operation {
                    template,
                    method: method.expect("a method"),
                    described,
                });
            }
        }
    }
    all
}

impl Operation {
    pub(crate) fn id(&self) -> &'static str {
        self.described["operationId"].as_str().expect("it has one")
    }

    /// Whether an answer with this status is described.
    pub(crate) fn answers(&self, status: u16) -> bool {
        self.responses().contains_key(&status.to_string())
    }

    pub(crate) fn responses(&self) -> &'static serde_json::Map<String, Value> {
        self.described["responses"]
            .as_object()
            .expect("it has some")
    }

    /// The kinds of problems that are described.
    pub(crate) fn problems(&self) -> Vec<&'static str> {
        let content = self.responses().values().map(|r| &resolved(r)["content"]);
        let examples =
            content.filter_map(|c| c["application/problem+json"]["examples"].as_object());
        examples
            .flat_map(|e| e.keys().map(String::as_str))
            .collect()
    }

    /// The example of what is sent.
    pub(crate) fn example(&self) -> Value {
        let content = self.described["requestBody"]["content"].as_object();
        let first = content.and_then(|c| c.get("application/json").or(c.values().next()));
        first.map_or(Value::Null, |media| media["example"].clone())
    }

    /// Whether something is sent.
    pub(crate) fn has_body(&self) -> bool {
        self.described["requestBody"].is_object()
    }

    /// Whether it takes this parameter, as the description calls it.
    pub(crate) fn takes(&self, parameter: &str) -> bool {
        let reference = format!("#/components/parameters/{parameter}");
        let own = self.described["parameters"].as_array();
        own.into_iter().flatten().any(|p| p["$ref"] == *reference)
    }
}
