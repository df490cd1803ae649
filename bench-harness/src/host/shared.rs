//! What a host and its instances have in common: settings, outbound pool, and what the instances report.

use super::allowed_hosts::AllowedHosts;
use super::log::Source;
use super::outbound::Outbound;
use super::settings::Settings;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) outbound: Outbound,
    started: AtomicUsize,
    running: watch::Sender<usize>,
    generation: watch::Sender<usize>,
    fuel: AtomicU64,
    peak_memory: AtomicUsize,
    traps: Mutex<Vec<String>>,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> anyhow::Result<Self> {
        let allowed = AllowedHosts::parse(&settings.allowed_hosts)?;
        let outbound = Outbound::new(allowed, settings.log.clone())?;
        Ok(Self {
            settings,
            outbound,
            started: AtomicUsize::new(0),
            running: watch::Sender::new(0),
            generation: watch::Sender::new(0),
            fuel: AtomicU64::new(0),
            peak_memory: AtomicUsize::new(0),
            traps: Mutex::new(Vec::new()),
        })
    }

    pub(super) fn instance_started(&self) {
        self.started.fetch_add(1, Relaxed);
        self.running.send_modify(|running| *running += 1);
    }

    pub(super) fn instance_ended(&self) {
        self.running
            .send_modify(|running| *running = running.saturating_sub(1));
    }

    pub(super) fn instances_started(&self) -> usize {
        self.started.load(Relaxed)
    }

    /// Waits until no instance is left.
    pub(super) async fn all_ended(&self) {
        // The sender lives in self, so waiting cannot fail.
        let mut running = self.running.subscribe();
        let _ = running.wait_for(|running| *running == 0).await;
    }

    /// Instances of an older generation take no more requests.
    pub(super) fn next_generation(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }

    pub(super) fn generation(&self) -> watch::Receiver<usize> {
        self.generation.subscribe()
    }

    pub(super) fn add_fuel(&self, used: u64) {
        self.fuel.fetch_add(used, Relaxed);
    }

    pub(super) fn fuel_used(&self) -> u64 {
        self.fuel.load(Relaxed)
    }

    /// An instance's memory has grown to this.
    pub(super) fn grew_to(&self, bytes: usize) {
        self.peak_memory.fetch_max(bytes, Relaxed);
    }

    pub(super) fn peak_memory(&self) -> usize {
        self.peak_memory.load(Relaxed)
    }

    pub(super) fn trapped(&self, cause: String) {
        self.settings
            .log
            .push(Source::Host, format!("the component trapped: {cause}"));
        let mut traps = self.traps.lock().unwrap_or_else(PoisonError::into_inner);
        traps.push(cause);
    }

    pub(super) fn traps(&self) -> Vec<String> {
        let traps = self.traps.lock().unwrap_or_else(PoisonError::into_inner);
        traps.clone()
    }
}
