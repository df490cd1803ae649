//! One form for what the two programs answer in different ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::rows::{Rows, clusters, text};
use super::service::Kind;

/// Which programs are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kinds {
    pub(super) left: Kind,
    pub(super) right: Kind,
}

impl Kinds {
    /// Whether they are two different ones.
    pub(super) fn mixed(self) -> bool {
        self.left != self.right
    }

    /// Of two things the one of the Python service and the one of segment-edge; `None` when both are of one program.
    pub(super) fn sides<T>(self, left: T, right: T) -> Option<(T, T)> {
        match (self.left, self.right) {
            (Kind::Python, Kind::SegmentEdge) => Some((left, right)),
            (Kind::SegmentEdge, Kind::Python) => Some((right, left)),
            _ => None,
        }
    }
}

/// Segments of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) total: u64,
    pub(super) allocated: u64,
    pub(super) available: u64,
}

impl Counts {
    fn read(object: &Map<String, Value>, total: &str) -> Option<Self> {
        let count = |name| object.get(name).and_then(Value::as_u64);
        Some(Self {
            total: count(total)?,
            allocated: count("allocated")?,
            available: count("available")?,
        })
    }

    /// The counts by their names in segment-edge.
    pub(super) fn fields(self) -> [(&'static str, u64); 3] {
        [
            ("total", self.total),
            ("allocated", self.allocated),
            ("available", self.available),
        ]
    }
}

/// The statistics of each site: a list before, `by_site` in segment-edge. `None` when they have neither form.
pub(super) fn by_site(kind: Kind, body: &Value) -> Option<BTreeMap<String, Counts>> {
    match kind {
        Kind::Python => {
            let sites = body.as_array()?.iter().map(|site| {
                let site = site.as_object()?;
                Some((
                    text(site, "site")?.to_owned(),
                    Counts::read(site, "total_segments")?,
                ))
            });
            sites.collect()
        }
        Kind::SegmentEdge => {
            let sites = body.get("by_site")?.as_object()?.iter();
            let sites = sites.map(|(site, counts)| {
                Some((site.clone(), Counts::read(counts.as_object()?, "total")?))
            });
            sites.collect()
        }
    }
}

/// What a service that lists these rows counts at a site.
pub(super) fn counted(kind: Kind, rows: &Rows, site: &str) -> Counts {
    let mut counts = Counts::default();
    for row in rows
        .by_id
        .values()
        .filter(|row| text(row, "site") == Some(site))
    {
        let released = row.get("released") == Some(&Value::Bool(true));
        let allocated = clusters(row).next().is_some() && !(kind == Kind::Python && released);
        counts.total += 1;
        counts.allocated += u64::from(allocated);
        counts.available += u64::from(!allocated);
    }
    counts
}

/// The leaves of two documents that differ: JSON pointer, left, right.
pub(super) fn leaves(left: &Value, right: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
    let mut found = Vec::new();
    walk(String::new(), Some(left), Some(right), &mut found);
    found
}

fn walk(
    path: String,
    left: Option<&Value>,
    right: Option<&Value>,
    found: &mut Vec<(String, Option<Value>, Option<Value>)>,
) {
    match (left, right) {
        (Some(Value::Object(one)), Some(Value::Object(two))) => {
            let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            for name in names {
                let step = name.replace('~', "~0").replace('/', "~1");
                walk(
                    format!("{path}/{step}"),
                    one.get(name),
                    two.get(name),
                    found,
                );
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(two))) => {
            for at in 0..one.len().max(two.len()) {
                walk(format!("{path}/{at}"), one.get(at), two.get(at), found);
            }
        }
        (one, two) if one != two => found.push((path, one.cloned(), two.cloned())),
        _ => {}
    }
}
