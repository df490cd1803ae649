//! The one door to NetBox: every call goes through [`Client::call`], which paces, times, retries, classifies and logs.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use serde_json::{Value, json};
use url::Url;

use super::answer;
use super::class::class;
use super::error::NetboxError;
use super::pace::{Outcome, Pace};
use super::rate::RateLimit;
use super::trail::Trail;
use super::turns::{Turn, Turns};
use crate::log::{Level, Logger};
use crate::metrics::Counts;
use crate::metrics::labels::Class;
use crate::platform::{Host, SendError};
use crate::timestamp::Timestamp;

/// How often a call is tried at most, the first attempt included, unless it failed because NetBox is overloaded.
const ATTEMPTS: u32 = 3;
/// How often a write is tried at most that did not leave.
const WRITE_ATTEMPTS: u32 = 2;
/// For how many times the time of one call a request waits and tries again, altogether.
const PATIENCE: u32 = 3;
/// The longest random pause, in milliseconds.
const LONGEST_PAUSE: u64 = 1_000;
/// Retries after a `Retry-After` are spread over so many milliseconds, for instances that were all told the same.
const SPREAD: u64 = 100;

/// Where NetBox is, and how to treat it.
#[derive(Clone)]
pub struct Connection {
    /// The address of the NetBox, with or without a path; `/api/` and `/graphql/` come behind it.
    pub url: Url,
    /// The API token, v1 or v2. Never logged.
    pub token: String,
    /// How long one call may take altogether.
    pub timeout: Duration,
    /// How many calls may be under way at once.
    pub max_in_flight: usize,
    /// How many calls a second may go, if that is limited.
    pub rate_limit: Option<RateLimit>,
    /// From here a call is logged as slow.
    pub slow: Duration,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("url", &self.url.as_str())
            .field("token", &"(secret)")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// One call, described.
#[derive(Debug)]
pub struct Call {
    /// What is asked, in words, for log and messages.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the NetBox address, with its slashes.
    pub path: String,
    /// Query parameters.
    pub query: Vec<(&'static str, String)>,
    /// The JSON body.
    pub body: Option<Value>,
    /// The `last_updated` that the object must still have, or those of every object of a list (`If-Match`).
    pub unchanged_since: Vec<Timestamp>,
    /// Whether repeating it can do no harm.
    pub safe: bool,
    /// How many objects it concerns: NetBox takes longer for a list.
    pub objects: usize,
}

impl Call {
    /// A read.
    #[must_use]
    pub fn get(operation: &'static str, path: &str) -> Self {
        Self {
            operation,
            method: Method::GET,
            path: path.to_owned(),
            query: Vec::new(),
            body: None,
            unchanged_since: Vec::new(),
            safe: true,
            objects: 1,
        }
    }

    /// A GraphQL query: a POST that reads.
    #[must_use]
    pub fn graphql(operation: &'static str, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(operation, "/graphql/")
        }
    }

    /// A write; repeated by the client only when it was certainly not carried out.
    #[must_use]
    pub fn write(
        operation: &'static str,
        method: Method,
        path: String,
        body: Option<Value>,
    ) -> Self {
        Self {
            method,
            path,
            body,
            safe: false,
            ..Self::get(operation, "")
        }
    }

    /// The same call, refused by NetBox with 412 unless the objects were last updated at these instants. A list needs those
    /// of all its objects; it is undocumented there, and works (measured).
    #[must_use]
    pub fn guarded(mut self, last_updated: impl IntoIterator<Item = Timestamp>) -> Self {
        self.unchanged_since.extend(last_updated);
        self
    }

    /// Whether the call may be made again after it failed like this.
    fn may_repeat(&self, error: &NetboxError, attempt: u32) -> bool {
        match error {
            _ if self.safe => error.passing(),
            NetboxError::Unreachable(_) => attempt < WRITE_ATTEMPTS,
            _ => error.not_carried_out(),
        }
    }
}

/// So many objects in one call may take as long again as one.
const LIST: usize = 25;

/// Talks to one NetBox.
pub struct Client {
    host: Host,
    logger: Logger,
    connection: Connection,
    turns: Turns,
    netbox_time: Cell<Option<Timestamp>>,
    version: Cell<Option<(u16, u16)>>,
    /// Whether another instance has said that guards are ignored; what NetBox says goes first.
    told_unguarded: Cell<bool>,
    counts: Rc<Counts>,
}

impl Client {
    /// A client for this NetBox.
    #[must_use]
    pub fn new(host: Host, logger: Logger, connection: Connection) -> Self {
        let patience = connection.timeout * PATIENCE;
        let pace = Pace::new(connection.max_in_flight, connection.rate_limit, patience);
        Self {
            turns: Turns::new(Rc::clone(&host), pace),
            counts: Rc::new(Counts::new(host.now())),
            host,
            logger,
            connection,
            netbox_time: Cell::new(None),
            version: Cell::new(None),
            told_unguarded: Cell::new(false),
        }
    }

