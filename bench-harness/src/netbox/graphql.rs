//! `POST /graphql/`: a small executor over a parsed query, for the lists and filters of NetBox 4.7.3 that concern segments. What the real
//! one has and this one does not is an error that says so, never a silent difference.

mod arguments;
mod execute;
mod filters;
mod lookups;
mod plan;
mod problem;

use std::collections::HashMap;

use async_graphql_parser::types::{DocumentOperations, OperationType, Selection, SelectionSet};
use serde_json::Value;

use super::call::Call;
use super::db::Db;
use super::json;
use super::reply::Reply;
use super::server::may_read;
use super::state::State;
use arguments::Variables;
use problem::Problem;

/// The most aliases NetBox takes in one query.
const MAX_ALIASES: usize = 10;

/// Answers one GraphQL call.
pub(crate) fn answer(state: &State, call: &Call) -> Reply {
    const HTML: &str = "text/html; charset=utf-8";
    if !state.switches().graphql {
        return Reply::text(404, HTML, "The GraphQL API is not enabled.");
    }
    let access = match call.access {
        Ok(access) => access,
        Err(text) => return Reply::text(403, HTML, text.unwrap_or("No credentials provided.")),
    };
    if call.method != "POST" {
        return Reply::text(405, HTML, "GraphQL only supports GET and POST requests.");
    }
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&call.body) else {
        return Reply::text(400, "text/plain", "Unable to parse request body as JSON");
    };
    let query = body.get("query").and_then(Value::as_str).unwrap_or("");
    if query.is_empty() {
        return Reply::text(400, "text/plain", "No GraphQL query found in the request");
    }
    let variables = body.get("variables").unwrap_or(&Value::Null);
    let operation = body.get("operationName").and_then(Value::as_str);
    let text = match run(
        &state.db(),
        (may_read(access), call.max_page),
        query,
        variables,
        operation,
    ) {
        Ok(data) => format!("{{\"data\":{data}}}"),
        Err(problem) => format!("{{\"data\":null,\"errors\":[{}]}}", problem.json()),
    };
    let mut reply = Reply::json(200, text);
    reply.rest = false;
    reply
}

fn run(
    db: &Db,
    (may_read, max_page): (bool, usize),
    query: &str,
    variables: &Value,
    operation: Option<&str>,
) -> Result<String, Problem> {
    let document = async_graphql_parser::parse_query(query).map_err(|error| syntax(&error))?;
    let (name, operation) = match &document.operations {
        DocumentOperations::Single(operation) => (None, operation),
        DocumentOperations::Multiple(all) => {
            let wanted =
                operation.and_then(|name| all.iter().find(|(key, _)| key.as_str() == name));
            // NetBox runs the first operation when none is named; here the first by position.
            let first = || {
                all.iter()
                    .min_by_key(|(_, operation)| (operation.pos.line, operation.pos.column))
            };
            let Some((name, operation)) = wanted.or_else(first) else {
                return Err(Problem::new("Must provide an operation."));
            };
            (Some(name.as_str()), operation)
        }
    };
    if operation.node.ty != OperationType::Query {
        let kind = operation.node.ty.to_string();
        return Err(Problem::new(&format!(
            "The {kind} operation is not supported by the schema."
        ))
        .at(operation.pos));
    }
    let aliases = aliases(&operation.node.selection_set.node)
        + document
            .fragments
            .values()
            .map(|fragment| self::aliases(&fragment.node.selection_set.node))
            .sum::<usize>();
    if aliases > MAX_ALIASES {
        return Err(Problem::new(&format!(
            "{aliases} aliases found. Allowed: {MAX_ALIASES}"
        )));
    }
    let fragments: HashMap<&str, &SelectionSet> = document
        .fragments
        .iter()
        .map(|(name, fragment)| (name.as_str(), &fragment.node.selection_set.node))
        .collect();
    let variables = Variables::read(&operation.node.variable_definitions, variables)?;
    let roots = plan::roots(
        db,
        &fragments,
        &variables,
        &operation.node.selection_set.node,
    )?;
    variables.all_used(name)?;
    Ok(execute::run(db, may_read, max_page, &roots))
}

fn aliases(set: &SelectionSet) -> usize {
    set.items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => {
                usize::from(field.node.alias.is_some()) + aliases(&field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => aliases(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        })
        .sum()
}

fn syntax(error: &async_graphql_parser::Error) -> Problem {
    let text = error.to_string();
    let last = text
        .lines()
        .last()
        .unwrap_or_default()
        .trim_start_matches([' ', '=']);
    let problem = Problem::new(&format!("Syntax Error: {last}"));
    match error.positions().next() {
        Some(pos) => problem.at(pos),
        None => problem,
    }
}

/// The name of an answer's type, quoted.
fn type_name(name: &str) -> String {
    json::text(name)
}
