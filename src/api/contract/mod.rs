//! The description of the API in OpenAPI 3.1, made from the tables that serve it: routes, methods and roles of `route`, the
//! kinds of problems, the limits and the fields of the domain.
//!
//! It is made natively, by a test that holds it to `src/api/openapi.json`, and the component serves that file: what
//! describes takes no code there.

mod examples;
mod operations;
mod problem_examples;
mod schemas;
mod table;
mod write;

use serde_json::{Map, Value, json};

use super::problem::Kind;
use super::route::Route;
use operations::{Content, Operation};

/// The description, as text: an operation, a schema or a header a line.
#[must_use]
pub fn openapi() -> String {
    write::lines(&document())
}

fn document() -> Value {
    let (mut paths, mut shared) = (Map::new(), Map::new());
    for route in Route::ALL {
        let mut item = Map::new();
        if route.template().contains("{id}") {
            item.insert("parameters".into(), json!([reference("parameters", "id")]));
        }
        for method in route.methods() {
            let Some(operation) = operations::of(*route, method) else {
                continue;
            };
            let name = method.as_str().to_ascii_lowercase();
            item.insert(name, described(*route, &operation, &mut shared));
        }
        paths.insert(route.template().to_owned(), item.into());
    }
    let elsewhere = schemas::UNDESCRIBED.map(|kind| reference("examples", kind.word()));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "segment-edge",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Network segments kept in NetBox, served from the edge",
            "description": "A segment is a VLAN with its EPG name, an IP prefix, a site, a VRF, a DHCP flag and the clusters that use it. HEAD goes with every GET. A slash at the end of a path does not matter. Unknown query parameters and unknown fields are refused. A method that a path does not take is answered with 405 and `Allow`, any other path with 404, each with a problem.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
            {"name": "segments", "description": "Reading and writing segments"},
            {"name": "lists", "description": "Lists of writes, all or none or item by item"},
            {"name": "allocation", "description": "Giving segments to clusters, and making room"},
            {"name": "reference", "description": "Sites, VRFs and counts"},
            {"name": "operation", "description": "Health, mending, webhooks"},
        ],
        "paths": paths,
        // OpenAPI has no place for answers of paths and methods that there are not.
        "x-problems-of-no-operation": elsewhere,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token whose SHA-256 is in the setting `api_tokens`. Reading takes the role `read`, `POST /api/reconcile` takes `admin`, everything else `write`. With `auth = off` none is looked at.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Hook-Signature",
                    "description": "The HMAC-SHA512 of the body with the setting `webhook_secret`, in hexadecimal digits, as NetBox sends it.",
                },
            },
            "responses": shared,
            "parameters": schemas::parameters(),
            "headers": schemas::headers(),
            "schemas": schemas::schemas(),
            "examples": all_examples(),
        },
    })
}

/// Examples of answers and of problems.
fn all_examples() -> Map<String, Value> {
    let mut all = problem_examples::all();
    all.extend(examples::answers());
    all
}

/// A list as CSV.
const CSV_EXAMPLE: &str =
    "site,vrf,vlan_id,epg_name,segment\r\nsite1,Network1,3000,EPG_TOUR,172.20.0.0/24\r\n";

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn described(route: Route, operation: &Operation, shared: &mut Map<String, Value>) -> Value {
    let mut value = Map::new();
    value.insert("operationId".into(), operation.id.into());
    value.insert("tags".into(), json!([operation.tag]));
    value.insert("summary".into(), operation.summary.into());
    value.insert("description".into(), operation.description.into());
    match route {
        Route::Health => value.insert("security".into(), json!([{}, {"token": []}])),
        Route::Hook => value.insert("security".into(), json!([{"signature": []}])),
        route if route.open("") => value.insert("security".into(), json!([])),
        _ => None,
    };
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .chain(["request_id"].iter())
        .map(|name| reference("parameters", name))
        .collect();
    value.insert("parameters".into(), parameters.into());
    if let Some(body) = operation.body {
        let media = body.media.iter().map(|media| {
            let content = if *media == table::CSV {
                json!({"schema": {"type": "string"}, "example": CSV_EXAMPLE})
            } else {
                json!({"schema": reference("schemas", body.schema), "example": (body.example)()})
            };
            ((*media).to_owned(), content)
        });
        let content: Map<String, Value> = media.collect();
        value.insert(
            "requestBody".into(),
            json!({"required": true, "content": content}),
        );
    }
    value.insert("responses".into(), responses(operation, shared));
    value.into()
}

fn responses(operation: &Operation, shared: &mut Map<String, Value>) -> Value {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut headers = Map::new();
        for name in answer.headers.iter().chain(schemas::EVERYWHERE) {
            headers.insert((*name).to_owned(), reference("headers", name));
        }
        let mut response = json!({"description": answer.what, "headers": headers});
        match answer.content {
            Content::Nothing => {}
            Content::Text(media) => {
                response["content"] = json!({media: {"schema": {"type": "string"}}});
            }
            Content::File(media) => {
                response["content"] = json!({media: {}});
            }
            Content::Json(schema) => {
                let schema = reference("schemas", schema);
                response["content"] = json!({"application/json": {"schema": schema}});
            }
        }
        let names = examples::of(operation.id, answer).iter();
        let examples: Map<String, Value> = names
            .map(|name| ((*name).to_owned(), reference("examples", name)))
            .collect();
        let media = response.get_mut("content").and_then(Value::as_object_mut);
        for media in media.into_iter().flat_map(Map::values_mut) {
            if !examples.is_empty() {
                media["examples"] = examples.clone().into();
            }
        }
        responses.insert(answer.status.to_string(), response);
    }
    let kinds: Vec<Kind> = operation.problems();
    let mut statuses: Vec<u16> = kinds.iter().map(|kind| kind.status().as_u16()).collect();
    statuses.dedup();
    for status in statuses {
        let of_status = kinds.iter().filter(|kind| kind.status().as_u16() == status);
        let of_status: Vec<Kind> = of_status.copied().collect();
        let words: Vec<&str> = of_status.iter().map(|kind| kind.word()).collect();
        let name = words.join(".");
        // One that is told by a problem and by a body of its own keeps both.
        if let Some(answer) = responses.get_mut(&status.to_string()) {
            let other = problem(&of_status);
            answer["content"]["application/problem+json"] =
                other["content"]["application/problem+json"].clone();
            continue;
        }
        responses.insert(status.to_string(), reference("responses", &name));
        shared.entry(name).or_insert_with(|| problem(&of_status));
    }
    responses.into()
}

/// The answer with one status: all kinds of problems that have it.
fn problem(kinds: &[Kind]) -> Value {
    let lines: Vec<String> = kinds
        .iter()
        .map(|kind| format!("`{}`: {}.{}", kind.word(), kind.title(), kind.remedy()))
        .collect();
    let mut headers = Map::new();
    for name in kinds.iter().flat_map(|kind| schemas::headers_of(*kind)) {
        headers.insert((*name).to_owned(), reference("headers", name));
    }
    for name in schemas::EVERYWHERE {
        headers.insert((*name).to_owned(), reference("headers", name));
    }
    let examples: Map<String, Value> = kinds
        .iter()
        .map(|kind| (kind.word().to_owned(), reference("examples", kind.word())))
        .collect();
    json!({
        "description": lines.join(" "),
        "headers": headers,
        "content": {"application/problem+json": {"schema": reference("schemas", "Problem"), "examples": examples}},
    })
}

#[cfg(test)]
mod tests;
