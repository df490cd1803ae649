//! Filter objects (`PrefixFilter`, `VLANFilter` and so on) as tests of rows. `OR` beside other fields widens them, as strawberry-django
//! does it: `{vrf_id: 1, OR: {…}}` is "in VRF 1, or …".

use std::collections::HashSet;

use async_graphql_value::Value;
use ipnet::IpNet;

use super::arguments::Variables;
use super::lookups;
use super::problem::Problem;
use crate::netbox::db::{Cell, Db, Row};
use crate::netbox::schema::{Kind, Shape};

/// Says whether a row is wanted.
pub(super) type Test = Box<dyn Fn(&Row) -> bool>;

/// The name of a kind's filter type.
fn filter_type(kind: Kind) -> String {
    kind.model().graphql.replace("Type", "Filter")
}

/// A filter object as one test.
pub(super) fn compile(
    db: &Db,
    variables: &Variables,
    kind: Kind,
    value: &Value,
) -> Result<Test, Problem> {
    let (mut all, mut or): (Vec<Test>, Option<Test>) = (Vec::new(), None);
    for (name, inner) in lookups::fields(variables, value, &filter_type(kind))? {
        if matches!(inner, Value::Null) {
            continue;
        }
        match name.as_str() {
            "OR" => or = Some(compile(db, variables, kind, &inner)?),
            "AND" => all.push(compile(db, variables, kind, &inner)?),
            "NOT" => {
                let test = compile(db, variables, kind, &inner)?;
                all.push(Box::new(move |row| !test(row)));
            }
            "DISTINCT" => {
                variables.bool(&inner)?;
            }
            _ => all.push(
                field(db, variables, kind, &name, &inner)?
                    .ok_or_else(|| lookups::unknown(&filter_type(kind), &name, value))?,
            ),
        }
    }
    Ok(match or {
        None => Box::new(move |row| all.iter().all(|test| test(row))),
        // With nothing beside it the empty rest means nothing, not everything.
        Some(or) if all.is_empty() => or,
        Some(or) => Box::new(move |row| all.iter().all(|test| test(row)) || or(row)),
    })
}

fn field(
    db: &Db,
    variables: &Variables,
    kind: Kind,
    name: &str,
    value: &Value,
) -> Result<Option<Test>, Problem> {
    let own = name.to_owned();
    if let Some(test) = special(db, variables, kind, name, value)? {
        return Ok(Some(test));
    }
    if let Some(to) = name.strip_suffix("_id") {
        let refers = kind.model().field(to).map(|field| &field.shape);
        if !matches!(refers, Some(Shape::Ref(_))) {
            return Ok(None);
        }
        let (wanted, to) = (variables.id(value)?, to.to_owned());
        return Ok(Some(Box::new(move |row| row.reference(&to) == wanted)));
    }
    let Some(field) = kind.model().field(name) else {
        return Ok(None);
    };
    Ok(Some(match &field.shape {
        Shape::Id => {
            let check = lookups::id(variables, value)?;
            Box::new(move |row| check(row.id))
        }
        Shape::Created => {
            let check = lookups::date(variables, value)?;
            Box::new(move |row| check(row.created))
        }
        Shape::LastUpdated => {
            let check = lookups::date(variables, value)?;
            Box::new(move |row| check(row.last_updated))
        }
        Shape::Text { .. } => {
            let check = lookups::text(variables, value)?;
            Box::new(move |row| {
                check(match row.get(&own) {
                    Cell::Text(text) => Some(text),
                    _ => None,
                })
            })
        }
        Shape::Net => {
            let check = lookups::net(variables, value)?;
            Box::new(move |row| row.net().is_some_and(&check))
        }
        Shape::Int { .. } => {
            let check = lookups::int(variables, value)?;
            Box::new(move |row| check(row.int(&own)))
        }
        Shape::Bool(_) => {
            let inner = lookups::fields(variables, value, "BoolFilterLookup")?;
            let wanted = match inner.first() {
                Some((name, wanted)) if name == "exact" => variables.bool(wanted)?,
                _ => None,
            };
            Box::new(move |row| wanted.is_none_or(|wanted| *row.get(&own) == Cell::Bool(wanted)))
        }
        Shape::Choice(_) => {
            let mut wanted = HashSet::new();
            for (look, value) in lookups::fields(variables, value, "EnumLookup")? {
                let words = match (&value, look.as_str()) {
                    (Value::List(words), "in_list") => words.clone(),
                    _ => vec![value],
                };
                for word in &words {
                    let word = variables.word(word)?.unwrap_or_default();
                    let word = word.split_once('_').map_or(word.as_str(), |(_, word)| word);
                    wanted.insert(word.to_lowercase());
                }
            }
            Box::new(move |row| wanted.contains(row.text(&own)))
        }
        Shape::Ref(to) => {
            let ids = matching(db, variables, *to, value)?;
            Box::new(move |row| row.reference(&own).is_some_and(|id| ids.contains(&id)))
        }
        _ => return Ok(None),
    }))
}

