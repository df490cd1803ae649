//! Reading a long list in few calls: a walk by id cursor that asks for several pages at once.
//!
//! NetBox gives at most 1,000 rows a page and cuts silently, so a full page means "ask again". An offset misses rows when
//! others delete while we read; the cursor (`start=<id>`, ordered by id) does not (both measured on 4.7.3). A cursor's next
//! page is known only from the last one, so further pages are asked at guessed ids: what a page covers is certain, and what
//! the guesses left uncovered is asked again. State only, no input or output.

use super::rows::Id;

/// NetBox's `MAX_PAGE_SIZE` by default, and so the most rows of one answer.
pub const PAGE: usize = 1_000;

/// The walk over one list.
#[derive(Clone, Debug)]
pub struct Walk {
    page: usize,
    /// Ids known, as disjoint, ascending half-open ranges; `Id::MAX` ends the last one when the end was seen.
    covered: Vec<(Id, Id)>,
    stride: Id,
}

impl Walk {
    /// A walk in pages of `page` rows, nothing read yet.
    #[must_use]
    pub fn new(page: usize) -> Self {
        let page = page.max(1);
        Self {
            page,
            covered: Vec::new(),
            stride: page as Id,
        }
    }

    /// Notes the page that began at `start`: the ids it had, ascending.
    pub fn read(&mut self, start: Id, ids: &[Id]) {
        let full = ids.len() >= self.page;
        let end = match ids.last() {
            Some(last) if full => last.saturating_add(1),
            _ => Id::MAX,
        };
        if full && let (Some(first), Some(last)) = (ids.first(), ids.last()) {
            // Guesses a little too close cost rows read twice; guesses too far cost another round.
            let span = last - first + 1;
            self.stride = (span - span / 20).max(self.page as Id);
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
        let mut walk = Walk::new(page);
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
                walk.read(start, &got);
                seen.extend(got);
            }
            limit = (limit * 4).clamp(5, 40);
        }
        (seen, rounds)
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
