//! Which call comes nearest to another, and what differs.

use super::key::{Body, Key};
use crate::har::diff::{members, short};

/// What another method costs, so that a call with another parameter comes nearer than one with another method.
const METHOD: usize = 6;
/// What each segment of a path costs that is not the same.
const SEGMENT: usize = 4;
/// What differs is listed up to this many items.
const SHOWN: usize = 8;

/// One thing that differs: where, what it is here, what it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    what: String,
    here: Option<String>,
    there: Option<String>,
}

/// The call of a list that comes nearest to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nearest {
    /// Its place in the list.
    pub(super) index: usize,
    differences: Vec<Difference>,
}

impl Nearest {
    /// The nearest of several calls, the first of them when several are equally near; `None` when there are none.
    pub(super) fn of<'a>(key: &Key, others: impl Iterator<Item = &'a Key>) -> Option<Self> {
        let (index, other) = others
            .enumerate()
            .min_by_key(|(_, other)| distance(key, other))?;
        Some(Self {
            index,
            differences: differences(key, other),
        })
    }

    /// What differs: the call first, then the recording.
    pub(super) fn words(&self) -> String {
        self.list(|d| match (&d.here, &d.there) {
            (Some(here), Some(there)) => format!("{} is {here}, recorded {there}", d.what),
            (Some(here), None) => format!("{} is {here}, recorded without it", d.what),
            (None, Some(there)) => format!("{} is missing, recorded {there}", d.what),
            (None, None) => d.what.clone(),
        })
    }

    /// The same for a recorded call and one that came.
    pub(super) fn swapped(&self) -> String {
        self.list(|d| match (&d.here, &d.there) {
            (Some(here), Some(there)) => format!("{} is {there}, recorded {here}", d.what),
            (Some(here), None) => format!("{} is missing, recorded {here}", d.what),
            (None, Some(there)) => format!("{} is {there}, recorded without it", d.what),
            (None, None) => d.what.clone(),
        })
    }

    fn list(&self, words: impl Fn(&Difference) -> String) -> String {
        let shown: Vec<String> = self.differences.iter().take(SHOWN).map(words).collect();
        let shown = shown.join("; ");
        match self.differences.len().saturating_sub(SHOWN) {
            0 if shown.is_empty() => "no difference".to_owned(),
            0 => shown,
            more => format!("{shown}; and {more} more"),
        }
    }
}

fn distance(one: &Key, other: &Key) -> usize {
    let method = if one.method == other.method {
        0
    } else {
        METHOD
    };
    let (here, there) = (segments(&one.path), segments(&other.path));
    let common = here.iter().zip(&there).filter(|(a, b)| a == b).count();
    let path = here.len().max(there.len()) - common;
    let rest = differences(one, other).len();
    method + path * SEGMENT + rest
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').collect()
}

fn differences(one: &Key, other: &Key) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |what: String, here: Option<String>, there: Option<String>| {
        if here != there {
            found.push(Difference { what, here, there });
        }
    };
    let some = |text: &str| Some(text.to_owned());
    add(
        "the method".to_owned(),
        some(&one.method),
        some(&other.method),
    );
    add("the path".to_owned(), some(&one.path), some(&other.path));
    let mut names: Vec<&str> = one
        .query
        .iter()
        .chain(&other.query)
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values = |key: &Key| {
            let values = key.query.iter().filter(|(known, _)| known == name);
            let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
            (!values.is_empty()).then(|| short(&values.join(",")))
        };
        add(format!("parameter {name}"), values(one), values(other));
    }
    match (&one.body, &other.body) {
        (Body::Json(here), Body::Json(there)) => members("", here, there, &mut add),
        (here, there) => add("the body".to_owned(), text(here), text(there)),
    }
    found
}

fn text(body: &Body) -> Option<String> {
    match body {
        Body::Empty => None,
        Body::Json(value) => Some(short(&value.to_string())),
        Body::Text(text) => Some(short(text)),
    }
}
