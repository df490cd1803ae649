//! A row as NetBox writes it.

use ipnet::IpNet;
use serde_json::Value;

use crate::netbox::db::repr;
use crate::netbox::db::{Cell, Db, Row};
use crate::netbox::json::{self, Object};
use crate::netbox::schema::{Choice, Field, Kind, Shape};

/// Which fields to show.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    pub(super) brief: bool,
    /// `fields=`: these only.
    pub(super) only: Option<Vec<String>>,
    /// `omit=`: all but these.
    pub(super) omit: Vec<String>,
    /// The row was made by this call: NetBox answers before it counts the prefixes inside and around it.
    pub(super) fresh: bool,
}

impl View {
    fn shows(&self, field: &Field) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == field.name);
        match &self.only {
            Some(only) if !self.brief => named(only),
            _ => (!self.brief || field.brief) && !named(&self.omit),
        }
    }
}

/// Writes a row as the given view shows it.
pub(super) fn row(out: &mut String, db: &Db, base: &str, kind: Kind, row: &Row, view: &View) {
    write(
        out,
        db,
        base,
        kind,
        row,
        |field| view.shows(field),
        view.fresh,
    );
}

/// Writes a row as it is shown inside another one.
pub(super) fn nested(out: &mut String, db: &Db, base: &str, kind: Kind, id: u64) {
    match db.get(kind, id) {
        Some(row) => write(out, db, base, kind, row, |field| field.nested, false),
        None => out.push_str("null"),
    }
}

fn write(
    out: &mut String,
    db: &Db,
    base: &str,
    kind: Kind,
    row: &Row,
    shows: impl Fn(&Field) -> bool,
    fresh: bool,
) {
    let mut object = Object::new(out);
    for field in kind.model().fields.iter().filter(|field| shows(field)) {
        value(object.key(field.name), db, base, kind, row, field, fresh);
    }
    object.end();
}

fn value(out: &mut String, db: &Db, base: &str, kind: Kind, row: &Row, field: &Field, fresh: bool) {
    let path = kind.model().path;
    match &field.shape {
        Shape::Id => out.push_str(&row.id.to_string()),
        Shape::Url => json::push_text(out, &format!("{base}/api{path}{}/", row.id)),
        Shape::DisplayUrl => json::push_text(out, &format!("{base}{path}{}/", row.id)),
        Shape::Display => json::push_text(out, &repr(kind, row)),
        Shape::Created => json::push_text(out, &row.created.rest()),
        Shape::LastUpdated => json::push_text(out, &row.last_updated.rest()),
        Shape::Family => out.push_str(match row.net() {
            Some(IpNet::V6(_)) => r#"{"value":6,"label":"IPv6"}"#,
            _ => r#"{"value":4,"label":"IPv4"}"#,
        }),
        Shape::Choice(choices) => choice(out, choices, row.text(field.name)),
        Shape::Ref(to) => match row.reference(field.name) {
            Some(id) => nested(out, db, base, *to, id),
            None => out.push_str("null"),
        },
        Shape::Scope => match row.reference("scope_id") {
            Some(id) => nested(out, db, base, Kind::SiteGroup, id),
            None => out.push_str("null"),
        },
        Shape::CustomFields => custom_fields(out, db, kind, row),
        Shape::Fixed(json) => out.push_str(json),
        Shape::Count(of, name) => {
            let count = if fresh {
                0
            } else {
                db.references(*of, name, row.id)
            };
            out.push_str(&count.to_string());
        }
        Shape::Children if !fresh => out.push_str(&db.family_of(row).0.to_string()),
        Shape::Depth if !fresh => out.push_str(&db.family_of(row).1.to_string()),
        Shape::Children | Shape::Depth => out.push('0'),
        Shape::TotalVids => out.push_str(&total_vids(row).to_string()),
        // Not yet counted, NetBox writes it as a decimal fraction.
        Shape::Utilization if fresh => json::push_text(out, "0.0"),
        Shape::Utilization => {
            let used = db.references(Kind::Vlan, "group", row.id);
            let total = total_vids(row).max(1);
            // Hundredths of a per cent, cut rather than rounded up, then without the last zeros: 12 of 4094 is 0.29.
            let hundredths = (used * 10_000 + total / 2) / total;
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            json::push_text(out, if hundredths == 0 { "0" } else { &text });
        }
        _ => cell(out, row.get(field.name)),
    }
}

fn choice(out: &mut String, choices: &[Choice], value: &str) {
    let label = choices
        .iter()
        .find(|choice| choice.0 == value)
        .map_or(value, |choice| choice.1);
    let mut object = Object::new(out);
    object.text("value", value);
    object.text("label", label);
    object.end();
}

fn cell(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Cell::Int(value) => out.push_str(&value.to_string()),
        Cell::Text(text) => json::push_text(out, text),
        Cell::Ref(id) => out.push_str(&id.to_string()),
        Cell::Net(net) => json::push_text(out, &net.to_string()),
        Cell::Json(value) => json::push_value(out, value),
    }
}

/// How many VLAN ids the ranges of a group hold.
pub(crate) fn total_vids(row: &Row) -> usize {
    let Cell::Json(Value::Array(ranges)) = row.get("vid_ranges") else {
        return 0;
    };
    ranges
        .iter()
        .filter_map(|range| {
            let (low, high) = (range.get(0)?.as_u64()?, range.get(1)?.as_u64()?);
            usize::try_from(high.saturating_sub(low) + 1).ok()
        })
        .sum()
}

/// Writes the custom fields of a row: every field of its model, in the order of their names, unset ones as null.
pub(crate) fn custom_fields(out: &mut String, db: &Db, kind: Kind, row: &Row) {
    let mut names: Vec<&str> = db
        .rows(Kind::CustomField)
        .values()
        .filter(|field| belongs(field, kind))
        .map(|field| field.text("name"))
        .collect();
    names.sort_unstable();
    let mut object = Object::new(out);
    for name in names {
        json::push_value(object.key(name), row.custom(name));
    }
    object.end();
}

/// Whether a custom field is one of this model's.
pub(super) fn belongs(field: &Row, kind: Kind) -> bool {
    matches!(field.get("object_types"), Cell::Json(Value::Array(types))
        if types.iter().any(|name| name == kind.model().object_type))
}
