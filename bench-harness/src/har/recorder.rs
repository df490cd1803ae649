//! A proxy in front of a NetBox that records what passes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use super::exchange::Exchange;
use super::model::{Entry, Har};
use super::scrub::{ELSEWHERE, Scrubber};
use crate::host::tls;

type Upstream = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// What the file says of itself.
const COMMENT: &str = "NetBox traffic, recorded by `bench-harness record`; secrets, cookies, and names of hosts and people are removed";

/// A running proxy that records. It stops when dropped.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    target: Arc<Target>,
    server: JoinHandle<Infallible>,
}

/// What has been recorded, in the order of `number`, the order in which calls began.
#[derive(Debug)]
struct Book {
    entries: Vec<(usize, Entry)>,
    scrubber: Scrubber,
}

#[derive(Debug)]
struct Target {
    netbox: Url,
    client: Upstream,
    book: Mutex<Book>,
    next: AtomicUsize,
    unanswered: AtomicUsize,
}

impl Target {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Starts a proxy on `listen` (port 0 takes a free one) in front of the NetBox at `netbox`, which may be reached by TLS and may have
    /// a path.
    ///
    /// # Errors
    /// When NetBox's address is none to call, TLS can't be set up, or the address can't be listened on.
    pub async fn start(netbox: &Url, listen: SocketAddr) -> anyhow::Result<Self> {
        let plain = netbox.query().is_none()
            && netbox.fragment().is_none()
            && netbox.username().is_empty()
            && netbox.password().is_none();
        if !matches!(netbox.scheme(), "http" | "https") || !netbox.has_host() || !plain {
            bail!(
                "NetBox's address must be like https://netbox.example.com: http or https, without user, query and fragment"
            );
        }
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config()?)
            .https_or_http()
            .enable_http1()
            .build();
        // NetBox's sync workers close each connection, so none is kept: a kept one may be closed just as it is used again.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("{listen} can't be listened on"))?;
        let address = listener.local_addr()?;
        let own = Url::parse(&format!("http://{address}"))?;
        let target = Arc::new(Target {
            netbox: netbox.clone(),
            client,
            book: Mutex::new(Book {
                entries: Vec::new(),
                scrubber: Scrubber::before(netbox).and(&own),
            }),
            next: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&target)));
        Ok(Self {
            address,
            target,
            server,
        })
    }

    /// `http://address:port`, to be used in place of NetBox's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a secret known that must not be in the recording, wherever it comes up.
    pub fn learn(&self, secret: &str) {
        self.target.book().scrubber.learn(secret);
    }

    /// How many calls are recorded.
    #[must_use]
    pub fn count(&self) -> usize {
        self.target.book().entries.len()
    }

    /// How many calls got no answer from NetBox, and are not recorded.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.target.unanswered.load(Ordering::Relaxed)
    }

    /// The recording so far, without secrets, and what knows them.
    #[must_use]
    pub fn har(&self) -> (Har, Scrubber) {
        let book = self.target.book();
        let mut entries = book.entries.clone();
        entries.sort_by_key(|(number, _)| *number);
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        (Har::of(entries, COMMENT), book.scrubber.clone())
    }

    /// Writes the recording so far.
    ///
    /// # Errors
    /// As [`Har::write`]: also when a secret is left in it.
    pub fn write(&self, path: &Path) -> anyhow::Result<usize> {
        let (har, scrubber) = self.har();
        har.write(path, &scrubber)?;
        Ok(har.log.entries.len())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, target: Arc<Target>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while connections.try_join_next().is_some() {}
        let _ = stream.set_nodelay(true);
        let target = Arc::clone(&target);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let target = Arc::clone(&target);
                async move { Ok::<_, Infallible>(pass(&target, request).await) }
            });
            let _closed = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn pass(target: &Target, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let number = target.next.fetch_add(1, Ordering::Relaxed);
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return failed("the caller went away");
    };
    let request = Request::from_parts(parts, body.to_bytes());
    match exchange(target, request).await {
        Ok(exchange) => {
            let mut response = exchange.response.clone();
            record(target, number, &exchange);
            let host = exchange.request.headers().get(header::HOST);
            let host = host.and_then(|host| host.to_str().ok());
            point_here(&mut response, &target.netbox, host);
            response.map(Full::new)
        }
        Err(error) => {
            target.unanswered.fetch_add(1, Ordering::Relaxed);
            failed(&format!("{error:#}"))
        }
    }
}

async fn exchange(target: &Target, request: Request<Bytes>) -> anyhow::Result<Exchange> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let base = target.netbox.as_str().trim_end_matches('/');
    let mut sent = Request::builder()
        .method(request.method().clone())
        .uri(format!("{base}{path}"))
        .body(Full::new(request.body().clone()))
        .context("the path can't be passed on")?;
    *sent.headers_mut() = passed_on(request.headers(), &target.netbox)?;
    let (began, start) = (OffsetDateTime::now_utc(), Instant::now());
    let answer = target
        .client
        .request(sent)
        .await
        .with_context(|| format!("NetBox at {base} did not answer"))?;
    let waited = start.elapsed();
    let (mut parts, body) = answer.into_parts();
    let body = body
        .collect()
        .await
        .context("NetBox broke off its answer")?;
    // These speak of the connection to NetBox, not of the one to the caller.
    for name in [header::CONNECTION, header::TRANSFER_ENCODING] {
        parts.headers.remove(name);
    }
    Ok(Exchange {
        request,
        response: Response::from_parts(parts, body.to_bytes()),
        began,
        waited,
        received: start.elapsed().saturating_sub(waited),
    })
}

/// The headers for NetBox. It is asked for plain bodies: a compressed one could not be looked through for secrets.
fn passed_on(headers: &HeaderMap, netbox: &Url) -> anyhow::Result<HeaderMap> {
    let mut headers = headers.clone();
    let authority = netbox.authority();
    let host = HeaderValue::from_str(authority).context("NetBox's address has a strange host")?;
    headers.insert(header::HOST, host);
    headers.remove(header::CONNECTION);
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    Ok(headers)
}

fn record(target: &Target, number: usize, exchange: &Exchange) {
    let mut entry = exchange.entry(ELSEWHERE);
    let mut book = target.book();
    let mut new = book.scrubber.learn_from(exchange.request.headers());
    new |= book.scrubber.learn_from(exchange.response.headers());
    // NetBox repeats the address of a list in its `next`.
    new |= book.scrubber.learn_from_address(&entry.request.url);
    book.scrubber.entry(&mut entry);
    let Book { entries, scrubber } = &mut *book;
    if new {
        // What was learned just now may stand in what was recorded before.
        for (_, earlier) in entries.iter_mut() {
            scrubber.entry(earlier);
        }
    }
    entries.push((number, entry));
}

/// Makes the addresses in an answer lead through this proxy, so that who follows them stays in the recording.
fn point_here(response: &mut Response<Bytes>, netbox: &Url, host: Option<&str>) {
    let Some(host) = host else { return };
    let (there, here) = (
        netbox.as_str().trim_end_matches('/'),
        format!("http://{host}"),
    );
    if let Ok(text) = std::str::from_utf8(response.body())
        && text.contains(there)
    {
        let body = Bytes::from(text.replace(there, &here));
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = body;
    }
    let location = response.headers().get(header::LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let location = location.map(|location| location.replace(there, &here));
    if let Some(location) = location.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
}

fn failed(reason: &str) -> Response<Full<Bytes>> {
    let text = format!("bench-harness record: {reason}\n");
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
