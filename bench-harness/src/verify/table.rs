//! The run as a table on a terminal, and what was missed.

use std::fmt::Write as _;

use super::outcome::{Check, Outcome, Row};
use super::timeline::timeline;

/// A line a row: figures, the original's, the targets.
#[must_use]
pub fn table(outcome: &Outcome) -> String {
    let mut text = format!(
        "{:<40} {:<13} {:>5} {:>6} {:>6} {:>5} {:>9} {:>9} {:>5} {:>11} {:>6}  {:<24} {}\n",
        "scenario",
        "by",
        "+ms",
        "calls",
        "depth",
        "peak",
        "bytes",
        "ms",
        "hits",
        "fuel",
        "MiB",
        "original: claimed",
        "measured"
    );
    for row in &outcome.rows {
        let figures = &row.figures;
        let fuel = figures
            .fuel
            .map_or_else(String::new, |fuel| fuel.to_string());
        let memory = figures.guest_memory_bytes;
        let memory = memory.map_or_else(String::new, |bytes| {
            format!("{:.1}", bytes as f64 / f64::from(1 << 20))
        });
        let original = row.original.as_ref();
        let claimed = original
            .and_then(|o| o.claimed.as_deref())
            .unwrap_or_default();
        let measured = original
            .and_then(|o| o.measured.as_deref())
            .unwrap_or_default();
        let _ = write!(
            text,
            "{:<40} {:<13} {:>5} ",
            key(row),
            row.subject,
            row.added_ms
        );
        if let Some(failure) = &row.failure {
            let _ = writeln!(text, "{failure}");
            continue;
        }
        let _ = write!(
            text,
            "{:>6} {:>6} {:>5} {:>9} {:>9.1} {:>5.2} {fuel:>11} {memory:>6}  {claimed:<24} {measured}",
            figures.calls,
            figures.depth,
            figures.peak_in_flight,
            figures.netbox_bytes,
            figures.wall_ms,
            figures.hit_rate
        );
        let missed: Vec<&str> = row
            .checks
            .iter()
            .filter(|c| !c.met)
            .map(|c| c.what.as_str())
            .collect();
        if !missed.is_empty() {
            let _ = write!(text, "  MISSED: {}", missed.join(", "));
        }
        text.push('\n');
    }
    for growth in &outcome.growth {
        let _ = writeln!(
            text,
            "growth {:>7}: cold {} calls {:.0} ms, memory {:.1} MiB, store {:.2} MiB, new instance {:.2} ms, page {:.2}, search {:.2}, get {:.2}, allocate {:.2}, create {:.2} ms",
            growth.segments,
            growth.cold_calls,
            growth.cold_ms,
            growth.guest_memory_bytes as f64 / f64::from(1 << 20),
            growth.store_bytes as f64 / f64::from(1 << 20),
            growth.new_instance_ms,
            growth.page_ms,
            growth.search_ms,
            growth.get_ms,
            growth.allocate_ms,
            growth.create_ms
        );
    }
    if let Some(reads) = &outcome.reads {
        let _ = writeln!(
            text,
            "warm reads: {:.0} requests/s, p50 {:.3} ms, p99 {:.3} ms; smallest answer {:.0} requests/s, p50 {:.3} ms; one processor: {}",
            reads.requests_per_second,
            reads.p50_ms,
            reads.p99_ms,
            reads.empty_requests_per_second,
            reads.empty_p50_ms,
            reads.one_processor
        );
    }
    text
}

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
