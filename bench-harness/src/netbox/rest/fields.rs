//! Reads the fields of a write, with every complaint NetBox's serialisers have.

use ipnet::IpNet;
use serde_json::{Map, Value};

use super::related;
use crate::netbox::db::{Cell, Db, Row};
use crate::netbox::json;
use crate::netbox::reply::Errors;
use crate::netbox::schema::{Choice, Field, Kind, Shape};

/// The row a body describes: `before` changed by it. `whole` asks for every required field, as POST and PUT do.
pub(super) fn read(
    db: &Db,
    kind: Kind,
    before: &Row,
    body: &Map<String, Value>,
    whole: bool,
) -> Result<Row, Errors> {
    let mut row = before.clone();
    let mut errors = Errors::default();
    for field in kind.model().fields.iter().filter(|field| field.stored()) {
        let Some(value) = body.get(field.name) else {
            if whole && field.required {
                errors.add(field.name, &["This field is required."]);
            } else if whole && matches!(field.shape, Shape::ScopeType | Shape::ScopeId) {
                row.set(field.name, Cell::Null);
            }
            continue;
        };
        if matches!(field.shape, Shape::CustomFields) {
            merge(db, kind, &mut row, value, &mut errors);
            continue;
        }
        match cell(db, field, value) {
            Ok(cell) => row.set(field.name, cell),
            Err(message) => errors.add(field.name, &[message]),
        }
    }
    if errors.is_empty() {
        Ok(row)
    } else {
        Err(errors)
    }
}

fn cell(db: &Db, field: &Field, value: &Value) -> Result<Cell, String> {
    let nullable = matches!(
        field.shape,
        Shape::Ref(_)
            | Shape::ScopeType
            | Shape::ScopeId
            | Shape::Text { null: true, .. }
            | Shape::Json(_)
    );
    if value.is_null() {
        return if nullable {
            Ok(Cell::Null)
        } else {
            Err("This field may not be null.".into())
        };
    }
    match &field.shape {
        Shape::Text {
            max, blank, slug, ..
        } => text(value, *max, *blank, *slug),
        Shape::Int { min, max, .. } => number(value, *min, *max),
        Shape::Bool(_) => match value {
            Value::Bool(value) => Ok(Cell::Bool(*value)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Cell::Bool(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Cell::Bool(false)),
            _ => Err("Must be a valid boolean.".into()),
        },
        Shape::Choice(choices) => choice(value, choices),
        Shape::Ref(to) => related::resolve(db, *to, value),
        Shape::ScopeType => match value.as_str() {
            Some("dcim.sitegroup") => Ok(Cell::Text("dcim.sitegroup".into())),
            Some(name) if name.contains('.') => Err(format!("Invalid content type: {name}")),
            _ => Err("Invalid value. Specify a content type as '<app_label>.<model_name>'.".into()),
        },
        Shape::ScopeId => {
            let id = match value {
                Value::String(text) => text.parse().ok(),
                other => other.as_u64(),
            };
            id.map(Cell::Ref)
                .ok_or_else(|| "A valid integer is required.".into())
        }
        Shape::Net => net(value),
        Shape::Ranges => match value {
            Value::Array(ranges)
                if ranges.iter().all(|range| {
                    range.get(0).is_some_and(Value::is_u64)
                        && range.get(1).is_some_and(Value::is_u64)
                }) =>
            {
                Ok(Cell::Json(value.clone()))
            }
            Value::Array(_) => Err("Range boundaries must be defined as integers.".into()),
            _ => Err("Expected a list of items but got type \"str\".".into()),
        },
        _ => Ok(Cell::Json(value.clone())),
    }
}

fn text(value: &Value, max: usize, blank: bool, slug: bool) -> Result<Cell, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err("Not a valid string.".into()),
    };
    if text.is_empty() && !blank {
        return Err("This field may not be blank.".into());
    }
    if text.chars().count() > max {
        return Err(format!(
            "Ensure this field has no more than {max} characters."
        ));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if slug && !text.chars().all(fits) {
        return Err(
            "Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens.".into(),
        );
    }
    Ok(Cell::Text(text))
}

fn number(value: &Value, min: i64, max: i64) -> Result<Cell, String> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number {
        None => Err("A valid integer is required.".into()),
        Some(number) if number > max => {
            Err(format!("Ensure this value is less than or equal to {max}."))
        }
        Some(number) if number < min => Err(format!(
            "Ensure this value is greater than or equal to {min}."
        )),
        Some(number) => Ok(Cell::Int(number)),
    }
}

fn choice(value: &Value, choices: &[Choice]) -> Result<Cell, String> {
    match value {
        Value::Object(_) | Value::Array(_) => Err(
            "Value must be passed directly (e.g. \"foo\": 123); do not use a dictionary or list."
                .into(),
        ),
        Value::String(text) if choices.iter().any(|choice| choice.0 == text) => {
            Ok(Cell::Text(text.clone()))
        }
        Value::String(text) => Err(format!("{text} is not a valid choice.")),
        other => Err(format!("{} is not a valid choice.", json::python(other))),
    }
}

fn net(value: &Value) -> Result<Cell, String> {
    let Value::String(text) = value else {
        return Err(format!("Invalid IP prefix format: {}", json::python(value)));
    };
    let Some(net) = super::lookup::net_or_host(text) else {
        return Err(format!("Invalid IP prefix format: {text}"));
    };
    if net != net.trunc() {
        return Err(format!(
            "{net} is not a valid prefix. Did you mean {}?",
            net.trunc()
        ));
    }
    Ok(Cell::Net(net))
}

/// Sets the custom fields a body names and leaves the others as they are.
fn merge(db: &Db, kind: Kind, row: &mut Row, value: &Value, errors: &mut Errors) {
    let Value::Object(values) = value else {
        errors.add_json(
            "custom_fields",
            "[\"Custom field data must be an object.\"]".into(),
        );
        return;
    };
    let mut unknown = String::new();
    for (name, value) in values {
        if related::custom_field(db, kind, name).is_some() {
            row.set_custom(name, value.clone());
        } else if unknown.is_empty() {
            let mut object = json::Object::new(&mut unknown);
            object.text(
                name,
                &format!("Custom field '{name}' does not exist for this object type."),
            );
            object.end();
        }
    }
    if !unknown.is_empty() {
        errors.add_json("custom_fields", unknown);
    }
}

/// Whether a custom field takes this value; the reason otherwise.
pub(super) fn custom_value(field: &Row, value: &Value) -> Result<(), &'static str> {
    match (field.text("type"), value) {
        (_, Value::Null) => Ok(()),
        ("boolean", value)
            if !matches!(value, Value::Bool(_)) && value.as_i64().is_none_or(|n| n > 1) =>
        {
            Err("Value must be true or false.")
        }
        ("text" | "longtext" | "url", value) if !value.is_string() => {
            Err("Value must be a string.")
        }
        ("integer", value) if value.as_i64().is_none() => Err("Value must be an integer."),
        _ => Ok(()),
    }
}

/// The text of a prefix, for messages.
pub(super) fn shown(net: IpNet) -> String {
    net.to_string()
}
