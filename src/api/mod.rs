//! HTTP in and out.
//!
//! - `route`: which path means what, and which methods it takes.
//! - `access`: whose token it is, and whether it may.
//! - `body`: reading a request's JSON.
//! - `problem`: errors as RFC 9457 problem details; what each error of the layers below looks like from outside.
//! - `reply`: answers and the headers that each of them has.
//! - `segments` and `lists`: the handlers.

mod access;
mod body;
mod lists;
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
use crate::platform::Host;
use crate::service::Service;
use crate::settings::{Mistake, Role, Settings};
pub use problem::Problem;
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
    logger: Logger,
}

impl Api {
    /// The API with these settings on this host.
    #[must_use]
    pub fn new(host: Host, settings: Settings) -> Self {
        let logger = Logger::new(host.clone(), settings.log_level);
        Self {
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
        let (parts, body) = request.into_parts();
        let trail = Trail::new(request_id(&parts.headers, host));
        let call = Incoming {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        };
        let (reply, name) = self.decide(&trail, &call).await;
        let took = host.monotonic().saturating_sub(start);
        let response = reply.into_response(&trail, took, &call);
        self.log(&trail, &call, response.status().as_u16(), took, name);
        response
    }

    async fn decide(&self, trail: &Trail, call: &Incoming) -> (Reply, Option<String>) {
        let route = match Route::find(&call.path) {
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
        let wanted = match (route.open(&call.query), &method) {
            (true, _) => None,
            (false, &Method::GET) => Some(Role::Read),
            (false, _) => Some(Role::Write),
        };
        let mut name = None;
        if let Some(wanted) = wanted {
            match access::allow(&self.service.settings().access, &call.headers, wanted) {
                Ok(token) => name = token,
                Err(problem) => return (problem.into(), None),
            }
        }
        let outcome = self.dispatch(trail, route, &method, call).await;
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
            (Route::Sites, _) => lists::sites(service, trail, call).await,
            (Route::Vrfs, _) => lists::vrfs(service, trail, call).await,
            (Route::Stats, _) => lists::stats(service, trail, call).await,
            (Route::Health, _) => lists::health(service, trail, call).await,
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
