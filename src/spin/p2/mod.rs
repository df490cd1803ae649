//! WASIp2: an instance serves one request, and what was begun meanwhile goes on in the same call when the answer is out.
//!
//! spin-sdk 5.2 gives the store and the variables. The rest is WASI itself (`wasip2`) on the executor of `wstd`: that of the
//! SDK forgets a task that another one has woken, and its ways in and out hide what became of a request.

mod bodies;
mod outbound;
mod store;

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use wasip2::clocks::monotonic_clock;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, Method as HostMethod, OutgoingResponse, ResponseOutparam,
};
use wstd::runtime::AsyncPollable;

pub(super) use outbound::exchange;
pub(super) use spin_sdk_5::key_value::Error as StoreFailure;
pub(super) use store::{KeyValue, keys};
pub(super) use wasip2::http::types::ErrorCode;
pub(super) use wasip2::random::random::get_random_u64 as random;

use super::{answer, unsent};
use crate::api::Body;
use crate::platform::Wake;

/// Whether an instance may serve further requests.
pub(super) const MAY_SERVE_MORE: bool = false;

/// What the host calls.
struct Component;

wasip2::http::proxy::export!(Component);

impl Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        // It comes back when nothing is left to do: the work that was begun and not waited for has ended too.
        wstd::runtime::block_on(async move {
            let answered = match parts(&request) {
                Ok(parts) => {
                    let head = parts.method == Method::HEAD;
                    let response = answer(parts, async |limit| read(request, limit).await).await;
                    reply(response, head)
                }
                Err(error) => Err(error),
            };
            match answered {
                Ok((response, body)) => {
                    ResponseOutparam::set(out, Ok(response));
                    if let Some((body, bytes)) = body {
                        // What is left belongs to a client that is gone.
                        let _ = bodies::write(body, &bytes).await;
                    }
                }
                Err(error) => ResponseOutparam::set(out, Err(error)),
            }
        });
    }
}

fn parts(request: &IncomingRequest) -> Result<Parts, ErrorCode> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = method(request.method()).ok_or(ErrorCode::HttpRequestMethodInvalid)?;
    let target = request.path_with_query().unwrap_or_default();
    parts.uri = target
        .try_into()
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    parts.headers = headers(&request.headers()).ok_or(ErrorCode::HttpProtocolError)?;
    Ok(parts)
}

fn method(method: HostMethod) -> Option<Method> {
    Some(match method {
        HostMethod::Get => Method::GET,
        HostMethod::Head => Method::HEAD,
        HostMethod::Post => Method::POST,
        HostMethod::Put => Method::PUT,
        HostMethod::Delete => Method::DELETE,
        HostMethod::Connect => Method::CONNECT,
        HostMethod::Options => Method::OPTIONS,
        HostMethod::Trace => Method::TRACE,
        HostMethod::Patch => Method::PATCH,
        HostMethod::Other(name) => Method::from_bytes(name.as_bytes()).ok()?,
    })
}

fn headers(fields: &Fields) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields.entries() {
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, HeaderValue::try_from(value).ok()?);
    }
    Some(headers)
}

fn fields(headers: &HeaderMap) -> Result<Fields, ErrorCode> {
    let list: Vec<(String, Vec<u8>)> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&list).map_err(|_| ErrorCode::InternalError(None))
}

async fn read(request: IncomingRequest, limit: usize) -> Body {
    let Ok(body) = request.consume() else {
        return Body::Broken;
    };
    match bodies::read(body, limit).await {
        Ok(whole) => Body::Whole(whole.into()),
        Err(bodies::Unread::TooLarge) => Body::TooLarge,
        Err(bodies::Unread::Broken(_)) => Body::Broken,
    }
}

/// The head of the answer, and what is to be written after it.
type Reply = (OutgoingResponse, Option<(bodies::OutgoingBody, Bytes)>);

fn reply(response: Response<Bytes>, head: bool) -> Result<Reply, ErrorCode> {
    let (parts, bytes) = response.into_parts();
    let response = OutgoingResponse::new(fields(&parts.headers)?);
    let _ = response.set_status_code(parts.status.as_u16());
    // The host compares `content-length` with what is written, but not where no body was taken: in the answer to a HEAD.
    if head || bytes.is_empty() {
        return Ok((response, None));
    }
    let body = response
        .body()
        .map_err(|()| ErrorCode::InternalError(None))?;
    Ok((response, Some((body, bytes))))
}

/// Waits.
pub(super) async fn sleep(duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    AsyncPollable::new(monotonic_clock::subscribe_duration(nanos))
        .wait_for()
        .await;
}

/// The value of a variable, if it is defined.
pub(super) async fn variable(name: &'static str) -> Option<String> {
    spin_sdk_5::variables::get(name).ok()
}

/// Two halves, for whichever tasks of this request.
pub(super) fn signal() -> (Wake, LocalBoxFuture<'static, ()>) {
    let (wake, woken) = futures_channel::oneshot::channel();
    let wake = Box::new(move || wake.send(()).unwrap_or_default());
    (wake, woken.map(drop).boxed_local())
}

/// Work that goes on after the response has been sent.
pub(super) fn spawn(work: LocalBoxFuture<'static, ()>) {
    wstd::runtime::spawn(work).detach();
}
