//! What a warm request costs in the host, without a socket: the whole way through the component, no NetBox call.
//!
//! `smallest_answer` is the component's liveness answer: what the host, the guest's HTTP layer and our headers cost by
//! themselves. The lists are to be read as multiples of it, measured in the same run.

#![allow(missing_docs, clippy::expect_used)]

use std::path::Path;

use bench_harness::host::{Component, Host, Metering, Settings};
use bench_harness::netbox::{Data, Double, DoubleSettings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use tokio::runtime::Runtime;

const WASM: &str = "../target/wasm32-wasip2/release/segment_edge.wasm";

async fn start(segments: usize) -> (Double, Host) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(WASM);
    let component =
        Component::load_cached(&path, Metering::Off).expect("run `cargo xtask build` first");
    let double = Double::start(DoubleSettings::with(Data::Generated(segments)))
        .await
        .expect("the double starts");
    let settings = Settings::new()
        .variable("netbox_url", double.url())
        .variable("netbox_token", double.token())
        .variable("auth", "off")
        .variable("log_level", "warn")
        .allow_host(double.url());
    let host = Host::start(&component, settings)
        .await
        .expect("the host starts");
    (double, host)
}

async fn get(host: &Host, path: &str) -> usize {
    let request = Request::get(format!("http://edge.test{path}"))
        .body(Bytes::new())
        .expect("a valid request");
    let response = host.handle(request).await.expect("a whole response");
    assert_eq!(response.status(), 200, "{path}");
    response.body().len()
}

fn warm(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    for segments in [100, 10_000] {
        let (_double, host) = runtime.block_on(start(segments));
        runtime.block_on(get(&host, "/api/segments"));
        let mut group = c.benchmark_group(format!("warm_{segments}_segments"));
        for (name, path) in [
            ("smallest_answer", "/api/health"),
            ("list_100", "/api/segments?limit=100"),
            ("one_segment", "/api/segments/1"),
            ("search", "/api/segments/search?q=10.0.0.7"),
        ] {
            group.bench_function(name, |b| b.to_async(&runtime).iter(|| get(&host, path)));
        }
        group.finish();
    }
}

criterion_group!(benches, warm);
criterion_main!(benches);
