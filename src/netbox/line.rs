//! Group commit, as a state machine: what arrives while a call is under way waits, and goes together in the next one.
//!
//! NetBox needs about 100 ms for one object alone and 30 to 45 ms for each of a list (measured), so ten writes in one call
//! cost less than half of ten calls. A lone request never waits: the line is free, and it goes at once.
//!
//! The machine knows neither time nor tasks: [`Line::join`], [`Line::start`], [`Line::done`] and [`Line::take`] are told
//! what happened. `group` gives it both.

use std::collections::VecDeque;

/// Stands for one item from joining until its answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// Items of one kind that wait to be sent, and the answers that nobody has taken yet.
#[derive(Debug)]
pub struct Line<T, R> {
    next: u64,
    most: usize,
    waiting: VecDeque<(Ticket, T)>,
    under_way: Vec<Ticket>,
    answers: Vec<(Ticket, R)>,
}

impl<T, R> Line<T, R> {
    /// An empty line whose calls carry at most `most` items.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            next: 0,
            most: most.max(1),
            waiting: VecDeque::new(),
            under_way: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Puts items at the end of the line; their tickets in the same order.
    pub fn join(&mut self, items: impl IntoIterator<Item = T>) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        for item in items {
            let ticket = Ticket(self.next);
            self.next += 1;
            self.waiting.push_back((ticket, item));
            tickets.push(ticket);
        }
        tickets
    }

    /// Takes the next call's items from the head of the line, whoever's they are. `None` while a call is under way, or when
    /// nobody waits. Who gets some must answer with [`Line::done`].
    pub fn start(&mut self) -> Option<Vec<T>> {
        if !self.under_way.is_empty() || self.waiting.is_empty() {
            return None;
        }
        let count = self.most.min(self.waiting.len());
        let (tickets, items) = self.waiting.drain(..count).unzip();
        self.under_way = tickets;
        Some(items)
    }

    /// The call is over: an answer for each of its items, in their order. Where answers are missing, `lost` makes one.
    pub fn done(&mut self, answers: Vec<R>, lost: impl Fn() -> R) {
        let mut answers = answers.into_iter();
        for ticket in std::mem::take(&mut self.under_way) {
            let answer = answers.next().unwrap_or_else(&lost);
            self.answers.push((ticket, answer));
        }
    }

    /// Takes the answers of all these tickets; `None` while one of them has none yet.
    pub fn take(&mut self, tickets: &[Ticket]) -> Option<Vec<R>> {
        if !tickets.iter().all(|ticket| self.place(*ticket).is_some()) {
            return None;
        }
        Some(
            tickets
                .iter()
                .filter_map(|ticket| Some(self.answers.swap_remove(self.place(*ticket)?).1))
                .collect(),
        )
    }

    /// Where the answer for a ticket is. They are few at a time.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        self.answers.iter().position(|(t, _)| *t == ticket)
    }

    /// Whoever held these tickets is gone: what was not sent is not sent, and answers that come are thrown away.
    pub fn leave(&mut self, tickets: &[Ticket]) {
        self.waiting.retain(|(t, _)| !tickets.contains(t));
        self.answers.retain(|(t, _)| !tickets.contains(t));
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
