//! The log: JSON lines that an operator can search by request, with how well NetBox took each call, and no secret.

use std::time::Duration;

use bench_harness::host::Source;
use bench_harness::netbox::{Data, Double, Fault, Matcher};
use http::Method;
use serde_json::Value;

use crate::support::{Edge, Reply, double, new_segment, settings};

/// Where slow begins here: any call that goes through a network at all, or none that a test makes.
const ALL_SLOW: &str = "1";
const NONE_SLOW: &str = "60000";

async fn served(slow_ms: &str) -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).variable("slow_ms", slow_ms);
    (double, Edge::start(settings).await)
}

/// Every line that the component has written; one that is no JSON object fails the test.
fn lines(edge: &Edge) -> Vec<Value> {
    let written = edge.host.log().lines().into_iter();
    let ours = written.filter(|line| line.source != Source::Host);
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let lines: Vec<Value> = ours.map(|line| read(&line.text)).collect();
    for line in &lines {
        assert!(line["event"].is_string(), "{line}");
        assert!(line["level"].is_string(), "{line}");
    }
    lines
}

/// The lines of the calls that a request made, by the id in its answer.
fn calls(edge: &Edge, reply: &Reply) -> Vec<Value> {
    let id = reply.header("x-request-id").to_owned();
    assert!(!id.is_empty());
    let of = |line: &Value| line["event"] == "netbox_call" && line["request_id"] == *id;
    lines(edge).into_iter().filter(of).collect()
}

#[tokio::test]
async fn a_call_in_good_time_is_ok_and_one_past_slow_ms_is_slow() {
    for (slow_ms, class, level) in [(NONE_SLOW, "ok", "info"), (ALL_SLOW, "slow", "warn")] {
        let (double, edge) = served(slow_ms).await;
        double.set_latency(Duration::from_millis(20));
        let reply = edge.get("/api/segments").await.expect(200);
        let calls = calls(&edge, &reply);
        assert_eq!(calls.len(), reply.netbox_calls() as usize);
        assert!(!calls.is_empty());
        for line in &calls {
            assert_eq!(
                (&line["class"], &line["level"]),
                (&class.into(), &level.into())
            );
            assert_eq!(
                (&line["status"], &line["attempt"]),
                (&200.into(), &1.into())
            );
            assert!(line["ms"].as_u64().unwrap() >= 20, "{line}");
            assert!(line["method"].is_string() && line["operation"].is_string());
        }
    }
}

#[tokio::test]
async fn a_call_that_netbox_turns_back_is_throttled_and_its_repetition_is_ok() {
    for status in [429, 503] {
        let (double, edge) = served(NONE_SLOW).await;
        double.fail_next(Matcher::graphql(), Fault::throttled(status, 0));
        let reply = edge.get("/api/segments").await.expect(200);
        let calls = calls(&edge, &reply);
        let first = calls.iter().find(|line| line["status"] == status).unwrap();
        assert_eq!(
            (&first["class"], &first["level"]),
            (&"throttled".into(), &"warn".into())
        );
        assert!(first["error"].is_string(), "{first}");
        let again = |line: &&Value| {
            line["attempt"] == 2 && line["operation"] == first["operation"] && line["class"] == "ok"
        };
        assert!(calls.iter().find(again).is_some(), "{calls:#?}");
    }
}

#[tokio::test]
async fn each_line_has_the_id_of_its_request_and_no_query_body_or_token() {
    let (double, edge) = served(ALL_SLOW).await;
    let id = [("x-request-id", "an-id-of-ours")];
    let body = new_segment();
    let made = edge.call(Method::POST, "/api/segments", &id, &body).await;
    let made = made.expect(201);
    assert_eq!(made.header("x-request-id"), "an-id-of-ours");
    let written = calls(&edge, &made);
    assert_eq!(written.len(), made.netbox_calls() as usize);
    assert!(written.iter().any(|line| line["method"] == "POST"));
    let found = edge.get("/api/segments/search?q=hidden-word").await;
    drop(found.expect(200));
    double.fail_always(Matcher::any(), Fault::html(500, "<p>hidden-page</p>"));
    drop(edge.post("/api/segments", &body).await);
    let lines = lines(&edge);
    assert!(lines.iter().any(|line| line["event"] == "request"));
    for line in &lines {
        let route = line["route"].as_str().unwrap_or_default();
        assert!(!route.contains('?'), "{line}");
        let text = line.to_string();
        for secret in [
            double.token(),
            "hidden-word",
            "made by a test",
            "Bearer",
            "prefix_list(",
        ] {
            assert!(!text.contains(secret), "{secret}: {line}");
        }
    }
}
