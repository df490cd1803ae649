use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::poll_fn;

use super::*;
use crate::catalogue::Shelf;
use crate::platform::testing::host;

fn once(host: &Host) -> Once {
    let logger = Logger::new(Rc::clone(host), Level::Off);
    let names = Names::beside(&Shelf::new(&["http://netbox"]));
    let lease = Lease::for_calls_of(Duration::from_secs(10));
    Once::new(Rc::clone(host), logger, names, lease, 100)
}

/// The verdict on a request with the key `k`.
fn verdict<'a>(once: &'a Once, body: &[u8]) -> Verdict<'a> {
    let key = Key::parse(b"k").unwrap();
    let request = Request::new("POST", "/api/segments", "", body);
    let claim = once.claim(Caller::Anybody, &key, request);
    claim.now_or_never().unwrap().unwrap()
}

fn turn<'a>(once: &'a Once, body: &[u8]) -> Turn<'a> {
    match verdict(once, body) {
        Verdict::Run(turn) => turn,
        _ => panic!("it may not run"),
    }
}

fn refusal(once: &Once, body: &[u8]) -> Option<Refusal> {
    match verdict(once, body) {
        Verdict::Refuse(refusal) => Some(refusal),
        _ => None,
    }
}

fn keys(host: &Host) -> Vec<String> {
    host.keys().now_or_never().unwrap().unwrap()
}

#[test]
fn the_second_waits_for_the_answer_of_the_first_in_the_same_instance_and_in_another() {
    let host = host();
    let (one, two) = (once(&host), once(&host));
    let first = turn(&one, b"a");
    for instance in [&one, &two] {
        assert_eq!(refusal(instance, b"a"), Some(Refusal::Running));
        assert_eq!(refusal(instance, b"b"), Some(Refusal::Reused));
    }
    let kept = Kept {
        status: 201,
        headers: vec![("location".to_owned(), "/api/segments/7".to_owned())],
        body: Body::Whole(b"{}".to_vec()),
    };
    first.keep(kept.clone()).now_or_never().unwrap();
    for instance in [&one, &two] {
        assert!(matches!(verdict(instance, b"a"), Verdict::Again(again) if again == kept));
        assert_eq!(refusal(instance, b"b"), Some(Refusal::Reused));
    }
    assert_eq!(keys(&host).len(), 1);
}

#[test]
fn what_was_given_up_runs_anew_and_leaves_nothing() {
    let host = host();
    let once = once(&host);
    turn(&once, b"a").give_up().now_or_never().unwrap();
    assert!(keys(&host).is_empty());
    turn(&once, b"a");
}

#[test]
fn a_request_that_runs_longer_than_its_lease_keeps_its_key() {
    let host = host();
    let (one, two) = (once(&host), once(&host));
    let turn = turn(&one, b"a");
    let begun = host.now();
    let mut polls = 0;
    let work = poll_fn(|_| {
        polls += 1;
        match polls {
            20 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    });
    turn.during(work).now_or_never().unwrap();
    assert!(host.now().since(begun) > one.lease.length() * 2);
    assert_eq!(refusal(&two, b"a"), Some(Refusal::Running));
    // It dies; nobody renews its lease.
    drop(turn);
    let rest = host.sleep(one.lease.length() + Duration::from_secs(1));
    rest.now_or_never().unwrap();
    assert!(matches!(verdict(&two, b"a"), Verdict::Run(_)));
}
