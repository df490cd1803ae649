//! Tests of paging.
#![allow(clippy::unwrap_used)]
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::segment::Segment;
use crate::segment::testing::segment;

fn list(ids: impl IntoIterator<Item = u64>) -> BTreeMap<u64, Segment> {
    ids.into_iter()
        .map(|id| (id, segment(id, "s", "v", 1, "e", "10.0.0.0/24")))
        .collect()
}

fn ids(slice: &Slice<&Segment>) -> Vec<u64> {
    slice.items.iter().map(|segment| segment.id.get()).collect()
}

fn page(limit: usize) -> Page {
    Page {
        limit: NonZeroUsize::new(limit),
        after: None,
    }
}

#[test]
fn without_a_limit_the_whole_list_is_one_page() {
    let list = list(1..=2_000);
    let slice = Page::default().cut(list.values(), |s| s.id);
    assert_eq!(
        (slice.items.len(), slice.total, slice.next),
        (2_000, 2_000, None)
    );
}

#[test]
fn a_page_that_ends_with_the_list_has_no_next() {
    let list = list([3, 1, 2, 10]);
    let first = page(2).cut(list.values(), |s| s.id);
    assert_eq!((ids(&first), first.total), (vec![1, 2], 4));
    let second = first.next.unwrap().cut(list.values(), |s| s.id);
    assert_eq!(
        (ids(&second), second.total, second.next),
        (vec![3, 10], 4, None)
    );
}

#[test]
fn a_limit_outside_1_to_1000_is_refused() {
    assert_eq!(Page::parse([("limit", "1000")]).unwrap(), page(1_000));
    for wrong in [
        "0",
        "1001",
        "-1",
        "+5",
        "ten",
        "5.0",
        " 5",
        "99999999999999999999",
    ] {
        let violations = Page::parse([("limit", wrong)]).unwrap_err();
        assert_eq!(
            (violations[0].pointer.as_str(), violations[0].rule.code()),
            ("?limit", "parameter-value"),
            "{wrong}"
        );
    }
}

#[test]
fn a_cursor_that_was_never_given_out_is_refused() {
    let cursor = encode(SegmentId(41));
    assert_eq!(
        Page::parse([("cursor", &cursor)]).unwrap().after,
        Some(SegmentId(41))
    );
    for wrong in [
        "1",
        "zz",
        "313a",
        &cursor.to_uppercase(),
        &cursor[..4],
        &cursor[..7],
        "é0",
        "323a3431",
    ] {
        let violations = Page::parse([("cursor", wrong)]).unwrap_err();
        assert_eq!(violations[0].rule.code(), "parameter-value", "{wrong}");
    }
}

#[test]
fn a_limit_given_twice_is_refused() {
    let violations = Page::parse([("limit", "5"), ("limit", "6")]).unwrap_err();
    assert_eq!(violations[0].rule.code(), "parameter-repeated");
}

proptest! {
    #[test]
    fn a_cursor_leads_where_it_was_made_for(id in 1..=u64::MAX) {
        let page = Page { limit: None, after: Some(SegmentId(id)) };
        let cursor = page.cursor().unwrap();
        prop_assert_eq!(Page::parse([("cursor", &cursor)]).unwrap(), page);
    }

    #[test]
    fn any_cursor_is_parsed_or_refused(text in prop_oneof!["[0-9a-f]{0,12}", any::<String>()]) {
        if let Some(id) = decode(&text) {
            prop_assert_eq!(encode(id), text);
        }
    }

    #[test]
    fn a_walk_sees_every_segment_once_in_order(all in prop::collection::btree_set(1..500u64, 0..120), limit in 1..50usize) {
        let list = list(all.iter().copied());
        let (mut seen, mut at) = (Vec::new(), Some(page(limit)));
        while let Some(page) = at {
            let slice = page.cut(list.values(), |s| s.id);
            prop_assert!(slice.items.len() <= limit);
            prop_assert_eq!(slice.total, all.len());
            prop_assert!(seen.len() < all.len().max(1), "the walk goes on after its end");
            seen.extend(ids(&slice));
            at = slice.next;
        }
        prop_assert_eq!(seen, all.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_walk_sees_what_stays_once_whatever_comes_and_goes(
        all in prop::collection::btree_set(1..200u64, 1..80),
        limit in 1..20usize,
        upsets in prop::collection::vec((1..200u64, any::<bool>()), 0..40),
    ) {
        let mut list = list(all.iter().copied());
        let touched: BTreeSet<u64> = upsets.iter().map(|(id, _)| *id).collect();
        let (mut upsets, mut seen, mut at) = (upsets.into_iter(), Vec::new(), Some(page(limit)));
        while let Some(page) = at {
            let slice = page.cut(list.values(), |s| s.id);
            seen.extend(ids(&slice));
            prop_assert!(seen.len() < 400, "there are not so many ids");
            // The next page is asked for by its cursor only, as a caller does.
            at = slice.next.map(|next| {
                Page { limit: page.limit, ..Page::parse([("cursor", next.cursor().unwrap())]).unwrap() }
            });
            // The last segment of the page goes away as well: its id is what the cursor holds.
            for (id, comes) in upsets.by_ref().take(3).chain(seen.last().filter(|id| touched.contains(id)).map(|id| (*id, false))) {
                if comes {
                    list.insert(id, segment(id, "s", "v", 1, "e", "10.0.0.0/24"));
                } else {
                    list.remove(&id);
                }
            }
        }
        let once: BTreeSet<u64> = seen.iter().copied().collect();
        prop_assert_eq!(once.len(), seen.len(), "each once");
        prop_assert!(all.difference(&touched).all(|id| once.contains(id)), "what stayed was seen");
    }
}
