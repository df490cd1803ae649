//! HTTP in and out.
//!
//! - `route`: which path means what, and which methods it takes.
//! - `access`: whose token it is, and whether it may.
//! - `body`: reading a request's JSON.
//! - `problem`: errors as RFC 9457 problem details; what each error of the layers below looks like from outside.
//! - `reply`: answers and the headers that each of them has.
//! - `options`: the query parameters of writes. `bulk`: lists of writes. `once`: a write with an `Idempotency-Key` is carried
//!   out once.
//! - `segments`, `allocation`, `lists`, `export`, `hooks` and `metrics`: the handlers. `import`: what a list of writes has as CSV.
//!   `pages`: the dashboard.
//! - `contract`: the description of all this in OpenAPI, made natively; `openapi.json` is what is served, `packed` how.

mod access;
mod allocation;
mod body;
mod bulk;
#[cfg(not(target_family = "wasm"))]
mod contract;
mod export;
mod hooks;
mod import;
mod lists;
mod metrics;
mod once;
mod options;
mod packed;
mod pages;
mod problem;
mod reply;
mod route;
mod segments;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use serde_json::json;

use crate::log::{Level, Logger};
use crate::netbox::Trail;
use crate::once::{Lease, Names, Once};
use crate::platform::Host;
use crate::service::{self, Service};
use crate::settings::{Mistake, Settings};
#[cfg(not(target_family = "wasm"))]
pub use contract::openapi;
pub use problem::{Kind, Problem};
use reply::Reply;
use route::Route;

/// The body of a request, as far as it was read.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// It is larger than allowed; the rest was not read.
    TooLarge,
    /// The client did not send all of it.
    Broken,
}

/// The API: the service behind HTTP.
pub struct Api {
    service: Service,
    once: Once,
    logger: Logger,
}

impl Api {
    /// The API with these settings on this host.
    #[must_use]
    pub fn new(host: Host, settings: Settings) -> Self {
        let logger = Logger::new(host.clone(), settings.log_level);
        let names = Names::beside(&service::shelf(&settings));
        let lease = Lease::for_calls_of(settings.netbox_timeout);
        let most = settings.max_idempotency_keys;
        Self {
            once: Once::new(host.clone(), logger.clone(), names, lease, most),
            service: Service::new(host, settings),
            logger,
        }
    }

    /// The largest request body that is read, in bytes.
    #[must_use]
    pub fn max_body(&self) -> usize {
        self.service.settings().max_body
    }

    /// Answers a request. Whatever happens, there is an answer with a body that says so.
    pub async fn answer(&self, request: Request<Body>) -> Response<Bytes> {
        let host = self.service.host();
        let start = host.monotonic();
        let counts = self.service.counts();
        let _in_flight = counts.come();
        let (parts, body) = request.into_parts();
        let trail = Trail::new(request_id(&parts.headers, host));
        let call = Incoming {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        };
        let route = Route::find(&call.path);
        let number = route.as_ref().map_or(0, |route| route.number());
        let (reply, name) = self.decide(&trail, &call, route).await;
        let took = host.monotonic().saturating_sub(start);
        let response = reply.into_response(&trail, took, &call);
        let status = response.status().as_u16();
        counts.answered(number, &call.method, status);
        self.service.share_counts();
        self.log(&trail, &call, status, took, name);
        response
    }

    async fn decide(
        &self,
        trail: &Trail,
        call: &Incoming,
        route: Result<Route, Problem>,
    ) -> (Reply, Option<String>) {
        let route = match route {
            Ok(route) => route,
            Err(problem) => return (problem.into(), None),
        };
        let method = if call.method == Method::HEAD {
            Method::GET
        } else {
            call.method.clone()
        };
        if !route.methods().contains(&method) {
            return (Problem::method(&call.method, route.methods()).into(), None);
        }
        let wanted = (!route.open(&call.query)).then(|| route.role(&method));
        let mut name = None;
        if let Some(wanted) = wanted {
            match access::allow(&self.service.settings().access, &call.headers, wanted) {
                Ok(token) => name = token,
                Err(problem) => return (problem.into(), None),
            }
        }
        let work = self.dispatch(trail, route, &method, call);
        let caller = name.as_deref();
        let outcome = match route {
            // Whoever asks needs no token there, and must not fill the store with kept answers.
            Route::Hook => work.await,
            _ => once::carried_out(&self.once, trail, &method, call, caller, work).await,
        };
        (outcome.unwrap_or_else(Reply::from), name)
    }

