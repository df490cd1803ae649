//! Lists of segments: in one form, and what differs between two of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::findings::{Findings, Place};
use super::known::Known;
use super::normal::Kinds;
use super::questions::Filter;
use super::service::Kind;

/// A segment: its members by their names in segment-edge.
pub(super) type Row = Map<String, Value>;

/// A segment in one form; `None` when it is no object with an id.
pub(super) fn row(kind: Kind, value: &Value) -> Option<Row> {
    let mut row = value.as_object()?.clone();
    if kind == Kind::Python {
        let id = row.remove("_id")?;
        row.insert("id".to_owned(), id);
    }
    row.get("id")?.is_string().then_some(row)
}

pub(super) fn text<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.get(field)?.as_str()
}

/// The clusters of a segment; both programs write them as one text with commas.
pub(super) fn clusters(row: &Row) -> impl Iterator<Item = &str> {
    let names = text(row, "cluster_name").unwrap_or_default().split(',');
    names.map(str::trim).filter(|name| !name.is_empty())
}

/// A list as it was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    pub(super) order: Vec<String>,
    pub(super) by_id: BTreeMap<String, Row>,
}

impl Rows {
    /// The list of an answer; `None` when it is none of segments.
    pub(super) fn read(kind: Kind, values: &[Value]) -> Option<Self> {
        let mut rows = Self::default();
        for value in values {
            let row = row(kind, value)?;
            let id = text(&row, "id")?.to_owned();
            rows.order.push(id.clone());
            rows.by_id.insert(id, row);
        }
        Some(rows)
    }

    /// Leaves only what the filter should find.
    pub(super) fn filter(&mut self, filter: &Filter) {
        self.by_id.retain(|_, row| filter.finds(row));
        self.order.retain(|id| self.by_id.contains_key(id));
    }

    /// Without what is another in each answer of the Python service.
    pub(super) fn still(mut self, kind: Kind) -> Self {
        if kind == Kind::Python {
            for row in self.by_id.values_mut() {
                row.remove("allocated_at");
            }
        }
        self
    }
}

/// Adds what differs between two lists.
pub(super) fn compare_lists(
    kinds: Kinds,
    route: &str,
    (left, right): (&Rows, &Rows),
    filter: Option<&Filter>,
    findings: &mut Findings,
) {
    for rows in [left, right] {
        let mut seen = BTreeSet::new();
        for id in rows.order.iter().filter(|id| !seen.insert(*id)) {
            let found = std::ptr::eq(rows, left).then_some(&Value::Bool(true));
            let other = found.is_none().then_some(&Value::Bool(true));
            findings.add(route, Place::of(id, "repeated"), (found, other), None);
        }
    }
    let ids: BTreeSet<&String> = left.by_id.keys().chain(right.by_id.keys()).collect();
    for id in ids {
        match (left.by_id.get(id), right.by_id.get(id)) {
            (Some(one), Some(two)) => compare_rows(kinds, route, id, (one, two), findings),
            (one, two) => {
                let known = one.or(two).and_then(|row| {
                    let kind = if one.is_some() {
                        kinds.left
                    } else {
                        kinds.right
                    };
                    missing(kinds, kind, row, filter)
                });
                let whole = |row: Option<&Row>| row.map(|row| Value::Object(row.clone()));
                let (one, two) = (whole(one), whole(two));
                findings.add(
                    route,
                    Place::of(id, "segment"),
                    (one.as_ref(), two.as_ref()),
                    known,
                );
            }
        }
    }
    compare_order(kinds, route, (left, right), findings);
}

/// Whether it is known that only a service of this kind lists the row.
fn missing(kinds: Kinds, lister: Kind, row: &Row, filter: Option<&Filter>) -> Option<Known> {
    if !kinds.mixed() {
        return None;
    }
    if lister == Kind::Python && row.get("vlan_id").is_some_and(Value::is_null) {
        return Some(Known::NoVlan);
    }
    filter
        .filter(|filter| filter.is_read_differently())
        .map(|_| Known::Search)
}

fn compare_order(
    kinds: Kinds,
    route: &str,
    (left, right): (&Rows, &Rows),
    findings: &mut Findings,
) {
    let both = |one: &Rows, other: &Rows| -> Vec<Value> {
        let order = one.order.iter().filter(|id| other.by_id.contains_key(*id));
        order.map(|id| Value::from(id.as_str())).collect()
    };
    let (one, two) = (both(left, right), both(right, left));
    if let Some((one, two)) = one.iter().zip(&two).find(|(one, two)| one != two) {
        let known = kinds.mixed().then_some(Known::Order);
        findings.add(route, Place::field("order"), (Some(one), Some(two)), known);
    }
}

/// Adds what differs between two forms of one segment.
pub(super) fn compare_rows(
    kinds: Kinds,
    route: &str,
    id: &str,
    (left, right): (&Row, &Row),
    findings: &mut Findings,
) {
    let fields: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    for field in fields {
        let values = (left.get(field), right.get(field));
        let known = match kinds.sides(left, right) {
            Some((before, edge)) => {
                if field == "released" && !released_fits(before, edge) {
                    findings.add(route, Place::of(id, field), values, None);
                    continue;
                }
                known_of(field, before, edge)
            }
            None => (kinds.left == Kind::Python && field == "allocated_at" && both_text(values))
                .then_some(Known::Volatile),
        };
        if values.0 != values.1 {
            findings.add(route, Place::of(id, field), values, known);
        }
    }
}

fn both_text((left, right): (Option<&Value>, Option<&Value>)) -> bool {
    left.is_some_and(Value::is_string) && right.is_some_and(Value::is_string)
}

/// Whether it is known that the field differs between the Python service and segment-edge.
fn known_of(field: &str, before: &Row, edge: &Row) -> Option<Known> {
    let is_null = |field| before.get(field).is_some_and(Value::is_null);
    match field {
        "released" => Some(Known::Released),
        "allocated_at" => Some(Known::AllocatedAt),
        "released_at" if is_null("released_at") => Some(Known::ReleasedAt),
        "cluster_name" => {
            let (one, two): (BTreeSet<_>, BTreeSet<_>) =
                (clusters(before).collect(), clusters(edge).collect());
            (one == two).then_some(Known::ClusterSpelling)
        }
        _ => None,
    }
}

/// `released` says of the Python service that the prefix is active, of segment-edge that it is reserved and has no cluster: both can't be.
fn released_fits(before: &Row, edge: &Row) -> bool {
    let is_true = |row: &Row| row.get("released") == Some(&Value::Bool(true));
    let is_boolean = |row: &Row| row.get("released").is_some_and(Value::is_boolean);
    is_boolean(before)
        && is_boolean(edge)
        && (!is_true(edge) || (!is_true(before) && clusters(edge).next().is_none()))
}
