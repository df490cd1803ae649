//! Requests that go out.

use bytes::Bytes;
use http::request::Parts;
use http::uri::Scheme;
use http::{Method, Request, Response};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    IncomingResponse, Method as HostMethod, OutgoingRequest, Scheme as HostScheme,
};
use wstd::runtime::AsyncPollable;

use super::bodies::{self, Unread};
use super::{ErrorCode, fields, headers, unsent};
use crate::platform::SendError;

/// Sends a request and reads the whole response.
pub(in crate::spin) async fn exchange(
    request: Request<Bytes>,
) -> Result<Response<Bytes>, SendError> {
    let (parts, bytes) = request.into_parts();
    let request = head(&parts).map_err(unsent)?;
    let body = if bytes.is_empty() {
        None
    } else {
        request.body().ok()
    };
    let pending = outgoing_handler::handle(request, None).map_err(unsent)?;
    if let Some(body) = body {
        // Who did not take all of it may have answered, and else the host knows best why not.
        let _ = bodies::write(body, &bytes).await;
    }
    AsyncPollable::new(pending.subscribe()).wait_for().await;
    match pending.get() {
        Some(Ok(Ok(response))) => whole(response).await,
        Some(Ok(Err(code))) => Err(unsent(code)),
        Some(Err(())) | None => Err(broken("the host has no answer")),
    }
}

fn head(parts: &Parts) -> Result<OutgoingRequest, ErrorCode> {
    let invalid = |()| ErrorCode::HttpRequestUriInvalid;
    let request = OutgoingRequest::new(fields(&parts.headers)?);
    request
        .set_method(&method(&parts.method))
        .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    let scheme = match parts.uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => HostScheme::Http,
        _ => HostScheme::Https,
    };
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    let authority = parts.uri.authority().map(|authority| authority.as_str());
    request.set_authority(authority).map_err(invalid)?;
    let target = parts.uri.path_and_query().map(|target| target.as_str());
    request.set_path_with_query(target).map_err(invalid)?;
    Ok(request)
}

fn method(method: &Method) -> HostMethod {
    match *method {
        Method::GET => HostMethod::Get,
        Method::HEAD => HostMethod::Head,
        Method::POST => HostMethod::Post,
        Method::PUT => HostMethod::Put,
        Method::PATCH => HostMethod::Patch,
        Method::DELETE => HostMethod::Delete,
        _ => HostMethod::Other(method.as_str().to_owned()),
    }
}

async fn whole(response: IncomingResponse) -> Result<Response<Bytes>, SendError> {
    let (mut parts, ()) = Response::new(()).into_parts();
    let status = response.status().try_into();
    parts.status = status.map_err(|_| broken("its status is none"))?;
    parts.headers = headers(&response.headers()).ok_or_else(|| broken("a header is none"))?;
    let body = response
        .consume()
        .map_err(|()| broken("its body was taken already"))?;
    match bodies::read(body, usize::MAX).await {
        Ok(bytes) => Ok(Response::from_parts(parts, bytes.into())),
        Err(Unread::Broken(why)) => Err(SendError::Broken(why)),
        Err(Unread::TooLarge) => Err(broken("its body is too large")),
    }
}

fn broken(why: &str) -> SendError {
    SendError::Broken(why.to_owned())
}
