//! What a request costs in the host, without a socket: the whole way through the built component, no NetBox call.
//!
//! `empty_handler` is a component that does nothing: what the host costs. `smallest_answer` is ours when it is asked whether it
//! lives: that, the guest's HTTP layer and our headers. The others are to be read as multiples, measured in the same run. `cold` has a new instance for each
//! request, as platforms without reuse do; `warm` is Spin's reuse.

#![allow(missing_docs, clippy::expect_used)]

use std::path::Path;
use std::time::Duration;

use bench_harness::host::{Component, Host, Metering, Reuse, Settings};
use bench_harness::netbox::{Data, Double, DoubleSettings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use tokio::runtime::Runtime;

const WASM: &str = "../target/wasm32-wasip2/release/segment_edge.wasm";
const EMPTY: &str = "../target/wasm32-wasip2/release/empty_handler.wasm";

fn load(wasm: &str) -> Component {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(wasm);
    Component::load_cached(&path, Metering::Off).expect("run `cargo xtask build` first")
}

async fn start(segments: usize) -> (Double, Component, Settings) {
    let component = load(WASM);
    let double = Double::start(DoubleSettings::with(Data::Generated(segments)))
        .await
        .expect("the double starts");
    let settings = Settings::new()
        .variable("netbox_url", double.url())
        .variable("netbox_token", double.token())
        .variable("netbox_timeout", "60")
        .variable("auth", "off")
        .variable("log_level", "warn")
        .allow_host(double.url());
    (double, component, settings)
}

async fn get(host: &Host, path: &str) -> usize {
    let request = Request::get(format!("http://edge.test{path}"))
        .body(Bytes::new())
        .expect("a valid request");
    let response = host.handle(request).await.expect("a whole response");
    assert_eq!(response.status(), 200, "{path}");
    response.body().len()
}

fn requests(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    for (name, reuse) in [("warm", Reuse::default()), ("cold", Reuse::NONE)] {
        let settings = Settings::new().reuse(reuse);
        let host = runtime.block_on(Host::start(&load(EMPTY), settings));
        let host = host.expect("the host starts");
        c.bench_function(&format!("empty_handler/{name}"), |b| {
            b.to_async(&runtime).iter(|| get(&host, "/"));
        });
    }
    for segments in [100, 1_000, 10_000, 100_000] {
        let (_double, component, settings) = runtime.block_on(start(segments));
        let host = |settings: Settings| {
            let host = runtime.block_on(Host::start(&component, settings));
            host.expect("the host starts")
        };
        let warm = host(settings.clone());
        runtime.block_on(get(&warm, "/api/segments?limit=1"));
        let mut group = c.benchmark_group(format!("warm_{segments}_segments"));
        group
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2));
        let list = if segments > 10_000 {
            ("page_of_100", "/api/segments?limit=100")
        } else {
            ("list", "/api/segments")
        };
        for (name, path) in [
            ("smallest_answer", "/api/health"),
            list,
            ("one_segment", "/api/segments/1"),
            ("search", "/api/segments/search?q=10.0.0.7"),
        ] {
            group.bench_function(name, |b| b.to_async(&runtime).iter(|| get(&warm, path)));
        }
        group.finish();
        // The store of the warm host has the catalogue by now.
        let cold = host(settings.reuse(Reuse::NONE));
        let mut group = c.benchmark_group(format!("cold_{segments}_segments"));
        group
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .sample_size(10);
        for (name, path) in [
            ("smallest_answer", "/api/health"),
            ("one_segment", "/api/segments/1"),
        ] {
            group.bench_function(name, |b| b.to_async(&runtime).iter(|| get(&cold, path)));
        }
        group.finish();
    }
}

criterion_group!(benches, requests);
criterion_main!(benches);
