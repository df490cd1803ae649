//! The filters of the lists. A name NetBox does not know is silently ignored; a related object it does not know is a 400.

use ipnet::IpNet;

use super::lookup::{self, net_or_host};
use super::query::Query;
use super::serialise::belongs;
use crate::netbox::clock::Stamp;
use crate::netbox::db::{Cell, Db, Row};
use crate::netbox::reply::Errors;
use crate::netbox::schema::{Field, Kind, Shape};

/// Says whether a row is wanted.
pub(super) type Test<'a> = Box<dyn Fn(&Row) -> bool + 'a>;

/// All the filters of a query as one test.
pub(super) fn compile<'a>(db: &'a Db, kind: Kind, query: &Query) -> Result<Test<'a>, Errors> {
    let mut tests: Vec<Test<'a>> = Vec::new();
    let mut errors = Errors::default();
    for (name, values) in query.iter() {
        let values: Vec<String> = values
            .iter()
            .filter(|value| !value.is_empty())
            .cloned()
            .collect();
        if values.is_empty() {
            continue;
        }
        match one(db, kind, name, values) {
            None => {}
            Some(Ok(test)) => tests.push(test),
            Some(Err(messages)) => errors.add(name, &messages),
        }
    }
    if errors.is_empty() {
        Ok(Box::new(move |row| tests.iter().all(|test| test(row))))
    } else {
        Err(errors)
    }
}

type Compiled<'a> = Option<Result<Test<'a>, Vec<String>>>;

fn one<'a>(db: &'a Db, kind: Kind, name: &str, values: Vec<String>) -> Compiled<'a> {
    if let Some(found) = special(kind, name, &values).or_else(|| related(db, kind, name, &values)) {
        return Some(found);
    }
    if let Some(custom) = name.strip_prefix("cf_") {
        let field = db.find(Kind::CustomField, |field| {
            belongs(field, kind) && field.text("name") == custom
        })?;
        let (name, loose) = (custom.to_owned(), field.text("type") == "text");
        return Some(Ok(Box::new(move |row| {
            values.iter().any(|wanted| match row.custom(&name) {
                serde_json::Value::String(text) if loose => {
                    text.to_lowercase().contains(&wanted.to_lowercase())
                }
                serde_json::Value::String(text) => text == wanted,
                serde_json::Value::Null => wanted == "null",
                other => other.to_string().eq_ignore_ascii_case(wanted),
            })
        })));
    }
    let (base, look) = name.split_once("__").unwrap_or((name, ""));
    let field = kind.model().field(base)?;
    own(field, base, look, values)
}

/// Filters on the object's own values.
fn own<'a>(field: &'static Field, name: &str, look: &str, values: Vec<String>) -> Compiled<'a> {
    let name = name.to_owned();
    match &field.shape {
        Shape::Id | Shape::Int { .. } => {
            let wanted: Result<Vec<i64>, _> = values.iter().map(|value| value.parse()).collect();
            let Ok(wanted) = wanted else {
                return Some(Err(vec!["Enter a whole number.".into()]));
            };
            let test = lookup::number(look)?;
            let id = matches!(field.shape, Shape::Id);
            Some(Ok(Box::new(move |row| {
                let have = if id {
                    i64::try_from(row.id).unwrap_or(0)
                } else {
                    row.int(&name)
                };
                test(have, &wanted)
            })))
        }
        Shape::Created | Shape::LastUpdated => {
            let wanted: Option<Vec<i64>> = values
                .iter()
                .map(|value| Stamp::parse(value).map(|at| at.0))
                .collect();
            let Some(wanted) = wanted else {
                return Some(Err(vec!["Enter a valid date/time.".into()]));
            };
            let test = lookup::number(look)?;
            let created = matches!(field.shape, Shape::Created);
            Some(Ok(Box::new(move |row| {
                let have = if created {
                    row.created
                } else {
                    row.last_updated
                };
                test(have.0, &wanted)
            })))
        }
        Shape::Bool(_) => {
            let wanted = values
                .last()
                .is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "1"));
            Some(Ok(Box::new(move |row| {
                *row.get(&name) == Cell::Bool(wanted)
            })))
        }
        Shape::Choice(choices) if look.is_empty() => {
            let bad = values
                .iter()
                .find(|value| !choices.iter().any(|choice| choice.0 == value.as_str()));
            if let Some(bad) = bad {
                return Some(Err(vec![format!(
                    "Select a valid choice. {bad} is not one of the available choices."
                )]));
            }
            Some(Ok(Box::new(move |row| {
                values.iter().any(|value| value == row.text(&name))
            })))
        }
        Shape::Text { .. } | Shape::Choice(_) => {
            let test = lookup::text(look)?;
            Some(Ok(Box::new(move |row| test(row.text(&name), &values))))
        }
        _ => None,
    }
}

