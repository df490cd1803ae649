//! For n = 1, 2, … the host is killed before the work of the n-th NetBox call of a write, and after it, until the write is answered.

use std::fmt;
use std::time::Duration;

use bench_harness::netbox::{Cell, Kind, Matcher};
use bench_harness::process::{Fate, Moment, Process};
use futures::StreamExt as _;
use serde_json::json;

use crate::kit::{LEASE, Lab, patch, post, reconcile, segment, value};
use crate::picture::Picture;
use crate::writes::{self, Write};

/// What the new host is told to do after the death of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// `POST /api/reconcile?force=true`.
    Reconcile,
    /// Another write, when the dead host's lease is over.
    AnotherWrite,
    /// The same write, when the dead host's lease is over.
    TheSameLater,
    /// The same write at once, and another one when the lease is over.
    TheSameAtOnce,
}

/// Where a host died, to be read in a failed test.
struct Death<'a> {
    write: &'a Write,
    call: usize,
    moment: Moment,
    next: Next,
}

impl fmt::Display for Death<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            write,
            call,
            moment,
            next,
        } = self;
        write!(
            f,
            "{}, killed at call {call} {moment:?}, then {next:?}",
            write.name
        )
    }
}

async fn prepared(write: &Write) -> (Lab, Process) {
    let lab = Lab::new().await;
    if let Some(name) = write.new_vrf {
        lab.double.edit(|db| {
            let mut vrf = db.rows(Kind::Vrf).values().next().unwrap().clone();
            vrf.id = db.take_id(Kind::Vrf);
            vrf.set("name", Cell::Text(name.into()));
            vrf.set("rd", Cell::Null);
            db.restore(Kind::Vrf, vrf);
        });
    }
    let process = lab.warm().await;
    for body in &write.before {
        let made = process.send(post("/api/segments", body)).await.unwrap();
        assert_eq!(made.status(), 201, "{:?}", value(&made));
    }
    (lab, process)
}

/// The description that another write gives to segment 100.
const OTHER: &str = "another write";

async fn another_write(process: &Process, what: &str) {
    let answer = process
        .send(patch("/api/segments/100", &json!({"description": OTHER})))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{what}: {:?}", value(&answer));
}

/// One death, and what comes after. Whether the host died at all.
async fn die(death: &Death<'_>, after: &Picture) -> bool {
    let what = &death.to_string();
    let write = death.write;
    let (lab, process) = prepared(write).await;
    let before = Picture::of(&lab.double);
    let fate = process
        .killed_at(
            &lab.double,
            death.call,
            Matcher::any(),
            death.moment,
            (write.send)(),
        )
        .await
        .unwrap();
    if let Fate::Answered(answer, process) = fate {
        assert!(answer.status().is_success(), "{what}: {:?}", value(&answer));
        assert_eq!(
            Picture::of(&lab.double).differences(after),
            Vec::<String>::new(),
            "{what}"
        );
        lab.assert_sound(&process, what).await;
        return false;
    }
    let mut served = lab.served.clone();
    if write.name == writes::allocate().name {
        // A write of a single call leaves no intent: it is seen when NetBox is compared again.
        served = served
            .variable("cache_ttl", "1")
            .variable("stale_while_revalidate", "0");
    }
    let process = served.start().await.unwrap();
    let mut acknowledged = false;
    match death.next {
        Next::Reconcile => {
            let answer = process.send(reconcile()).await.unwrap();
            assert_eq!(
                value(&answer)["still_open"],
                0,
                "{what}: {:?}",
                value(&answer)
            );
        }
        Next::AnotherWrite => {
            tokio::time::sleep(LEASE).await;
            another_write(&process, what).await;
        }
        Next::TheSameLater => {
            tokio::time::sleep(LEASE).await;
            let answer = process.send((write.send)()).await.unwrap();
            let status = answer.status().as_u16();
            assert!(
                status < 300 || matches!(status, 404 | 409 | 422),
                "{what}: {:?}",
                value(&answer)
            );
            acknowledged = true;
        }
        Next::TheSameAtOnce => {
            let answer = process.send((write.send)()).await.unwrap();
            acknowledged = answer.status().is_success();
            assert!(answer.status() != 500, "{what}: {:?}", value(&answer));
            tokio::time::sleep(LEASE).await;
            another_write(&process, what).await;
        }
    }
    let (now, before, after) = (
        Picture::of(&lab.double).without(OTHER),
        before,
        after.clone(),
    );
    let first = "\"10.0.99.0/24\"";
    let (now, before, after) = (
        now.without(first),
        before.without(first),
        after.without(first),
    );
    assert!(
        now == after || (now == before && !acknowledged),
        "{what} (acknowledged: {acknowledged}): neither as before {:#?} nor as after {:#?}",
        now.differences(&before),
        now.differences(&after)
    );
    lab.assert_sound(&process, what).await;
    true
}

