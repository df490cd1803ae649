//! The HTTP server of the double: latency, faults, the ledger and the headers of every NetBox answer.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::auth::Access;
use super::call::Call;
use super::faults::Fault;
use super::reply::Reply;
use super::state::{State, Switches};
use super::{graphql, rest};

/// The path of the ledger; calls to it are not counted and not slowed down.
pub(crate) const LEDGER_PATH: &str = "/__ledger";

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the double closed the connection, as the test asked")
    }
}

impl std::error::Error for Dropped {}

/// Serves connections until the returned future is dropped.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let state = Arc::clone(&state);
                async move { handle(&state, request).await }
            });
            // An error here is a caller that went away or a fault on purpose; the next connection is not concerned.
            let _closed = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    state: &State,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    if parts.uri.path() == LEDGER_PATH {
        return Ok(ledger(state));
    }
    let address = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut open = state
        .ledger
        .begin(parts.method.as_str(), address, len(body.len()));
    if let Some(reply) = state.limiter.refuse() {
        open.answered(reply.status, len(reply.body.len()));
        return Ok(from_a_proxy(reply));
    }
    let planned = state.faults().take(parts.method.as_str(), address, &body);
    let by_chance = state.dice().fault();
    let fault = planned.or(by_chance);
    let Switches {
        latency,
        release,
        max_page,
        ..
    } = *state.switches();
    let (before, after) = state.dice().delays();
    // Half the latency on the way in and half on the way out: the work happens in the middle, as on a network.
    let begun = Instant::now();
    pause_until(begun + before + latency / 2, latency + before).await;

    let mut query = parts.uri.query().map(str::to_owned);
    release.overlook(&mut parts.headers, &mut query);
    let header = |name: &str| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let call = Call {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query,
        release,
        max_page,
        base: format!(
            "http://{}",
            header("host").unwrap_or_else(|| "localhost".into())
        ),
        request_id: Uuid::new_v4().to_string(),
        access: state.tokens.check(header("authorization").as_deref()),
        headers: parts.headers,
        body,
    };
    let working = Instant::now();
    let reply = match fault {
        None => work(state, &call).await,
        Some(fault) => faulty(state, &call, fault).await?,
    };
    // From the beginning, so that what the first pause took too long is not added.
    let end = begun + before + latency + after + working.elapsed();
    pause_until(end, latency + after).await;
    let size = len(reply.body.len());
    open.answered(reply.status, size);
    Ok(finish(&call, reply))
}

fn len(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// A timer is a millisecond late at the most, so none is set where there is nothing to wait for.
async fn pause_until(end: Instant, waits: std::time::Duration) {
    if !waits.is_zero() {
        tokio::time::sleep_until(end).await;
    }
}

async fn pause(time: std::time::Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

async fn work(state: &State, call: &Call) -> Reply {
    if call.path == "/graphql/" {
        return graphql::answer(state, call);
    }
    rest::answer(state, call).await
}

async fn faulty(state: &State, call: &Call, fault: Fault) -> Result<Reply, Dropped> {
    Ok(match fault {
        Fault::Answer {
            status,
            content_type,
            body,
            headers,
        } => {
            let mut reply = Reply::text(status, &content_type, body);
            reply.headers = headers;
            reply
        }
        Fault::AnswerAfter {
            status,
            content_type,
            body,
        } => {
            work(state, call).await;
            Reply::text(status, &content_type, body)
        }
        Fault::DropBefore => return Err(Dropped),
        Fault::DropAfter => {
            work(state, call).await;
            return Err(Dropped);
        }
        Fault::Delay(time) => {
            pause(time).await;
            work(state, call).await
        }
        Fault::Hold(gate) => {
            gate.pass().await;
            work(state, call).await
        }
        Fault::HoldAnswer(gate) => {
            let reply = work(state, call).await;
            gate.pass().await;
            reply
        }
    })
}

/// The headers every answer of NetBox has (recording 001).
fn finish(call: &Call, reply: Reply) -> Response<Full<Bytes>> {
    let head = call.method == "HEAD";
    let size = reply.body.len();
    let body = if head { String::new() } else { reply.body };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() =
        http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut set = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            headers.append(name, value);
        }
    };
    if let Some(kind) = &reply.content_type {
        set("Content-Type", kind);
    }
    if reply.rest || call.path.starts_with("/api/") {
        set("API-Version", call.release.api());
    }
    set("Vary", "HX-Request, Accept-Language, Cookie, origin");
    set("X-Request-ID", &call.request_id);
    set("X-Content-Type-Options", "nosniff");
    set("Referrer-Policy", "same-origin");
    set("Cross-Origin-Opener-Policy", "same-origin");
    set("X-Frame-Options", "SAMEORIGIN");
    set("Content-Language", "en");
    if head {
        set("Content-Length", &size.to_string());
    }
    let sent = reply.headers.iter();
    for (name, value) in sent.filter(|(name, _)| call.release.sends(name)) {
        set(name, value);
    }
    response
}

/// An answer that NetBox never saw, without the headers of NetBox.
pub(super) fn from_a_proxy(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(reply.status);
    if let Some(kind) = &reply.content_type {
        response = response.header(http::header::CONTENT_TYPE, kind);
    }
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::new(Bytes::from(reply.body)))
        .unwrap_or_default()
}

fn ledger(state: &State) -> Response<Full<Bytes>> {
    let calls = state.ledger.calls();
    let body = serde_json::json!({
        "count": calls.count(),
        "depth": calls.depth(),
        "peak_concurrency": calls.peak_concurrency(),
        "calls": calls.0,
    });
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// Whether a token may read at all, for GraphQL's empty lists.
pub(crate) fn may_read(access: Access) -> bool {
    access != Access::Nothing
}
