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
use super::error::NetboxError;
use super::trail::Trail;
use crate::log::{Level, Logger};
use crate::platform::Host;
use crate::sync::Permits;
use crate::timestamp::Timestamp;

/// How often a read is tried at most, the first attempt included.
const READ_ATTEMPTS: u32 = 3;
/// The longest pause that `Retry-After` can make a read wait; a longer one is the caller's business.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// From here a call counts as throttled (DESIGN.md section 6; the service replaced had the same thresholds).
const THROTTLED: Duration = Duration::from_secs(5);
/// From here a call counts as severe.
const SEVERE: Duration = Duration::from_secs(20);

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
    /// The `last_updated` that the object must still have (`If-Match`).
    pub unchanged_since: Option<Timestamp>,
    /// Whether repeating it can do no harm.
    pub safe: bool,
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
            unchanged_since: None,
            safe: true,
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

    /// A write; never repeated by the client.
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

    /// The same call, refused by NetBox with 412 unless the object was last updated at this instant.
    #[must_use]
    pub fn guarded(mut self, last_updated: Timestamp) -> Self {
        self.unchanged_since = Some(last_updated);
        self
    }
}

/// Talks to one NetBox.
pub struct Client {
    host: Host,
    logger: Logger,
    connection: Connection,
    in_flight: Permits,
    netbox_time: Cell<Option<Timestamp>>,
}

impl Client {
    /// A client for this NetBox.
    #[must_use]
    pub fn new(host: Host, logger: Logger, connection: Connection) -> Self {
        let permits = connection.max_in_flight.max(1);
        Self {
            in_flight: Permits::new(Rc::clone(&host), permits),
            host,
            logger,
            connection,
            netbox_time: Cell::new(None),
        }
    }

    /// The wall clock of NetBox at its last answer (the `Date` header, whole seconds).
    #[must_use]
    pub fn netbox_time(&self) -> Option<Timestamp> {
        self.netbox_time.get()
    }

    /// Makes the call and returns the JSON of NetBox's answer.
    ///
    /// Reads that failed in passing are repeated, after a random pause or as `Retry-After` says, while the time for one
    /// call lasts. Writes are never repeated: whether the first one was carried out can't be known here.
    ///
    /// # Errors
    /// [`NetboxError`].
    pub async fn call(&self, trail: &Trail, call: Call) -> Result<Value, NetboxError> {
        let started = self.host.monotonic();
        let attempts = if call.safe { READ_ATTEMPTS } else { 1 };
        let mut attempt = 1;
        loop {
            let result = self.attempt(trail, &call, attempt).await;
            let Err(error) = &result else { return result };
            if attempt >= attempts || !error.passing() {
                return result;
            }
            let pause = self.pause(error, attempt);
            let spent = self.host.monotonic().saturating_sub(started);
            if spent + pause >= self.connection.timeout {
                return result;
            }
            self.host.sleep(pause).await;
            attempt += 1;
        }
    }

    /// Full jitter: anywhere between nothing and 100 ms doubled for each attempt, or what NetBox asked for.
    fn pause(&self, error: &NetboxError, attempt: u32) -> Duration {
        if let NetboxError::Throttled {
            retry_after: Some(asked),
            ..
        } = error
        {
            return if *asked > LONGEST_PAUSE {
                Duration::MAX / 2
            } else {
                *asked
            };
        }
        let ceiling = 100_u64 << attempt.min(5);
        Duration::from_millis(self.host.random() % ceiling)
    }

    async fn attempt(
        &self,
        trail: &Trail,
        call: &Call,
        attempt: u32,
    ) -> Result<Value, NetboxError> {
        let request = self.request(trail, call)?;
        let _permit = self.in_flight.take().await;
        let start = self.host.monotonic();
        let sent = self.host.send(request, self.connection.timeout).await;
        let end = self.host.monotonic();
        trail.record(start, end);
        let status = sent.as_ref().ok().map(|r| r.status().as_u16());
        let result = match &sent {
            Ok(response) => {
                self.note_time(response);
                answer::judge(call.operation, response)
            }
            Err(error) => Err(NetboxError::unsent(call.operation, error.clone())),
        };
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

    fn note_time(&self, response: &Response<Bytes>) {
        let date = response.headers().get(header::DATE);
        if let Some(at) = date
            .and_then(|v| v.to_str().ok())
            .and_then(Timestamp::parse_http_date)
        {
            self.netbox_time.set(Some(at));
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
        if let Some(at) = call.unchanged_since {
            request = request.header(header::IF_MATCH, at.etag());
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

    /// One JSON line a call: no token, no body, no query.
    fn log(
        &self,
        trail: &Trail,
        call: &Call,
        attempt: u32,
        status: Option<u16>,
        took: Duration,
        error: Option<&NetboxError>,
    ) {
        let class = if took >= SEVERE {
            "severe"
        } else if took >= THROTTLED || matches!(status, Some(429 | 503)) {
            "throttled"
        } else if took >= self.connection.slow {
            "slow"
        } else {
            "ok"
        };
        let level = if class == "ok" && error.is_none() {
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
            "class": class,
        });
        if let Some(error) = error {
            line["error"] = Value::from(error.to_string());
        }
        self.logger.event(level, "netbox_call", line);
    }
}
