//! Answers that are worked out once for each state of the catalogue: a list is asked for many times between two writes.

use std::cell::RefCell;
use std::collections::VecDeque;

/// The most answers kept.
const MOST: usize = 16;
/// The most bytes kept, all answers together.
const MOST_BYTES: usize = 4 << 20;

/// Answers by what was asked, for one state of the catalogue.
#[derive(Debug)]
pub(super) struct Memo<Q, A> {
    kept: RefCell<Kept<Q, A>>,
}

#[derive(Debug)]
struct Kept<Q, A> {
    revision: u64,
    answers: VecDeque<(Q, A, usize)>,
}

impl<Q, A> Default for Memo<Q, A> {
    fn default() -> Self {
        let kept = Kept {
            revision: 0,
            answers: VecDeque::new(),
        };
        Self {
            kept: RefCell::new(kept),
        }
    }
}

impl<Q: PartialEq, A: Clone> Memo<Q, A> {
    /// The answer to a question in this state of the catalogue.
    pub(super) fn get(&self, revision: u64, question: &Q) -> Option<A> {
        let kept = self.kept.borrow();
        let mut answers = kept.answers.iter().filter(|_| kept.revision == revision);
        let found = answers.find(|(asked, ..)| asked == question);
        found.map(|(_, answer, _)| answer.clone())
    }

    /// Keeps an answer of so many bytes; the oldest ones go when there are too many.
    pub(super) fn keep(&self, revision: u64, question: Q, answer: A, bytes: usize) {
        let mut kept = self.kept.borrow_mut();
        if kept.revision != revision {
            kept.revision = revision;
            kept.answers.clear();
        }
        if bytes > MOST_BYTES {
            return;
        }
        kept.answers.push_back((question, answer, bytes));
        let size = |kept: &Kept<Q, A>| kept.answers.iter().map(|(.., bytes)| bytes).sum::<usize>();
        while kept.answers.len() > MOST || size(&kept) > MOST_BYTES {
            kept.answers.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_until_the_catalogue_changes() {
        let memo = Memo::default();
        assert_eq!(memo.get(0, &"a"), None);
        memo.keep(1, "a", 1, 10);
        memo.keep(1, "b", 2, 10);
        assert_eq!((memo.get(1, &"a"), memo.get(1, &"b")), (Some(1), Some(2)));
        assert_eq!((memo.get(2, &"a"), memo.get(0, &"a")), (None, None));
        memo.keep(2, "b", 3, 10);
        assert_eq!((memo.get(2, &"a"), memo.get(2, &"b")), (None, Some(3)));
    }

    #[test]
    fn the_oldest_answers_make_room() {
        let memo = Memo::default();
        for n in 0..=MOST {
            memo.keep(1, n, n, 1);
        }
        assert_eq!((memo.get(1, &0), memo.get(1, &MOST)), (None, Some(MOST)));
        memo.keep(1, 100, 100, MOST_BYTES);
        assert_eq!((memo.get(1, &MOST), memo.get(1, &100)), (None, Some(100)));
        memo.keep(1, 101, 101, MOST_BYTES + 1);
        assert_eq!((memo.get(1, &101), memo.get(1, &100)), (None, Some(100)));
    }
}
