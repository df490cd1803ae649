//! Reading a long list in few calls: a walk by id cursor that asks for several pages at once.
//!
//! NetBox gives at most `MAX_PAGE_SIZE` rows a page (1,000 by default). REST says whether more follow; GraphQL cuts silently,
//! so there a full page means "ask again", and [`full`] tells what counts as one. An offset misses rows when
//! others delete while we read; the cursor (`start=<id>`, ordered by id) does not (both measured on 4.7.3). A cursor's next
//! page is known only from the last one, so further pages are asked at guessed ids: what a page covers is certain, and what
//! the guesses left uncovered is asked again. State only, no input or output.

use super::rows::Id;

/// NetBox's `MAX_PAGE_SIZE` by default, and so the most rows of one answer.
pub const PAGE: usize = 1_000;

/// A page of so few rows is taken for all there is, lest a small list cost another call.
const SMALL: usize = 100;
/// A lower `MAX_PAGE_SIZE` is taken to be a multiple of this.
const ROUND: usize = 50;

/// How many rows a GraphQL page has when it may have been cut, where the longest that is known has `longest`: NetBox has one
/// limit for all lists, and whoever lowers it sets a round number.
#[must_use]
pub fn full(longest: usize) -> usize {
    match longest {
        rows if rows > SMALL && rows.is_multiple_of(ROUND) => rows.min(PAGE),
        _ => PAGE,
    }
}

/// The walk over one list.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Ids known, as disjoint, ascending half-open ranges; `Id::MAX` ends the last one when the end was seen.
    covered: Vec<(Id, Id)>,
    stride: Id,
}

impl Default for Walk {
    /// A walk, nothing read yet.
    fn default() -> Self {
        Self {
            covered: Vec::new(),
            stride: PAGE as Id,
        }
    }
}

impl Walk {
    /// Notes the page that began at `start`: the ids it had, ascending, and whether more may follow.
    pub fn read(&mut self, start: Id, ids: &[Id], more: bool) {
        let mut end = Id::MAX;
        if more && let (Some(first), Some(last)) = (ids.first(), ids.last()) {
            end = last.saturating_add(1);
            // Guesses a little too close cost rows read twice; guesses too far cost another round.
            let span = last.saturating_sub(*first) + 1;
            self.stride = (span - span / 20).max(ids.len() as Id);
        }
        self.covered.push((start, end));
        self.covered.sort_unstable();
        let mut merged: Vec<(Id, Id)> = Vec::with_capacity(self.covered.len());
        for &(from, to) in &self.covered {
            match merged.last_mut() {
                Some(previous) if from <= previous.1 => previous.1 = previous.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        self.covered = merged;
    }

    /// Whether every id is covered.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.covered.first() == Some(&(0, Id::MAX))
    }

    /// Where the next pages should begin, at most `limit`; empty only when complete.
    #[must_use]
    pub fn next(&self, limit: usize) -> Vec<Id> {
        let mut starts = Vec::new();
        let mut gap = 0;
        for &(from, to) in self.covered.iter().chain([&(Id::MAX, Id::MAX)]) {
            let mut at = gap;
            while at < from && starts.len() < limit {
                starts.push(at);
                at = at.saturating_add(self.stride);
            }
            gap = to;
        }
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Answers as NetBox does: the first `page` ids from `start` on.
    fn page_of(ids: &BTreeSet<Id>, start: Id, page: usize) -> Vec<Id> {
        ids.range(start..).take(page).copied().collect()
    }

    fn walk_all(ids: &BTreeSet<Id>, page: usize) -> (BTreeSet<Id>, Vec<usize>) {
        let mut walk = Walk::default();
        let mut seen = BTreeSet::new();
        let mut rounds = Vec::new();
        let mut limit = 1;
        while !walk.complete() {
            let starts = walk.next(limit);
            assert!(
                !starts.is_empty(),
                "an incomplete walk always asks for more"
            );
            rounds.push(starts.len());
            for start in starts {
                let got = page_of(ids, start, page);
                walk.read(start, &got, got.len() >= page);
                seen.extend(got);
            }
            limit = (limit * 4).clamp(5, 40);
        }
        (seen, rounds)
    }

    #[test]
    fn only_a_long_page_of_a_round_number_of_rows_may_have_been_cut_below_a_thousand() {
        let cut = [150, 200, 250, 500, 950, 1_000];
        assert!(cut.into_iter().all(|rows| full(rows) == rows));
        let whole = [0, 1, 50, 100, 101, 499, 501, 999];
        assert!(whole.into_iter().all(|rows| full(rows) == PAGE));
        assert_eq!(full(5_000), PAGE, "a NetBox that gives more than asked");
    }

    #[test]
    fn a_short_first_page_is_all_there_is() {
        let ids = (1..=100).collect();
        assert_eq!(walk_all(&ids, PAGE).1, vec![1]);
    }

    #[test]
    fn ten_thousand_dense_rows_take_three_rounds() {
        let ids: BTreeSet<Id> = (1..=10_000).collect();
        let (seen, rounds) = walk_all(&ids, PAGE);
        assert_eq!(seen, ids);
        assert_eq!(rounds.len(), 3);
    }

    proptest! {
        #[test]
        fn every_row_is_read_however_the_ids_lie(
            ids in proptest::collection::btree_set(1_u64..5_000, 0..400),
            page in 1_usize..40,
        ) {
            prop_assert_eq!(walk_all(&ids, page).0, ids);
        }
    }
}
