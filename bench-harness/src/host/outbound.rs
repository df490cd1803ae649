//! Outbound HTTP: only to allowed hosts, over pooled connections, within the guest's timeouts.

mod errors;
mod timed_body;

use super::allowed_hosts::AllowedHosts;
use super::log::{LogSink, Source};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{HttpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::pin::pin;
use std::time::Duration;
use timed_body::TimedBody;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Each of the three timeouts when the guest sets none: Spin's default.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

/// How long an idle connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(60);

type PooledClient = Client<HttpsConnector<HttpConnector>, WasiBody>;

/// What a response body or a request future that nobody awaits resolves to.
type IoResult = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// The outbound side of one host. Clones share the pool of connections.
#[derive(Clone)]
pub(super) struct Outbound {
    client: PooledClient,
    allowed: AllowedHosts,
    log: LogSink,
}

impl Outbound {
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn new(allowed: AllowedHosts, log: LogSink) -> anyhow::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(super::tls::client_config()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self {
            client,
            allowed,
            log,
        })
    }

    fn say(&self, target: &str, what: &str) {
        self.log
            .push(Source::Host, format!("outbound {target}: {what}"));
    }

    async fn send(
        self,
        request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<http::Response<WasiBody>, Error> {
        let target = describe(&request);
        if !self.allowed.allows(request.uri()) {
            self.say(&target, "denied, the host is not in the allowed hosts");
            return Err(Error::HttpRequestDenied);
        }
        match self.exchange(request, options).await {
            Ok(response) => {
                let limit = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
                Ok(response.map(|body| TimedBody::new(body, limit).boxed_unsync()))
            }
            Err((why, code)) => {
                self.say(&target, &why);
                Err(code)
            }
        }
    }

    /// Waits for the response head. The first byte's time runs from when there is a connection, new or out of the pool.
    async fn exchange(
        &self,
        mut request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<http::Response<Incoming>, (String, Error)> {
        let timed_out = |code: Error| (code.to_string(), code);
        let connect = options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let mut connection = capture_connection(&mut request);
        let mut response = pin!(self.client.request(request));
        let connected = async {
            let known = timeout(connect, connection.wait_for_connection_metadata()).await;
            known.is_ok()
        };
        let answer = tokio::select! {
            biased;
            answer = &mut response => answer,
            connected = connected => {
                if !connected {
                    return Err(timed_out(Error::ConnectionTimeout));
                }
                timeout(first_byte, response)
                    .await
                    .map_err(|_| timed_out(Error::ConnectionReadTimeout))?
            }
        };
        answer.map_err(|error| errors::explain(&error))
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: IoResult,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, IoResult), Error>> + Send> {
        let sent = self.clone().send(request, options.unwrap_or_default());
        Box::new(async move {
            let response = sent.await?;
            // The pool drives the connection, so there is nothing left to poll.
            Ok((response, Box::new(std::future::ready(Ok(()))) as IoResult))
        })
    }
}

/// Method and address without the query, which may hold what does not belong in a log.
fn describe<B>(request: &http::Request<B>) -> String {
    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or("?");
    let authority = uri.authority().map_or("?", |authority| authority.as_str());
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{} {scheme}://{host}{}", request.method(), uri.path())
}

#[cfg(test)]
mod tests;
