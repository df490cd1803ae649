//! Claims of several instances on one store, in every order in which their steps can come.

use std::collections::{BTreeMap, HashSet};

use super::super::key::{Caller, Key};
use super::super::record::{Body, Record};
use super::*;
use crate::catalogue::Shelf;

/// One instance with one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Instance {
    Claiming { own: String, step: Step },
    Running { own: String },
    Answered,
    Failed,
    Refused,
}

/// The store and those who use it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    store: BTreeMap<String, Vec<u8>>,
    instances: Vec<Instance>,
}

fn lease() -> Lease {
    Lease::for_calls_of(Duration::from_secs(10))
}

fn names() -> Names {
    Names::beside(&Shelf::new(&["http://netbox"]))
}

fn request() -> Request {
    Request::new("POST", "/api/segments", "", b"{}")
}

fn answer() -> Vec<u8> {
    let kept = Kept {
        status: 201,
        headers: Vec::new(),
        body: Body::Whole(Vec::new()),
    };
    let request = request();
    Record::Answered { request, kept }.encode()
}

fn claiming(now: Timestamp, random: u64) -> Instance {
    let names = names();
    let folder = names.folder(Caller::Anybody, &Key::parse(b"k").unwrap());
    let claim = Claim::new(&names, folder, now, random, request());
    Instance::Claiming {
        own: claim.name().to_owned(),
        step: Step::List(claim),
    }
}

impl World {
    fn new(count: u64, now: Timestamp) -> Self {
        Self {
            store: BTreeMap::new(),
            instances: (0..count).map(|random| claiming(now, random)).collect(),
        }
    }

    /// The worlds that can follow when instance `n` takes its next step; none when it has ended.
    fn after(&self, n: usize, now: Timestamp) -> Vec<Self> {
        let mut next = self.clone();
        let (own, step) = match self.instances[n].clone() {
            Instance::Claiming { own, step } => (own, step),
            Instance::Running { own } => {
                // It may be answered, or fail so that it may be tried again.
                let mut failed = self.clone();
                failed.store.remove(&own);
                failed.instances[n] = Instance::Failed;
                next.store.insert(own, answer());
                next.instances[n] = Instance::Answered;
                return vec![next, failed];
            }
            Instance::Answered | Instance::Failed | Instance::Refused => return Vec::new(),
        };
        let step = match step {
            Step::List(claim) => {
                let keys: Vec<String> = self.store.keys().cloned().collect();
                claim.listed(&names(), &keys, now)
            }
            Step::Get(reading) => {
                let value = self.store.get(reading.name()).map(Vec::as_slice);
                reading.got(value, now)
            }
            Step::Mark(claim) => {
                next.store.insert(own.clone(), claim.mark(lease(), now));
                claim.marked()
            }
            Step::Pause(claim) => claim.paused(),
            Step::Withdraw(_, decision) => {
                next.store.remove(&own);
                Step::Decided(decision)
            }
            decided @ Step::Decided(_) => decided,
        };
        next.instances[n] = match step {
            Step::Decided(Decision::Mine { .. }) => Instance::Running { own },
            Step::Decided(_) => Instance::Refused,
            step => Instance::Claiming { own, step },
        };
        vec![next]
    }

    fn count(&self, what: impl Fn(&Instance) -> bool) -> usize {
        self.instances.iter().filter(|i| what(i)).count()
    }

    fn running(&self) -> usize {
        self.count(|i| matches!(i, Instance::Running { .. }))
    }

    fn check(&self) {
        let answered = self.count(|i| *i == Instance::Answered);
        assert!(self.running() <= 1, "two run at once: {self:#?}");
        assert!(
            self.running() == 0 || answered == 0,
            "one runs that was answered: {self:#?}"
        );
    }
}

/// Every world that can come of this one, when these instances take their steps in any order.
fn explore(first: World, moving: &[usize], now: Timestamp) -> HashSet<World> {
    let mut seen = HashSet::new();
    let mut open = vec![first];
    while let Some(world) = open.pop() {
        if seen.contains(&world) {
            continue;
        }
        world.check();
        for n in moving {
            open.extend(world.after(*n, now));
        }
        seen.insert(world);
    }
    seen
}

const START: Timestamp = Timestamp::from_micros(0);

#[test]
fn of_two_instances_never_both_run() {
    let seen = explore(World::new(2, START), &[0, 1], START);
    let ends = |end: Instance| seen.iter().any(|w| w.instances.contains(&end));
    assert!(ends(Instance::Answered) && ends(Instance::Failed) && ends(Instance::Refused));
}

#[test]
fn of_three_instances_never_two_run() {
    explore(World::new(3, START), &[0, 1, 2], START);
}

#[test]
fn after_one_died_never_two_of_the_others_run() {
    let late = START.plus(lease().length() + Duration::from_secs(1));
    let mut deaths = HashSet::new();
    // The first dies at any of its steps before it has ended, and the others come when its lease is over.
    for world in explore(World::new(1, START), &[0], START) {
        if matches!(world.instances[0], Instance::Claiming { .. }) || world.running() == 1 {
            deaths.insert(world.store);
        }
    }
    assert_eq!(deaths.len(), 2, "with a mark and without");
    for store in deaths {
        let mut world = World::new(2, late);
        world.store = store;
        let seen = explore(world, &[0, 1], late);
        assert!(seen.iter().any(|w| w.running() == 1), "the dead one blocks");
    }
}

#[test]
fn when_nobody_is_held_up_exactly_one_runs() {
    for count in 2..=4 {
        for head_start in 0..12 {
            let mut world = World::new(count, START);
            let mut ran = 0;
            for round in 0..100 {
                for n in 0..world.instances.len() {
                    let starts = n * head_start / 3;
                    if round < starts {
                        continue;
                    }
                    let before = world.running();
                    if let Some(next) = world.after(n, START).into_iter().next() {
                        world = next;
                    }
                    ran += usize::from(world.running() > before);
                }
            }
            assert_eq!(ran, 1, "{count} instances, head start {head_start}");
        }
    }
}
