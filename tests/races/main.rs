//! Rounds of rivals before the double, whose checks and writes are apart as NetBox's are, with random delays.
//!
//! `RACE_ROUNDS` says how many rounds each of the two tests plays (default 4,000, together 60 to 90 s on two cores), `RACE_SEED` with which
//! seed the first batch begins (default 1). 10,000 rounds took 70 s on two free cores, and 300 s on busy ones.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod arena;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arena::{Batch, Ground, Stores, Tally};
use bench_harness::netbox::{Api, Data, Double, DoubleSettings};
use futures::future::join_all;

/// Rounds of a batch.
const BATCH: usize = 32;
/// Batches at the same time, each before a double of its own: while one waits for its delays, others compute.
const LANES: usize = 10;
const ROUNDS: usize = 4_000;

fn variable(name: &str, default: usize) -> usize {
    let text = std::env::var(name).unwrap_or_default();
    text.parse().unwrap_or(default)
}

async fn batch(seed: u64, rounds: usize, stores: Stores) -> Result<Tally, String> {
    let double = Double::start(DoubleSettings::with(Data::NoSegments))
        .await
        .unwrap();
    let (url, token) = (double.url(), double.token().to_owned());
    let api = Api::new(&url.parse().unwrap(), token.parse().unwrap()).unwrap();
    let ground = Ground::prepare(api, "Races").await.unwrap();
    double.delay_randomly(seed, Duration::from_millis(2));
    double.set_race_window(Duration::from_millis(seed % 3));
    let batch = Batch {
        seed,
        rounds,
        stores,
        url,
        token,
        stagger: Duration::from_millis(4),
        ttl: 1,
    };
    batch.play(&ground).await
}

async fn play(stores: Stores) {
    let rounds = variable("RACE_ROUNDS", ROUNDS);
    let seed = variable("RACE_SEED", 1);
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let lane = async || {
        let (mut tally, mut wrongs) = (Tally::default(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let left = rounds.saturating_sub(number * BATCH);
            if left == 0 {
                return (tally, wrongs);
            }
            let seed = u64::try_from(seed + number).unwrap();
            match batch(seed, left.min(BATCH), stores).await {
                Ok(played) => tally.add(&played),
                Err(wrong) => wrongs.push(wrong),
            }
        }
    };
    let lanes = join_all((0..LANES).map(|_| lane())).await;
    let (mut tally, mut wrongs) = (Tally::default(), Vec::new());
    for (played, wrong) in lanes {
        tally.add(&played);
        wrongs.extend(wrong);
    }
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{} rounds with stores {stores:?} in {took:.1} s\n{tally}",
        tally.rounds()
    );
    assert!(
        wrongs.is_empty(),
        "{} batches went wrong:\n{}",
        wrongs.len(),
        wrongs.join("\n\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_hosts_that_know_nothing_of_one_another_every_answer_is_true() {
    play(Stores::Apart).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_hosts_on_one_store_every_answer_is_true() {
    play(Stores::Shared).await;
}
