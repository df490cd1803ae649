//! The rounds of `tests/races`, before a real NetBox. `RACE_ROUNDS` says how many each test plays (default 15), `RACE_SEED` with which
//! seed the first batch begins.

use std::time::{Duration, Instant};

use bench_harness::netbox::Api;

use crate::arena::{Batch, Ground, Stores, Tally};
use crate::lab::{Lab, with};

/// Rounds of a batch.
const BATCH: usize = 15;

fn variable(name: &str, default: usize) -> usize {
    let text = std::env::var(name).unwrap_or_default();
    text.parse().unwrap_or(default)
}

async fn play(lab: &Lab, stores: Stores) {
    let (rounds, seed) = (variable("RACE_ROUNDS", BATCH), variable("RACE_SEED", 1));
    let begun = Instant::now();
    let api = Api::new(&lab.url.parse().unwrap(), lab.token.parse().unwrap()).unwrap();
    let ground = Ground::prepare(api, "Real-Races").await.unwrap();
    let (mut tally, mut wrongs) = (Tally::default(), Vec::new());
    for number in 0..rounds.div_ceil(BATCH) {
        let batch = Batch {
            seed: u64::try_from(seed + number).unwrap(),
            rounds: (rounds - number * BATCH).min(BATCH),
            stores,
            url: lab.url.clone(),
            token: lab.token.clone(),
            stagger: Duration::from_millis(150),
            ttl: 3,
        };
        match batch.play(&ground).await {
            Ok(played) => tally.add(&played),
            Err(wrong) => {
                wrongs.push(wrong);
                ground.sweep().await.unwrap();
            }
        }
    }
    ground.clear().await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{} rounds with stores {stores:?} in {took:.1} s\n{tally}",
        tally.rounds()
    );
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_hosts_that_know_nothing_of_one_another_every_answer_is_true() {
    with(async |lab| play(lab, Stores::Apart).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_hosts_on_one_store_every_answer_is_true() {
    with(async |lab| play(lab, Stores::Shared).await).await;
}
