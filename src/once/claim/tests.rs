use super::super::key::{Caller, Key};
use super::super::record::Body;
use super::*;
use crate::catalogue::Shelf;

fn lease() -> Lease {
    Lease::for_calls_of(Duration::from_secs(10))
}

fn names() -> Names {
    Names::beside(&Shelf::new(&["http://netbox"]))
}

fn folder(names: &Names) -> Folder {
    let key = Key::parse(b"a-key").unwrap();
    names.folder(Caller::Anybody, &key)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
}

fn request(body: &[u8]) -> Request {
    Request::new("POST", "/api/segments", "", body)
}

fn answer() -> Kept {
    Kept {
        status: 201,
        headers: Vec::new(),
        body: Body::Whole(b"{}".to_vec()),
    }
}

/// What a claim of the request `mine`, made at `now`, does when it finds these records.
fn finding(found: &[(u64, Record)], now: Timestamp) -> Step {
    let names = names();
    let folder = folder(&names);
    let values: Vec<(String, Vec<u8>)> = found
        .iter()
        .map(|(begun, record)| (names.name(folder, at(*begun), 0), record.encode()))
        .collect();
    let keys: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
    let mut step = Claim::new(&names, folder, now, 9, request(b"mine")).listed(&names, &keys, now);
    while let Step::Get(reading) = step {
        let value = values.iter().find(|(name, _)| name == reading.name());
        step = reading.got(value.map(|(_, value)| value.as_slice()), now);
    }
    step
}

fn running(body: &[u8], begun: u64) -> (u64, Record) {
    let until = at(begun).plus(lease().length());
    let request = request(body);
    (begun, Record::Running { request, until })
}

fn answered(body: &[u8], begun: u64) -> (u64, Record) {
    let (request, kept) = (request(body), answer());
    (begun, Record::Answered { request, kept })
}

fn refused(step: &Step) -> Option<Refusal> {
    match step {
        Step::Decided(Decision::Refused(refusal)) => Some(*refusal),
        _ => None,
    }
}

#[test]
fn an_answer_is_given_again_until_its_day_is_over() {
    let day = KEPT.as_secs();
    let found = [answered(b"mine", 0)];
    let again = Step::Decided(Decision::Again(answer()));
    assert_eq!(finding(&found, at(1)), again);
    assert_eq!(finding(&found, at(day)), again);
    assert!(matches!(finding(&found, at(day + 1)), Step::Mark(_)));
}

#[test]
fn a_key_used_for_another_request_is_refused() {
    for found in [answered(b"other", 0), running(b"other", 0)] {
        assert_eq!(refused(&finding(&[found], at(1))), Some(Refusal::Reused));
    }
}

#[test]
fn a_running_request_is_in_the_way_until_its_lease_is_over() {
    let found = [running(b"mine", 0)];
    let lease = lease().length().as_secs();
    for now in [0, lease] {
        assert_eq!(refused(&finding(&found, at(now))), Some(Refusal::Running));
    }
    assert!(matches!(finding(&found, at(lease + 1)), Step::Mark(_)));
}

#[test]
fn an_answer_counts_whoever_else_is_running() {
    let found = [running(b"mine", 100), answered(b"mine", 0)];
    let again = Step::Decided(Decision::Again(answer()));
    assert_eq!(finding(&found, at(101)), again);
}

#[test]
fn what_cannot_be_read_is_not_taken_for_free() {
    let names = names();
    let claim = Claim::new(&names, folder(&names), at(1), 9, request(b"mine"));
    let keys = [names.name(folder(&names), at(0), 0)];
    let Step::Get(reading) = claim.listed(&names, &keys, at(1)) else {
        panic!("the record was not read");
    };
    let step = reading.got(Some(b"rubbish"), at(1));
    assert_eq!(refused(&step), Some(Refusal::Unreadable));
}

#[test]
fn the_marks_of_the_dead_are_named_to_whoever_runs() {
    let names = names();
    let folder = folder(&names);
    let now = at(lease().length().as_secs() + 1);
    let (begun, record) = running(b"mine", 0);
    let dead = names.name(folder, at(begun), 0);
    let claim = Claim::new(&names, folder, now, 9, request(b"mine"));
    let keys = [dead.clone(), claim.name().to_owned()];
    let Step::List(claim) = claim.marked() else {
        panic!("nobody looked again");
    };
    let Step::Get(reading) = claim.listed(&names, &keys, now) else {
        panic!("the mark was not read");
    };
    let lapsed = vec![dead];
    let mine = Step::Decided(Decision::Mine { lapsed });
    assert_eq!(reading.got(Some(&record.encode()), now), mine);
}