    /// What is counted in this instance: the calls by us, the rest by others.
    #[must_use]
    pub fn counts(&self) -> &Rc<Counts> {
        &self.counts
    }

    /// How many calls are under way.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.turns.under_way() as u64
    }

    /// The wall clock of NetBox at its last answer (the `Date` header, whole seconds).
    #[must_use]
    pub fn netbox_time(&self) -> Option<Timestamp> {
        self.netbox_time.get()
    }

    /// NetBox's version, as its last REST answer gave it (`API-Version`: `4.7`); GraphQL answers do not give it.
    #[must_use]
    pub fn version(&self) -> Option<(u16, u16)> {
        self.version.get()
    }

    /// Whether NetBox honours `If-Match`, as it does since 4.6. A version not known yet is taken to, unless another instance
    /// has said that it does not; the answer to the first guarded write gives it, so ask again after that.
    #[must_use]
    pub fn guards_work(&self) -> bool {
        let known = self.version.get().map(|version| version >= (4, 6));
        known.unwrap_or_else(|| !self.told_unguarded.get())
    }

    /// Takes another instance's word for whether NetBox ignores guards.
    pub fn hear_of_unguarded(&self, unguarded: bool) {
        self.told_unguarded.set(unguarded);
    }

    /// Whether NetBox ignores guards, when it is known to and the other instances say otherwise, or the other way round.
    #[must_use]
    pub fn news_of_unguarded(&self) -> Option<bool> {
        let unguarded = self.version.get()? < (4, 6);
        (unguarded != self.told_unguarded.get()).then_some(unguarded)
    }

    /// Makes the call and returns the JSON of NetBox's answer.
    ///
    /// The call waits for its turn, which does not count as time of the call. A read that failed in passing is repeated.
    /// A write is repeated only when it certainly was not carried out (429, no connection); otherwise whether it was can't
    /// be known here: look, then [`Client::breathe`]. All waiting of one request together is bounded by its patience,
    /// three times the time for one call.
    ///
    /// # Errors
    /// [`NetboxError`]; [`NetboxError::Held`] when no call was made, because NetBox is to be left alone.
    pub async fn call(&self, trail: &Trail, call: Call) -> Result<Value, NetboxError> {
        let operation = call.operation;
        let body = self.fetch(trail, call).await?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        answer::decode_bytes(operation, &body)
    }

