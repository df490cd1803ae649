use bench_harness::host::Settings;
use bench_harness::netbox::{Data, Double, Fault, Matcher};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Edge, Reply, double, new_segment, settings, store};

const READER: &str = "reader-token-of-a-test";
const WRITER: &str = "writer-token-of-a-test";
/// The SHA-256 hashes of the two.
const TOKENS: &str = "\
    reader:read:9fb4fcb920822a80e9b63de578f6192d450560abf5d8ba9750165ea8b0433502,\
    writer:write:21f485bf0f429bffde46ccd22c86a0c3c07c8aa0c6e8e96acea07dee63404ee5";

fn guarded(double: &Double) -> Settings {
    settings(&double.url(), double.token())
        .variable("auth", "on")
        .variable("api_tokens", TOKENS)
        .variable("log_level", "info")
}

async fn guarded_edge() -> (Double, Edge) {
    let double = double(Data::Recorded100).await;
    let edge = Edge::start(guarded(&double)).await;
    (double, edge)
}

async fn ask(edge: &Edge, method: Method, path: &str, token: Option<&str>, body: &Value) -> Reply {
    let value = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = value.iter().map(|v| ("authorization", &**v)).collect();
    edge.call(method, path, &headers, body).await
}

#[tokio::test]
async fn without_a_known_token_nothing_is_told_and_netbox_is_not_asked() {
    let (double, edge) = guarded_edge().await;
    for token in [None, Some("wrong"), Some("")] {
        for path in ["/api/segments", "/api/stats", "/api/health?deep=true"] {
            let reply = ask(&edge, Method::GET, path, token, &Value::Null).await;
            let reply = reply.expect(401);
            assert!(reply.header("www-authenticate").starts_with("Bearer"));
            assert_eq!(reply.header("content-type"), "application/problem+json");
        }
    }
    let basic = [("authorization", "Basic d3JvbmcK")];
    let reply = edge.call(Method::GET, "/api/segments", &basic, &Value::Null);
    reply.await.expect(401);
    assert_eq!(double.ledger().count(), 0);
}

