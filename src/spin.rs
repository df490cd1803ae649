//! The ports of [`crate::platform`] on spin-sdk, and the way in.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::key_value;
use spin_sdk::wasip3;
use spin_sdk::wasip3::http::types::{
    ErrorCode, Fields, Request as HostRequest, Response as HostResponse,
};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

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
    store: RefCell<Option<Rc<key_value::Store>>>,
}

impl Spin {
    async fn store(&self) -> Result<Rc<key_value::Store>, StoreError> {
        if let Some(store) = self.store.borrow().as_ref() {
            return Ok(Rc::clone(store));
        }
        let store = Rc::new(key_value::Store::open_default().await.map_err(failed)?);
        Ok(Rc::clone(self.store.borrow_mut().get_or_insert(store)))
    }
}

thread_local! {
    /// The host, from the first request of this instance on.
    static HOST: Host = Rc::new(Spin { started: Instant::now(), store: RefCell::default() });
    /// The API, from the first request of this instance on that found the settings right.
    static API: RefCell<Option<Rc<Api>>> = const { RefCell::new(None) };
}

/// What the host calls.
struct Component;

wasip3::http::service::export!(Component);

impl wasip3::exports::http::handler::Guest for Component {
    async fn handle(request: HostRequest) -> Result<HostResponse, ErrorCode> {
        serve(request).await
    }
}

/// Answers one request.
///
/// It takes and gives the host's own types: the SDK's conversion asks the host for more than is needed here, and each
/// question costs as much as some hundred instructions (measured).
async fn serve(request: HostRequest) -> Result<HostResponse, ErrorCode> {
    let host = HOST.with(Rc::clone);
    let (mut parts, ()) = Request::new(()).into_parts();
    let method = request.get_method();
    parts.method = method
        .try_into()
        .map_err(|_| ErrorCode::HttpRequestMethodInvalid)?;
    let target = request.get_path_with_query().unwrap_or_default();
    parts.uri = target
        .try_into()
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    parts.headers = request.get_headers().try_into()?;
    let head = parts.method == Method::HEAD;
    let response = match api(&host).await {
        Ok(api) => {
            // What a GET or HEAD brings along means nothing (RFC 9110, sections 9.3.1 and 9.3.2), and reading takes time.
            let body = if head || parts.method == Method::GET {
                Body::Whole(Bytes::new())
            } else {
                read(IncomingRequestBody::new(request)?, api.max_body()).await
            };
            api.answer(Request::from_parts(parts, body)).await
        }
        Err(mistakes) => api::misconfigured(&host, &parts.headers, parts.uri.path(), &mistakes),
    };
    reply(response, head)
}

fn reply(response: Response<Bytes>, head: bool) -> Result<HostResponse, ErrorCode> {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter();
    let headers: Vec<(String, Vec<u8>)> = headers
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    let headers = Fields::from_list(&headers).map_err(|_| ErrorCode::InternalError(None))?;
    let (trailers, no_trailers) = wasip3::wit_future::new(|| Ok(None));
    // The host compares `content-length` with the bytes of the stream, but not where there is none: in the answer to a HEAD.
    let (response, _) = if head || body.is_empty() {
        HostResponse::new(headers, None, no_trailers)
    } else {
        let (mut writer, reader) = wasip3::wit_stream::new();
        wasip3::spawn(async move {
            // What is left belongs to a client that is gone.
            let _ = writer.write_all(body.into()).await;
            drop(writer);
            let _ = trailers.write(Ok(None)).await;
        });
        HostResponse::new(headers, Some(reader), no_trailers)
    };
    let _ = response.set_status_code(parts.status.as_u16());
    Ok(response)
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

async fn read(body: IncomingRequestBody, limit: usize) -> Body {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Body::Whole(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Body::TooLarge,
        Err(_) => Body::Broken,
    }
}

impl Outbound for Spin {
    fn send(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> LocalBoxFuture<'_, Result<Response<Bytes>, SendError>> {
        async move {
            let exchange = async {
                let request = with_length(request).map(Full::new);
                let response = spin_sdk::http::send(request).await.map_err(unsent)?;
                let (parts, body) = response.into_parts();
                let body = body
                    .bytes()
                    .await
                    .map_err(|e| SendError::Broken(e.to_string()))?;
                Ok(Response::from_parts(parts, body))
            };
            match select(pin!(exchange), pin!(spin_sdk::time::sleep(timeout))).await {
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
fn unsent(error: ErrorCode) -> SendError {
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

fn failed(error: key_value::Error) -> StoreError {
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
            store.get_keys().await.collect().await.map_err(failed)
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
        spin_sdk::time::sleep(duration).boxed_local()
    }
}

impl Random for Spin {
    fn random(&self) -> u64 {
        wasip3::random::random::get_random_u64()
    }
}

impl Variables for Spin {
    fn variable(&self, name: &'static str) -> LocalBoxFuture<'_, Option<String>> {
        async move { spin_sdk::variables::get(name).await.ok() }.boxed_local()
    }
}

impl Log for Spin {
    fn line(&self, line: &str) {
        eprintln!("{line}");
    }
}

impl Signals for Spin {
    fn signal(&self) -> (Wake, LocalBoxFuture<'static, ()>) {
        // Only the host can wake another request's task: a stream's reader ends when its writer is dropped, in whatever task.
        let (writer, mut reader) = wasip3::wit_stream::new::<u8>();
        let woken = async move {
            let _ = reader.next().await;
        };
        (Box::new(move || drop(writer)), woken.boxed_local())
    }
}

impl Background for Spin {
    fn spawn(&self, work: LocalBoxFuture<'static, ()>) {
        wasip3::spawn(work);
    }
}
