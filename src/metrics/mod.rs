//! Counting what is done, for whoever watches: Prometheus, through `GET /metrics`.
//!
//! - [`tally`]: counts by series; small, for an instance has a few dozen. [`labels`]: what the numbers in a series stand for.
//! - [`text`]: the Prometheus text format.
//! - [`share`]: how the counts of many short-lived instances add up in the key-value store, no count twice.

pub mod labels;
pub mod share;
pub mod tally;
pub mod text;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use http::Method;

use crate::catalogue::Source;
use crate::timestamp::Timestamp;
use labels::{Class, DURATIONS, SIZES, method, netbox_route, place};
use tally::{Family, Series, Tally};

/// What one instance has done since it began.
#[derive(Debug)]
pub struct Counts {
    started: Timestamp,
    tally: RefCell<Tally>,
    requests: Cell<u64>,
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub struct InFlight(Rc<Counts>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get().saturating_sub(1));
    }
}

impl Counts {
    /// Nothing counted yet, by an instance that began at `started`.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        Self {
            started,
            tally: RefCell::default(),
            requests: Cell::new(0),
        }
    }

    /// When the instance began.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// A copy of all counts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally.borrow().clone()
    }

    /// How many requests are being answered.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.requests.get()
    }

    /// Notes that a request has come.
    #[must_use]
    pub fn come(self: &Rc<Self>) -> InFlight {
        self.requests.set(self.requests.get() + 1);
        InFlight(Rc::clone(self))
    }

    /// Counts a request that was answered; `route` is a place in [`labels::ROUTES`].
    pub fn answered(&self, route: u8, by: &Method, status: u16) {
        self.count(Series::new(Family::Requests, route, method(by), status), 1);
    }

    /// Counts a read that the catalogue answered.
    pub fn read(&self, from: Source) {
        let source = match from {
            Source::Cache => 0,
            Source::StaleWhileRefreshing => 1,
            Source::StaleOnError => 2,
            Source::Netbox => 3,
        };
        self.count(Series::new(Family::Reads, source, 0, 0), 1);
    }

    /// Counts a NetBox call to this path that took so long.
    pub fn called(&self, path: &str, class: Class, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = place(&DURATIONS, micros);
        self.count(
            Series::new(Family::Calls, netbox_route(path), class as u8, 0),
            1,
        );
        self.count(Series::new(Family::Duration, bucket, 0, 0), 1);
        self.count(Series::new(Family::DurationSum, 0, 0, 0), micros);
    }

    /// Counts the objects in a NetBox call that writes.
    pub fn wrote(&self, objects: usize) {
        let objects = objects as u64;
        let bucket = place(&SIZES, objects);
        self.count(Series::new(Family::Objects, bucket, 0, 0), 1);
        self.count(Series::new(Family::ObjectsSum, 0, 0, 0), objects);
    }

    fn count(&self, series: Series, by: u64) {
        self.tally.borrow_mut().add(series, by);
    }
}
