//! The ports of [`crate::platform`] on spin-sdk.
//!
//! There are two generations of hosts, and an adapter for each: [`p3`] for WASIp3 (spin-sdk 7), [`p2`] for WASIp2 (spin-sdk 5.2).
//! A cargo feature chooses one; to the rest of this module it is `wasi`. An adapter holds what the host calls, and by the same
//! names in both what is asked of the host; what they have in common is here.

#[cfg(all(feature = "wasip2", feature = "wasip3"))]
compile_error!(
    "a component has one generation of WASI: for `wasip2` give --no-default-features as well"
);
#[cfg(not(any(feature = "wasip2", feature = "wasip3")))]
compile_error!(
    "a component needs a generation of WASI: the feature `wasip3`, the default, or `wasip2`"
);

#[cfg(feature = "wasip2")]
mod p2;
#[cfg(feature = "wasip3")]
mod p3;

#[cfg(all(feature = "wasip2", not(feature = "wasip3")))]
use p2 as wasi;
#[cfg(feature = "wasip3")]
use p3 as wasi;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use http::request::Parts;
use http::{Method, Request, Response};

use crate::api::{self, Api, Body};
use crate::platform::{
    Background, Clock, Host, Log, Outbound, Random, SendError, Signals, Store, StoreError,
    Variables, Wake,
};
use crate::settings::Settings;
use crate::timestamp::Timestamp;

/// Spin, or any other host with its interfaces.
struct Spin {
    started: Instant,
    /// The store, from its first use on.
    store: RefCell<Option<Rc<wasi::KeyValue>>>,
}

impl Spin {
    async fn store(&self) -> Result<Rc<wasi::KeyValue>, StoreError> {
        if let Some(store) = self.store.borrow().as_ref() {
            return Ok(Rc::clone(store));
        }
        let store = Rc::new(wasi::KeyValue::open_default().await.map_err(failed)?);
        Ok(Rc::clone(self.store.borrow_mut().get_or_insert(store)))
    }
}

thread_local! {
    /// The host, from the first request of this instance on.
    static HOST: Host = Rc::new(Spin { started: Instant::now(), store: RefCell::default() });
    /// The API, from the first request of this instance on that found the settings right.
    static API: RefCell<Option<Rc<Api>>> = const { RefCell::new(None) };
}

/// Answers one request; `read` reads its body, up to a number of bytes.
async fn answer(parts: Parts, read: impl AsyncFnOnce(usize) -> Body) -> Response<Bytes> {
    let host = HOST.with(Rc::clone);
    match api(&host).await {
        Ok(api) => {
            // What a GET or HEAD brings along means nothing (RFC 9110, sections 9.3.1 and 9.3.2), and reading takes time.
            let body = if parts.method == Method::HEAD || parts.method == Method::GET {
                Body::Whole(Bytes::new())
            } else {
                read(api.max_body()).await
            };
            api.answer(Request::from_parts(parts, body)).await
        }
        Err(mistakes) => api::misconfigured(&host, &parts.headers, parts.uri.path(), &mistakes),
    }
}

async fn api(host: &Host) -> Result<Rc<Api>, Vec<crate::settings::Mistake>> {
    if let Some(api) = API.with_borrow(Option::clone) {
        return Ok(api);
    }
    let settings = Settings::read(host).await?;
    // Several first requests may come here at once; all of them use the one that is there first.
    Ok(API.with_borrow_mut(|api| {
        Rc::clone(api.get_or_insert_with(|| Rc::new(Api::new(Rc::clone(host), settings))))
    }))
}

impl Outbound for Spin {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<Response<Bytes>, SendError>> {
        async move {
            let exchange = wasi::exchange(with_length(request));
            match select(pin!(exchange), pin!(wasi::sleep(timeout))).await {
                Either::Left((result, _)) => result,
                Either::Right(((), _)) => Err(SendError::TimedOut(timeout)),
            }
        }
        .boxed_local()
    }
}

/// A body of known length goes out in one piece, not in chunks.
fn with_length(mut request: Request<Bytes>) -> Request<Bytes> {
    if !request.body().is_empty() {
        let length = request.body().len().into();
        request
            .headers_mut()
            .insert(http::header::CONTENT_LENGTH, length);
    }
    request
}

/// Whether the request can have been carried out is what matters.
fn unsent(error: wasi::ErrorCode) -> SendError {
    use wasi::ErrorCode;

    let connect = |what: &str| SendError::Connect(what.to_owned());
    match error {
        ErrorCode::HttpRequestDenied => SendError::NotAllowed,
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout => connect("its name can't be looked up"),
        ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable => connect("there is no way to its address"),
        ErrorCode::ConnectionRefused => connect("the connection was refused"),
        ErrorCode::ConnectionTimeout => connect("the connection was not taken in time"),
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => connect("its certificate or TLS was not accepted"),
        ErrorCode::ConnectionTerminated => {
            SendError::Broken("it was closed without an answer".to_owned())
        }
        _ => SendError::Broken(error.to_string()),
    }
}

fn failed(error: wasi::StoreFailure) -> StoreError {
    StoreError(format!("{error:?}"))
}

impl Store for Spin {
    fn get(&self, key: String) -> LocalBoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
        async move {
            let store = self.store().await?;
            store.get(key).await.map_err(failed)
        }
        .boxed_local()
    }

    fn set(&self, key: String, value: Vec<u8>) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        async move {
            let store = self.store().await?;
            store.set(key, value).await.map_err(failed)
        }
        .boxed_local()
    }

    fn delete(&self, key: String) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        async move {
            let store = self.store().await?;
            store.delete(key).await.map_err(failed)
        }
        .boxed_local()
    }

    fn keys(&self) -> LocalBoxFuture<'_, Result<Vec<String>, StoreError>> {
        async move {
            let store = self.store().await?;
            wasi::keys(&store).await.map_err(failed)
        }
        .boxed_local()
    }
}

impl Clock for Spin {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        wasi::sleep(duration).boxed_local()
    }
}

impl Random for Spin {
    fn random(&self) -> u64 {
        wasi::random()
    }
}

impl Variables for Spin {
    fn variable(&self, name: &'static str) -> LocalBoxFuture<'_, Option<String>> {
        wasi::variable(name).boxed_local()
    }
}

impl Log for Spin {
    fn line(&self, line: &str) {
        eprintln!("{line}");
    }
}

impl Signals for Spin {
    fn signal(&self) -> (Wake, LocalBoxFuture<'static, ()>) {
        wasi::signal()
    }
}

impl Background for Spin {
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        wasi::spawn(work);
    }

    fn may_serve_more(&self) -> bool {
        wasi::MAY_SERVE_MORE
    }
}
