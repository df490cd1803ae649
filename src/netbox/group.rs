//! Gives the line of [`super::line`] its tasks: whoever finds it free sends for all that wait.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::line::{Line, Ticket};
use crate::platform::Host;
use crate::sync::{Bell, step_aside};

/// The most items in one call: 50 take NetBox 1.5 to 2.5 s, in one transaction that holds one worker (measured).
pub const MOST: usize = 50;

/// How many callers are in any group of a kind of work: who is not alone lets those catch up who were woken with him.
#[derive(Clone, Default)]
pub(super) struct Company(Rc<Cell<usize>>);

impl Company {
    fn enter(&self) -> (bool, Inside) {
        let others = self.0.get();
        self.0.set(others + 1);
        (others > 0, Inside(Rc::clone(&self.0)))
    }
}

/// A caller in some group.
struct Inside(Rc<Cell<usize>>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Sends items of one kind, one call at a time.
pub(super) struct Group<T, R> {
    host: Host,
    company: Company,
    line: RefCell<Line<T, R>>,
    changed: Bell,
    lost: fn() -> R,
}

impl<T, R> Group<T, R> {
    /// A group whose calls carry at most `most` items, which get `lost` as their answer when the request that sent them ends
    /// in the midst.
    pub(super) fn new(host: Host, company: Company, most: usize, lost: fn() -> R) -> Self {
        Self {
            host: Rc::clone(&host),
            company,
            line: RefCell::new(Line::new(most)),
            changed: Bell::new(host),
            lost,
        }
    }

    /// Has all items sent and gives the answers in their order. `send` must answer each item it is given.
    pub(super) async fn submit<F>(&self, items: Vec<T>, send: F) -> Vec<R>
    where
        F: AsyncFn(Vec<T>) -> Vec<R>,
    {
        if items.is_empty() {
            return Vec::new();
        }
        let (accompanied, _inside) = self.company.enter();
        let place = Place {
            group: self,
            tickets: self.line.borrow_mut().join(items),
        };
        if accompanied {
            // Those whose answers came in the same call are about to ask for the same as we do.
            step_aside(&self.host).await;
        }
        loop {
            let answers = self.line.borrow_mut().take(&place.tickets);
            if let Some(answers) = answers {
                return answers;
            }
            let batch = self.line.borrow_mut().start();
            if let Some(batch) = batch {
                let mut call = UnderWay {
                    group: self,
                    answers: Vec::new(),
                };
                call.answers = send(batch).await;
                drop(call);
            } else {
                self.changed.wait().await;
            }
        }
    }
}

/// A caller's place in the line, given up when the caller is.
struct Place<'a, T, R> {
    group: &'a Group<T, R>,
    tickets: Vec<Ticket>,
}

impl<T, R> Drop for Place<'_, T, R> {
    fn drop(&mut self) {
        self.group.line.borrow_mut().leave(&self.tickets);
    }
}

/// A call under way. However it ends, everybody whose item it carries hears of it.
struct UnderWay<'a, T, R> {
    group: &'a Group<T, R>,
    answers: Vec<R>,
}

impl<T, R> Drop for UnderWay<'_, T, R> {
    fn drop(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        self.group.line.borrow_mut().done(answers, self.group.lost);
        self.group.changed.ring();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::testing::host;
    use crate::sync::Permits;
    use futures_util::FutureExt;
    use std::cell::Cell;

    fn group() -> Group<u32, u32> {
        Group::new(host(), Company::default(), MOST, || u32::MAX)
    }

    #[test]
    fn a_lone_request_is_sent_without_waiting() {
        let group = group();
        let sent = group.submit(vec![4], async |items| {
            items.into_iter().map(|i| i * 2).collect()
        });
        assert_eq!(sent.now_or_never().unwrap(), [8]);
    }

    #[test]
    fn two_that_wait_share_one_call() {
        let (group, gate, calls) = (group(), Permits::new(host(), 0), Cell::new(0));
        let send = async |items: Vec<u32>| {
            calls.set(calls.get() + 1);
            if calls.get() == 1 {
                gate.take().await;
            }
            items
        };
        let mut first = Box::pin(group.submit(vec![1], &send));
        let mut second = Box::pin(group.submit(vec![2], &send));
        let mut third = Box::pin(group.submit(vec![3], &send));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.now_or_never().unwrap(), [2]);
        assert_eq!(third.now_or_never().unwrap(), [3]);
        assert_eq!(calls.get(), 2);
    }

    #[test]
    fn whoever_travelled_with_a_request_that_ended_hears_of_it() {
        let (group, gate) = (group(), Permits::new(host(), 0));
        let hold = async |items: Vec<u32>| {
            gate.take().await;
            items
        };
        let answer = async |items: Vec<u32>| items;
        let mut first = Box::pin(group.submit(vec![1], answer));
        // The line is taken by a call that carries two callers' items, and whose sender ends.
        let tickets = group.line.borrow_mut().join([7]);
        let mut sender = Box::pin(group.submit(vec![8], hold));
        assert!(sender.as_mut().now_or_never().is_none());
        drop(sender);
        assert_eq!(group.line.borrow_mut().take(&tickets), Some(vec![u32::MAX]));
        assert_eq!(first.as_mut().now_or_never().unwrap(), [1]);
    }
}