/// What NetBox holds when the write is done, and the NetBox calls that it takes.
async fn undisturbed(write: &Write) -> (Picture, usize) {
    let (lab, process) = prepared(write).await;
    let mark = lab.double.ledger().mark();
    let answer = process.send((write.send)()).await.unwrap();
    assert!(
        answer.status().is_success(),
        "{}: {:?}",
        write.name,
        value(&answer)
    );
    let calls = lab.double.ledger().since(mark).count();
    (Picture::of(&lab.double), calls)
}

/// All deaths of some writes, so many at once.
async fn everywhere(writes: &[Write], next: &[Next], at_once: usize) {
    let mut deaths = Vec::new();
    for write in writes {
        let (after, calls) = undisturbed(write).await;
        println!("{}: {calls} calls", write.name);
        for &next in next {
            // One call more than there are: that one is answered.
            for call in 1..=calls + 1 {
                for moment in [Moment::BeforeTheWork, Moment::AfterTheWork] {
                    deaths.push((
                        Death {
                            write,
                            call,
                            moment,
                            next,
                        },
                        after.clone(),
                    ));
                }
            }
        }
    }
    let deaths = deaths
        .iter()
        .map(|(death, after)| async move { u32::from(die(death, after).await) });
    let died: u32 = futures::stream::iter(deaths)
        .buffer_unordered(at_once)
        .fold(0, async |sum, one| sum + one)
        .await;
    println!("{died} deaths");
}

#[tokio::test]
async fn a_reconciliation_mends_what_it_left() {
    everywhere(&writes::all(), &[Next::Reconcile], 3).await;
}

#[tokio::test]
async fn a_reconciliation_mends_what_a_long_list_left() {
    everywhere(&[writes::create_many()], &[Next::Reconcile], 2).await;
}

#[tokio::test]
async fn the_next_write_mends_what_it_left() {
    everywhere(&writes::all(), &[Next::AnotherWrite], 8).await;
}

#[tokio::test]
async fn the_same_write_again_mends_what_it_left() {
    everywhere(&writes::all(), &[Next::TheSameLater], 8).await;
}

#[tokio::test]
async fn the_same_write_at_once_loses_nothing_that_was_acknowledged() {
    everywhere(&writes::all(), &[Next::TheSameAtOnce], 8).await;
}

#[tokio::test]
async fn another_write_for_a_part_of_a_dead_list_loses_nothing_that_was_acknowledged() {
    for call in 1..=2 {
        let lab = Lab::new().await;
        let write = writes::create_three();
        let process = lab.warm().await;
        let fate = process.killed_at(
            &lab.double,
            call,
            Matcher::any(),
            Moment::BeforeTheWork,
            (write.send)(),
        );
        assert!(matches!(fate.await.unwrap(), Fate::Killed));
        let process = lab.served.start().await.unwrap();
        let answer = process
            .send(post("/api/segments", &segment(1)))
            .await
            .unwrap();
        let acknowledged = answer.status() == 201;
        assert!(
            acknowledged || answer.headers().contains_key("retry-after"),
            "{:?}",
            value(&answer)
        );
        tokio::time::sleep(LEASE + Duration::from_millis(200)).await;
        another_write(&process, "a part of a list").await;
        let there = lab.double.state().rows(Kind::Prefix).len();
        assert_eq!(there, 100 + usize::from(acknowledged), "call {call}");
        lab.assert_sound(&process, "a part of a list").await;
    }
}
