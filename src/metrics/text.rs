//! The Prometheus text format, version 0.0.4.

use std::fmt::{Display, Write as _};

use super::labels::{CLASSES, DURATIONS, METHODS, NETBOX_ROUTES, ROUTES, SIZES, SOURCES};
use super::tally::{Family, Series, Tally};
use crate::timestamp::Timestamp;

/// The media type.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const PREFIX: &str = "segment_edge_";
const MICROS: u64 = 1_000_000;

/// All figures of an answer.
#[derive(Clone, Debug)]
pub struct Figures {
    /// What all instances have counted.
    pub counts: Tally,
    /// How old the catalogue is, in seconds; `None` when nothing is known.
    pub age: Option<u64>,
    /// How many segments are known; `None` when nothing is.
    pub segments: Option<u64>,
    /// Intents in the store.
    pub intents: u64,
    /// Requests that this instance is answering.
    pub requests_in_flight: u64,
    /// NetBox calls of this instance that are under way.
    pub calls_in_flight: u64,
    /// When this instance began.
    pub started: Timestamp,
}

impl Figures {
    /// The text, the same for the same figures.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Text(String::with_capacity(4_096));
        let counts = &self.counts;
        text.family("requests_total", "counter", "Requests answered.");
        for (series, count) in counts.family(Family::Requests) {
            let (route, method, status) = series.labels();
            let status = status.to_string();
            let labels = [
                ("route", word(&ROUTES, route)),
                ("method", word(&METHODS, method)),
                ("status", &status),
            ];
            text.sample("requests_total", &labels, &count);
        }
        text.family(
            "reads_total",
            "counter",
            "Reads that the catalogue answered, by where it was from.",
        );
        for (at, source) in (0..).zip(SOURCES) {
            let count = counts.get(Series::new(Family::Reads, at, 0, 0));
            text.sample("reads_total", &[("source", source)], &count);
        }
        text.family(
            "netbox_calls_total",
            "counter",
            "NetBox calls, repeated ones counted.",
        );
        for (series, count) in counts.family(Family::Calls) {
            let (route, class, _) = series.labels();
            let labels = [
                ("route", word(&NETBOX_ROUTES, route)),
                ("class", word(&CLASSES, class)),
            ];
            text.sample("netbox_calls_total", &labels, &count);
        }
        let micros = counts.get(Series::new(Family::DurationSum, 0, 0, 0));
        text.family(
            "netbox_call_duration_seconds",
            "histogram",
            "How long NetBox calls took.",
        );
        text.histogram(
            "netbox_call_duration_seconds",
            (counts, Family::Duration, &DURATIONS),
            &format_args!("{}.{:06}", micros / MICROS, micros % MICROS),
        );
        text.family(
            "netbox_write_objects",
            "histogram",
            "Objects in one NetBox call that writes.",
        );
        text.histogram(
            "netbox_write_objects",
            (counts, Family::Objects, &SIZES),
            &counts.get(Series::new(Family::ObjectsSum, 0, 0, 0)),
        );
        self.gauges(&mut text);
        text.0
    }

    fn gauges(&self, text: &mut Text) {
        let begun = u64::try_from(self.started.micros()).unwrap_or_default() / MICROS;
        let gauges = [
            (
                "catalogue_age_seconds",
                "Time since the read of NetBox that the catalogue agrees with.",
                self.age,
            ),
            (
                "catalogue_segments",
                "Segments in the catalogue.",
                self.segments,
            ),
            (
                "intents_open",
                "Writes in the store that are under way or were left.",
                Some(self.intents),
            ),
            (
                "requests_in_flight",
                "Requests that this instance is answering, this one included.",
                Some(self.requests_in_flight),
            ),
            (
                "netbox_calls_in_flight",
                "NetBox calls of this instance that are under way.",
                Some(self.calls_in_flight),
            ),
            (
                "instance_started_seconds",
                "When this instance began, in seconds since 1970.",
                Some(begun),
            ),
        ];
        for (name, help, value) in gauges {
            text.family(name, "gauge", help);
            if let Some(value) = value {
                text.sample(name, &[], &value);
            }
        }
        text.family("info", "gauge", "The version of this instance.");
        text.sample("info", &[("version", env!("CARGO_PKG_VERSION"))], &1);
    }
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(
            self.0,
            "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}\n"
        );
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &dyn Display) {
        let _ = write!(self.0, "{PREFIX}{name}");
        let mut before = '{';
        for (label, text) in labels {
            let _ = write!(self.0, "{before}{label}=\"");
            escape(&mut self.0, text);
            self.0.push('"');
            before = ',';
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn histogram(
        &mut self,
        name: &str,
        (counts, family, buckets): (&Tally, Family, &[(u64, &str)]),
        sum: &dyn Display,
    ) {
        let ends = buckets.iter().map(|(_, end)| *end).chain(["+Inf"]);
        let mut total = 0;
        let bucket = format!("{name}_bucket");
        for (at, end) in (0..).zip(ends) {
            total += counts.get(Series::new(family, at, 0, 0));
            self.sample(&bucket, &[("le", end)], &total);
        }
        self.sample(&format!("{name}_sum"), &[], sum);
        self.sample(&format!("{name}_count"), &[], &total);
    }
}

/// The word at a place of a table; the first where a later version has added some.
fn word(table: &[&'static str], at: usize) -> &'static str {
    table.get(at).or(table.first()).copied().unwrap_or_default()
}

/// A label's value: backslash, quotation mark and line feed are escaped.
fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => into.push_str("\\\\"),
            '"' => into.push_str("\\\""),
            '\n' => into.push_str("\\n"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
