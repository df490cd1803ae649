//! What differs between two answers to one question.

use std::collections::BTreeSet;

use serde_json::Value;

use super::findings::{Findings, Place};
use super::known::Known;
use super::normal::{Counts, Kinds, by_site, counted, leaves};
use super::questions::{About, Filter, Question};
use super::rows::{Rows, compare_lists, compare_rows, row};
use super::service::{Answer, Kind};

/// The two services' answers, and what they listed when they were asked for all.
pub(super) struct Compared<'a> {
    pub(super) kinds: Kinds,
    pub(super) lists: (&'a Rows, &'a Rows),
    pub(super) findings: &'a mut Findings,
}

impl Compared<'_> {
    /// Adds what differs in the answers to a question.
    pub(super) fn answers(&mut self, question: &Question, left: &Answer, right: &Answer) {
        let route = &format!("GET {}", question.path);
        if left.status != question.status || right.status != question.status {
            let (one, two) = (Value::from(left.status), Value::from(right.status));
            self.findings.add(
                route,
                Place::field("status"),
                (Some(&one), Some(&two)),
                None,
            );
            return;
        }
        let (left, right) = (&left.body, &right.body);
        match &question.about {
            About::List(filter) => self.list(route, filter, left, right),
            About::One(id) => self.one(route, id, left, right),
            About::NoOne => self.refusal(route, left, right),
            About::Names(name) => self.names(route, name, left, right),
            About::Stats => self.stats(route, left, right),
            About::Health => self.health(route, left, right),
        }
    }

    fn list(&mut self, route: &str, filter: &Filter, left: &Value, right: &Value) {
        let Kinds {
            left: one,
            right: two,
        } = self.kinds;
        let read = |kind, body: &Value| Rows::read(kind, body.as_array()?);
        let (Some(mut left), Some(mut right)) = (read(one, left), read(two, right)) else {
            return self.unreadable(route, left, right);
        };
        if self.kinds.mixed() && filter.is_new() {
            let before = if one == Kind::Python {
                &mut left
            } else {
                &mut right
            };
            before.filter(filter);
            self.known(route, filter.name, Known::NoFilter);
        }
        compare_lists(
            self.kinds,
            route,
            (&left, &right),
            Some(filter),
            self.findings,
        );
    }

    fn one(&mut self, route: &str, id: &str, left: &Value, right: &Value) {
        let (one, two) = (row(self.kinds.left, left), row(self.kinds.right, right));
        let (Some(one), Some(two)) = (one, two) else {
            return self.unreadable(route, left, right);
        };
        compare_rows(self.kinds, route, id, (&one, &two), self.findings);
    }

    fn refusal(&mut self, route: &str, left: &Value, right: &Value) {
        match self.kinds.sides(left, right) {
            Some((before, edge)) => match (before.get("detail"), edge.get("type")) {
                (Some(_), Some(_)) => self.known(route, "", Known::Problem),
                _ => self.unreadable(route, left, right),
            },
            None => self.documents(route, left, right, &["/request_id"]),
        }
    }

    fn names(&mut self, route: &str, name: &str, left: &Value, right: &Value) {
        let list = |body: &Value| -> Option<Vec<String>> {
            let names = body.get(name)?.as_array()?.iter();
            names.map(|name| Some(name.as_str()?.to_owned())).collect()
        };
        let (Some(one), Some(two)) = (list(left), list(right)) else {
            return self.unreadable(route, left, right);
        };
        let Some((before, edge)) = self.kinds.sides(&one, &two) else {
            return self.documents(route, left, right, &[]);
        };
        let all: BTreeSet<&String> = one.iter().chain(&two).collect();
        for value in all {
            let (here, there) = (one.contains(value), two.contains(value));
            let only_edge = edge.contains(value) && !before.contains(value);
            let known = (only_edge && name == "sites").then_some(Known::Sites);
            if here != there {
                let value = Value::from(value.as_str());
                let (here, there) = (here.then_some(&value), there.then_some(&value));
                self.findings.add(
                    route,
                    Place::field(format!("/{name}")),
                    (here, there),
                    known,
                );
            }
        }
    }

    fn stats(&mut self, route: &str, left: &Value, right: &Value) {
        if !self.kinds.mixed() {
            return self.documents(route, left, right, &[]);
        }
        let Kinds {
            left: one,
            right: two,
        } = self.kinds;
        let (Some(left), Some(right)) = (by_site(one, left), by_site(two, right)) else {
            return self.unreadable(route, left, right);
        };
        self.known(route, "", Known::StatsForm);
        let sites: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for site in sites {
            let (here, there) = (left.get(site).copied(), right.get(site).copied());
            let known = self.known_counts(site, here, there);
            let (here, there) = (here.unwrap_or_default(), there.unwrap_or_default());
            for ((field, here), (_, there)) in here.fields().into_iter().zip(there.fields()) {
                if here != there {
                    let place = Place::field(format!("/by_site/{site}/{field}"));
                    let (here, there) = (Value::from(here), Value::from(there));
                    self.findings
                        .add(route, place, (Some(&here), Some(&there)), known);
                }
            }
        }
    }

    /// Different counts are as they should be when each service counts what it lists itself: whatever is wrong with the lists has been
    /// told of.
    fn known_counts(
        &self,
        site: &str,
        left: Option<Counts>,
        right: Option<Counts>,
    ) -> Option<Known> {
        let (before, edge) = self
            .kinds
            .sides((self.lists.0, left), (self.lists.1, right))?;
        let fits = |kind, (rows, counts): (&Rows, Option<Counts>)| {
            counts.unwrap_or_default() == counted(kind, rows, site)
        };
        match (fits(Kind::Python, before), fits(Kind::SegmentEdge, edge)) {
            (true, true) => Some(Known::StatsCount),
            // Before, a site that SITES does not name has segments in the list and no statistics.
            (false, true) if before.1.is_none() => Some(Known::Sites),
            _ => None,
        }
    }

    fn health(&mut self, route: &str, left: &Value, right: &Value) {
        let Some((before, edge)) = self.kinds.sides(left, right) else {
            return self.documents(route, left, right, &["/timestamp", "/version"]);
        };
        if before["status"] == "healthy" && edge["status"] == "ok" {
            return self.known(route, "", Known::Health);
        }
        let values = (left.get("status"), right.get("status"));
        self.findings
            .add(route, Place::field("/status"), values, None);
    }

    /// Two documents of one program; what changes by itself is known to differ.
    fn documents(&mut self, route: &str, left: &Value, right: &Value, volatile: &[&str]) {
        for (path, left, right) in leaves(left, right) {
            let known = volatile.contains(&path.as_str()).then_some(Known::Volatile);
            let values = (left.as_ref(), right.as_ref());
            self.findings.add(route, Place::field(path), values, known);
        }
    }

    /// A body that does not have the form it should have.
    fn unreadable(&mut self, route: &str, left: &Value, right: &Value) {
        self.findings
            .add(route, Place::field("form"), (Some(left), Some(right)), None);
    }

    fn known(&mut self, route: &str, field: &str, known: Known) {
        self.findings
            .add(route, Place::field(field), (None, None), Some(known));
    }
}
