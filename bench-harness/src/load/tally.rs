//! What one connection counted; the tallies of all are added up in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::mix::Operation;

/// Latencies are kept to three digits.
const DIGITS: u8 = 3;
/// The longest latency that is told apart from longer ones: an hour, in microseconds.
const LONGEST: u64 = 3_600_000_000;

/// What was counted of one operation.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// Latencies from the planned arrival, in microseconds, of all requests that were sent.
    pub(super) latencies: Histogram<u64>,
    /// What went wrong, by status or by what happened instead of one.
    pub(super) errors: BTreeMap<String, u64>,
    /// Requests that were due and could not be sent until the end.
    pub(super) unsent: u64,
    /// Requests that were sent more than a millisecond after they were due, as all connections were busy.
    pub(super) late: u64,
}

/// The tallies of all operations.
pub(super) type Tallies = BTreeMap<Operation, Tally>;

impl Tally {
    pub(super) fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self {
            latencies: Histogram::new_with_bounds(1, LONGEST, DIGITS)?,
            errors: BTreeMap::new(),
            unsent: 0,
            late: 0,
        })
    }

    pub(super) fn note(&mut self, latency: Duration, late: bool, error: Option<String>) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(micros);
        self.late += u64::from(late);
        if let Some(error) = error {
            *self.errors.entry(error).or_default() += 1;
        }
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), hdrhistogram::AdditionError> {
        self.latencies.add(&other.latencies)?;
        for (error, count) in &other.errors {
            *self.errors.entry(error.clone()).or_default() += count;
        }
        self.unsent += other.unsent;
        self.late += other.late;
        Ok(())
    }
}
