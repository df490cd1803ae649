//! A proxy that passes everything through to a real NetBox and counts the calls, with the same ledger as the double.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::ledger::Ledger;
use super::limit::{Limiter, RateLimit};
use super::server::from_a_proxy;

type Upstream = Client<HttpConnector, Full<Bytes>>;

/// A running proxy. It stops when dropped.
#[derive(Debug)]
pub struct CountingProxy {
    address: SocketAddr,
    ledger: Ledger,
    /// In microseconds.
    latency: Arc<AtomicU64>,
    server: JoinHandle<Infallible>,
}

impl CountingProxy {
    /// Starts a proxy on a free loopback port in front of `upstream` (`http://host:port`).
    ///
    /// # Errors
    /// When the address of the upstream is not a plain HTTP one, or no port is free.
    pub async fn start(upstream: &str) -> anyhow::Result<Self> {
        Self::with_limit(upstream, None).await
    }

    /// The same with a rate limit: what is beyond it is counted, and turned back without reaching the upstream.
    ///
    /// # Errors
    /// As [`CountingProxy::start`].
    pub async fn limited(upstream: &str, limit: RateLimit) -> anyhow::Result<Self> {
        Self::with_limit(upstream, Some(limit)).await
    }

    async fn with_limit(upstream: &str, limit: Option<RateLimit>) -> anyhow::Result<Self> {
        let upstream: Uri = upstream
            .trim_end_matches('/')
            .parse()
            .with_context(|| format!("{upstream} is not an address like http://127.0.0.1:8001"))?;
        let authority = upstream
            .authority()
            .filter(|_| upstream.scheme_str() == Some("http"))
            .with_context(|| format!("{upstream} is not an address like http://127.0.0.1:8001"))?
            .to_string();
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let ledger = Ledger::default();
        let latency = Arc::new(AtomicU64::new(0));
        let target = Arc::new(Target {
            authority,
            latency: Arc::clone(&latency),
            limiter: Limiter::new(limit),
            ledger: ledger.clone(),
        });
        let server = tokio::spawn(serve(listener, target));
        Ok(Self {
            address,
            ledger,
            latency,
            server,
        })
    }

    /// `http://127.0.0.1:port`, to be used in place of the upstream's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Holds each later call so long before it goes on to the upstream, so that how many calls are made does not depend on how
    /// fast that is.
    pub fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency.store(micros, Ordering::Relaxed);
    }

    /// The calls received.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Drop for CountingProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Where calls go, and what is kept of them.
struct Target {
    authority: String,
    latency: Arc<AtomicU64>,
    limiter: Limiter,
    ledger: Ledger,
}

async fn serve(listener: TcpListener, target: Arc<Target>) -> Infallible {
    // NetBox's sync workers close each connection, so none is kept: a kept one may be closed just as it is used again.
    let client: Upstream = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http();
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        let (client, target) = (client.clone(), Arc::clone(&target));
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let (client, target) = (client.clone(), Arc::clone(&target));
                async move { Ok::<_, Infallible>(pass(&client, &target, request).await) }
            });
            let _closed = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

async fn pass(
    client: &Upstream,
    target: &Target,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let path = parts
        .uri
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let Ok(body) = body.collect().await else {
        return failed("the caller went away");
    };
    let body = body.to_bytes();
    let mut open = target
        .ledger
        .begin(parts.method.as_str(), &path, size(body.len()));
    if let Some(reply) = target.limiter.refuse() {
        open.answered(reply.status, size(reply.body.len()));
        return from_a_proxy(reply);
    }
    let latency = Duration::from_micros(target.latency.load(Ordering::Relaxed));
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let authority = &target.authority;
    let (Ok(uri), Ok(host)) = (
        format!("http://{authority}{path}").parse(),
        HeaderValue::from_str(authority),
    ) else {
        return failed("the path cannot be passed on");
    };
    parts.uri = uri;
    parts.headers.insert(http::header::HOST, host);
    parts.headers.remove(http::header::CONNECTION);
    let answer = match client
        .request(Request::from_parts(parts, Full::new(body)))
        .await
    {
        Ok(answer) => answer,
        Err(error) => {
            open.answered(502, 0);
            return failed(&format!("the upstream did not answer: {error}"));
        }
    };
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        open.answered(502, 0);
        return failed("the upstream broke off its answer");
    };
    let body = body.to_bytes();
    open.answered(parts.status.as_u16(), size(body.len()));
    // These two speak of the connection to the upstream, not of the one to the caller.
    parts.headers.remove(http::header::CONNECTION);
    parts.headers.remove(http::header::TRANSFER_ENCODING);
    Response::from_parts(parts, Full::new(body))
}

fn failed(reason: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(format!(
        "counting proxy: {reason}\n"
    ))));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
