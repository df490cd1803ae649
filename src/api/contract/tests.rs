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
fn every_kind_of_problem_has_an_example_and_is_an_answer_or_said_to_be_none() {
    let text = openapi();
    for kind in Kind::ALL {
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

/// What a reference stands for; anything else as it is.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

/// Every object in a value, with its JSON pointer.
fn objects<'a>(value: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(members) => {
            found.push((at.to_owned(), value));
            for (name, member) in members {
                objects(member, &format!("{at}/{}", name.replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The examples that a parameter, a media type or a schema has, with the schema they are of.
fn examples_of<'a>(document: &'a Value, object: &'a Value) -> Vec<(&'a Value, &'a Value)> {
    let schema = &object["schema"];
    let named = object["examples"].as_object().into_iter().flatten();
    let named = named.map(|(_, example)| (&resolved(document, example)["value"], schema));
    let own = object["examples"].as_array().into_iter().flatten();
    let own = own.map(|example| (example, object));
    let one = object.get("example").map(|example| (example, schema));
    named.chain(own).chain(one).collect()
}

#[test]
fn every_example_is_as_its_schema_says() {
    let document = document();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    let mut tried = 0;
    for (at, object) in found {
        if at == "/components" {
            continue;
        }
        for (example, schema) in examples_of(&document, object) {
            let mut whole = schema.clone();
            assert!(whole.is_object(), "{at} has an example and no schema");
            whole["components"] = document["components"].clone();
            let schema = jsonschema::draft202012::new(&whole).unwrap();
            let wrong: Vec<String> = schema
                .iter_errors(example)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{at}: {wrong:#?} in {example:#}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried} examples");
}

#[test]
fn whatever_is_sent_or_answered_as_text_or_json_has_an_example() {
    let document = document();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    for (at, object) in found {
        let content = object.get("content");
        assert!(content.is_none_or(Value::is_object), "{at}");
        for (media, content) in object["content"].as_object().into_iter().flatten() {
            let is_text = media.starts_with("text/") || media.contains("json");
            let has = !examples_of(&document, content).is_empty();
            assert!(has || !is_text, "{at}: {media}");
        }
    }
}

#[test]
fn examples_of_problems_say_what_their_kind_says() {
    let examples = problem_examples::all();
    for kind in Kind::ALL {
        let value = &examples[kind.word()]["value"];
        let urn = format!("urn:segment-edge:problem:{}", kind.word());
        assert_eq!(value["type"], urn);
        assert_eq!(value["status"], kind.status().as_u16());
        assert_eq!(value["title"], kind.title());
        assert!(value["detail"].as_str().unwrap().len() > 20, "{value}");
        let listing = [
            Kind::Malformed,
            Kind::Invalid,
            Kind::Conflict,
            Kind::Misconfigured,
        ];
        let errors = value["errors"].as_array();
        assert_eq!(errors.is_some(), listing.contains(kind), "{value}");
        for error in errors.into_iter().flatten() {
            assert!(error["expected"].is_string(), "{value}");
        }
        let counted = value["counts"].is_object() && value["alternatives"].is_array();
        assert_eq!(counted, *kind == Kind::NoneFree, "{value}");
    }
}
