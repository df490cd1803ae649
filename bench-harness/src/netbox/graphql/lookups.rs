//! The lookups inside a filter: `{exact: …}`, `{in_list: […]}` and so on.

use std::collections::HashSet;

use async_graphql_value::Value;
use ipnet::IpNet;

use super::arguments::{Variables, shown_raw};
use super::problem::Problem;
use crate::netbox::clock::Stamp;

/// A test of one value.
pub(super) type Check<T> = Box<dyn Fn(T) -> bool>;

/// A test of a text that may be absent.
pub(super) type TextCheck = Box<dyn Fn(Option<&str>) -> bool>;

/// The fields of a lookup object, or the complaint that it is none.
pub(super) fn fields(
    variables: &Variables,
    value: &Value,
    kind: &str,
) -> Result<Vec<(String, Value)>, Problem> {
    match variables.object(value) {
        Ok(fields) => Ok(fields.unwrap_or_default()),
        Err(_) => Err(Problem::new(&format!(
            "Expected value of type '{kind}' to be an object, found: {}.",
            shown_raw(value)
        ))),
    }
}

/// The complaint about a field an input type does not have.
pub(super) fn unknown(kind: &str, name: &str, value: &Value) -> Problem {
    Problem::new(&format!(
        "Expected value of type '{kind}' not to include unknown field '{name}', found: {}.",
        shown_raw(value)
    ))
}

