#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn calls(spans: &[(u64, u64)]) -> Calls {
    let call = |(start, length): &(u64, u64)| LedgerCall {
        method: "GET".into(),
        path: "/api/status/".into(),
        start: *start,
        end: Some(start + length.max(&1)),
        request_bytes: 0,
        response_bytes: 0,
        status: 200,
        number: 0,
    };
    Calls(spans.iter().map(call).collect())
}

/// The longest chain by trying every subset.
fn depth_by_force(calls: &Calls) -> usize {
    let spans: Vec<(u64, u64)> = calls.spans().collect();
    let chain = |set: u32| {
        let mut chosen: Vec<(u64, u64)> = (0..spans.len())
            .filter(|at| set & (1 << at) != 0)
            .map(|at| spans[at])
            .collect();
        chosen.sort_unstable();
        let sound = chosen.windows(2).all(|pair| pair[1].0 >= pair[0].1);
        if sound { chosen.len() } else { 0 }
    };
    (0..1_u32 << spans.len()).map(chain).max().unwrap_or(0)
}

/// The most calls at once by looking at every moment.
fn peak_by_force(calls: &Calls) -> usize {
    let at = |moment: u64| {
        calls
            .spans()
            .filter(|(start, end)| (*start..*end).contains(&moment))
            .count()
    };
    (0..100).map(at).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn depth_and_peak_agree_with_counting_by_hand(
        spans in proptest::collection::vec((0_u64..40, 0_u64..20), 0..10)
    ) {
        let calls = calls(&spans);
        prop_assert_eq!(calls.depth(), depth_by_force(&calls));
        prop_assert_eq!(calls.peak_concurrency(), peak_by_force(&calls));
    }
}

#[test]
fn calls_one_after_another_are_a_chain_and_calls_at_once_are_not() {
    assert_eq!(calls(&[(0, 5), (5, 5), (10, 5)]).depth(), 3);
    assert_eq!(calls(&[(0, 5), (5, 5), (10, 5)]).peak_concurrency(), 1);
    assert_eq!(calls(&[(0, 5), (1, 5), (2, 5)]).depth(), 1);
    assert_eq!(calls(&[(0, 5), (1, 5), (2, 5)]).peak_concurrency(), 3);
}

#[test]
fn a_call_is_in_the_ledger_while_it_is_under_way() {
    let ledger = Ledger::default();
    drop(ledger.begin("GET", "/a/?x=1", 0));
    let mark = ledger.mark();
    let mut open = ledger.begin("POST", "/b/", 7);
    assert_eq!(ledger.since(mark).count(), 1);
    assert_eq!(ledger.since(mark).0[0].end, None);
    open.answered(201, 9);
    drop(open);
    let call = &ledger.since(mark).0[0];
    assert!(call.end.unwrap() > call.start);
    assert_eq!(
        (call.status, call.request_bytes, call.response_bytes),
        (201, 7, 9)
    );
    assert_eq!(ledger.calls().writes(), 1);
    ledger.clear();
    assert_eq!(ledger.count(), 0);
    assert_eq!(ledger.since(mark).count(), 0);
}
