#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// Every reference in a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(
                members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn what_is_served_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/openapi.json");
    let made = openapi();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("the file can be written");
    }
    let served = include_str!("../openapi.json");
    assert!(
        served == made,
        "the description is not what the code says: BLESS=1 cargo test --lib what_is_served, then build again"
    );
}

#[test]
fn the_text_says_what_the_document_says() {
    let read: Value = serde_json::from_str(&openapi()).unwrap();
    assert_eq!(read, document());
}

#[test]
fn every_reference_leads_somewhere_and_every_part_is_used() {
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for reference in &used {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["parameters", "headers", "schemas", "examples", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(&reference), "nothing uses {reference}");
        }
    }
}

#[test]
fn every_kind_of_problem_is_an_answer_of_some_operation() {
    let text = openapi();
    for kind in Kind::ALL {
        if schemas::UNDESCRIBED.contains(kind) {
            continue;
        }
        let example = format!("\"#/components/examples/{}\"", kind.word());
        assert!(text.contains(&example), "{}", kind.word());
    }
}

#[test]
fn no_two_operations_have_one_id() {
    let document = document();
    let mut ids = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            if let Some(id) = operation["operationId"].as_str() {
                assert!(ids.insert(id.to_owned()), "{id}");
            }
        }
    }
    let served: usize = Route::ALL.iter().map(|route| route.methods().len()).sum();
    assert_eq!(ids.len(), served, "{ids:?}");
}

#[test]
fn a_segment_is_described_with_the_fields_that_it_is_shown_with() {
    let document = document();
    let schema = &document["components"]["schemas"]["Segment"];
    let described: BTreeSet<&str> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let example = schemas::example();
    let shown: BTreeSet<&str> = example
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(described, shown);
}
