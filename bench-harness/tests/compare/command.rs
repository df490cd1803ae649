//! The command: what it sends, what it shows, and how it ends.

use std::sync::atomic::{AtomicUsize, Ordering};

use bench_harness::compare::Side;
use bench_harness::host::Host;
use bench_harness::netbox::{Inventory, Ours};
use http::Method;
use serde_json::json;

use crate::before::Before;
use crate::kit::{compare, component, double, edge, settings, with_tokens};

const TOKEN: &str = "reader-token-of-a-test";
/// With the SHA-256 hash of the token.
const TOKENS: &str = "reader:read:9fb4fcb920822a80e9b63de578f6192d450560abf5d8ba9750165ea8b0433502";

#[tokio::test(flavor = "multi_thread")]
async fn only_get_is_sent_and_netbox_is_left_as_it_was() {
    let double = double().await;
    let (before, edge) = (Before::start(&double).await, edge(&double).await);
    let rows = Inventory::of(&double.state(), &Ours::default());
    let changes = double.state().changes().len();
    let ran = compare(&before.url, &edge.url(), &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.text);
    let got = before.got();
    assert!(
        got.iter().all(|(method, _, _)| method == Method::GET),
        "{got:?}"
    );
    // And once before, for its health.
    assert_eq!(got.len(), ran.report().questions + 1);
    for route in [
        "/api/segments?site=site1",
        "/api/segments?vrf=Network1",
        "/api/segments?allocated=true",
        "/api/segments?vlan_id=100",
        "/api/segments?cluster_name=cl%2D1",
        "/api/segments/search?q=cl%2D1",
        "/api/segments/1",
        "/api/sites",
        "/api/vrfs",
        "/api/stats",
        "/api/health",
    ] {
        assert!(
            got.iter().any(|(_, path, _)| path == route),
            "{route} is not asked for"
        );
    }
    assert_eq!(Inventory::of(&double.state(), &Ours::default()), rows);
    assert_eq!(double.state().changes().len(), changes);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_gets_its_own_token_and_none_is_shown() {
    let double = double().await;
    let guarded = settings(&double)
        .variable("auth", "on")
        .variable("api_tokens", TOKENS);
    let guarded = Host::start(component(), guarded).await.unwrap();
    let before = Before::start(&double).await;
    let names = [
        "--left-token",
        "OF_THE_LEFT",
        "--right-token",
        "OF_THE_RIGHT",
        "--sample",
        "2",
    ];
    let tokens = [
        ("OF_THE_LEFT", "session-of-a-test"),
        ("OF_THE_RIGHT", TOKEN),
    ];
    let ran = with_tokens(&before.url, &guarded.url(), &names, &tokens).await;
    assert_eq!(ran.code, 0, "{}", ran.text);
    let got = before.got();
    assert!(
        got.iter()
            .all(|(_, _, token)| token.as_deref() == Some("Bearer session-of-a-test"))
    );
    let ran = compare(&before.url, &guarded.url(), &[]).await;
    assert_eq!(ran.code, 2, "{}", ran.text);
    assert!(
        ran.text.contains("was answered 401") && ran.text.contains("--right-token"),
        "{}",
        ran.text
    );
    let ran = compare(
        &before.url,
        &guarded.url(),
        &["--right-token", "NOT_SET_BY_ANYBODY"],
    )
    .await;
    assert_eq!(ran.code, 2);
    assert!(
        ran.text.contains("NOT_SET_BY_ANYBODY is not set"),
        "{}",
        ran.text
    );
    let in_the_address = edge(&double)
        .await
        .url()
        .replace("http://", "http://user:hidden-word@");
    let ran = compare(&before.url, &in_the_address, &[]).await;
    assert_eq!(ran.code, 2);
    assert!(!ran.text.contains("hidden-word"), "{}", ran.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_or_somebody_else_answers_nothing_is_compared() {
    let double = double().await;
    let edge = edge(&double).await;
    let closed = compare(&edge.url(), "http://127.0.0.1:9", &[]).await;
    assert_eq!(closed.code, 2);
    assert!(
        closed
            .text
            .contains("right: GET http://127.0.0.1:9/api/health"),
        "{}",
        closed.text
    );
    // NetBox has no such path.
    let netbox = compare(&double.url(), &edge.url(), &[]).await;
    assert_eq!(netbox.code, 2, "{}", netbox.text);
    assert!(netbox.text.contains("left: "), "{}", netbox.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_asks_less_and_the_same_seed_asks_the_same() {
    let double = double().await;
    let edge = edge(&double).await;
    let mut asked = Vec::new();
    for seed in ["1", "1", "2"] {
        let before = Before::start(&double).await;
        let ran = compare(&before.url, &edge.url(), &["--sample", "5", "--seed", seed]).await;
        assert_eq!(ran.code, 0, "{}", ran.text);
        asked.push(before.got());
    }
    let singles = |got: &[crate::before::Got]| {
        got.iter()
            .filter(|(_, path, _)| {
                path.trim_start_matches("/api/segments/")
                    .parse::<u64>()
                    .is_ok()
            })
            .count()
    };
    // Five of the hundred, and one that nobody has.
    assert_eq!(singles(&asked[0]), 6);
    assert_eq!(asked[0], asked[1]);
    assert_ne!(asked[0], asked[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_changes_meanwhile_is_named() {
    static LISTS: AtomicUsize = AtomicUsize::new(0);
    let double = double().await;
    let edge = edge(&double).await;
    let before = Before::spoiled(&double, |path, body| {
        if path == "/api/segments" && LISTS.fetch_add(1, Ordering::SeqCst) > 0 {
            body[0]["description"] = json!("written meanwhile");
        }
    })
    .await;
    let ran = compare(&edge.url(), &before.url, &["--sample", "1"]).await;
    assert_eq!(ran.report().changed, [Side::Right]);
    assert!(
        ran.text.contains("the right list changed meanwhile"),
        "{}",
        ran.text
    );
}