/// Filters that belong to prefixes, scopes and custom fields alone.
fn special<'a>(kind: Kind, name: &str, values: &[String]) -> Compiled<'a> {
    let nets = || -> Vec<IpNet> {
        values
            .iter()
            .filter_map(|value| net_or_host(value))
            .collect()
    };
    let scoped = matches!(kind, Kind::Prefix | Kind::VlanGroup);
    match (kind, name) {
        (Kind::Prefix, "prefix") => {
            let wanted = nets();
            Some(Ok(Box::new(move |row| {
                row.net().is_some_and(|net| wanted.contains(&net))
            })))
        }
        (Kind::Prefix, "within" | "within_include") => {
            let (wanted, itself) = (nets(), name == "within_include");
            Some(Ok(Box::new(move |row| {
                row.net().is_some_and(|net| {
                    wanted
                        .iter()
                        .any(|outer| outer.trunc().contains(&net) && (itself || *outer != net))
                })
            })))
        }
        (Kind::Prefix, "contains") => {
            let wanted = nets();
            Some(Ok(Box::new(move |row| {
                row.net()
                    .is_some_and(|net| wanted.iter().any(|inner| net.contains(inner)))
            })))
        }
        (Kind::Prefix, "family") => {
            let six = values.iter().any(|value| value == "6");
            Some(Ok(Box::new(move |row| {
                matches!(row.net(), Some(IpNet::V6(_))) == six
            })))
        }
        (Kind::Prefix, "mask_length") => {
            let wanted: Vec<u8> = values
                .iter()
                .filter_map(|value| value.parse().ok())
                .collect();
            Some(Ok(Box::new(move |row| {
                row.net()
                    .is_some_and(|net| wanted.contains(&net.prefix_len()))
            })))
        }
        (_, "scope_type") if scoped => {
            let wanted = values.to_vec();
            Some(Ok(Box::new(move |row| {
                wanted.iter().any(|value| value == row.text("scope_type"))
            })))
        }
        (_, "scope_id") if scoped => {
            let wanted: Vec<u64> = values
                .iter()
                .filter_map(|value| value.parse().ok())
                .collect();
            Some(Ok(Box::new(move |row| {
                row.reference("scope_id")
                    .is_some_and(|id| wanted.contains(&id))
            })))
        }
        (Kind::CustomField, "object_type") => {
            let wanted = values.to_vec();
            Some(Ok(Box::new(move |row| {
                matches!(row.get("object_types"), Cell::Json(types)
                    if types.as_array().is_some_and(|types| types.iter().any(|name|
                        name.as_str().is_some_and(|name| wanted.iter().any(|value| value == name)))))
            })))
        }
        _ => None,
    }
}

/// Filters on related objects: `tenant` by slug, `vrf` by RD, `vrf_id` by number, and so on.
fn related<'a>(db: &'a Db, kind: Kind, name: &str, values: &[String]) -> Compiled<'a> {
    let (field, key) = match (kind, name) {
        (Kind::Prefix | Kind::VlanGroup, "site_group") => ("scope_id", "slug"),
        (Kind::Prefix | Kind::VlanGroup, "site_group_id") => ("scope_id", "id"),
        (Kind::Prefix, "vlan_vid") => {
            let wanted: Vec<i64> = values
                .iter()
                .filter_map(|value| value.parse().ok())
                .collect();
            return Some(Ok(Box::new(move |row| {
                row.reference("vlan")
                    .and_then(|id| db.get(Kind::Vlan, id))
                    .is_some_and(|vlan| wanted.contains(&vlan.int("vid")))
            })));
        }
        (_, "vrf") => ("vrf", "rd"),
        (_, "tenant" | "role" | "group") => (name, "slug"),
        _ => (name.strip_suffix("_id")?, "id"),
    };
    let field = kind.model().field(field)?;
    let to = match field.shape {
        Shape::Ref(to) => to,
        Shape::ScopeId => Kind::SiteGroup,
        _ => return None,
    };
    let mut wanted: Vec<Option<u64>> = Vec::new();
    for value in values {
        let found = if value == "null" {
            wanted.push(None);
            continue;
        } else if key == "id" {
            value.parse().ok().filter(|id| db.get(to, *id).is_some())
        } else {
            db.find(to, |row| row.text(key) == value).map(|row| row.id)
        };
        match found {
            Some(id) => wanted.push(Some(id)),
            None => {
                return Some(Err(vec![format!(
                    "Select a valid choice. {value} is not one of the available choices."
                )]));
            }
        }
    }
    let name = field.name;
    Some(Ok(Box::new(move |row| {
        wanted.contains(&row.reference(name))
    })))
}
