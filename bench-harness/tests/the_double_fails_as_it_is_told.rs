//! The double can be limited, faulty by chance, slow by chance, and an older NetBox; the proxy can be limited too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    dead_code
)]

#[path = "netbox_conformance/client.rs"]
mod client;

use std::time::{Duration, Instant};

use bench_harness::netbox::{
    CountingProxy, Data, Double, DoubleSettings, Fault, Kind, RateLimit, Release,
};
use client::{Answer, Client};

const PREFIX: &str = "/api/ipam/prefixes/1/";

async fn start(settings: DoubleSettings) -> (Double, Client) {
    let double = Double::start(DoubleSettings {
        data: Data::Recorded100,
        ..settings
    })
    .await
    .unwrap();
    let client = Client::new(&double.url());
    (double, client)
}

async fn get(double: &Double, client: &Client) -> Answer {
    client
        .send("GET", PREFIX, Some(double.token()), &[], None)
        .await
}

async fn patch(double: &Double, client: &Client, etag: &str) -> Answer {
    let headers = [("if-match".to_owned(), etag.to_owned())];
    let body = Some(r#"{"comments":"changed"}"#.to_owned());
    client
        .send("PATCH", PREFIX, Some(double.token()), &headers, body)
        .await
}

#[tokio::test]
async fn calls_beyond_the_rate_are_turned_back_before_any_work_and_counted() {
    let limit = RateLimit::new(1, 2);
    let (double, client) = start(DoubleSettings {
        rate_limit: Some(limit),
        ..DoubleSettings::default()
    })
    .await;
    for _ in 0..2 {
        assert_eq!(get(&double, &client).await.status, 200);
    }
    let refused = patch(&double, &client, "*").await;
    assert_eq!((refused.status, refused.media_type()), (503, "text/html"));
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(refused.header("api-version"), None);
    assert_eq!(double.ledger().calls().0[2].status, 503);
    assert_ne!(
        double.state().rows(Kind::Prefix)[&1].text("comments"),
        "changed"
    );

    double.set_rate_limit(Some(limit.telling(7)));
    get(&double, &client).await;
    get(&double, &client).await;
    let refused = get(&double, &client).await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("7"))
    );
}

#[tokio::test]
async fn a_proxy_before_a_netbox_keeps_the_rate_for_it() {
    let (double, _) = start(DoubleSettings::default()).await;
    let proxy = CountingProxy::limited(&double.url(), RateLimit::new(1, 2))
        .await
        .unwrap();
    let client = Client::new(&proxy.url());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&double, &client).await.status);
    }
    assert_eq!(statuses, [200, 200, 503]);
    assert_eq!((proxy.ledger().count(), double.ledger().count()), (3, 2));
}

#[tokio::test]
async fn a_proxy_with_a_latency_holds_each_call_that_long_and_calls_at_once_together() {
    const LATENCY: Duration = Duration::from_millis(300);
    let (double, fast) = start(DoubleSettings::default()).await;
    let proxy = CountingProxy::start(&double.url()).await.unwrap();
    proxy.set_latency(LATENCY);
    let client = Client::new(&proxy.url());
    let direct = get(&double, &fast).await;
    let begun = Instant::now();
    let ten = futures::future::join_all((0..10).map(|_| get(&double, &client))).await;
    let took = begun.elapsed();
    for answer in &ten {
        assert_eq!((answer.status, &answer.text), (200, &direct.text));
    }
    assert!(took >= LATENCY && took < LATENCY * 5, "{took:?}");
    assert_eq!((proxy.ledger().count(), double.ledger().count()), (10, 11));
    let spans = proxy.ledger().calls().0;
    let held = u64::try_from(LATENCY.as_micros()).unwrap();
    assert!(
        spans
            .iter()
            .all(|call| call.end.unwrap() - call.start >= held)
    );
}

#[tokio::test]
async fn faults_by_chance_strike_before_or_after_the_work_until_healed() {
    let (double, client) = start(DoubleSettings::default()).await;
    let comments = || {
        double.state().rows(Kind::Prefix)[&1]
            .text("comments")
            .to_owned()
    };
    double.fail_randomly(1, 1.0, Fault::html(503, "<html>"));
    assert_eq!(patch(&double, &client, "*").await.status, 503);
    assert_ne!(comments(), "changed");
    double.heal();
    double.fail_randomly(1, 1.0, Fault::html_after(503, "<html>"));
    assert_eq!(patch(&double, &client, "*").await.status, 503);
    assert_eq!(comments(), "changed");
    double.heal();
    double.delay_randomly(1, Duration::from_millis(5));
    assert_eq!(get(&double, &client).await.status, 200);
}

#[tokio::test]
async fn an_older_netbox_ignores_guards_and_says_its_version() {
    for (release, version, status) in [(Release::V4_5, "4.5", 200), (Release::V4_7, "4.7", 412)] {
        let (double, client) = start(DoubleSettings {
            release,
            ..DoubleSettings::default()
        })
        .await;
        let read = get(&double, &client).await;
        assert_eq!(read.header("api-version"), Some(version));
        assert_eq!(read.header("etag").is_some(), release == Release::V4_7);
        let written = patch(&double, &client, "W/\"2001-01-01T00:00:00+00:00\"").await;
        assert_eq!(written.status, status);
        let token = Some(double.token());
        let about = client.send("GET", "/api/status/", token, &[], None).await;
        let full = about.json()["netbox-version"].to_string();
        assert!(full.contains(version), "{full}");
    }
}
