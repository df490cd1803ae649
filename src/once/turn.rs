//! The right to carry out one request, held while it runs.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::key::Request;
use super::record::{Kept, Record};
use super::{Once, Seat};
use crate::log::Level;

/// The pause before an answer is tried to be kept again.
const SOON: Duration = Duration::from_millis(50);

/// The right to carry out one request. Dropped without a word, its mark stays until its lease is over.
pub struct Turn<'a> {
    once: &'a Once,
    /// Keeps the others of this instance out until the store knows the answer.
    seat: Seat<'a>,
    name: String,
    request: Request,
}

impl<'a> Turn<'a> {
    pub(super) fn new(once: &'a Once, seat: Seat<'a>, name: String, request: Request) -> Self {
        Self {
            once,
            seat,
            name,
            request,
        }
    }

    /// Does the work, renewing the lease meanwhile.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let host = &self.once.host;
        let mut work = std::pin::pin!(work);
        loop {
            let pause = host.sleep(self.once.lease.renewed_every());
            match select(work.as_mut(), pause).await {
                Either::Left((result, _)) => return result,
                Either::Right(((), _)) => {}
            }
            let mark = self.once.lease.mark(self.request, host.now());
            let renewal = host.set(self.name.clone(), mark);
            match select(work.as_mut(), renewal).await {
                Either::Left((result, renewal)) => {
                    // Given up half-way it might yet be carried out, and cover the answer that follows.
                    self.note(renewal.await.err());
                    return result;
                }
                Either::Right((renewed, _)) => self.note(renewed.err()),
            }
        }
    }

    /// Keeps the answer, to be given again.
    pub async fn keep(self, kept: Kept) {
        let request = self.request;
        let value = Record::Answered { request, kept }.encode();
        let host = &self.once.host;
        if host.set(self.name.clone(), value.clone()).await.is_ok() {
            return;
        }
        host.sleep(SOON).await;
        self.note(host.set(self.name.clone(), value).await.err());
    }

    /// Takes the mark down: the request may be carried out again.
    pub async fn give_up(self) {
        let host = &self.once.host;
        self.note(host.delete(self.name.clone()).await.err());
        drop(self.seat);
    }

    fn note(&self, error: Option<impl std::fmt::Display>) {
        if let Some(error) = error {
            let detail =
                format!("a request that was carried out could not be written down: {error}");
            self.once.logger.line(Level::Warn, "once", &detail);
        }
    }
}
