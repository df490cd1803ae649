//! What came of a run: as a table, as JSON, and held to limits.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::tally::{Tallies, Tally};

/// What came of one operation, or of all. Latencies in milliseconds, from the instant at which a request was due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationReport {
    /// Its name; `all` for the sum.
    pub operation: String,
    /// Requests that were due.
    pub due: u64,
    /// Requests that were sent and answered, or failed.
    pub sent: u64,
    /// Requests that were due and could not be sent before the run was ended.
    pub unsent: u64,
    /// Requests sent more than a millisecond after they were due, since all connections were busy.
    pub late: u64,
    /// What went wrong, by status (`503`) or by what happened instead of one (`timeout`, `no answer`, `broken answer`).
    pub errors: BTreeMap<String, u64>,
    /// Half of the latencies are at most this.
    pub p50_ms: f64,
    /// 90 % of the latencies are at most this.
    pub p90_ms: f64,
    /// 99 % of the latencies are at most this.
    pub p99_ms: f64,
    /// 99.9 % of the latencies are at most this.
    pub p999_ms: f64,
    /// The longest latency.
    pub max_ms: f64,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was put under load.
    pub target: String,
    /// The mix, as it was asked for.
    pub mix: String,
    /// Connections.
    pub connections: usize,
    /// Requests a second that were asked for.
    pub asked_rate: f64,
    /// Requests a second that were answered: those without an error, by the time until the last answer.
    pub achieved_rate: f64,
    /// From the first request to the last answer, in seconds.
    pub seconds: f64,
    /// Each operation, then `all`.
    pub operations: Vec<OperationReport>,
}

/// What a run is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The longest p99 of all requests.
    pub max_p99: Option<Duration>,
    /// The most errors; a request that could not be sent is one.
    pub max_errors: Option<u64>,
}

impl OperationReport {
    fn of(operation: &str, tally: &Tally) -> Self {
        let latencies = &tally.latencies;
        Self {
            operation: operation.to_owned(),
            due: latencies.len() + tally.unsent,
            sent: latencies.len(),
            unsent: tally.unsent,
            late: tally.late,
            errors: tally.errors.clone(),
            p50_ms: quantile(latencies, 0.5),
            p90_ms: quantile(latencies, 0.9),
            p99_ms: quantile(latencies, 0.99),
            p999_ms: quantile(latencies, 0.999),
            max_ms: ms(latencies.max()),
        }
    }

    /// How many requests went wrong or could not be sent.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum::<u64>() + self.unsent
    }
}

impl Report {
    pub(super) fn of(
        (target, mix): (String, String),
        connections: usize,
        asked_rate: f64,
        took: Duration,
        tallies: &Tallies,
    ) -> anyhow::Result<Self> {
        let mut all = Tally::new()?;
        let mut operations = Vec::new();
        for (operation, tally) in tallies {
            all.add(tally)?;
            operations.push(OperationReport::of(operation.name(), tally));
        }
        let all = OperationReport::of("all", &all);
        let good = all.due - all.failed();
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let achieved_rate = good as f64 / took.as_secs_f64().max(1e-9);
        operations.push(all);
        Ok(Self {
            target,
            mix,
            connections,
            asked_rate,
            achieved_rate,
            seconds: took.as_secs_f64(),
            operations,
        })
    }

    /// The sum of all operations.
    #[must_use]
    pub fn all(&self) -> Option<&OperationReport> {
        self.operations.last()
    }

    /// Which limits are broken, each in words; empty when none is.
    #[must_use]
    pub fn broken(&self, limits: &Limits) -> Vec<String> {
        let Some(all) = self.all() else {
            return vec!["nothing was sent".to_owned()];
        };
        let mut broken = Vec::new();
        if let Some(most) = limits.max_p99 {
            let most = most.as_secs_f64() * 1e3;
            if all.p99_ms > most {
                broken.push(format!("p99 is {:.3} ms, and may be {most} ms", all.p99_ms));
            }
        }
        if let Some(most) = limits.max_errors
            && all.failed() > most
        {
            broken.push(format!("{} requests failed, and {most} may", all.failed()));
        }
        broken
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = format!(
            "{} with {} connections, {}\nasked for {:.1} requests/s, achieved {:.1} without errors in {:.2} s\n\n",
            self.target,
            self.connections,
            self.mix,
            self.asked_rate,
            self.achieved_rate,
            self.seconds
        );
        let heads = [
            "operation",
            "due",
            "sent",
            "late",
            "errors",
            "p50",
            "p90",
            "p99",
            "p99.9",
            "max",
        ];
        let _ = write!(out, "{:<10}", heads[0]);
        for head in &heads[1..] {
            let _ = write!(out, "{head:>10}");
        }
        out.push('\n');
        for row in &self.operations {
            let _ = write!(
                out,
                "{:<10}{:>10}{:>10}{:>10}{:>10}",
                row.operation,
                row.due,
                row.sent,
                row.late,
                row.failed()
            );
            for figure in [row.p50_ms, row.p90_ms, row.p99_ms, row.p999_ms, row.max_ms] {
                let _ = write!(out, "{figure:>10.3}");
            }
            out.push('\n');
        }
        out.push_str("\nlatencies in ms, from the instant at which a request was due; late: sent more than 1 ms after that\n");
        if let Some(all) = self.all() {
            for (error, count) in &all.errors {
                let _ = writeln!(out, "{count} times {error}");
            }
            if all.unsent > 0 {
                let _ = writeln!(
                    out,
                    "{} requests were due and could not be sent",
                    all.unsent
                );
            }
        }
        out
    }
}

fn quantile(latencies: &Histogram<u64>, quantile: f64) -> f64 {
    // A bucket's upper end may be above the longest latency.
    ms(latencies.value_at_quantile(quantile).min(latencies.max()))
}

fn ms(micros: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let micros = micros as f64;
    micros / 1e3
}