#[tokio::test]
async fn a_reader_reads_and_a_writer_writes() {
    let (double, edge) = guarded_edge().await;
    for token in [READER, WRITER] {
        let reply = ask(
            &edge,
            Method::GET,
            "/api/segments",
            Some(token),
            &Value::Null,
        );
        reply.await.expect(200);
    }
    let mark = double.ledger().mark();
    let refused = ask(
        &edge,
        Method::POST,
        "/api/segments",
        Some(READER),
        &new_segment(),
    )
    .await
    .expect(403);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("`reader`")
    );
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let path = "/api/segments/1";
        ask(&edge, method, path, Some(READER), &json!({}))
            .await
            .expect(403);
    }
    assert_eq!(double.ledger().since(mark).count(), 0);
    ask(
        &edge,
        Method::POST,
        "/api/segments",
        Some(WRITER),
        &new_segment(),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn that_we_are_alive_anybody_may_know() {
    let (double, edge) = guarded_edge().await;
    let health = edge.get("/api/health").await.expect(200);
    assert_eq!(health.json()["status"], "ok");
    assert_eq!(double.ledger().count(), 0);
    let deep = ask(
        &edge,
        Method::GET,
        "/api/health?deep=true",
        Some(READER),
        &Value::Null,
    );
    deep.await.expect(200);
}

#[tokio::test]
async fn with_no_tokens_set_nobody_gets_in() {
    let double = double(Data::Recorded100).await;
    let settings = guarded(&double).variable("api_tokens", "");
    let edge = Edge::start(settings).await;
    let reply = ask(
        &edge,
        Method::GET,
        "/api/segments",
        Some(READER),
        &Value::Null,
    );
    reply.await.expect(401);
}

#[tokio::test]
async fn no_token_gets_into_the_log() {
    let (double, edge) = guarded_edge().await;
    double.fail_next(
        Matcher::graphql(),
        Fault::json(403, r#"{"detail":"Invalid token"}"#),
    );
    let list = "/api/segments";
    ask(&edge, Method::GET, list, Some(READER), &Value::Null)
        .await
        .expect(502);
    ask(&edge, Method::GET, list, Some(READER), &Value::Null)
        .await
        .expect(200);
    ask(
        &edge,
        Method::GET,
        list,
        Some("unknown-token"),
        &Value::Null,
    )
    .await
    .expect(401);
    ask(&edge, Method::POST, list, Some(WRITER), &new_segment())
        .await
        .expect(201);
    let log = edge.host.log();
    for there in ["netbox_call", "read everything", "\"token\":\"writer\""] {
        assert!(log.contains(there), "{there}: {:#?}", log.lines());
    }
    let secret = double.token().rsplit('.').next().unwrap();
    for token in [READER, WRITER, "unknown-token", double.token(), secret] {
        assert!(!log.contains(token), "a token is in the log");
    }
}

/// While a token is changed both are let in, and afterwards only the new one; nothing is read anew for it.
#[tokio::test]
async fn a_token_is_changed_without_a_gap() {
    let double = double(Data::Recorded100).await;
    let shared = store();
    let status = async |tokens: &str, token: &str| {
        let settings = guarded(&double).variable("api_tokens", tokens);
        let edge = Edge::start(settings.store(shared.clone())).await;
        let reply = ask(&edge, Method::GET, "/api/sites", Some(token), &Value::Null).await;
        reply.status.as_u16()
    };
    let (old, new) = TOKENS.split_once(',').unwrap();
    for (tokens, token, expected) in [
        (old, READER, 200),
        (old, WRITER, 401),
        (TOKENS, READER, 200),
        (TOKENS, WRITER, 200),
        (new, WRITER, 200),
        (new, READER, 401),
    ] {
        assert_eq!(status(tokens, token).await, expected, "{tokens}: {token}");
    }
    assert_eq!(double.ledger().count(), 1);
}

#[tokio::test]
async fn a_page_of_another_origin_is_let_in_nowhere() {
    let (double, edge) = guarded_edge().await;
    let bearer = format!("Bearer {WRITER}");
    let headers = [
        ("origin", "https://elsewhere.example"),
        ("authorization", &*bearer),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization"),
    ];
    let known = [
        "/api/segments",
        "/api/openapi.json",
        "/api/health",
        "/metrics",
    ];
    for path in known {
        for method in [Method::GET, Method::OPTIONS] {
            let reply = edge
                .call(method.clone(), path, &headers, &Value::Null)
                .await;
            let lets_in = |name: &http::HeaderName| name.as_str().starts_with("access-control-");
            assert!(
                !reply.headers.keys().any(lets_in),
                "{method} {path}: {reply:?}"
            );
            let expected = if method == Method::GET { 200 } else { 405 };
            reply.expect(expected);
        }
    }
    assert_eq!(double.ledger().calls().writes(), 0);
}

#[tokio::test]
async fn no_secret_gets_into_the_store() {
    let double = double(Data::Recorded100).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.redb");
    let kept = bench_harness::host::KeyValue::file(&file).unwrap();
    let settings = guarded(&double).variable("webhook_secret", "secret-of-a-test");
    let edge = Edge::start(settings.store(kept)).await;
    let bearer = format!("Bearer {WRITER}");
    let headers = [
        ("authorization", &*bearer),
        ("idempotency-key", "key-of-a-test"),
    ];
    let body = new_segment();
    let made = edge.call(Method::POST, "/api/segments", &headers, &body);
    made.await.expect(201);
    drop(edge);
    let bytes = std::fs::read(&file).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("EPG_NEW"), "the store has the segment as it is");
    let secret = double.token().rsplit('.').next().unwrap();
    for text in [
        WRITER,
        READER,
        secret,
        "secret-of-a-test",
        "key-of-a-test",
        "21f485bf0f429bff",
    ] {
        assert!(!holds(text), "{text} is in the store");
    }
}