    async fn dispatch(
        &self,
        trail: &Trail,
        route: Route,
        method: &Method,
        call: &Incoming,
    ) -> Result<Reply, Problem> {
        let service = &self.service;
        match (route, method) {
            (Route::Segments, &Method::POST) => segments::create(service, trail, call).await,
            (Route::Segments, _) => lists::segments(service, trail, call).await,
            (Route::Search, _) => lists::search(service, trail, call).await,
            (Route::Segment(id), &Method::PUT) => segments::replace(service, trail, call, id).await,
            (Route::Segment(id), &Method::PATCH) => {
                segments::change(service, trail, call, id).await
            }
            (Route::Segment(id), &Method::DELETE) => {
                segments::delete(service, trail, call, id).await
            }
            (Route::Segment(id), _) => segments::get(service, trail, call, id).await,
            (Route::Clusters(id), _) => segments::clusters(service, trail, call, id).await,
            (Route::Bulk, &Method::POST) => bulk::create(service, trail, call).await,
            (Route::Bulk, &Method::PATCH) => bulk::change(service, trail, call).await,
            (Route::Bulk, _) => bulk::delete(service, trail, call).await,
            (Route::Provision, _) => allocation::provision(service, trail, call).await,
            (Route::Allocate, _) => allocation::allocate(service, trail, call).await,
            (Route::Release, _) => allocation::release(service, trail, call).await,
            (Route::Reconcile, _) => allocation::reconcile(service, trail, call).await,
            (Route::Sites, _) => lists::sites(service, trail, call).await,
            (Route::Vrfs, _) => lists::vrfs(service, trail, call).await,
            (Route::Stats, _) => lists::stats(service, trail, call).await,
            (Route::ExportSegments(form), _) => export::segments(service, trail, call, form).await,
            (Route::ExportStats(form), _) => export::stats(service, trail, call, form).await,
            (Route::Health, _) => lists::health(service, trail, call).await,
            (Route::OpenApi, _) => lists::openapi(call),
            (Route::Hook, _) => hooks::netbox(service, trail, call).await,
            (Route::Metrics, _) => metrics::metrics(service, call).await,
            (Route::Page(page), _) => Ok(pages::page(page, call)),
        }
    }

    fn log(
        &self,
        trail: &Trail,
        call: &Incoming,
        status: u16,
        took: Duration,
        token: Option<String>,
    ) {
        let level = if status >= 500 {
            Level::Error
        } else {
            Level::Info
        };
        if !self.logger.writes(level) {
            return;
        }
        let line = json!({
            "request_id": trail.request_id(),
            "method": call.method.as_str(),
            "path": call.path,
            "status": status,
            "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "netbox_calls": trail.calls(),
            "token": token,
        });
        self.logger.event(level, "request", line);
    }
}

/// The answer while the settings are wrong: every mistake at once.
#[must_use]
pub fn misconfigured(
    host: &Host,
    headers: &HeaderMap,
    path: &str,
    mistakes: &[Mistake],
) -> Response<Bytes> {
    let logger = Logger::new(host.clone(), Level::Error);
    for mistake in mistakes {
        logger.line(Level::Error, "settings", &mistake.to_string());
    }
    let call = Incoming {
        method: Method::GET,
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Body::Whole(Bytes::new()),
    };
    let trail = Trail::new(request_id(headers, host));
    Reply::from(Problem::misconfigured(mistakes)).into_response(&trail, Duration::ZERO, &call)
}

/// A request, taken apart.
#[derive(Debug)]
pub(crate) struct Incoming {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Body,
}

impl Incoming {
    fn header(&self, name: &'static str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    }

    /// The query parameters, decoded.
    fn parameters(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }
}

/// The client's request id when it is one that can safely be passed on and logged, else a new UUID (RFC 9562, version 4).
fn request_id(headers: &HeaderMap, host: &Host) -> String {
    let given = headers.get("x-request-id").and_then(|v| v.to_str().ok());
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(id) = given.filter(|id| (1..=64).contains(&id.len()) && id.chars().all(safe)) {
        return id.to_owned();
    }
    let (a, b) = (host.random(), host.random());
    let (a, b) = (a & !0xf000 | 0x4000, b & (u64::MAX >> 2) | (1 << 63));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xffff,
        b >> 48,
        b & 0xffff_ffff_ffff
    )
}
