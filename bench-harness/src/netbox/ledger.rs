//! The ledger of calls: how many, how deep, how many at once. Exact figures, gathered at NetBox's side of the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

/// One call to NetBox, times in microseconds since the ledger was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerCall {
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// When its first byte was taken.
    pub start: u64,
    /// When its answer was handed back, always after `start`; `None` while it is under way.
    pub end: Option<u64>,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
    /// The status; 0 when no answer was given.
    pub status: u16,
    #[serde(skip)]
    number: u64,
}

impl LedgerCall {
    /// The path without its query.
    #[must_use]
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or(&self.path)
    }
}

/// A set of calls and what can be said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls(pub Vec<LedgerCall>);

impl Calls {
    /// How many calls.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The longest chain of calls each of which started after the one before had ended: the round trips a caller waited for.
    /// Calls under way count as ending never.
    #[must_use]
    pub fn depth(&self) -> usize {
        // The most calls that do not overlap form the longest chain; taking the earliest end each time finds it.
        let mut spans: Vec<(u64, u64)> = self.spans().collect();
        spans.sort_unstable_by_key(|(_, end)| *end);
        let (mut depth, mut free_from) = (0, 0);
        for (start, end) in spans {
            if start >= free_from {
                depth += 1;
                free_from = end;
            }
        }
        depth
    }

    /// The most calls under way at any one moment.
    #[must_use]
    pub fn peak_concurrency(&self) -> usize {
        let mut events: Vec<(u64, i8)> = self
            .spans()
            .flat_map(|(start, end)| [(start, 1), (end, -1)])
            .collect();
        // At one moment ends come before starts: calls that only touch are not at once.
        events.sort_unstable();
        let (mut now, mut peak) = (0_i64, 0_i64);
        for (_, change) in events {
            now += i64::from(change);
            peak = peak.max(now);
        }
        usize::try_from(peak).unwrap_or(0)
    }

    /// Bytes of all bodies, asked and answered.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0
            .iter()
            .map(|call| call.request_bytes + call.response_bytes)
            .sum()
    }

    /// How many calls used a method other than GET, HEAD and OPTIONS; GraphQL's POST is a read and not counted.
    #[must_use]
    pub fn writes(&self) -> usize {
        let reads = |call: &LedgerCall| {
            matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS")
                || call.route() == "/graphql/"
        };
        self.0.iter().filter(|call| !reads(call)).count()
    }

    fn spans(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.0
            .iter()
            .map(|call| (call.start, call.end.unwrap_or(u64::MAX)))
    }
}

/// A place in the ledger, for [`Ledger::since`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u64);

#[derive(Debug, Default)]
struct Book {
    calls: Vec<LedgerCall>,
    next: u64,
}

/// The calls received, in the order they began. Clones share the same book.
#[derive(Clone, Debug)]
pub struct Ledger {
    origin: Instant,
    book: Arc<Mutex<Book>>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
            book: Arc::default(),
        }
    }
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present moment in the ledger's time: microseconds since it was made.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Writes a call down as under way. The entry is closed when the returned value is dropped.
    pub fn begin(&self, method: &str, path: &str, request_bytes: u64) -> OpenCall {
        let mut book = self.book();
        let number = book.next;
        book.next += 1;
        book.calls.push(LedgerCall {
            method: method.into(),
            path: path.into(),
            start: self.now(),
            end: None,
            request_bytes,
            response_bytes: 0,
            status: 0,
            number,
        });
        OpenCall {
            ledger: self.clone(),
            number,
            status: 0,
            response_bytes: 0,
        }
    }

    /// All calls, those under way included.
    #[must_use]
    pub fn calls(&self) -> Calls {
        Calls(self.book().calls.clone())
    }

    /// How many calls have begun.
    #[must_use]
    pub fn count(&self) -> usize {
        self.book().calls.len()
    }

    /// See [`Calls::depth`].
    #[must_use]
    pub fn depth(&self) -> usize {
        self.calls().depth()
    }

    /// See [`Calls::peak_concurrency`].
    #[must_use]
    pub fn peak_concurrency(&self) -> usize {
        self.calls().peak_concurrency()
    }

    /// The present place in the ledger.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.book().next)
    }

    /// The calls that began after a mark.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Calls {
        let calls = &self.book().calls;
        let later = calls.iter().filter(|call| call.number >= mark.0);
        Calls(later.cloned().collect())
    }

    /// Forgets all calls; marks stay good.
    pub fn clear(&self) {
        self.book().calls.clear();
    }
}

/// A call under way.
#[derive(Debug)]
pub struct OpenCall {
    ledger: Ledger,
    number: u64,
    status: u16,
    response_bytes: u64,
}

impl OpenCall {
    /// Notes the answer; the call ends when this value is dropped.
    pub fn answered(&mut self, status: u16, response_bytes: u64) {
        self.status = status;
        self.response_bytes = response_bytes;
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let now = self.ledger.now();
        let mut book = self.ledger.book();
        let found = book.calls.iter_mut().rev();
        for call in found {
            if call.number == self.number {
                call.end = Some(now.max(call.start + 1));
                call.status = self.status;
                call.response_bytes = self.response_bytes;
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests;
