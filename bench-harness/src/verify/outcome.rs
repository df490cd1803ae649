//! What a run of `verify` found: the data behind the table, the JSON and the HTML page.

use serde::{Deserialize, Serialize};

use super::subject::Manner;

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The form of this document: 1.
    pub version: u32,
    /// When the run began, RFC 3339, UTC.
    pub at: String,
    /// What was measured.
    pub component: ComponentFacts,
    /// Before what it was measured: `double`, or `NetBox 4.7.3`.
    pub netbox: String,
    /// Processors that were there. Times depend on the machine; calls, depth, bytes and fuel do not.
    pub processors: usize,
    /// How long the whole run took, in seconds.
    pub took_seconds: f64,
    /// Every scenario with every subject.
    pub rows: Vec<Row>,
    /// What grows with the number of segments.
    pub growth: Vec<Growth>,
    /// How fast warm reads are.
    pub reads: Option<WarmReads>,
    /// What was checked beyond single rows: growth, warm reads, the same result of all, the same calls as at the double.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// A check that belongs to no single row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at: `growth 100000`, `warm reads`, `create-10/bulk by naive`.
    pub about: String,
    /// The check: `memory-bytes`, `p50-ms`, `same-result`, `same-calls`, and so on.
    pub check: Check,
    /// In words, what is wrong; empty when nothing is.
    pub text: String,
}

/// The file that was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentFacts {
    /// Bytes of the `.wasm`.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// One scenario, by one subject, in one setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The scenario's name in `targets.toml`: `create-10`.
    pub scenario: String,
    /// What it does, for people: `create 10 segments`.
    pub title: String,
    /// How its operations were asked for, where there are several.
    pub manner: Option<Manner>,
    /// Who did it: `segment-edge`, `naive`, `tuned`, `pynetbox`.
    pub subject: String,
    /// Segments in NetBox at the beginning.
    pub segments: usize,
    /// Whether the catalogue was there at the beginning.
    pub warm: bool,
    /// Instances of the component that shared the work; 1 for other subjects.
    pub instances: usize,
    /// What was added to each NetBox call, in milliseconds.
    pub added_ms: u64,
    /// The figures.
    pub figures: Figures,
    /// The NetBox calls, in the order they began.
    pub timeline: Vec<Span>,
    /// What the target file asks, and whether it was met. Empty for subjects other than the component.
    pub checks: Vec<Check>,
    /// The original service, where it did this operation.
    pub original: Option<Original>,
    /// Why there are no figures: the subject can't do it, or failed.
    pub failure: Option<String>,
}

/// What was measured in one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// NetBox calls.
    pub calls: usize,
    /// The longest chain of calls one after another.
    pub depth: usize,
    /// The most calls at one moment.
    pub peak_in_flight: usize,
    /// Bytes of all bodies of those calls, both ways.
    pub netbox_bytes: u64,
    /// The whole scenario, in milliseconds: the best of the repetitions.
    pub wall_ms: f64,
    /// The whole scenario, in milliseconds, each repetition.
    pub walls_ms: Vec<f64>,
    /// depth x added latency, in milliseconds: nobody who needs these calls can be faster.
    pub floor_ms: f64,
    /// The share of the requests during which no NetBox call was made, 0 to 1. Of the mixed day only the reads are counted.
    pub hit_rate: f64,
    /// Requests made to the subject.
    pub requests: usize,
    /// Guest fuel for the whole scenario (wasmtime's unit: about one an instruction), start of instances included; the component only.
    pub fuel: Option<u64>,
    /// The largest linear memory of any instance, in bytes; the component only.
    pub guest_memory_bytes: Option<u64>,
}

/// One NetBox call of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// Begin, in microseconds since the scenario began.
    pub start_us: u64,
    /// End, likewise.
    pub end_us: u64,
    /// Bytes of both bodies.
    pub bytes: u64,
}

/// One target, held against a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Which figure: `calls`, `depth`, `peak-in-flight`, `bytes`, `latency-ms`, `memory-bytes`, `hit-rate`; and held against the
    /// golden file, `golden-fuel` and `golden-bytes`.
    pub what: String,
    /// What is asked: at most this (`hit-rate` and `requests-per-second`: at least).
    pub target: f64,
    /// What was measured.
    pub found: f64,
    /// Whether it was met.
    pub met: bool,
}

/// What is known of the original service, from `targets.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// The calls that its authors gave for its first state and for its tuned one: `201 to 250`, `1`.
    pub claimed: Option<String>,
    /// Calls (depth) of the tuned state, measured before NetBox 4.7.3: `70 (49)`.
    pub measured: Option<String>,
}

/// The costs at one number of segments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// Segments in NetBox.
    pub segments: usize,
    /// NetBox calls of the first read.
    pub cold_calls: usize,
    /// How long the first read took, in milliseconds, NetBox's own time included.
    pub cold_ms: f64,
    /// The largest linear memory of any instance, in bytes.
    pub guest_memory_bytes: u64,
    /// Bytes in the key-value store.
    pub store_bytes: u64,
    /// The first answer of a new instance that finds the catalogue in the store, in milliseconds.
    pub new_instance_ms: f64,
    /// A page of 100 in a warm instance, in milliseconds (median), without a socket. The next four likewise.
    pub page_ms: f64,
    /// A search.
    pub search_ms: f64,
    /// One segment.
    pub get_ms: f64,
    /// An allocation, NetBox's own time taken away.
    pub allocate_ms: f64,
    /// A create, NetBox's own time taken away.
    pub create_ms: f64,
}

/// Warm reads of 100 segments through the host, over sockets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmReads {
    /// Requests a second with the host kept to one processor, where that can be done.
    pub requests_per_second: f64,
    /// Whether the host was kept to one processor.
    pub one_processor: bool,
    /// Half of the answers came within this, in milliseconds, at one connection.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, in milliseconds, at one connection.
    pub p99_ms: f64,
    /// The same for a handler that does nothing in the same host:
    /// requests a second.
    pub empty_requests_per_second: f64,
    /// The median for that answer, in milliseconds.
    pub empty_p50_ms: f64,
    /// The same list by the component of WASIp2, where it lies beside the other.
    #[serde(default)]
    pub wasip2: Option<FreshReads>,
}

/// The reads of [`WarmReads`] by the component of WASIp2: a new instance for each, that finds the catalogue in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FreshReads {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Half of the answers came within this, in milliseconds, at one connection.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, in milliseconds, at one connection.
    pub p99_ms: f64,
}

impl Check {
    /// A figure that may be at most `target`.
    #[must_use]
    pub fn at_most(what: &str, target: f64, found: f64) -> Self {
        Self {
            what: what.to_owned(),
            target,
            found,
            met: found <= target,
        }
    }

    /// A figure that must be at least `target`.
    #[must_use]
    pub fn at_least(what: &str, target: f64, found: f64) -> Self {
        Self {
            what: what.to_owned(),
            target,
            found,
            met: found >= target,
        }
    }
}

impl Outcome {
    /// The rows with a target that was missed, or without figures though they have targets.
    pub fn missed(&self) -> impl Iterator<Item = &Row> {
        let missed = |row: &&Row| {
            row.checks.iter().any(|check| !check.met)
                || (row.subject == "segment-edge" && row.failure.is_some())
        };
        self.rows.iter().filter(missed)
    }

    /// Whether everything that was asked was met.
    pub fn is_met(&self) -> bool {
        self.missed().next().is_none() && self.findings.iter().all(|finding| finding.check.met)
    }
}
