//! What these tests share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bench_harness::har::scenario::{Edge, Ground, Plan, drive};
use bench_harness::har::{Har, Latency, Mode, Recorder, Replay, ReplayOptions, Scrubber};
use bench_harness::host::{Component, Metering};
use bench_harness::netbox::{Api, Data, Double, DoubleSettings};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use url::Url;

pub(crate) fn wasm() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("target/wasm32-wasip2/release/segment_edge.wasm")
}

pub(crate) fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        Component::load_cached(&wasm(), Metering::Off).expect("run `cargo xtask build` first")
    })
}

pub(crate) fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) async fn double() -> Double {
    Double::start(DoubleSettings::with(Data::Recorded100))
        .await
        .unwrap()
}

/// Both files of a scenario.
pub(crate) struct Recorded {
    pub(crate) netbox: Har,
    pub(crate) edge: Har,
}

/// Records the scenario before the NetBox at this address, which is as before afterwards.
pub(crate) async fn record(netbox_url: &str, token: &str, plan: &Plan) -> Recorded {
    let url = Url::parse(netbox_url).unwrap();
    let api = Api::new(&url, token.parse().unwrap()).unwrap();
    let recorder = Recorder::start(&url, free()).await.unwrap();
    let ground = Ground::prepare(&api, plan).await.unwrap();
    let (_, scrubber) = recorder.har();
    let mut edge = Edge::start(component(), &recorder.url(), token, plan, scrubber)
        .await
        .unwrap();
    let driven = drive(&mut edge, plan).await;
    let removed = ground.restore(&api).await.unwrap();
    driven.unwrap();
    assert!(removed.is_empty(), "the scenario left {removed:?}");
    let (netbox, scrubber) = recorder.har();
    let edge = edge.har(plan).unwrap();
    scrubber.check(&netbox).unwrap();
    scrubber.check(&edge).unwrap();
    Recorded { netbox, edge }
}

pub(crate) async fn replay(har: Har, mode: Mode, latency: Latency) -> Replay {
    let options = ReplayOptions {
        mode,
        latency,
        ..ReplayOptions::default()
    };
    Replay::start(har, options).await.unwrap()
}

/// Drives the scenario before a replay: the component's answers, and how it ended.
pub(crate) async fn play(replay: &Replay, plan: &Plan) -> (Har, anyhow::Result<()>) {
    let mut edge = Edge::start(component(), &replay.url(), "any", plan, Scrubber::new())
        .await
        .unwrap();
    let driven = drive(&mut edge, plan).await;
    (edge.har(plan).unwrap(), driven)
}

/// Sends a request as any client would.
pub(crate) async fn send(request: Request<&str>) -> Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let body = |text: &str| Full::new(Bytes::copy_from_slice(text.as_bytes()));
    let response = client.request(request.map(body)).await.unwrap();
    let (head, body) = response.into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

pub(crate) async fn get(url: &str) -> Response<Bytes> {
    send(Request::get(url).body("").unwrap()).await
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}