/// The ids of the rows of a kind that a nested filter accepts.
fn matching(
    db: &Db,
    variables: &Variables,
    kind: Kind,
    value: &Value,
) -> Result<HashSet<u64>, Problem> {
    let test = compile(db, variables, kind, value)?;
    let rows = db.rows(kind).values().filter(|row| test(row));
    Ok(rows.map(|row| row.id).collect())
}

fn special(
    db: &Db,
    variables: &Variables,
    kind: Kind,
    name: &str,
    value: &Value,
) -> Result<Option<Test>, Problem> {
    let scoped = matches!(kind, Kind::Prefix | Kind::VlanGroup);
    Ok(Some(match (kind, name) {
        (_, "site_group") if scoped => {
            let ids = matching(db, variables, Kind::SiteGroup, value)?;
            Box::new(move |row| {
                row.reference("scope_id")
                    .is_some_and(|id| ids.contains(&id))
            })
        }
        (_, "scope_id") if scoped => {
            let wanted = variables.id(value)?;
            Box::new(move |row| row.reference("scope_id") == wanted)
        }
        (_, "scope_type") if scoped => {
            let mut parts = Vec::new();
            for (part, lookup) in lookups::fields(variables, value, "ContentTypeFilter")? {
                if !matches!(part.as_str(), "app_label" | "model") {
                    return Err(lookups::unknown("ContentTypeFilter", &part, value));
                }
                parts.push((part == "model", lookups::text(variables, &lookup)?));
            }
            Box::new(move |row| {
                let scope = row.text("scope_type").split_once('.');
                scope.is_some_and(|(app, model)| {
                    parts
                        .iter()
                        .all(|(of_model, check)| check(Some(if *of_model { model } else { app })))
                })
            })
        }
        (Kind::Prefix, "contains") => {
            // Strictly around: the same prefix is not "contained". Values that do not parse are left out, as NetBox does.
            let texts = variables.texts(value)?;
            let wanted: Vec<IpNet> = texts
                .iter()
                .filter_map(|text| crate::netbox::rest::net_or_host(text))
                .map(|net| net.trunc())
                .collect();
            Box::new(move |row| {
                wanted.is_empty()
                    || row.net().is_some_and(|net| {
                        wanted
                            .iter()
                            .any(|inner| net.contains(inner) && net != *inner)
                    })
            })
        }
        (Kind::Prefix, "family") => {
            let six = variables.word(value)?.as_deref() == Some("FAMILY_6");
            Box::new(move |row| matches!(row.net(), Some(IpNet::V6(_))) == six)
        }
        (_, "custom_field_data") => custom(variables, value)?,
        _ => return Ok(None),
    }))
}

type ValueTest = Box<dyn Fn(&serde_json::Value) -> bool>;

/// `{path: "DHCP", lookup: {boolean_lookup: {exact: true}}}`.
fn custom(variables: &Variables, value: &Value) -> Result<Test, Problem> {
    let mut path = String::new();
    let mut tests: Vec<ValueTest> = Vec::new();
    for (name, inner) in lookups::fields(variables, value, "JSONFilter")? {
        match name.as_str() {
            "path" => path = variables.text(&inner)?.unwrap_or_default(),
            "lookup" => {
                for (look, inner) in lookups::fields(variables, &inner, "JSONLookup")? {
                    match look.as_str() {
                        "string_lookup" => {
                            let check = lookups::text(variables, &inner)?;
                            tests.push(Box::new(move |have| check(have.as_str())));
                        }
                        "boolean_lookup" => {
                            let fields = lookups::fields(variables, &inner, "BoolFilterLookup")?;
                            for (_, wanted) in fields {
                                let wanted = variables.bool(&wanted)?;
                                tests.push(Box::new(move |have| have.as_bool() == wanted));
                            }
                        }
                        _ => return Err(lookups::unknown("JSONLookup", &look, &inner)),
                    }
                }
            }
            _ => return Err(lookups::unknown("JSONFilter", &name, value)),
        }
    }
    Ok(Box::new(move |row| {
        tests.iter().all(|test| test(row.custom(&path)))
    }))
}
