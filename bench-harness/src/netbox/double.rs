//! The double as a test holds it.

use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::chaos::{Chaos, Dice};
use super::dataset::Data;
use super::db::Db;
use super::faults::{Fault, Matcher};
use super::ledger::Ledger;
use super::limit::RateLimit;
use super::release::Release;
use super::server;
use super::state::{State, Switches};

/// NetBox's `MAX_PAGE_SIZE` by default.
const MAX_PAGE: usize = 1000;

/// How a double starts.
#[derive(Clone, Debug)]
pub struct DoubleSettings {
    /// What it holds.
    pub data: Data,
    /// How long every call takes at least, on top of its work.
    pub latency: Duration,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The time between a check and the write that follows it; zero makes the two one step.
    pub race_window: Duration,
    /// Whether GraphQL is on.
    pub graphql: bool,
    /// The rate limit in front of it; `None`: as many calls as come.
    pub rate_limit: Option<RateLimit>,
    /// Which NetBox it is.
    pub release: Release,
    /// NetBox's `MAX_PAGE_SIZE`: no list is longer, whatever is asked for.
    pub max_page: usize,
    /// What goes wrong by chance.
    pub chaos: Chaos,
}

impl Default for DoubleSettings {
    fn default() -> Self {
        Self {
            data: Data::default(),
            latency: Duration::ZERO,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            race_window: Duration::ZERO,
            graphql: true,
            rate_limit: None,
            release: Release::default(),
            max_page: MAX_PAGE,
            chaos: Chaos::default(),
        }
    }
}

impl DoubleSettings {
    /// The usual settings with this data.
    #[must_use]
    pub fn with(data: Data) -> Self {
        Self {
            data,
            ..Self::default()
        }
    }
}

/// A running NetBox double. It stops when dropped.
#[derive(Debug)]
pub struct Double {
    state: Arc<State>,
    address: SocketAddr,
    server: JoinHandle<std::convert::Infallible>,
}

impl Double {
    /// Starts a double.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(settings: DoubleSettings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("the NetBox double cannot listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        let db = settings.data.load()?;
        let state = Arc::new(State::new(
            db,
            Switches {
                latency: settings.latency,
                race_window: settings.race_window,
                graphql: settings.graphql,
                release: settings.release,
                max_page: settings.max_page,
            },
            settings.rate_limit,
            Dice::new(&settings.chaos),
        ));
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Self {
            state,
            address,
            server,
        })
    }

    /// `http://127.0.0.1:port`, without a last slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token (v2) that may do everything.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.state.tokens.full
    }

    /// A token of the old form (v1) that may do everything.
    #[must_use]
    pub fn token_v1(&self) -> &str {
        &self.state.tokens.full_v1
    }

    /// A token that may only read.
    #[must_use]
    pub fn read_only_token(&self) -> &str {
        &self.state.tokens.read_only
    }

    /// A token that may do nothing: REST says 403, GraphQL gives empty lists.
    #[must_use]
    pub fn no_permissions_token(&self) -> &str {
        &self.state.tokens.no_permissions
    }

    /// The calls received.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// Makes every later call take this much longer than its work.
    pub fn set_latency(&self, latency: Duration) {
        self.state.switches().latency = latency;
    }

    /// Turns GraphQL on or off (404).
    pub fn set_graphql(&self, on: bool) {
        self.state.switches().graphql = on;
    }

    /// Sets the time between a check and the write after it. With it two prefixes alike may both be stored, the loser of a race for
    /// a VLAN gets 500, and two unguarded PATCHes of one row lose one of the two: as measured at a real NetBox.
    pub fn set_race_window(&self, window: Duration) {
        self.state.switches().race_window = window;
    }

    /// Puts another rate limit in front, or none; its burst is there from the start.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        self.state.limiter.set(limit);
    }

    /// Makes this fault strike a share of all later calls, from 0 to 1, by chance, until [`Double::heal`].
    pub fn fail_randomly(&self, seed: u64, share: f64, fault: Fault) {
        self.state.dice().fail(seed, share, fault);
    }

    /// Delays every later call by a random time up to `most`: part of it before the work, part after.
    pub fn delay_randomly(&self, seed: u64, most: Duration) {
        self.state.dice().delay(seed, most);
    }

    /// Plans a fault for the next call that matches.
    pub fn fail_next(&self, matcher: Matcher, fault: Fault) {
        self.state.faults().plan(matcher, fault, Some(1));
    }

    /// Plans a fault for the next `times` calls that match.
    pub fn fail_times(&self, times: usize, matcher: Matcher, fault: Fault) {
        if times > 0 {
            self.state.faults().plan(matcher, fault, Some(times));
        }
    }

    /// Plans a fault for the `n`-th call from now on that matches, counted from 1.
    pub fn fail_nth(&self, n: usize, matcher: Matcher, fault: Fault) {
        self.state.faults().plan_nth(n, matcher, fault);
    }

    /// Plans a fault for every call that matches, until [`Double::heal`].
    pub fn fail_always(&self, matcher: Matcher, fault: Fault) {
        self.state.faults().plan(matcher, fault, None);
    }

    /// Forgets all faults, planned ones and those by chance.
    pub fn heal(&self) {
        self.state.faults().clear();
        self.state.dice().clear_faults();
    }

    /// The rows, to look at. Do not hold this across an await: the double answers nothing meanwhile.
    pub fn state(&self) -> MutexGuard<'_, Db> {
        self.state.db()
    }

    /// Changes the rows as another user of NetBox would; see the `Db` methods such as `rename_vlan`.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Db) -> T) -> T {
        change(&mut self.state.db())
    }

    /// Stops serving; open connections are closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}
