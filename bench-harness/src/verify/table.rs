//! What was missed in a run, and what else should be said of it.

use std::fmt::Write as _;

use super::outcome::{Check, Outcome, Row};
use super::timeline::timeline;

fn key(row: &Row) -> String {
    let manner = row
        .manner
        .and_then(|manner| serde_json::to_value(manner).ok());
    let mut key = row.scenario.clone();
    if let Some(manner) = manner.as_ref().and_then(serde_json::Value::as_str) {
        let _ = write!(key, "/{manner}");
    }
    if row.instances > 1 {
        let _ = write!(key, "/{}-instances", row.instances);
    }
    key
}

fn told(check: &Check) -> String {
    let (target, found) = (check.target, check.found);
    let more = found - target;
    let share = if target == 0.0 {
        String::new()
    } else {
        format!(", {:+.1} %", more / target * 100.0)
    };
    let word = if more >= 0.0 { "at most" } else { "at least" };
    format!(
        "{} is {found:.3}, asked is {word} {target:.3} ({more:+.3}{share})",
        check.what
    )
}

/// What was missed, by how much, and with which calls; empty when nothing was.
#[must_use]
pub fn missed(outcome: &Outcome) -> String {
    let mut text = String::new();
    for row in outcome.missed() {
        let _ = writeln!(text, "MISSED {} at +{} ms:", key(row), row.added_ms);
        if let Some(failure) = &row.failure {
            let _ = writeln!(text, "  {failure}");
        }
        for check in row.checks.iter().filter(|check| !check.met) {
            let _ = writeln!(text, "  {}", told(check));
        }
        text.push_str(&timeline(row));
    }
    for finding in outcome.unmet() {
        let _ = writeln!(text, "MISSED {}: {}", finding.about, told(&finding.check));
        if !finding.text.is_empty() {
            let _ = writeln!(text, "  {}", finding.text);
        }
    }
    text
}

/// What is no miss and should still be said: results that are known to differ, figures that became better.
#[must_use]
pub fn notes(outcome: &Outcome) -> String {
    let met = outcome
        .findings
        .iter()
        .filter(|finding| finding.check.met && !finding.text.is_empty());
    met.map(|finding| format!("note: {}: {}\n", finding.about, finding.text))
        .collect()
}
