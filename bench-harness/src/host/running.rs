//! A host that runs: the component behind a socket, or asked directly.

use super::engine::Component;
use super::log::{LogSink, Source};
use super::server::Server;
use super::settings::Settings;
use super::shared::Shared;
use super::worker::Instances;
use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Uri, header, uri};
use http_body_util::{BodyExt as _, Empty, Full};
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::{Error, WasiBody};

/// The header in which Spin tells the component who calls. A forged one stays, and comes first, as on Spin.
const CLIENT_ADDRESS: &str = "spin-client-addr";

/// A running host. Dropping it closes the socket; [`Host::stop`] also lets requests finish.
pub struct Host {
    shared: Arc<Shared>,
    handler: Handler,
    server: Server,
}

impl Host {
    /// Starts serving `component`. Instances are made when requests come.
    ///
    /// # Errors
    /// When an allowed host is malformed, a variable's name is not one Spin takes, or the address cannot be listened on.
    pub async fn start(component: &Component, settings: Settings) -> anyhow::Result<Self> {
        if let Some(name) = settings
            .variables
            .keys()
            .find(|name| !super::variables::is_valid_name(name))
        {
            return Err(anyhow!(
                "variable {name:?}: a name has lower-case letters, digits and single '_' inside, and starts with a letter"
            ));
        }
        let listen = settings.listen;
        let shared = Arc::new(Shared::new(settings)?);
        let handler = Handler::new(component.clone(), shared.clone());
        let server = Server::start(listen, handler.clone())
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        Ok(Self {
            shared,
            handler,
            server,
        })
    }

    /// The address that requests go to.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// `http://address:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Instances made so far.
    pub fn instances_started(&self) -> usize {
        self.shared.instances_started()
    }

    /// The traps so far, each with its cause and, where the component has names, its backtrace. The panic message is in the log.
    pub fn traps(&self) -> Vec<String> {
        self.shared.traps()
    }

    /// The log sink of this host.
    pub fn log(&self) -> LogSink {
        self.shared.settings.log.clone()
    }

    /// The settings it runs with.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The next request gets a new instance; those that run finish what they have and end.
    pub fn recycle(&self) {
        self.shared.next_generation();
    }

    /// As [`Host::recycle`], and waits until every instance has ended, background work included.
    pub async fn recycle_and_wait(&self) {
        self.recycle();
        self.shared.all_ended().await;
    }

    /// Fuel that the instances have used (instantiation included); 0 unless the component is metered. Of an instance that runs it is
    /// what it had used when its last request began. Call [`Host::recycle_and_wait`] first to have all of it.
    pub fn fuel_used(&self) -> u64 {
        self.shared.fuel_used()
    }

    /// The most linear memory that any one instance has had so far, in bytes.
    pub fn peak_memory(&self) -> usize {
        self.shared.peak_memory()
    }

    /// Sends a request into the component without a socket, and collects the response.
    ///
    /// # Errors
    /// When the response body breaks off. A trap or an `Err` from the guest is an empty 500, as over the socket.
    pub async fn handle(
        &self,
        request: http::Request<Bytes>,
    ) -> anyhow::Result<http::Response<Bytes>> {
        let body = |bytes: Bytes| {
            Full::new(bytes)
                .map_err(|never| match never {})
                .boxed_unsync()
        };
        let response = self.handler.handle(request.map(body), None).await;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .context("the response body broke off")?;
        Ok(http::Response::from_parts(head, body.to_bytes()))
    }

    /// Stops listening, lets the requests in flight finish, and ends every instance.
    pub async fn stop(self) {
        let Self { shared, server, .. } = self;
        server.stop().await;
        shared.next_generation();
        shared.all_ended().await;
    }
}

/// Turns a request from outside into one for the component, and any failure into an empty 500.
#[derive(Clone)]
pub(super) struct Handler {
    proxy: ProxyHandler<Instances>,
    log: LogSink,
}

impl Handler {
    fn new(component: Component, shared: Arc<Shared>) -> Self {
        let log = shared.settings.log.clone();
        let proxy = ProxyHandler::new(Instances { component, shared });
        Self { proxy, log }
    }

    pub(super) async fn handle(
        &self,
        request: http::Request<WasiBody>,
        client: Option<SocketAddr>,
    ) -> http::Response<WasiBody> {
        let Ok(request) = for_guest(request, client) else {
            return empty(StatusCode::BAD_REQUEST);
        };
        match self.proxy.handle((), request).await {
            Ok(response) => response,
            Err(error) => {
                self.log
                    .push(Source::Host, format!("request failed: {error:#}"));
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// WASI carries scheme and authority apart from the headers, so they are taken from `Host`.
fn for_guest(
    request: http::Request<WasiBody>,
    client: Option<SocketAddr>,
) -> anyhow::Result<http::Request<WasiBody>> {
    let (mut head, body) = request.into_parts();
    let mut parts = std::mem::take(&mut head.uri).into_parts();
    if parts.authority.is_none() {
        let host = head.headers.get(header::HOST).map(HeaderValue::to_str);
        let host = host.transpose()?.unwrap_or("localhost");
        parts.authority = Some(host.parse()?);
    }
    parts.scheme.get_or_insert(uri::Scheme::HTTP);
    if parts.path_and_query.is_none() {
        parts.path_and_query = Some(uri::PathAndQuery::from_static("/"));
    }
    head.uri = Uri::from_parts(parts)?;
    if let Some(client) = client {
        let client = HeaderValue::try_from(client.to_string())?;
        head.headers.append(CLIENT_ADDRESS, client);
    }
    Ok(http::Request::from_parts(head, body))
}

fn empty(status: StatusCode) -> http::Response<WasiBody> {
    let body = Empty::new().map_err(|never| -> Error { match never {} });
    let mut response = http::Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}
