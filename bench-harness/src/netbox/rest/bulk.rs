//! Writing many objects in one call: all or nothing, with every bad item named (the shape of NetBox 4.7, recordings 078 to 090).

use std::collections::BTreeSet;

use serde_json::Value;

use super::check;
use super::write::{self, dependents, message, not_an_object, passes, prepare, stale};
use crate::netbox::call::Call;
use crate::netbox::db::{Db, Row};
use crate::netbox::json::{self, Object};
use crate::netbox::reply::{Errors, Reply};
use crate::netbox::schema::{Kind, Model};
use crate::netbox::state::State;

/// `{"detail": "1 of 2 objects could not be …", "errors": [{"index"|"id": …, "errors": {…}}]}`.
fn refuse(status: u16, of: usize, what: &str, key: &str, errors: &[(u64, Errors)]) -> Reply {
    refuse_as(status, of, &format!("could not be {what}"), key, errors)
}

fn refuse_as(status: u16, of: usize, how: &str, key: &str, errors: &[(u64, Errors)]) -> Reply {
    let mut body = String::new();
    let mut object = Object::new(&mut body);
    object.text(
        "detail",
        &format!("{} of {of} objects {how}.", errors.len()),
    );
    json::list(object.key("errors"), errors, |out, (at, errors)| {
        let mut item = Object::new(out);
        item.raw(key, &at.to_string());
        item.raw("errors", &errors.json());
        item.end();
    });
    object.end();
    Reply::json(status, body)
}

fn number(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

/// Answers `POST` of a list.
pub(super) fn create(state: &State, call: &Call, model: &'static Model, items: &[Value]) -> Reply {
    let kind = model.kind;
    let mut db = state.db();
    let changes = db.changes().len();
    let (mut made, mut errors) = (Vec::new(), Vec::new());
    for (at, item) in items.iter().enumerate() {
        match prepare(&db, kind, &Row::blank(kind, 0), item, true) {
            Ok(mut row) => {
                row.id = db.take_id(kind);
                (row.created, row.last_updated) = db.new_times();
                db.insert(kind, row.clone(), &call.author(message(item)));
                made.push(row);
            }
            Err(error) => errors.push((number(at), error)),
        }
    }
    if errors.is_empty() {
        return Reply::json(201, write::rows(&db, call, kind, &made, true));
    }
    for row in made {
        db.take_out(kind, row.id);
    }
    db.truncate_changes(changes);
    refuse(400, items.len(), "created", "index", &errors)
}

/// The ids a bulk update or delete names, or NetBox's complaint about the list.
fn ids(items: &[Value], done: &str) -> Result<Vec<u64>, Reply> {
    let (mut ids, mut errors) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        let Value::Object(values) = item else {
            let error = Errors::one("__all__", &not_an_object(item));
            errors.push((number(at), error));
            continue;
        };
        match values.get("id") {
            None => errors.push((number(at), Errors::one("id", "This field is required."))),
            Some(id) => match id.as_u64().or_else(|| id.as_str()?.parse().ok()) {
                Some(id) => {
                    if !seen.insert(id) {
                        let text = format!("Object with ID {id} is listed more than once");
                        errors.push((number(at), Errors::one("id", &text)));
                    }
                    ids.push(id);
                }
                None => errors.push((
                    number(at),
                    Errors::one("id", "A valid integer is required."),
                )),
            },
        }
    }
    if errors.is_empty() {
        Ok(ids)
    } else {
        let not_objects = items.iter().filter(|item| !item.is_object()).count();
        if not_objects == 0 {
            return Err(refuse(400, items.len(), done, "index", &errors));
        }
        Err(refuse_as(
            400,
            items.len(),
            "failed validation",
            "index",
            &errors,
        ))
    }
}

fn missing(db: &Db, kind: Kind, ids: &[u64]) -> Option<Reply> {
    let errors: Vec<(u64, Errors)> = ids
        .iter()
        .filter(|id| db.get(kind, **id).is_none())
        .map(|id| {
            let text = format!("Object with ID {id} does not exist");
            (*id, Errors::one("id", &text))
        })
        .collect();
    (!errors.is_empty()).then(|| refuse(400, ids.len(), "found", "id", &errors))
}

