//! How a host behaves: address, variables, store, allowed hosts, instance reuse, timeouts, log.

use super::key_value::KeyValue;
use super::log::LogSink;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The settings of a [`Host`](super::Host). The default listens on a free loopback port, with an empty store in memory, no
/// variables, no allowed hosts, and Spin's instance reuse.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to serve; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The component's variables by name (lower snake case).
    pub variables: BTreeMap<String, String>,
    /// The store behind the label `default`.
    pub store: KeyValue,
    /// The hosts the component may call; see [`AllowedHosts`](super::AllowedHosts).
    pub allowed_hosts: Vec<String>,
    /// How long and how busily an instance is used.
    pub reuse: Reuse,
    /// The longest a request may wait for its response head. It cuts a waiting guest, not a computing one, as on Spin. None: no limit.
    pub request_timeout: Option<Duration>,
    /// The most linear memory one instance may have, in bytes: 128 MiB on Akamai Functions. None: as much as wasm allows.
    pub memory_limit: Option<usize>,
    /// Where the component's output and the host's messages go.
    pub log: LogSink,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            variables: BTreeMap::new(),
            store: KeyValue::memory(),
            allowed_hosts: Vec::new(),
            reuse: Reuse::default(),
            request_timeout: None,
            memory_limit: None,
            log: LogSink::memory(),
        }
    }
}

impl Settings {
    /// The default settings; the methods below fill them in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one variable.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Allows one more outbound host.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Uses this store.
    #[must_use]
    pub fn store(mut self, store: KeyValue) -> Self {
        self.store = store;
        self
    }

    /// Gives an instance this much memory at most, in bytes.
    #[must_use]
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Uses this log sink.
    #[must_use]
    pub fn log(mut self, log: LogSink) -> Self {
        self.log = log;
        self
    }

    /// Reuses instances like this.
    #[must_use]
    pub fn reuse(mut self, reuse: Reuse) -> Self {
        self.reuse = reuse;
        self
    }
}

/// How instances are reused. The defaults are Spin's. A component of WASIp2 is not: there it is [`Reuse::NONE`] whatever is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// Requests one instance serves before it is dropped: 128.
    pub max_requests: usize,
    /// Requests one instance serves at the same time: 16.
    pub max_concurrent: usize,
    /// How long an instance without a request is kept: 1 s.
    pub idle: Duration,
}

impl Default for Reuse {
    fn default() -> Self {
        Self {
            max_requests: 128,
            max_concurrent: 16,
            idle: Duration::from_secs(1),
        }
    }
}

impl Reuse {
    /// A fresh instance for every request: the least reuse a platform may give.
    pub const NONE: Self = Self {
        max_requests: 1,
        max_concurrent: 1,
        idle: Duration::ZERO,
    };
}
