//! Runs a plan and writes the answer.

use ipnet::IpNet;

use super::plan::{Page, Pick, Root};
use super::type_name;
use crate::netbox::db::{Cell, Db, Row, repr};
use crate::netbox::json::{self, Object};
use crate::netbox::rest;
use crate::netbox::schema::{Field, Kind, Shape};

/// The most objects in a list inside an object.
const NESTED: usize = 1000;

/// Runs a plan; without the right to read every list is empty. No list is longer than `max_page`, whatever is asked for, and
/// nothing says that it was cut.
pub(super) fn run(db: &Db, may_read: bool, max_page: usize, roots: &[Root]) -> String {
    let mut out = String::new();
    let mut data = Object::new(&mut out);
    for root in roots {
        match root {
            Root::TypeName(key) => data.raw(key, &type_name("Query")),
            Root::One {
                key,
                kind,
                id,
                picks,
            } => match db.get(*kind, *id) {
                Some(found) if may_read => object(data.key(key), db, *kind, found, picks),
                _ => data.raw(key, "null"),
            },
            Root::List {
                key,
                kind,
                test,
                page,
                picks,
            } => {
                let rows = if may_read {
                    select(db, *kind, page, max_page, |row| {
                        test.as_ref().is_none_or(|test| test(row))
                    })
                } else {
                    Vec::new()
                };
                json::list(data.key(key), rows, |out, row| {
                    object(out, db, *kind, row, picks);
                });
            }
        }
    }
    data.end();
    out
}

fn select<'a>(
    db: &'a Db,
    kind: Kind,
    page: &Page,
    max_page: usize,
    test: impl Fn(&Row) -> bool,
) -> Vec<&'a Row> {
    let limit = page
        .limit
        .filter(|limit| *limit > 0)
        .unwrap_or(max_page)
        .min(max_page);
    if let Some(start) = page.start {
        let rows = db.rows(kind).range(start..).map(|(_, row)| row);
        return rows.filter(|row| test(row)).take(limit).collect();
    }
    let mut rows: Vec<&Row> = db.rows(kind).values().filter(|row| test(row)).collect();
    rows.sort_by(|a, b| db.model_order(kind, a, b));
    rows.into_iter().skip(page.offset).take(limit).collect()
}

fn object(out: &mut String, db: &Db, kind: Kind, row: &Row, picks: &[Pick]) {
    let mut object = Object::new(out);
    for pick in picks {
        match pick {
            Pick::TypeName(key, name) => object.raw(key, &type_name(name)),
            Pick::Fixed(key, json) => object.raw(key, json),
            Pick::Scalar(key, field) => scalar(object.key(key), db, kind, row, field),
            Pick::Object(key, field, to, picks) => {
                let found = row.reference(field.name).and_then(|id| db.get(*to, id));
                nested(object.key(key), db, *to, found, picks);
            }
            Pick::Scope(key, picks) => {
                let id = row.reference("scope_id");
                let found = id.and_then(|id| db.get(Kind::SiteGroup, id));
                nested(object.key(key), db, Kind::SiteGroup, found, picks);
            }
            Pick::Family(key, parts) => {
                let six = matches!(row.net(), Some(IpNet::V6(_)));
                let mut family = Object::new(object.key(key));
                for (key, value) in parts {
                    match (value, six) {
                        (true, true) => family.raw(key, "6"),
                        (true, false) => family.raw(key, "4"),
                        (false, true) => family.text(key, "IPv6"),
                        (false, false) => family.text(key, "IPv4"),
                    }
                }
                family.end();
            }
            Pick::Reverse(key, of, field, picks) => {
                let rows = if db.references(*of, field, row.id) == 0 {
                    Vec::new()
                } else {
                    select(db, *of, &Page::default(), NESTED, |other| {
                        other.reference(field) == Some(row.id)
                    })
                };
                json::list(object.key(key), rows, |out, other| {
                    self::object(out, db, *of, other, picks);
                });
            }
        }
    }
    object.end();
}

fn nested(out: &mut String, db: &Db, kind: Kind, found: Option<&Row>, picks: &[Pick]) {
    match found {
        Some(row) => object(out, db, kind, row, picks),
        None => out.push_str("null"),
    }
}

fn scalar(out: &mut String, db: &Db, kind: Kind, row: &Row, field: &Field) {
    match &field.shape {
        Shape::Id => json::push_text(out, &row.id.to_string()),
        Shape::Display => json::push_text(out, &repr(kind, row)),
        Shape::Created => json::push_text(out, &row.created.offset()),
        Shape::LastUpdated => json::push_text(out, &row.last_updated.offset()),
        Shape::CustomFields => rest::custom_fields(out, db, kind, row),
        Shape::Depth => out.push_str(&db.family_of(row).1.to_string()),
        Shape::TotalVids => out.push_str(&rest::total_vids(row).to_string()),
        _ => match row.get(field.name) {
            Cell::Null => out.push_str("null"),
            Cell::Bool(value) => out.push_str(&value.to_string()),
            Cell::Int(value) => out.push_str(&value.to_string()),
            Cell::Ref(id) => out.push_str(&id.to_string()),
            Cell::Text(text) => json::push_text(out, text),
            Cell::Net(net) => json::push_text(out, &net.to_string()),
            Cell::Json(value) => json::push_value(out, value),
        },
    }
}
