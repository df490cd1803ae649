#![allow(clippy::unwrap_used)]

use std::rc::Rc;

use futures_util::FutureExt;

use super::*;
use crate::platform::testing::host;

const LEASE: Duration = Duration::from_secs(40);

fn making(n: u16) -> Making {
    Making {
        group: 1,
        vid: n,
        name: format!("EPG_{n}"),
        vrf: 1,
        cidr: format!("10.0.{n}.0/24"),
        cluster: String::new(),
    }
}

fn creating(fate: Fate, count: u16) -> Work {
    Work::Create {
        fate,
        segments: (0..count).map(making).collect(),
    }
}

fn intents(host: &Host) -> Intents {
    let logger = Logger::new(Rc::clone(host), Level::Error);
    Intents::new(Rc::clone(host), logger, "root/intent/".to_owned(), LEASE)
}

#[test]
fn an_intent_is_there_until_it_is_closed() {
    let host = host();
    let (ours, theirs) = (intents(&host), intents(&host));
    let work = creating(Fate::Each, 1);
    let key = ours.open(work.clone(), None).now_or_never().unwrap();
    let seen = theirs.list().now_or_never().unwrap();
    assert_eq!(seen.len(), 1);
    assert!(ours.is_own(&seen[0]) && !theirs.is_own(&seen[0]));
    let intent = theirs
        .get(&seen[0])
        .now_or_never()
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!((intent.work, intent.yields), (work, false));
    ours.close(key).now_or_never().unwrap();
    assert!(theirs.list().now_or_never().unwrap().is_empty());
}

#[test]
fn the_lease_of_a_long_list_is_as_many_times_longer_as_it_takes_calls() {
    let host = host();
    let intents = intents(&host);
    for (count, leases) in [(1, 1), (50, 1), (51, 2), (120, 3)] {
        let work = creating(Fate::Each, count);
        let key = intents.open(work, None).now_or_never().unwrap().unwrap();
        assert_eq!(key.until.since(host.now()), LEASE * leases);
    }
}

#[test]
fn a_key_tells_whether_something_may_be_taken_back() {
    let host = host();
    let intents = intents(&host);
    for (fate, takes_back) in [
        (Fate::Each, false),
        (Fate::AllOrNone, true),
        (Fate::None, true),
    ] {
        let opened = intents
            .open(creating(fate, 2), None)
            .now_or_never()
            .unwrap();
        let listed = intents.list().now_or_never().unwrap();
        assert_eq!(
            listed.iter().find(|key| key.takes_back).is_some(),
            takes_back
        );
        intents.close(opened).now_or_never().unwrap();
    }
}

#[test]
fn what_a_later_write_takes_over_is_left_out() {
    let host = host();
    let intents = intents(&host);
    let rest = Rest {
        work: creating(Fate::None, 3),
        pause: LEASE,
        yields: true,
    };
    intents.abandon(None, vec![rest]).now_or_never().unwrap();
    for (taken, left) in [(1, 2), (0, 1), (2, 0)] {
        let keys = intents.list().now_or_never().unwrap();
        assert_eq!(keys.len(), 1);
        let intent = intents.get(&keys[0]).now_or_never().unwrap();
        let intent = intent.unwrap().unwrap();
        let subjects = [Subject::Place(1, taken)];
        assert!(intent.work.concerns(&subjects));
        let taking = intents.yield_to(keys[0].clone(), intent, &subjects);
        taking.now_or_never().unwrap();
        let keys = intents.list().now_or_never().unwrap();
        assert_eq!(keys.len(), usize::from(left > 0));
    }
}

#[test]
fn a_write_of_a_segment_concerns_whoever_makes_that_one_only() {
    let segment = |vid, n: u16| [Subject::Segment(1, vid, 1, format!("10.0.{n}.0/24"))];
    let work = creating(Fate::None, 1);
    assert!(work.concerns(&segment(0, 0)));
    // Another segment with its VLAN id or its addresses is not it.
    assert!(!work.concerns(&segment(0, 1)) && !work.concerns(&segment(1, 0)));
}

#[test]
fn what_was_left_since_the_keys_were_listed_is_known_all_the_same() {
    let host = host();
    let intents = intents(&host);
    let rest = Rest {
        work: creating(Fate::None, 1),
        pause: Duration::ZERO,
        yields: true,
    };
    intents.abandon(None, vec![rest]).now_or_never().unwrap();
    assert_eq!(intents.sort(Vec::new()).len(), 1);
    let key = intents.sort(Vec::new()).pop();
    intents.close(key).now_or_never().unwrap();
    assert!(intents.sort(Vec::new()).is_empty());
}

#[test]
fn what_a_writer_leaves_is_as_old_as_its_write() {
    let host = host();
    let intents = intents(&host);
    let key = intents.open(creating(Fate::Each, 1), None);
    let key = key.now_or_never().unwrap();
    let began = host.now();
    host.sleep(Duration::from_secs(20)).now_or_never().unwrap();
    let rest = Rest {
        work: creating(Fate::None, 1),
        pause: LEASE,
        yields: true,
    };
    intents.abandon(key, vec![rest]).now_or_never().unwrap();
    let keys = intents.list().now_or_never().unwrap();
    let left = intents.get(&keys[0]).now_or_never().unwrap();
    let left = left.unwrap().unwrap();
    assert_eq!(left.started, began);
    assert_eq!(keys[0].until, host.now().plus(LEASE));
}

#[test]
fn what_another_version_has_left_is_not_taken_for_gone() {
    let host = host();
    let intents = intents(&host);
    let name = format!("root/intent/{:016x}-{:016x}", 1, 1);
    let put = host.set(name, vec![0, 1, 2, 3, 4, 5]);
    put.now_or_never().unwrap().unwrap();
    let keys = intents.list().now_or_never().unwrap();
    let get = || intents.get(&keys[0]).now_or_never().unwrap();
    assert_eq!(get(), Err(Unread::Form));
    let close = intents.close(Some(keys[0].clone()));
    close.now_or_never().unwrap();
    assert_eq!(get(), Ok(None));
}
