use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::metrics::tally::{Family, Series};

/// A store that anybody may read and write, with nothing else.
type Store = BTreeMap<String, Tally>;

fn series() -> Series {
    Series::new(Family::Reads, 0, 0, 0)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
}

fn counted(count: u64) -> Tally {
    let mut tally = Tally::default();
    tally.add(series(), count);
    tally
}

/// One scrape, in two steps: what it has read, and what is left to do then.
struct Scrape {
    plan: Plan,
    summed: Tally,
    total: u64,
}

impl Scrape {
    fn read(store: &Store, now: Timestamp) -> Self {
        let names: Vec<&str> = store.keys().map(String::as_str).collect();
        let plan = Plan::new(&names, now);
        let mut summed = Tally::default();
        for name in &plan.settled {
            summed.merge_bytes(&store[name].bytes());
        }
        let mut all = summed.clone();
        plan.open
            .iter()
            .for_each(|name| all.merge_bytes(&store[name].bytes()));
        Self {
            total: all.get(series()),
            plan,
            summed,
        }
    }

    fn finish(self, store: &mut Store) {
        if let Some(next) = self.plan.next {
            store.insert(next, self.summed);
        }
        for name in &self.plan.past {
            store.remove(name);
        }
    }
}

#[test]
fn what_was_put_in_one_minute_is_not_put_again_in_the_next() {
    let mut share = Share::new(7);
    let (first, part) = share.put(at(0), counted(3));
    assert_eq!(part, counted(3));
    let (same, part) = share.put(at(10), counted(5));
    assert_eq!((same, part), (first.clone(), counted(5)));
    let (next, part) = share.put(at(60), counted(9));
    assert_ne!(next, first);
    assert_eq!(part, counted(4));
    // A clock that goes back brings no key of an earlier minute back to life.
    let (again, part) = share.put(at(0), counted(10));
    assert_eq!((again, part), (next, counted(5)));
}

#[test]
fn a_scrape_makes_that_counts_are_shared_for_a_quarter_of_an_hour() {
    let plan = Plan::new(&[], at(0));
    let sum = plan.next.unwrap();
    let until = wanted_until([sum.as_str(), "of/00000000-1", "else"].into_iter());
    assert_eq!(until, Some(at(900)));
    assert_eq!(wanted_until(["of/00000000-1"].into_iter()), None);
}

#[test]
fn names_of_anything_else_are_left_alone() {
    let names = ["", "sum/", "of/x-y", "sum/12", "other/00000001-1"];
    let plan = Plan::new(&names, at(0));
    assert!(plan.past.is_empty() && plan.open.is_empty() && plan.settled.is_empty());
}

#[derive(Clone, Debug)]
enum Event {
    /// An instance counts so many, and tells the store.
    Count(usize, u64),
    /// An instance ends, and another begins in its place.
    Die(usize),
    /// Somebody asks: two at once, which both read before either writes, when that is so.
    Ask(bool),
    /// So many seconds go by.
    Wait(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..3_usize, 1..5_u64).prop_map(|(who, count)| Event::Count(who, count)),
        1 => (0..3_usize).prop_map(Event::Die),
        3 => any::<bool>().prop_map(Event::Ask),
        2 => (1..100_i64).prop_map(Event::Wait),
    ]
}

proptest! {
    #[test]
    fn every_count_is_told_once_whoever_asks_and_whoever_dies(
        events in proptest::collection::vec(event(), 1..120)
    ) {
        let (mut store, mut now, mut truth, mut names) = (Store::new(), 0, 0, 3);
        let mut instances: Vec<(Share, u64)> = (0..3).map(|n| (Share::new(n), 0)).collect();
        for event in events {
            match event {
                Event::Count(who, count) => {
                    let (share, all) = &mut instances[who];
                    *all += count;
                    truth += count;
                    let (name, part) = share.put(at(now), counted(*all));
                    store.insert(name, part);
                }
                Event::Die(who) => {
                    instances[who] = (Share::new(names), 0);
                    names += 1;
                }
                Event::Ask(twice) => {
                    let first = Scrape::read(&store, at(now));
                    prop_assert_eq!(first.total, truth);
                    if twice {
                        let second = Scrape::read(&store, at(now).plus(Duration::from_millis(1)));
                        prop_assert_eq!(second.total, truth);
                        second.finish(&mut store);
                    }
                    first.finish(&mut store);
                }
                Event::Wait(seconds) => now += seconds,
            }
        }
        // Whoever asks every minute keeps the store small.
        for _ in 0..6 {
            now += 60;
            let scrape = Scrape::read(&store, at(now));
            prop_assert_eq!(scrape.total, truth);
            scrape.finish(&mut store);
        }
        prop_assert!(store.len() <= 3, "{:?}", store.keys());
    }
}
