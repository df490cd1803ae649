//! Sends the planned requests when they are due.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use url::Url;

use super::client::{Ask, Client};
use super::mix::{Mix, Operation};
use super::report::Report;
use super::schedule::{Arrivals, Schedule};
use super::segments::{Place, Segments};
use super::tally::{Tallies, Tally};
use crate::netbox::Secret;

/// A request is late when it is sent this long after it was due.
const LATE: Duration = Duration::from_millis(1);
/// How soon a run that is stopped ends.
const SLICE: Duration = Duration::from_millis(50);
/// For preparing and cleaning up, where a list of a hundred segments is one request.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a run is made.
#[derive(Clone, Debug)]
pub struct LoadSettings {
    /// The address of what is put under load.
    pub url: Url,
    /// The token for it.
    pub token: Option<Secret>,
    /// Requests a second.
    pub rate: f64,
    /// For how long requests are due.
    pub duration: Duration,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Connections: so many requests are under way at most.
    pub connections: usize,
    /// Which requests.
    pub mix: Mix,
    /// Where writes work.
    pub place: Place,
    /// How long an answer may take; also how long after the end requests that were due earlier are still sent.
    pub timeout: Duration,
    /// Decides all that is left to chance.
    pub seed: u64,
}

impl LoadSettings {
    /// A run of ten seconds, 100 requests a second over ten connections, against this address.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            token: None,
            rate: 100.0,
            duration: Duration::from_secs(10),
            arrivals: Arrivals::Constant,
            connections: 10,
            mix: Mix::default(),
            place: Place::default(),
            timeout: Duration::from_secs(10),
            seed: 1,
        }
    }
}

/// How far a run is. Clones share the same figures.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    done: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl Progress {
    /// Requests that were answered, or failed.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Requests that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// A request that is due.
struct Due {
    at: Instant,
    operation: Operation,
    ask: Ask,
}

/// Sends the requests, and says what came of it. Its own segments are made before and removed afterwards, also when `stop` ends before the
/// run does: then what was sent until then is reported.
///
/// # Errors
/// When the plan is impossible, the target can't be reached or asked at the start, or the load's own segments can't be made or removed.
pub async fn run(
    settings: &LoadSettings,
    progress: &Progress,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Report> {
    let schedule = Schedule::plan(
        settings.rate,
        settings.duration,
        settings.arrivals,
        settings.seed,
    );
    let Schedule(times) = schedule.map_err(anyhow::Error::msg)?;
    let plan = settings.mix.plan(times.len(), settings.seed);
    anyhow::ensure!(
        settings.connections > 0,
        "there must be a connection at least"
    );
    let patient = Client::new(&settings.url, settings.token.as_ref(), PATIENCE)?;
    let mut segments = Segments::prepare(&patient, &settings.place, &plan).await?;
    let asked = ask_all(&mut segments, &plan, settings.seed);
    let sent = match asked {
        Ok(asks) => send(settings, progress, times, plan, asks, stop).await,
        Err(error) => Err(error),
    };
    segments.clean_up(&patient).await?;
    let (tallies, took) = sent?;
    Report::of(
        (settings.url.to_string(), settings.mix.to_string()),
        settings.connections,
        settings.rate,
        took,
        &tallies,
    )
}

fn ask_all(segments: &mut Segments, plan: &[Operation], seed: u64) -> anyhow::Result<Vec<Ask>> {
    let mut dice = fastrand::Rng::with_seed(seed ^ 0x6173_6b73);
    plan.iter()
        .map(|operation| segments.ask(*operation, &mut dice))
        .collect()
}

async fn send(
    settings: &LoadSettings,
    progress: &Progress,
    times: Vec<Duration>,
    plan: Vec<Operation>,
    asks: Vec<Ask>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<(Tallies, Duration)> {
    let (sender, receiver) = unbounded_channel();
    let receiver = Arc::new(Mutex::new(receiver));
    let stopped = Arc::new(AtomicBool::new(false));
    // A first request a connection, so that opening them is not taken for latency.
    let mut workers = JoinSet::new();
    for _ in 0..settings.connections {
        let client = Client::new(&settings.url, settings.token.as_ref(), settings.timeout)?;
        let _opened = client.send(&Ask::get("/api/health")).await;
        let worker = Worker {
            client,
            receiver: Arc::clone(&receiver),
            progress: progress.clone(),
            stopped: Arc::clone(&stopped),
            longest: settings.duration + settings.timeout,
        };
        workers.spawn(worker.work());
    }
    let start = Instant::now();
    let planned = times.into_iter().zip(plan).zip(asks);
    let due: Vec<Due> = planned
        .map(|((time, operation), ask)| Due {
            at: start + time,
            operation,
            ask,
        })
        .collect();
    // A thread of its own wakes up to some 60 µs sharp; tokio's timers only to a millisecond.
    let stops = Arc::clone(&stopped);
    std::thread::Builder::new()
        .name("pacer".to_owned())
        .spawn(move || pace(due, &sender, &stops))
        .context("no thread can be started")?;
    let mut stop = std::pin::pin!(stop);
    let mut tallies = Tallies::new();
    loop {
        tokio::select! {
            () = &mut stop, if !stopped.load(Ordering::Relaxed) => stopped.store(true, Ordering::Relaxed),
            joined = workers.join_next() => {
                let Some(joined) = joined else { break };
                for (operation, tally) in joined.context("a connection broke down")?? {
                    match tallies.get_mut(&operation) {
                        Some(known) => known.add(&tally)?,
                        None => drop(tallies.insert(operation, tally)),
                    }
                }
            }
        }
    }
    Ok((tallies, start.elapsed()))
}

fn pace(due: Vec<Due>, sender: &UnboundedSender<Due>, stopped: &AtomicBool) {
    for request in due {
        loop {
            if stopped.load(Ordering::Relaxed) {
                return;
            }
            let left = request.at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(SLICE));
        }
        if sender.send(request).is_err() {
            return;
        }
    }
}

/// One connection.
struct Worker {
    client: Client,
    receiver: Arc<Mutex<UnboundedReceiver<Due>>>,
    progress: Progress,
    stopped: Arc<AtomicBool>,
    /// After this time nothing is sent any more.
    longest: Duration,
}

impl Worker {
    async fn work(self) -> anyhow::Result<Tallies> {
        let mut tallies = Tallies::new();
        let end = Instant::now() + self.longest;
        loop {
            let next = self.receiver.lock().await.recv().await;
            let Some(due) = next.filter(|_| !self.stopped.load(Ordering::Relaxed)) else {
                return Ok(tallies);
            };
            let tally = match tallies.entry(due.operation) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(Tally::new()?),
            };
            if Instant::now() > end {
                tally.unsent += 1;
                continue;
            }
            let late = due.at.elapsed() > LATE;
            let answer = self.client.send(&due.ask).await;
            let latency = due.at.elapsed();
            let error = match answer {
                Ok(answer) if answer.status().is_success() => None,
                Ok(answer) => Some(answer.status().as_u16().to_string()),
                Err(happened) => Some(happened.to_owned()),
            };
            self.progress.done.fetch_add(1, Ordering::Relaxed);
            let failed = u64::from(error.is_some());
            self.progress.failed.fetch_add(failed, Ordering::Relaxed);
            tally.note(latency, late, error);
        }
    }
}