/// `StrFilterLookup` on a text; a null counts as the empty text that matches no lookup but `is_null`.
pub(super) fn text(variables: &Variables, value: &Value) -> Result<TextCheck, Problem> {
    const KIND: &str = "StrFilterLookup";
    let mut checks: Vec<TextCheck> = Vec::new();
    for (name, wanted) in fields(variables, value, KIND)? {
        if name == "in_list" {
            let wanted = variables.texts(&wanted)?;
            checks.push(Box::new(move |have| {
                have.is_some_and(|have| wanted.iter().any(|value| value == have))
            }));
            continue;
        }
        if name == "is_null" {
            let wanted = variables.bool(&wanted)?.unwrap_or(false);
            checks.push(Box::new(move |have| have.is_none() == wanted));
            continue;
        }
        let known = ["exact", "contains", "starts_with", "ends_with", "regex"];
        let (plain, fold) = match name.strip_prefix("i_") {
            Some(plain) => (plain.to_owned(), true),
            None => (name.clone(), false),
        };
        if !known.contains(&plain.as_str()) {
            return Err(unknown(KIND, &name, value));
        }
        let Some(wanted) = variables.text(&wanted)? else {
            continue;
        };
        if plain == "regex" {
            let pattern = if fold {
                format!("(?i){wanted}")
            } else {
                wanted
            };
            let regex = regex::Regex::new(&pattern)
                .map_err(|_| Problem::new("invalid regular expression"))?;
            checks.push(Box::new(move |have| {
                have.is_some_and(|have| regex.is_match(have))
            }));
            continue;
        }
        let lower = move |text: &str| {
            if fold {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let wanted = lower(&wanted);
        checks.push(Box::new(move |have| {
            let Some(have) = have.map(&lower) else {
                return false;
            };
            match plain.as_str() {
                "exact" => have == wanted,
                "contains" => have.contains(&wanted),
                "starts_with" => have.starts_with(&wanted),
                _ => have.ends_with(&wanted),
            }
        }));
    }
    Ok(Box::new(move |have| checks.iter().all(|check| check(have))))
}

/// `StrFilterLookup` on a prefix: exact values are compared as prefixes, everything else as text.
pub(super) fn net(
    variables: &Variables,
    value: &Value,
) -> Result<Box<dyn Fn(IpNet) -> bool>, Problem> {
    let parse = |text: String| -> Result<IpNet, Problem> {
        crate::netbox::rest::net_or_host(&text)
            .ok_or_else(|| Problem::new(&format!("Invalid IP address format: {text}")).path(""))
    };
    let mut checks: Vec<Box<dyn Fn(IpNet) -> bool>> = Vec::new();
    let mut rest = Vec::new();
    for (name, wanted) in fields(variables, value, "StrFilterLookup")? {
        let wanted = match name.as_str() {
            "exact" => variables.text(&wanted)?.into_iter().collect(),
            "in_list" => variables.texts(&wanted)?,
            _ => {
                rest.push((async_graphql_value::Name::new(name), wanted));
                continue;
            }
        };
        let wanted: HashSet<IpNet> = wanted.into_iter().map(parse).collect::<Result<_, _>>()?;
        checks.push(Box::new(move |have| wanted.contains(&have)));
    }
    let as_text = text(variables, &Value::Object(rest.into_iter().collect()))?;
    Ok(Box::new(move |have| {
        checks.iter().all(|check| check(have)) && as_text(Some(&have.to_string()))
    }))
}

/// `IDComparisonFilterLookup`.
pub(super) fn id(variables: &Variables, value: &Value) -> Result<Check<u64>, Problem> {
    const KIND: &str = "IDComparisonFilterLookup";
    let mut checks: Vec<Check<u64>> = Vec::new();
    for (name, wanted) in fields(variables, value, KIND)? {
        if name == "in_list" {
            let wanted: HashSet<u64> = variables.ids(&wanted)?.into_iter().collect();
            checks.push(Box::new(move |have| wanted.contains(&have)));
            continue;
        }
        let compare = order(&name).ok_or_else(|| unknown(KIND, &name, value))?;
        if let Some(wanted) = variables.id(&wanted)? {
            checks.push(Box::new(move |have| compare(have.cmp(&wanted))));
        }
    }
    Ok(Box::new(move |have| checks.iter().all(|check| check(have))))
}

/// `IntegerLookup`: only inside `filter_lookup`.
pub(super) fn int(variables: &Variables, value: &Value) -> Result<Check<i64>, Problem> {
    let mut checks: Vec<Check<i64>> = Vec::new();
    for (name, inner) in fields(variables, value, "IntegerLookup")? {
        if !matches!(name.as_str(), "filter_lookup" | "comparison_lookup") {
            return Err(unknown("IntegerLookup", &name, value));
        }
        let kind = "IntFilterLookup";
        for (name, wanted) in fields(variables, &inner, kind)? {
            if name == "in_list" {
                let wanted = variables.ints(&wanted)?;
                checks.push(Box::new(move |have| wanted.contains(&have)));
                continue;
            }
            let compare = order(&name).ok_or_else(|| unknown(kind, &name, &inner))?;
            if let Some(wanted) = variables.int(&wanted)? {
                checks.push(Box::new(move |have| compare(have.cmp(&wanted))));
            }
        }
    }
    Ok(Box::new(move |have| checks.iter().all(|check| check(have))))
}

/// `DatetimeFilterLookup`.
pub(super) fn date(variables: &Variables, value: &Value) -> Result<Check<Stamp>, Problem> {
    const KIND: &str = "DatetimeFilterLookup";
    let mut checks: Vec<Check<Stamp>> = Vec::new();
    for (name, wanted) in fields(variables, value, KIND)? {
        let compare = order(&name).ok_or_else(|| unknown(KIND, &name, value))?;
        let Some(text) = variables.date(&wanted)? else {
            continue;
        };
        let wanted = Stamp::parse(&text).ok_or_else(|| {
            Problem::new(&format!("Value cannot represent a DateTime: \"{text}\"."))
        })?;
        checks.push(Box::new(move |have| compare(have.cmp(&wanted))));
    }
    Ok(Box::new(move |have| checks.iter().all(|check| check(have))))
}

fn order(name: &str) -> Option<fn(std::cmp::Ordering) -> bool> {
    Some(match name {
        "exact" => |order| order.is_eq(),
        "gt" => |order| order.is_gt(),
        "gte" => |order| order.is_ge(),
        "lt" => |order| order.is_lt(),
        "lte" => |order| order.is_le(),
        _ => return None,
    })
}
