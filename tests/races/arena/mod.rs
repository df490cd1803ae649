//! Seeded rounds: two hosts are asked for what they can't both do, and what NetBox holds afterwards must be what was answered.
//!
//! A batch is a fresh store, or two, and some rounds one after another before a NetBox that was furnished for all of them: so later
//! rounds are played with what the hosts know from the earlier ones. The seed decides everything but the timing; to play a
//! batch again, give its seed in `RACE_SEED`, and in `RACE_ROUNDS` how many of its rounds.

mod ground;
mod round;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bench_harness::host::Settings;
use fastrand::Rng;
use futures::future::join_all;
use serde_json::Value;

pub(crate) use ground::Ground;
use ground::{Scene, Segment};
use round::{Ask, KINDS, Kind, Round, Slot};
use verdict::{Answered, verdict};

use crate::support::{Edge, settings, store};

/// How long a round may take: many times what its longest request may.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether the two hosts share their store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stores {
    Apart,
    Shared,
}

/// A batch of rounds.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) seed: u64,
    /// At most as many as there is room for: 64.
    pub(crate) rounds: usize,
    pub(crate) stores: Stores,
    pub(crate) url: String,
    pub(crate) token: String,
    /// How much later than the first a request may start, at most.
    pub(crate) stagger: Duration,
    /// How long the hosts believe what they know, in seconds.
    pub(crate) ttl: u64,
}

