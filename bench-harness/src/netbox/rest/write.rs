//! Writing one object.

use serde_json::Value;

use super::list::one;
use super::query::Query;
use super::serialise::{self, View};
use super::{bulk, check, fields};
use crate::netbox::call::Call;
use crate::netbox::db::{Cell, Db, Row, repr};
use crate::netbox::json;
use crate::netbox::reply::{Errors, Reply};
use crate::netbox::schema::{Field, Kind, Model, Shape};
use crate::netbox::state::State;

/// `Invalid data. Expected a dictionary, but got …`.
pub(super) fn not_an_object(value: &Value) -> String {
    let kind = match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    };
    format!("Invalid data. Expected a dictionary, but got {kind}.")
}

/// The `changelog_message` of a body.
pub(super) fn message(body: &Value) -> &str {
    body.get("changelog_message")
        .and_then(Value::as_str)
        .unwrap_or("")
}

/// Reads and checks the row a body describes.
pub(super) fn prepare(
    db: &Db,
    kind: Kind,
    before: &Row,
    body: &Value,
    whole: bool,
) -> Result<Row, Errors> {
    let Value::Object(values) = body else {
        return Err(Errors::one("__all__", &not_an_object(body)));
    };
    let mut row = fields::read(db, kind, before, values, whole)?;
    if kind == Kind::CustomField {
        let data_type = match row.text("type") {
            "boolean" => "boolean",
            "integer" | "decimal" => row.text("type"),
            _ => "string",
        };
        row.set("data_type", Cell::Text(data_type.to_owned()));
    }
    check::model(db, kind, &row)?;
    Ok(row)
}

/// Answers `POST` on a list.
pub(super) async fn create(state: &State, call: &Call, model: &'static Model) -> Reply {
    let body = match call.json() {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    if Query::parse(call.query.as_deref()).on("background") {
        return Reply::detail(
            503,
            "Unable to process request: RQ worker process not running.",
        );
    }
    if let Value::Array(items) = &body {
        return bulk::create(state, call, model, items);
    }
    let kind = model.kind;
    let blank = Row::blank(kind, 0);
    let prepared = prepare(&state.db(), kind, &blank, &body, true);
    let mut row = match prepared {
        Ok(row) => row,
        Err(errors) => return errors.reply(),
    };
    // NetBox checks, then inserts: in between another call may do the same.
    let window = state.race_window();
    if !window.is_zero() {
        tokio::time::sleep(window).await;
    }
    let mut db = state.db();
    if window.is_zero()
        && let Err(errors) = check::model(&db, kind, &row)
    {
        return errors.reply();
    }
    row.id = db.take_id(kind);
    if let Err(reply) = check::constraint(&db, kind, &row) {
        return reply;
    }
    (row.created, row.last_updated) = db.new_times();
    let author = call.author(message(&body));
    db.insert(kind, row.clone(), &author);
    let view = View {
        fresh: true,
        ..View::of(&Query::parse(call.query.as_deref()))
    };
    one(&db, call, model, &row, &view, 201).with(
        "Location",
        format!("{}/api{}{}/", call.base, model.path, row.id),
    )
}

/// Whether `If-Match` lets a write of this row pass: absent, `*`, or the row's own tag among those listed.
pub(super) fn passes(call: &Call, row: &Row) -> bool {
    match call.header("if-match") {
        None => true,
        Some(tags) => {
            let own = row.last_updated.etag();
            tags.split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag == own)
        }
    }
}

/// 412 with the present tag.
pub(super) fn stale(row: &Row) -> Reply {
    Reply::detail(412, "Precondition failed.").with("ETag", row.last_updated.etag())
}

/// Answers `PATCH` and `PUT` on one object.
pub(super) async fn update(state: &State, call: &Call, model: &'static Model, id: u64) -> Reply {
    let body = match call.json() {
        Ok(body) => body,
        Err(reply) => return reply,
    };
    let kind = model.kind;
    let whole = call.method == "PUT";
    let window = state.race_window();
    // NetBox reads the row, and later writes all of it back; only If-Match is checked under a lock.
    let early = (!window.is_zero() && call.header("if-match").is_none())
        .then(|| state.db().get(kind, id).cloned())
        .flatten();
    if early.is_some() {
        tokio::time::sleep(window).await;
    }
    let mut db = state.db();
    let Some(present) = db.get(kind, id).cloned() else {
        return Reply::missing(model.class);
    };
    if !passes(call, &present) {
        return stale(&present);
    }
    let row = match prepare(&db, kind, early.as_ref().unwrap_or(&present), &body, whole) {
        Ok(row) => row,
        Err(errors) if !body.is_object() => {
            return Reply::json(400, errors.json().replace("__all__", "non_field_errors"));
        }
        Err(errors) => return errors.reply(),
    };
    if let Err(reply) = check::constraint(&db, kind, &row) {
        return reply;
    }
    let author = call.author(message(&body));
    db.replace(kind, row, &author);
    let view = View::of(&Query::parse(call.query.as_deref()));
    match db.get(kind, id) {
        Some(row) => one(&db, call, model, row, &view, 200),
        None => Reply::missing(model.class),
    }
}

/// The kinds whose rows keep an object from being deleted, with the field that refers to it.
pub(super) fn dependents(db: &Db, kind: Kind, id: u64) -> Vec<(Kind, &Row)> {
    let refers = |field: &Field| match field.shape {
        Shape::Ref(to) => to == kind,
        Shape::ScopeId => kind == Kind::SiteGroup,
        _ => false,
    };
    let mut found = Vec::new();
    for other in Kind::ALL {
        for field in other.model().fields.iter().filter(|field| refers(field)) {
            if db.references(other, field.name, id) > 0 {
                let rows = db.rows(other).values();
                found.extend(
                    rows.filter(|row| row.reference(field.name) == Some(id))
                        .map(|row| (other, row)),
                );
            }
        }
    }
    found
}

/// Answers `DELETE` on one object.
pub(super) fn delete(state: &State, call: &Call, model: &'static Model, id: u64) -> Reply {
    let mut db = state.db();
    let Some(row) = db.get(model.kind, id) else {
        return Reply::missing(model.class);
    };
    if !passes(call, row) {
        return stale(row);
    }
    let users = dependents(&db, model.kind, id);
    if !users.is_empty() {
        let names: Vec<String> = users
            .iter()
            .map(|(kind, row)| format!("{} ({})", repr(*kind, row), row.id))
            .collect();
        return Reply::detail(
            409,
            &format!(
                "Unable to delete object. {} dependent objects were found: {}",
                names.len(),
                names.join(", ")
            ),
        );
    }
    let message = serde_json::from_slice::<Value>(&call.body).unwrap_or(Value::Null);
    let author = call.author(self::message(&message));
    db.remove(model.kind, id, &author);
    Reply::empty(204)
}

/// Writes a list of rows.
pub(super) fn rows(db: &Db, call: &Call, kind: Kind, rows: &[Row], fresh: bool) -> String {
    let view = View {
        fresh,
        ..View::of(&Query::parse(call.query.as_deref()))
    };
    let mut body = String::new();
    json::list(&mut body, rows, |out, row| {
        serialise::row(out, db, &call.base, kind, row, &view);
    });
    body
}
