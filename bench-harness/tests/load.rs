//! Load: what a run counts, and that a server that stalls shows. Needs the built component (`cargo xtask build`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::future::pending;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bench_harness::host::{Component, Host, Metering, Settings};
use bench_harness::load::{Arrivals, Limits, LoadSettings, Progress, Report, run};
use bench_harness::netbox::{Data, Double, DoubleSettings, Kind};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use url::Url;

/// A server that answers at once, except that it stands still for `stall` when `after` has passed.
async fn stalling(after: Duration, stall: Duration) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let start = Instant::now();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let service = service_fn(move |_| async move {
                    let since = start.elapsed();
                    if since > after && since < after + stall {
                        tokio::time::sleep(after + stall - since).await;
                    }
                    Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from("{}"))))
                });
                let _closed = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Url::parse(&format!("http://{address}")).unwrap()
}

async fn send(settings: &LoadSettings) -> Report {
    run(settings, &Progress::default(), pending())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_shows_in_the_latencies_of_all_that_was_due_meanwhile() {
    let url = stalling(Duration::from_millis(500), Duration::from_millis(300)).await;
    let report = send(&LoadSettings {
        rate: 200.0,
        duration: Duration::from_secs(1),
        connections: 1,
        mix: "health=1".parse().unwrap(),
        ..LoadSettings::new(url)
    })
    .await;
    let all = report.all().unwrap();
    assert_eq!((all.due, all.sent, all.failed()), (200, 200, 0));
    // 60 of 200 requests were due within the 300 ms. A client that waits for its answer would have sent one of them, and reported a
    // p99 of next to nothing.
    assert!(all.max_ms >= 250.0, "{all:?}");
    assert!(all.p90_ms >= 100.0, "{all:?}");
    assert!(all.late >= 40, "{all:?}");
    assert!(all.p50_ms < 100.0, "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_sent_in_time_is_counted_and_breaks_the_limits() {
    let url = stalling(Duration::ZERO, Duration::from_secs(60)).await;
    let report = send(&LoadSettings {
        rate: 50.0,
        duration: Duration::from_secs(1),
        connections: 2,
        mix: "health=1".parse().unwrap(),
        timeout: Duration::from_millis(300),
        ..LoadSettings::new(url)
    })
    .await;
    let all = report.all().unwrap();
    assert_eq!(all.due, 50);
    assert!(all.unsent > 0 && all.errors["timeout"] > 0, "{all:?}");
    assert_eq!(all.failed(), 50);
    let limits = Limits {
        max_p99: Some(Duration::from_millis(5)),
        max_errors: Some(49),
    };
    let broken = report.broken(&limits);
    assert!(
        broken[0].starts_with("p99 is") && broken[1].starts_with("50 requests failed"),
        "{broken:?}"
    );
    let wide = Limits {
        max_p99: Some(Duration::from_secs(60)),
        max_errors: Some(50),
    };
    assert_eq!(report.broken(&wide), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_reads_and_writes_before_the_double_has_no_errors_and_leaves_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let wasm = root.join("target/wasm32-wasip2/release/segment_edge.wasm");
    let component =
        Component::load_cached(&wasm, Metering::Off).expect("run `cargo xtask build` first");
    let double = Double::start(DoubleSettings::with(Data::Recorded100))
        .await
        .unwrap();
    let settings = Settings::new()
        .variable("netbox_url", double.url())
        .variable("netbox_token", double.token())
        .variable("auth", "off")
        .allow_host(double.url());
    let host = Host::start(&component, settings).await.unwrap();
    let progress = Progress::default();
    let settings = LoadSettings {
        rate: 60.0,
        duration: Duration::from_secs(2),
        arrivals: Arrivals::Poisson,
        connections: 4,
        mix: "list=20,page=5,get=15,search=10,stats=5,health=5,create=10,allocate=10,release=10,delete=10".parse().unwrap(),
        ..LoadSettings::new(Url::parse(&host.url()).unwrap())
    };
    let report = run(&settings, &progress, pending()).await.unwrap();
    let all = report.all().unwrap();
    assert_eq!(all.failed(), 0, "{all:?}");
    let operations = &report.operations[..report.operations.len() - 1];
    assert_eq!(operations.len(), 10, "{operations:?}");
    assert_eq!(
        operations
            .iter()
            .map(|operation| operation.sent)
            .sum::<u64>(),
        all.sent
    );
    assert_eq!(
        (all.due, progress.done(), progress.failed()),
        (all.sent, all.sent, 0)
    );
    // A write takes calls to NetBox over sockets: less than a tenth of a millisecond would be no figure.
    let create = operations
        .iter()
        .find(|operation| operation.operation == "create")
        .unwrap();
    assert!(
        create.p50_ms > 0.1 && create.p50_ms <= create.p90_ms && create.p90_ms <= create.max_ms,
        "{create:?}"
    );
    let db = double.state();
    assert_eq!(
        (db.rows(Kind::Prefix).len(), db.rows(Kind::Vlan).len()),
        (100, 100)
    );
    let free = |row: &bench_harness::netbox::Row| row.text("status") == "active";
    assert!(
        db.rows(Kind::Prefix).values().all(free),
        "no segment of others was allocated"
    );
    drop(db);
    assert_eq!(host.traps(), Vec::<String>::new());
}

#[test]
fn a_broken_limit_is_exit_code_1_and_the_figures_are_written_as_json() {
    let folder = tempfile::TempDir::new().unwrap();
    let json = folder.path().join("load.json");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let run = |limits: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
        command.current_dir(root).args([
            "load",
            "--rate",
            "50",
            "--duration",
            "1s",
            "--mix",
            "list=1,get=1",
            "--json",
        ]);
        command.arg(&json).args(limits).output().unwrap()
    };
    let output = run(&["--max-errors", "0", "--max-p99", "10s"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Report = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!((report.all().unwrap().due, report.connections), (50, 10));
    let output = run(&["--max-p99", "0ms"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("and may be 0 ms"));
}