/// How many rounds of each kind were played, by how many of their requests were answered with 2xx.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(BTreeMap<Kind, BTreeMap<usize, usize>>);

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, counts) in &other.0 {
            for (winners, rounds) in counts {
                *self.count(*kind, *winners) += rounds;
            }
        }
    }

    pub(crate) fn rounds(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    fn count(&mut self, kind: Kind, winners: usize) -> &mut usize {
        self.0.entry(kind).or_default().entry(winners).or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26}rounds by their number of winners", "kind")?;
        for (kind, counts) in &self.0 {
            write!(f, "{:<26}", format!("{kind:?}"))?;
            for (winners, rounds) in counts {
                write!(f, "{winners}: {rounds:<8}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Batch {
    /// Plays it on this ground, which is empty before and afterwards.
    ///
    /// # Errors
    /// What is wrong, and how to play it again.
    pub(crate) async fn play(&self, ground: &Ground) -> Result<Tally, String> {
        let told = |round: usize, what: String| {
            format!(
                "with stores {:?}: {what}\nplay it again with RACE_SEED={} RACE_ROUNDS={}",
                self.stores,
                self.seed,
                round + 1
            )
        };
        let broken = |error: anyhow::Error| told(0, format!("{error:#}"));
        let mut rng = Rng::with_seed(self.seed);
        let rounds: Vec<Round> = (0..self.rounds.min(round::SLOTS))
            .map(|n| Round {
                kind: KINDS[rng.usize(..KINDS.len())],
                slot: Slot {
                    number: u16::try_from(n).unwrap_or_default(),
                },
                seed: rng.u64(..),
            })
            .collect();
        let mut there = self.furnish(ground, &rounds).await.map_err(broken)?;
        let edges = self.edges().await;
        let mut tally = Tally::default();
        let mut now = ground.scene().await.map_err(broken)?;
        for (n, round) in rounds.iter().enumerate() {
            edges.iter().for_each(|edge| edge.host.log().clear());
            let asks = round.asks(&ground.name, &there.remove(0), &now);
            let race = self.race(&edges, asks, &mut rng);
            let Ok(answers) = tokio::time::timeout(PATIENCE, race).await else {
                let what = format!("round {n} ({:?}) was not answered", round.kind);
                return Err(told(n, what));
            };
            let winners = answers.iter().filter(|answer| answer.succeeded()).count();
            *tally.count(round.kind, winners) += 1;
            let after = ground.scene().await.map_err(broken)?;
            let mut wrong = verdict(&now, &after, &answers, self.stores == Stores::Shared);
            wrong.extend(self.served_badly(ground, &edges, &after, &answers).await);
            if !wrong.is_empty() {
                let answers: Vec<String> = answers.iter().map(described).collect();
                let logs = edges.iter().enumerate().flat_map(|(host, edge)| {
                    let lines = edge.host.log().lines().into_iter();
                    lines.map(move |line| format!("host {host} logged {}", line.text))
                });
                let logs: Vec<String> = logs.collect();
                let what = format!(
                    "round {n} ({:?}): {}\n{}\n{}",
                    round.kind,
                    wrong.join("\n"),
                    answers.join("\n"),
                    logs.join("\n")
                );
                return Err(told(n, what));
            }
            now = after;
        }
        tokio::time::sleep(Duration::from_millis(self.ttl * 1_000 + 50)).await;
        for (host, edge) in edges.iter().enumerate() {
            let served = served(edge, &ground.name).await;
            if served != now.segments {
                let what = format!(
                    "after a refresh host {host} serves {}",
                    difference(&served, &now)
                );
                return Err(told(self.rounds, what));
            }
        }
        ground.sweep().await.map_err(broken)?;
        Ok(tally)
    }

    /// The ids of each round's furniture.
    async fn furnish(&self, ground: &Ground, rounds: &[Round]) -> anyhow::Result<Vec<Vec<u64>>> {
        let furniture: Vec<Vec<Segment>> =
            rounds.iter().map(|r| r.furniture(&ground.name)).collect();
        let all: Vec<&Segment> = furniture.iter().flatten().collect();
        let mut ids = ground.furnish(&all).await?.into_iter();
        let of = |items: &Vec<Segment>| ids.by_ref().take(items.len()).collect();
        Ok(furniture.iter().map(of).collect())
    }

    async fn edges(&self) -> [Edge; 2] {
        let first = store();
        let second = match self.stores {
            Stores::Apart => store(),
            Stores::Shared => first.clone(),
        };
        let settings = |store| -> Settings {
            settings(&self.url, &self.token)
                .variable("cache_ttl", self.ttl.to_string())
                .variable("stale_while_revalidate", "0")
                .variable("stale_if_error", "0")
                .variable("site_prefixes", "site2=172.23.0.0/16")
                .store(store)
        };
        let edges = [
            Edge::start(settings(first)).await,
            Edge::start(settings(second)).await,
        ];
        for edge in &edges {
            edge.get("/api/segments").await.expect(200);
        }
        edges
    }

    /// All requests at once, or nearly so, each at one of the hosts.
    async fn race(&self, edges: &[Edge; 2], asks: Vec<Ask>, rng: &mut Rng) -> Vec<Answered> {
        let together = rng.bool();
        let first = rng.usize(..2);
        let racing = asks.into_iter().enumerate().map(|(n, ask)| {
            let host = (first + n) % 2;
            let late = if together { 0.0 } else { rng.f64() };
            async move {
                tokio::time::sleep(self.stagger.mul_f64(late)).await;
                let method = ask.method.clone();
                let reply = edges[host].call(method, &ask.path, &[], &ask.body).await;
                let body = serde_json::from_slice(&reply.bytes).unwrap_or(Value::Null);
                let status = reply.status.as_u16();
                Answered {
                    host,
                    ask,
                    status,
                    body,
                }
            }
        });
        join_all(racing).await
    }

    /// After a 2xx, its host shows it; on one store the other does so too.
    async fn served_badly(
        &self,
        ground: &Ground,
        edges: &[Edge; 2],
        now: &Scene,
        answers: &[Answered],
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (host, edge) in edges.iter().enumerate() {
            let served = served(edge, &ground.name).await;
            for id in answers.iter().flat_map(Answered::touched) {
                // What another host undoes may be seen before that by one that does not hear of it.
                let meant = |a: &Answered| a.touched().contains(&id) || a.targets(id);
                let alone = answers.iter().filter(|a| meant(a)).all(|a| a.host == host);
                let concerned = alone || self.stores == Stores::Shared;
                let (shown, is) = (served.get(&id), now.segments.get(&id));
                if concerned && shown != is {
                    wrong.push(format!(
                        "host {host} shows {shown:?} for {id}, which is {is:?}"
                    ));
                }
            }
        }
        wrong
    }
}

async fn served(edge: &Edge, vrf: &str) -> BTreeMap<u64, Segment> {
    let list = edge.get(&format!("/api/segments?vrf={vrf}")).await;
    let list = list.expect(200).json();
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Segment::told).collect()
}

fn difference(served: &BTreeMap<u64, Segment>, now: &Scene) -> String {
    let ids = served.keys().chain(now.segments.keys());
    let ids: std::collections::BTreeSet<&u64> = ids.collect();
    let differs = ids.into_iter().filter_map(|id| {
        let (shown, is) = (served.get(id), now.segments.get(id));
        (shown != is).then(|| format!("{shown:?} for {id}, which is {is:?}"))
    });
    differs.collect::<Vec<_>>().join("; ")
}

fn described(answer: &Answered) -> String {
    format!(
        "host {}: {:?} -> {} {}",
        answer.host, answer.ask.deed, answer.status, answer.body
    )
}
