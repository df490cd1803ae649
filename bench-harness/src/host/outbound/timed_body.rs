//! A response body under the guest's between-bytes timeout.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// A response body that fails when two pieces of it are too far apart.
pub(super) struct TimedBody {
    body: hyper::body::Incoming,
    limit: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl TimedBody {
    pub(super) fn new(body: hyper::body::Incoming, limit: Duration) -> Self {
        let alarm = Box::pin(tokio::time::sleep(limit));
        Self { body, limit, alarm }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let limit = self.limit;
            self.alarm.as_mut().reset(Instant::now() + limit);
            let frame = frame.map(|frame| {
                frame.map_err(|error| match error.is_parse() {
                    true => Error::HttpProtocolError,
                    false => Error::HttpResponseIncomplete,
                })
            });
            return Poll::Ready(frame);
        }
        ready!(self.alarm.as_mut().poll(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
