use std::collections::BTreeSet;

use serde_json::Value;

use crate::files::{document, root};

fn description() -> Value {
    let text = std::fs::read_to_string(root().join("src/api/openapi.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What the text has between backticks that begins like a path of the API, without its query.
fn paths_named() -> BTreeSet<String> {
    let code = document("docs/API.md").code_in_text();
    let path = |code: &String| {
        let at = code.find("/api/").or_else(|| code.find("/metrics"))?;
        let end = code[at..]
            .find(['?', ' ', '`'])
            .map_or(code.len(), |n| at + n);
        Some(code[at..end].to_owned())
    };
    code.iter().filter_map(path).collect()
}

#[test]
fn the_document_of_the_api_names_each_path_that_is_served_and_no_other() {
    let description = description();
    let served: BTreeSet<&String> = description["paths"].as_object().unwrap().keys().collect();
    let named = paths_named();
    for path in &served {
        assert!(named.contains(*path), "docs/API.md does not name {path}");
    }
    // Of NetBox's own, and pieces of the ones that are served.
    let known = |path: &str| served.iter().any(|served| served.starts_with(path));
    let unknown: Vec<&String> = named
        .iter()
        .filter(|path| !known(path) && !path.contains("/api/ipam/"))
        .collect();
    assert!(unknown.is_empty(), "nobody serves {unknown:?}");
}

#[test]
fn the_document_of_the_api_names_each_kind_of_problem() {
    let text = document("docs/API.md").text;
    let kinds = description()["components"]["schemas"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(types)
        .collect::<BTreeSet<String>>();
    assert!(kinds.len() > 20, "{kinds:?}");
    for kind in kinds {
        assert!(
            text.contains(&format!("`{kind}`")),
            "docs/API.md does not name `{kind}`"
        );
    }
}

/// The kinds of problems that a schema names, wherever in it.
fn types(schema: &Value) -> Vec<String> {
    match schema {
        Value::String(text) => {
            let kind = text.strip_prefix("urn:segment-edge:problem:");
            kind.map(str::to_owned).into_iter().collect()
        }
        Value::Array(list) => list.iter().flat_map(types).collect(),
        Value::Object(map) => map.values().flat_map(types).collect(),
        _ => Vec::new(),
    }
}
