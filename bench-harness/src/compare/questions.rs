//! What is asked, all of it by GET.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::rows::{Row, Rows, clusters, text};

/// A number past the largest id that is asked for in vain.
const PAST: u64 = 1_000_000;

/// How many of each kind of question are asked.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// At most so many values of each kind (ids, VLAN ids, clusters, texts searched for); all without it.
    pub most: Option<usize>,
    /// Chooses them.
    pub seed: u64,
}

/// A condition of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) value: String,
}

impl Filter {
    /// Whether the Python service does not have it, and gives its whole list.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.name, "vrf" | "vlan_id" | "cluster_name")
    }

    /// Whether it should find the row. Only for those that are new.
    pub(super) fn finds(&self, row: &Row) -> bool {
        match self.name {
            "vrf" => text(row, "vrf") == Some(&self.value),
            "vlan_id" => {
                let vid = row.get("vlan_id").and_then(Value::as_u64);
                vid.is_some_and(|vid| self.value.parse() == Ok(vid))
            }
            "cluster_name" => clusters(row).any(|cluster| cluster == self.value),
            _ => true,
        }
    }

    /// Whether it is a search for something that the two programs read differently: a number, an address or network, or characters
    /// that mean something in a pattern.
    pub(super) fn is_read_differently(&self) -> bool {
        let number = |c: char| c.is_ascii_hexdigit() || ":./".contains(c);
        let pattern = |c: char| r".^$*+?{}[]\|()".contains(c);
        self.name == "q" && (self.value.chars().all(number) || self.value.contains(pattern))
    }
}

/// What a question is about, and so how its answers are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    List(Filter),
    One(String),
    NoOne,
    Names(&'static str),
    Stats,
    Health,
}

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) path: String,
    /// The status that is right.
    pub(super) status: u16,
    pub(super) about: About,
}

impl Question {
    fn new(path: impl Into<String>, about: About) -> Self {
        Self {
            path: path.into(),
            status: if about == About::NoOne { 404 } else { 200 },
            about,
        }
    }

    fn list(name: &'static str, value: &str) -> Self {
        let route = if name == "q" {
            "/api/segments/search"
        } else {
            "/api/segments"
        };
        let quoted = utf8_percent_encode(value, NON_ALPHANUMERIC);
        let filter = Filter {
            name,
            value: value.to_owned(),
        };
        Self::new(format!("{route}?{name}={quoted}"), About::List(filter))
    }
}

/// The questions beside the whole list, with values from what the two lists show.
pub(super) fn questions(left: &Rows, right: &Rows, sample: Sample) -> Vec<Question> {
    let mut some = Chosen {
        rng: fastrand::Rng::with_seed(sample.seed),
        most: sample.most,
    };
    let rows = || left.by_id.values().chain(right.by_id.values());
    let texts = |field| rows().filter_map(move |row| text(row, field));
    let mut all: Vec<Question> = Vec::new();
    for allocated in ["true", "false"] {
        all.push(Question::list("allocated", allocated));
    }
    for name in ["site", "vrf"] {
        let values: BTreeSet<&str> = texts(name).collect();
        all.extend(values.into_iter().map(|value| Question::list(name, value)));
    }
    let vids = rows().filter_map(|row| row.get("vlan_id").and_then(Value::as_u64));
    let vids = some.of(vids.map(|vid| vid.to_string()));
    all.extend(vids.iter().map(|vid| Question::list("vlan_id", vid)));
    let names = some.of(rows().flat_map(clusters).map(str::to_owned));
    all.extend(
        names
            .iter()
            .map(|name| Question::list("cluster_name", name)),
    );
    let searched = [
        some.of(texts("epg_name").map(str::to_owned)),
        some.of(texts("segment").map(str::to_owned)),
        some.of(texts("description")
            .flat_map(str::split_whitespace)
            .map(str::to_owned)),
        names,
        vids,
    ];
    // An empty one is refused, as it finds all or nothing.
    let searched: BTreeSet<String> = searched
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    all.extend(searched.iter().map(|text| Question::list("q", text)));
    // A segment that only one of them lists has been told of.
    let ids = left.by_id.keys().filter(|id| right.by_id.contains_key(*id));
    let ids = some.of(ids.cloned());
    all.extend(
        ids.into_iter()
            .map(|id| Question::new(format!("/api/segments/{id}"), About::One(id))),
    );
    all.push(Question::new(
        format!("/api/segments/{}", unknown(left, right)),
        About::NoOne,
    ));
    all.push(Question::new("/api/sites", About::Names("sites")));
    all.push(Question::new("/api/vrfs", About::Names("vrfs")));
    all.push(Question::new("/api/stats", About::Stats));
    all.push(Question::new("/api/health", About::Health));
    all
}

/// An id that neither has.
fn unknown(left: &Rows, right: &Rows) -> u64 {
    let ids = left.by_id.keys().chain(right.by_id.keys());
    let largest = ids.filter_map(|id| id.parse::<u64>().ok()).max();
    largest.unwrap_or_default().saturating_add(PAST)
}

struct Chosen {
    rng: fastrand::Rng,
    most: Option<usize>,
}

impl Chosen {
    /// Some of the different values, in their order.
    fn of(&mut self, values: impl Iterator<Item = String>) -> Vec<String> {
        let values: BTreeSet<String> = values.collect();
        let mut values: Vec<String> = values.into_iter().collect();
        if let Some(most) = self.most {
            self.rng.shuffle(&mut values);
            values.truncate(most);
            values.sort();
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str) -> Filter {
        Filter {
            name: "q",
            value: text.to_owned(),
        }
    }

    #[test]
    fn only_numbers_networks_and_patterns_are_read_differently() {
        for text in ["100", "10.0.0.0/24", "fd00:", "EPG.A", "a|b"] {
            assert!(search(text).is_read_differently(), "{text}");
        }
        for text in ["EPG_A", "cl-1", "shop"] {
            assert!(!search(text).is_read_differently(), "{text}");
        }
    }
}