    /// As [`Client::call`]; the answer's bytes, which are JSON or none.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn fetch(&self, trail: &Trail, call: Call) -> Result<Bytes, NetboxError> {
        let mut attempt = 1;
        loop {
            let turn = self.turns.take(self.patience(trail), trail.unsettled());
            let turn = turn
                .await
                .map_err(|retry_after| NetboxError::Held { retry_after })?;
            let result = self.attempt(trail, &call, attempt, turn).await;
            let Err(error) = &result else { return result };
            if !call.may_repeat(error, attempt) || !self.breathe(trail, error, attempt).await {
                return result;
            }
            attempt += 1;
        }
    }

    /// Waits before the next attempt after `attempt` failed with `error`, counted from 1: as long as `Retry-After` says,
    /// or else at random, on the average longer each time. Returns whether to try again; without waiting `false` when
    /// trying again can't help, was done often enough, would take more patience than the request has left, or when NetBox
    /// is to be left alone.
    pub async fn breathe(&self, trail: &Trail, error: &NetboxError, attempt: u32) -> bool {
        let throttled = matches!(error, NetboxError::Throttled { .. });
        let may_help = error.passing() || error.outcome_unknown();
        // Who may have written goes on: to know what became of it matters more than to spare NetBox a call.
        let left_alone = self.turns.refuses() && !trail.unsettled();
        if !may_help || (!throttled && attempt >= ATTEMPTS) || left_alone {
            return false;
        }
        let pause = self.pause(error, attempt);
        if pause >= self.patience(trail) {
            return false;
        }
        self.host.sleep(pause).await;
        true
    }

    /// How long this request may still wait.
    fn patience(&self, trail: &Trail) -> Duration {
        let now = self.host.monotonic();
        let spent = now.saturating_sub(trail.began(now));
        (self.connection.timeout * PATIENCE).saturating_sub(spent)
    }

    /// What NetBox asked for, or full jitter: anywhere between nothing and 100 ms doubled for each attempt.
    fn pause(&self, error: &NetboxError, attempt: u32) -> Duration {
        let random = |below: u64| Duration::from_millis(self.host.random() % below);
        match error {
            NetboxError::Throttled {
                retry_after: Some(asked),
                ..
            } => asked.saturating_add(random(SPREAD)),
            _ => random((100 << attempt.min(5)).min(LONGEST_PAUSE)),
        }
    }

    async fn attempt(
        &self,
        trail: &Trail,
        call: &Call,
        attempt: u32,
        turn: Turn<'_>,
    ) -> Result<Bytes, NetboxError> {
        let request = self.request(trail, call)?;
        let start = self.host.monotonic();
        // Fifty objects take NetBox 1.5 to 2.5 s when it is idle, and one 0.1 s (measured): a list may take as long again.
        let lists = u32::try_from(call.objects / LIST).unwrap_or(1);
        let timeout = self.connection.timeout * (1 + lists);
        let sent = self.host.send(request, timeout).await;
        let end = self.host.monotonic();
        trail.record(start, end);
        let status = sent.as_ref().ok().map(|r| r.status().as_u16());
        let (load, result) = match &sent {
            Ok(response) => {
                self.note(response);
                let result = answer::judge(call.operation, response);
                (answer::load(response), result)
            }
            Err(error) => {
                let load = match error {
                    SendError::TimedOut(_) => Outcome::Overloaded(None),
                    _ => Outcome::Unclear,
                };
                let error = NetboxError::unsent(call.operation, error.clone());
                (load, Err(error))
            }
        };
        turn.over(load);
        if !call.safe
            && result
                .as_ref()
                .err()
                .is_none_or(NetboxError::outcome_unknown)
        {
            trail.unsettle();
        }
        self.log(
            trail,
            call,
            attempt,
            status,
            end.saturating_sub(start),
            result.as_ref().err(),
        );
        result
    }

    /// Takes NetBox's clock and version from its answer.
    fn note(&self, response: &Response<Bytes>) {
        let text = |name: &str| response.headers().get(name)?.to_str().ok();
        if let Some(at) = text("date").and_then(Timestamp::parse_http_date) {
            self.netbox_time.set(Some(at));
        }
        if let Some(version) = text("api-version").and_then(version) {
            self.version.set(Some(version));
        }
    }

    fn request(&self, trail: &Trail, call: &Call) -> Result<Request<Bytes>, NetboxError> {
        let mut url = self.connection.url.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), call.path);
        url.set_path(&path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let token = &self.connection.token;
        // NetBox decides by the `nbt_` prefix, whatever the word; its documentation asks for these two.
        let scheme = if token.starts_with("nbt_") {
            "Bearer"
        } else {
            "Token"
        };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(
                header::USER_AGENT,
                concat!("segment-edge/", env!("CARGO_PKG_VERSION")),
            )
            .header("x-request-id", trail.request_id());
        if let Ok(mut value) = HeaderValue::try_from(format!("{scheme} {token}")) {
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if !call.unchanged_since.is_empty() {
            let tags: Vec<String> = call.unchanged_since.iter().map(|at| at.etag()).collect();
            request = request.header(header::IF_MATCH, tags.join(", "));
        }
        let body = match &call.body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(json.to_string())
            }
            None => Bytes::new(),
        };
        request.body(body).map_err(|error| {
            NetboxError::Unreachable(format!("netbox_url makes no valid request: {error}"))
        })
    }

    /// Counts the call, and logs it: one JSON line, no token, no body, no query.
    fn log(
        &self,
        trail: &Trail,
        call: &Call,
        attempt: u32,
        status: Option<u16>,
        took: Duration,
        error: Option<&NetboxError>,
    ) {
        let class = class(took, status, self.connection.slow);
        self.counts.called(&call.path, class, took);
        if !call.safe {
            self.counts.wrote(call.objects);
        }
        let level = if class == Class::Ok && error.is_none() {
            Level::Info
        } else {
            Level::Warn
        };
        let mut line = json!({
            "request_id": trail.request_id(),
            "operation": call.operation,
            "method": call.method.as_str(),
            "route": call.path,
            "status": status,
            "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "attempt": attempt,
            "class": class.word(),
        });
        if let Some(error) = error {
            line["error"] = Value::from(error.to_string());
        }
        self.logger.event(level, "netbox_call", line);
    }
}

/// `4.7` as two numbers; a third is not looked at.
fn version(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.trim().split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_its_first_two_numbers() {
        assert_eq!(version("4.7"), Some((4, 7)));
        assert_eq!(version("4.10.1"), Some((4, 10)));
        assert_eq!(version("4"), None);
        assert_eq!(version("next"), None);
    }

    #[test]
    fn a_write_is_repeated_only_when_it_was_not_carried_out() {
        let throttled = |status| NetboxError::Throttled {
            status,
            retry_after: None,
        };
        let write = Call::write("create VLAN", Method::POST, String::new(), None);
        let read = Call::get("read VLAN", "/");
        assert!(write.may_repeat(&throttled(429), 9));
        assert!(!write.may_repeat(&throttled(503), 1));
        assert!(read.may_repeat(&throttled(503), 9));
        let refused = NetboxError::Unreachable("the connection was refused".to_owned());
        assert!(write.may_repeat(&refused, 1));
        assert!(!write.may_repeat(&refused, 2));
        let broken = NetboxError::Broken {
            operation: "create VLAN",
            detail: String::new(),
        };
        assert!(!write.may_repeat(&broken, 1));
    }
}
