//! The NetBox calls of a row as text: who waited for whom.

use std::fmt::Write as _;

use super::outcome::{Row, Span};
use crate::netbox::Calls;

/// Columns of a bar.
const WIDTH: usize = 40;
/// More calls than this are cut in the middle.
const MOST: usize = 60;

/// The calls as spans; `origin` is the ledger's time when the scenario began.
pub(crate) fn spans(calls: &Calls, origin: u64) -> Vec<Span> {
    let span = |call: &crate::netbox::LedgerCall| Span {
        method: call.method.clone(),
        route: call.route().to_owned(),
        status: call.status,
        start_us: call.start.saturating_sub(origin),
        end_us: call.end.unwrap_or(call.start).saturating_sub(origin),
        bytes: call.request_bytes + call.response_bytes,
    };
    calls.0.iter().map(span).collect()
}

/// The timeline of a row, a line a call.
#[must_use]
pub fn timeline(row: &Row) -> String {
    let mut text = String::new();
    let calls = &row.timeline;
    let end = calls
        .iter()
        .map(|span| span.end_us)
        .max()
        .unwrap_or(1)
        .max(1);
    let place = |at: u64| {
        usize::try_from(at * WIDTH as u64 / end)
            .unwrap_or(WIDTH)
            .min(WIDTH)
    };
    for (n, span) in calls.iter().enumerate() {
        if calls.len() > MOST && (MOST / 2..calls.len() - MOST / 2).contains(&n) {
            if n == MOST / 2 {
                let _ = writeln!(text, "      ... {} more ...", calls.len() - MOST);
            }
            continue;
        }
        let (from, to) = (place(span.start_us), place(span.end_us));
        let bar = format!("{}{}", " ".repeat(from), "=".repeat((to - from).max(1)));
        let _ = writeln!(
            text,
            "  {:>3} {:>9.1} to {:>9.1} ms |{bar:<width$}| {} {} {} ({} bytes)",
            n + 1,
            span.start_us as f64 / 1_000.0,
            span.end_us as f64 / 1_000.0,
            span.method,
            span.route,
            span.status,
            span.bytes,
            width = WIDTH + 1,
        );
    }
    if text.is_empty() {
        text.push_str("  no NetBox call\n");
    }
    text
}
