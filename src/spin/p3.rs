//! WASIp3: an instance serves many requests, several at a time, and the host runs their tasks.

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::wasip3;
use spin_sdk::wasip3::http::types::{Fields, Request as HostRequest, Response as HostResponse};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

pub(super) use spin_sdk::key_value::{Error as StoreFailure, Store as KeyValue};
pub(super) use spin_sdk::time::sleep;
pub(super) use spin_sdk::wasip3::http::types::ErrorCode;
pub(super) use spin_sdk::wasip3::random::random::get_random_u64 as random;

use super::{answer, unsent};
use crate::api::Body;
use crate::platform::{SendError, Wake};

/// Whether an instance may serve further requests.
pub(super) const MAY_SERVE_MORE: bool = true;

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
    let response = answer(parts, async |limit| read(request, limit).await).await;
    reply(response, head)
}

async fn read(request: HostRequest, limit: usize) -> Body {
    let Ok(body) = IncomingRequestBody::new(request) else {
        return Body::Broken;
    };
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Body::Whole(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Body::TooLarge,
        Err(_) => Body::Broken,
    }
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

/// Sends a request and reads the whole response.
pub(super) async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
    let request = request.map(Full::new);
    let response = spin_sdk::http::send(request).await.map_err(unsent)?;
    let (parts, body) = response.into_parts();
    let body = body
        .bytes()
        .await
        .map_err(|e| SendError::Broken(e.to_string()))?;
    Ok(Response::from_parts(parts, body))
}

/// Every key in the store.
pub(super) async fn keys(store: &KeyValue) -> Result<Vec<String>, StoreFailure> {
    store.get_keys().await.collect().await
}

/// The value of a variable, if it is defined.
pub(super) async fn variable(name: &'static str) -> Option<String> {
    spin_sdk::variables::get(name).await.ok()
}

/// Two halves, for whichever requests' tasks.
///
/// Only the host can wake another request's task: a stream's reader ends when its writer is dropped, in whatever task.
pub(super) fn signal() -> (Wake, LocalBoxFuture<'static, ()>) {
    let (writer, mut reader) = wasip3::wit_stream::new::<u8>();
    let woken = async move {
        let _ = reader.next().await;
    };
    (Box::new(move || drop(writer)), woken.boxed_local())
}

/// Work that goes on after the response has been sent.
pub(super) fn spawn(work: LocalBoxFuture<'static, ()>) {
    wasip3::spawn(work);
}
