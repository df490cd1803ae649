//! The rows, sorted into what belongs together.

use crate::verify::{Original, Outcome, Row};

/// What did the work in a row; also its colour and its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Edge,
    Tuned,
    Naive,
    Other,
}

impl Who {
    pub(super) fn of(row: &Row) -> Self {
        match row.subject.as_str() {
            "segment-edge" => Who::Edge,
            "tuned" => Who::Tuned,
            "naive" => Who::Naive,
            _ => Who::Other,
        }
    }

    /// The class that gives the colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Who::Edge => "edge",
            Who::Tuned => "tuned",
            Who::Naive => "naive",
            Who::Other => "other",
        }
    }
}

/// The same operations from the same beginning, by whomever and at whatever latency.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The first row: title and setting are the same in all.
    pub(super) first: &'a Row,
    /// All of them, segment-edge first; what was added to each call rises.
    pub(super) rows: Vec<&'a Row>,
}

impl<'a> Group<'a> {
    pub(super) fn original(&self) -> Option<&'a Original> {
        self.rows.iter().find_map(|row| row.original.as_ref())
    }

    /// The rows of each subject in each number of instances.
    pub(super) fn subjects(&self) -> Vec<Vec<&'a Row>> {
        let same = |a: &&Row, b: &&Row| (&a.subject, a.instances) == (&b.subject, b.instances);
        let chunks = self.rows.chunk_by(same);
        chunks.map(<[&Row]>::to_vec).collect()
    }

    /// The row of each subject at the highest latency at which it has figures.
    pub(super) fn at_most(&self) -> Vec<&'a Row> {
        let with_figures = |rows: Vec<&'a Row>| {
            let rows = rows.into_iter().filter(|row| row.failure.is_none());
            rows.max_by_key(|row| row.added_ms)
        };
        self.subjects()
            .into_iter()
            .filter_map(with_figures)
            .collect()
    }

    /// One row of a subject by itself, at the highest latency at which there is one with figures.
    pub(super) fn slowest(&self, subject: &str) -> Option<&'a Row> {
        let its =
            self.rows.iter().copied().filter(|row| {
                row.subject == subject && row.instances <= 1 && row.failure.is_none()
            });
        its.max_by_key(|row| row.added_ms)
    }
}

/// All groups, in the order in which they appear.
pub(super) fn groups(outcome: &Outcome) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in &outcome.rows {
        let here = |group: &&mut Group<'_>| {
            let first = group.first;
            (&first.scenario, first.manner, first.segments, first.warm)
                == (&row.scenario, row.manner, row.segments, row.warm)
        };
        match groups.iter_mut().find(here) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                first: row,
                rows: vec![row],
            }),
        }
    }
    for group in &mut groups {
        let order = |row: &&Row| {
            (
                Who::of(row),
                row.subject.clone(),
                row.instances,
                row.added_ms,
            )
        };
        group.rows.sort_by_key(order);
    }
    groups
}

/// How many targets there are, and how many were met.
pub(super) fn tally(outcome: &Outcome) -> (usize, usize) {
    let checks = || {
        let of_rows = outcome.rows.iter().flat_map(|row| &row.checks);
        of_rows.chain(outcome.findings.iter().map(|finding| &finding.check))
    };
    (checks().count(), checks().filter(|check| check.met).count())
}