fn guard(db: &Db, call: &Call, kind: Kind, ids: &[u64]) -> Option<Reply> {
    let mut rows = ids.iter().filter_map(|id| db.get(kind, *id));
    rows.find(|row| !passes(call, row)).map(stale)
}

fn items(call: &Call) -> Result<Vec<Value>, Reply> {
    match call.json()? {
        Value::Array(items) => Ok(items),
        other => Err(Reply::json(
            400,
            Errors::one(
                "non_field_errors",
                &format!(
                    "Expected a list of items but got type \"{}\".",
                    if other.is_object() { "dict" } else { "str" }
                ),
            )
            .json(),
        )),
    }
}

/// Answers `PATCH` (and `PUT`) of a list.
pub(super) fn update(state: &State, call: &Call, model: &'static Model) -> Reply {
    let items = match items(call) {
        Ok(items) => items,
        Err(reply) => return reply,
    };
    let kind = model.kind;
    let ids = match ids(&items, "updated") {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    let mut db = state.db();
    if let Some(reply) = missing(&db, kind, &ids).or_else(|| guard(&db, call, kind, &ids)) {
        return reply;
    }
    let changes = db.changes().len();
    let (mut before, mut errors) = (Vec::new(), Vec::new());
    for id in ordered(&db, kind, &ids) {
        let item = ids
            .iter()
            .position(|other| *other == id)
            .and_then(|at| items.get(at));
        let (Some(item), Some(row)) = (item, db.get(kind, id).cloned()) else {
            continue;
        };
        match prepare(&db, kind, &row, item, call.method == "PUT")
            .and_then(|changed| check::model(&db, kind, &changed).map(|()| changed))
        {
            Ok(changed) => {
                db.replace(kind, changed, &call.author(message(item)));
                before.push(row);
            }
            Err(error) => errors.push((id, error)),
        }
    }
    if errors.is_empty() {
        let rows: Vec<Row> = ordered(&db, kind, &ids)
            .into_iter()
            .filter_map(|id| db.get(kind, id).cloned())
            .collect();
        return Reply::json(200, write::rows(&db, call, kind, &rows, false));
    }
    for row in before.into_iter().rev() {
        db.restore(kind, row);
    }
    db.truncate_changes(changes);
    refuse(400, items.len(), "updated", "id", &errors)
}

/// The ids in the model's own order, which is the order of NetBox's work and answer.
fn ordered(db: &Db, kind: Kind, ids: &[u64]) -> Vec<u64> {
    let mut rows: Vec<&Row> = ids.iter().filter_map(|id| db.get(kind, *id)).collect();
    rows.sort_by(|a, b| db.model_order(kind, a, b));
    rows.into_iter().map(|row| row.id).collect()
}

/// Answers `DELETE` of a list.
pub(super) fn delete(state: &State, call: &Call, model: &'static Model) -> Reply {
    let items = match items(call) {
        Ok(items) => items,
        Err(reply) => return reply,
    };
    let kind = model.kind;
    let ids = match ids(&items, "deleted") {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    let mut db = state.db();
    if let Some(reply) = missing(&db, kind, &ids).or_else(|| guard(&db, call, kind, &ids)) {
        return reply;
    }
    let held: Vec<(u64, Errors)> = ids
        .iter()
        .filter_map(|id| {
            let users = dependents(&db, kind, *id).len();
            let text = format!("Unable to delete: {users} dependent object(s) prevent deletion.");
            (users > 0).then(|| (*id, Errors::one("__all__", &text)))
        })
        .collect();
    if !held.is_empty() {
        return refuse(409, ids.len(), "deleted", "id", &held);
    }
    for (id, item) in ids.iter().zip(&items) {
        db.remove(kind, *id, &call.author(message(item)));
    }
    Reply::empty(204)
}
