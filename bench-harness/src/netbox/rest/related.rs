//! Related objects in a write: by number, or by their attributes (`{"vid": 5, "group": {"name": "…"}}`).

use serde_json::Value;

use super::serialise::belongs;
use crate::netbox::db::{Cell, Db, Row};
use crate::netbox::json;
use crate::netbox::schema::{Kind, Shape};

/// The object a value stands for, or NetBox's message.
pub(super) fn resolve(db: &Db, kind: Kind, value: &Value) -> Result<Cell, String> {
    if let Value::Object(attributes) = value {
        return by_attributes(db, kind, attributes).map(Cell::Ref);
    }
    let id = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let Some(id) = id else {
        return Err(format!(
            "Related objects must be referenced by numeric ID or by dictionary of attributes. Received an unrecognized value: {}",
            match value {
                Value::String(text) => text.clone(),
                other => json::python(other),
            }
        ));
    };
    if db.get(kind, id).is_some() {
        Ok(Cell::Ref(id))
    } else {
        Err(format!(
            "Related object not found using the provided numeric ID: {id}"
        ))
    }
}

fn by_attributes(
    db: &Db,
    kind: Kind,
    attributes: &serde_json::Map<String, Value>,
) -> Result<u64, String> {
    let mut wanted = Vec::new();
    flatten("", attributes, &mut wanted);
    let quoted = || {
        let items: Vec<String> = wanted
            .iter()
            .map(|(name, value)| format!("'{name}': {}", json::python(value)))
            .collect();
        format!("{{{}}}", items.join(", "))
    };
    let mut found = db.rows(kind).values().filter(|row| {
        wanted
            .iter()
            .all(|(path, value)| matches(db, kind, row, path, value))
    });
    match (found.next(), found.next()) {
        (Some(row), None) => Ok(row.id),
        (None, _) => Err(format!(
            "Related object not found using the provided attributes: {}",
            quoted()
        )),
        _ => Err(format!(
            "Multiple objects match the provided attributes: {}",
            quoted()
        )),
    }
}

/// Nested attributes become Django paths: `{"group": {"name": "x"}}` is `group__name`.
fn flatten(
    before: &str,
    attributes: &serde_json::Map<String, Value>,
    out: &mut Vec<(String, Value)>,
) {
    for (name, value) in attributes {
        let path = format!("{before}{name}");
        match value {
            Value::Object(inner) => flatten(&format!("{path}__"), inner, out),
            other => out.push((path, other.clone())),
        }
    }
}

fn matches(db: &Db, kind: Kind, row: &Row, path: &str, wanted: &Value) -> bool {
    let (name, rest) = path.split_once("__").unwrap_or((path, ""));
    if matches!(name, "id" | "pk") {
        return wanted.as_u64() == Some(row.id);
    }
    let Some(field) = kind.model().field(name) else {
        return false;
    };
    if let Shape::Ref(to) = field.shape {
        let id = row.reference(name);
        if rest.is_empty() {
            return id == wanted.as_u64();
        }
        return id
            .and_then(|id| db.get(to, id))
            .is_some_and(|row| matches(db, to, row, rest, wanted));
    }
    let have = match row.get(name) {
        Cell::Text(text) => text.clone(),
        Cell::Int(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Net(net) => net.to_string(),
        Cell::Ref(id) => id.to_string(),
        _ => return wanted.is_null(),
    };
    let want = match wanted {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let lower = || (have.to_lowercase(), want.to_lowercase());
    match rest {
        "" | "exact" => have == want,
        "iexact" => lower().0 == lower().1,
        "startswith" => have.starts_with(&want),
        "istartswith" => lower().0.starts_with(&lower().1),
        "endswith" => have.ends_with(&want),
        "contains" => have.contains(&want),
        "icontains" => lower().0.contains(&lower().1),
        _ => false,
    }
}

/// The custom field of a model with this name.
pub(super) fn custom_field<'a>(db: &'a Db, kind: Kind, name: &str) -> Option<&'a Row> {
    db.find(Kind::CustomField, |field| {
        field.text("name") == name && belongs(field, kind)
    })
}
