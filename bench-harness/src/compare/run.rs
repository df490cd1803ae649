//! One comparison, from the lists to the report.

use anyhow::Context as _;
use serde_json::Value;

use super::answers::Compared;
use super::findings::{Findings, Place};
use super::known::Known;
use super::normal::Kinds;
use super::questions::{Sample, questions};
use super::report::{Party, Report, Side};
use super::rows::{Rows, compare_lists};
use super::service::{Service, ask_both};

const LIST: &str = "GET /api/segments";

/// Asks both services, and says what differs.
///
/// # Errors
/// When one of them does not answer, or does not list its segments.
pub async fn compare(left: &Service, right: &Service, sample: Sample) -> anyhow::Result<Report> {
    let kinds = Kinds {
        left: left.kind(),
        right: right.kind(),
    };
    let mut findings = Findings::default();
    let lists = both_lists(left, right).await?;
    if kinds.mixed() {
        findings.add(LIST, Place::field("id"), (None, None), Some(Known::IdName));
    }
    compare_lists(kinds, LIST, (&lists.0, &lists.1), None, &mut findings);
    let questions = questions(&lists.0, &lists.1, sample);
    let mut compared = Compared {
        kinds,
        lists: (&lists.0, &lists.1),
        findings: &mut findings,
    };
    for question in &questions {
        let (one, two) = ask_both(left, right, &question.path).await?;
        compared.answers(question, &one, &two);
    }
    let again = both_lists(left, right).await?;
    let moved = |service: &Service, one: &Rows, two: &Rows| {
        one.clone().still(service.kind()) != two.clone().still(service.kind())
    };
    let mut changed = Vec::new();
    changed.extend(moved(left, &lists.0, &again.0).then_some(Side::Left));
    changed.extend(moved(right, &lists.1, &again.1).then_some(Side::Right));
    let (differences, known) = findings.end();
    Ok(Report {
        left: Party::new(left, lists.0.order.len()),
        right: Party::new(right, lists.1.order.len()),
        questions: questions.len() + 2,
        changed,
        differences,
        known,
    })
}

async fn both_lists(left: &Service, right: &Service) -> anyhow::Result<(Rows, Rows)> {
    let (one, two) = tokio::join!(left.list(), right.list());
    let read = |service: &Service, side: Side, values: &[Value]| {
        Rows::read(service.kind(), values).with_context(|| {
            format!(
                "{side}: {LIST} of {} lists something without an id",
                service.url()
            )
        })
    };
    Ok((
        read(left, Side::Left, &one?)?,
        read(right, Side::Right, &two?)?,
    ))
}
