use std::time::{Duration, Instant};

use bench_harness::har::scenario::Plan;
use bench_harness::har::{Har, Latency, Mismatch, Mode, from_recordings};
use http::Request;
use std::path::Path;

use crate::kit::{double, get, play, record, replay, send, text};

fn recordings() -> Har {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/netbox-4.7.3");
    from_recordings(&folder).unwrap()
}

/// The recorded calls whose names these are.
fn only(names: &[&str]) -> Har {
    let mut har = recordings();
    har.log.entries.retain(|entry| {
        let name = entry.comment.as_deref().unwrap_or_default();
        names
            .iter()
            .any(|wanted| name.split(':').next() == Some(wanted))
    });
    assert_eq!(har.log.entries.len(), names.len());
    har
}

#[tokio::test]
async fn a_recording_that_lacks_a_call_fails_and_the_nearest_one_is_named() {
    let double = double().await;
    let plan = Plan::default();
    let mut recorded = record(&double.url(), double.token(), &plan).await;
    let patches = |har: &Har| {
        let calls = har.log.entries.iter().enumerate();
        let patches =
            calls.filter(|(_, entry)| entry.request.url.ends_with("/api/ipam/prefixes/101/"));
        patches.map(|(index, _)| index).collect::<Vec<_>>()
    };
    // Allocate and release change the same prefix; the second of them is taken away.
    let found = patches(&recorded.netbox);
    recorded.netbox.log.entries.remove(found[1]);
    let server = replay(recorded.netbox, Mode::Strict, Latency::None).await;
    let (_, driven) = play(&server, &plan).await;
    let failure = driven.unwrap_err().to_string();
    assert!(failure.contains("step \"release\""), "{failure}");
    let mismatches = server.verify().unwrap_err();
    let Mismatch::Unexpected { call, nearest } = &mismatches[0] else {
        panic!("{mismatches:?}");
    };
    assert!(call.starts_with("PATCH /api/ipam/prefixes/101/"), "{call}");
    let nearest = nearest.as_deref().unwrap();
    assert!(
        nearest.contains(&format!(
            "recorded call {}, PATCH /api/ipam/prefixes/101/",
            found[0] + 1
        )) && nearest.contains("member /custom_fields/Cluster is null, recorded \"se-recording\""),
        "{nearest}"
    );
    let missing = mismatches
        .iter()
        .filter(|m| matches!(m, Mismatch::Missing { .. }))
        .count();
    assert_eq!(
        missing, 6,
        "revalidation and deletes never came: {mismatches:#?}"
    );
}

#[tokio::test]
async fn what_differs_is_named_down_to_the_parameter_and_the_member() {
    let har = only(&["tenant-by-slug", "prefix-patch"]);
    let server = replay(har, Mode::Strict, Latency::None).await;
    let base = server.url();
    let answer = get(&format!("{base}/api/tenancy/tenants/?slug=other")).await;
    assert_eq!(answer.status(), 501);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(
        text(&answer).contains("parameter slug is other, recorded redbull"),
        "{}",
        text(&answer)
    );
    let patch = Request::patch(format!("{base}/api/ipam/prefixes/101/"))
        .body("{\"nothing\":1}")
        .unwrap();
    assert!(text(&send(patch).await).contains("member /nothing is 1, recorded without it"));
    let post = Request::post(format!("{base}/api/tenancy/tenants/?slug=redbull"))
        .body("")
        .unwrap();
    assert!(text(&send(post).await).contains("the method is POST, recorded GET"));
    let mismatches = server.verify().unwrap_err();
    assert_eq!(
        mismatches.len(),
        5,
        "three not recorded, two never came: {mismatches:#?}"
    );
}

#[tokio::test]
async fn a_call_that_comes_more_often_than_recorded_is_a_mismatch() {
    let server = replay(only(&["status"]), Mode::Strict, Latency::None).await;
    let url = format!("{}/api/status/", server.url());
    assert_eq!(get(&url).await.status(), 200);
    assert_eq!(server.verify(), Ok(()));
    assert_eq!(get(&url).await.status(), 501);
    let words = server.verify().unwrap_err()[0].to_string();
    assert!(
        words.contains("GET /api/status/") && words.contains("came once more"),
        "{words}"
    );
}

#[tokio::test]
async fn loosely_played_back_nothing_is_a_failure() {
    let server = replay(
        only(&["status", "tenant-by-slug"]),
        Mode::Loose,
        Latency::None,
    )
    .await;
    let url = format!("{}/api/status/", server.url());
    for _ in 0..3 {
        assert_eq!(get(&url).await.status(), 200);
    }
    let unknown = get(&format!("{}/api/unknown/", server.url())).await;
    assert_eq!(unknown.status(), 404);
    assert!(text(&unknown).contains("not in the recording"));
    assert_eq!(server.verify(), Ok(()));
}

#[tokio::test]
async fn the_answers_of_one_call_come_in_recorded_order_and_lead_back_to_the_replay() {
    let har = only(&[
        "prefix-delete",
        "prefix-delete-again",
        "prefixes-page-cursor-1",
    ]);
    let server = replay(har, Mode::Strict, Latency::None).await;
    let base = server.url();
    let delete = || {
        Request::delete(format!("{base}/api/ipam/prefixes/101/"))
            .body("")
            .unwrap()
    };
    assert_eq!(send(delete()).await.status(), 204);
    assert_eq!(send(delete()).await.status(), 404);
    let recorded = only(&["prefixes-page-cursor-1"]).log.entries.remove(0);
    let path = recorded.request.url.replace("http://netbox.invalid", &base);
    let page: serde_json::Value = serde_json::from_str(&text(&get(&path).await)).unwrap();
    assert!(
        page["next"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{base}/api/")),
        "{}",
        page["next"]
    );
    assert_eq!(server.verify(), Ok(()));
}

#[tokio::test]
async fn recorded_latencies_are_kept_dropped_and_replaced_on_the_wire() {
    let mut har = only(&["status"]);
    har.log.entries[0].time = 400.0;
    let ms = Duration::from_millis;
    for (latency, least, most) in [
        ("recorded", 400, 3_000),
        ("x0.25", 100, 390),
        ("none", 0, 390),
        ("700ms", 700, 3_000),
    ] {
        let server = replay(har.clone(), Mode::Strict, latency.parse().unwrap()).await;
        let start = Instant::now();
        assert_eq!(
            get(&format!("{}/api/status/", server.url())).await.status(),
            200
        );
        let took = start.elapsed();
        assert!((ms(least)..ms(most)).contains(&took), "{latency}: {took:?}");
    }
}
