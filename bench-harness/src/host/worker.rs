//! Instances and their lives, for the reuse engine of `wasmtime-wasi-http`: when to make one, what it may take on, when it ends.

use super::engine::Component;
use super::settings::Reuse;
use super::shared::Shared;
use super::state::InstanceState;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};

/// How much longer than the request timeout a stuck instance lives. The engine times each request out by itself; this is
/// for a guest that keeps the engine from looking.
const GRACE: Duration = Duration::from_secs(1);

/// What a metered instance starts with; it cannot run out.
const FUEL: u64 = u64::MAX;

/// Makes instances.
pub(super) struct Instances {
    pub(super) component: Component,
    pub(super) shared: Arc<Shared>,
}

impl HandlerState for Instances {
    type StoreData = InstanceState;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<InstanceState, Expiration, Worker>> {
        let generation = self.shared.generation();
        let born = *generation.borrow();
        let state = InstanceState::new(self.shared.clone());
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| &mut state.memory);
        if self.component.is_metered() {
            store.set_fuel(FUEL)?;
        }
        let proxy = self.component.proxy().instantiate_async(&mut store).await?;
        self.shared.instance_started();
        Ok(Instance {
            store,
            proxy,
            view: InstanceState::http,
            expiration: Expiration::new(&self.shared, generation.clone()),
            state: Worker {
                shared: self.shared.clone(),
                reuse: match self.component.is_reusable() {
                    true => self.shared.settings.reuse,
                    false => Reuse::NONE,
                },
                metered: self.component.is_metered(),
                counted: AtomicU64::new(0),
                born,
                generation,
            },
        })
    }
}

/// One instance's rules.
pub(super) struct Worker {
    shared: Arc<Shared>,
    reuse: Reuse,
    metered: bool,
    /// Fuel of this instance that the host knows of.
    counted: AtomicU64,
    born: usize,
    generation: watch::Receiver<usize>,
}

impl Worker {
    fn count_fuel(&self, left: u64) {
        let used = FUEL - left;
        let counted = self.counted.swap(used, Ordering::Relaxed);
        self.shared.add_fuel(used.saturating_sub(counted));
    }
}

impl WorkerState for Worker {
    type StoreData = InstanceState;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.reuse.max_requests.max(1) || *self.generation.borrow() != self.born {
            ShouldAccept::Never
        } else if concurrent >= self.reuse.max_concurrent.max(1) {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        store: StoreContextMut<'_, InstanceState>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        if self.metered
            && let Ok(left) = store.get_fuel()
        {
            self.count_fuel(left);
        }
        match self.shared.settings.request_timeout {
            Some(limit) => Box::pin(tokio::time::sleep(limit)),
            None => Box::pin(std::future::pending()),
        }
    }

    fn drop(&self, store: Store<InstanceState>, result: wasmtime::Result<()>) {
        if self.metered
            && let Ok(left) = store.get_fuel()
        {
            self.count_fuel(left);
        }
        // Its last partial log line comes before the trap that ended it.
        drop(store);
        if let Err(error) = result {
            self.shared.trapped(cause(&error));
        }
        self.shared.instance_ended();
    }
}

/// The reason first, then the guest's backtrace; the host's own frames would only hide both.
fn cause(error: &wasmtime::Error) -> String {
    let mut texts: Vec<String> = error.chain().map(ToString::to_string).collect();
    texts.reverse();
    texts.join("\n").trim_end().to_owned()
}

/// When an instance ends.
pub(super) struct Expiration {
    idle: Duration,
    request_timeout: Option<Duration>,
    alarm: Pin<Box<Sleep>>,
    superseded: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
    is_superseded: bool,
}

impl Expiration {
    fn new(shared: &Shared, mut generation: watch::Receiver<usize>) -> Self {
        let superseded = async move {
            if generation.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        Self {
            idle: shared.settings.reuse.idle,
            request_timeout: shared.settings.request_timeout,
            alarm: Box::pin(tokio::time::sleep(Duration::ZERO)),
            superseded: Box::pin(superseded),
            is_superseded: false,
        }
    }
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        if !self.is_superseded {
            self.is_superseded = self.superseded.as_mut().poll(cx).is_ready();
        }
        let limit = match status {
            WorkerStatus::Idle if self.is_superseded => return Poll::Ready(()),
            WorkerStatus::Idle => Some(self.idle),
            WorkerStatus::Requests | WorkerStatus::PostReturn => {
                self.request_timeout.map(|limit| limit + GRACE)
            }
        };
        let Some(deadline) = limit.and_then(|limit| start.checked_add(limit)) else {
            return Poll::Pending;
        };
        let deadline = deadline.into();
        if self.alarm.deadline() != deadline {
            self.alarm.as_mut().reset(deadline);
        }
        self.alarm.as_mut().poll(cx)
    }
}
