use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Edge, recorded, settings};

#[tokio::test]
async fn every_answer_has_its_length_its_id_its_time_and_its_calls() {
    let (_double, edge) = recorded().await;
    let requests = [
        (Method::GET, "/api/segments", 200, "1"),
        (Method::GET, "/api/segments/1", 200, "0"),
        (Method::GET, "/api/health", 200, "0"),
        (Method::GET, "/api/stats", 200, "0"),
        (Method::GET, "/nothing", 404, "0"),
        (Method::DELETE, "/api/vrfs", 405, "0"),
        (Method::POST, "/api/segments", 422, "0"),
        (Method::GET, "/metrics", 200, "0"),
    ];
    for (method, path, status, calls) in requests {
        let id = [("x-request-id", "an-id-of-ours")];
        let body = if method == Method::POST {
            json!({"site": 1})
        } else {
            Value::Null
        };
        let reply = edge.call(method, path, &id, &body).await.expect(status);
        let length = reply.bytes.len().to_string();
        assert_eq!(reply.header("content-length"), length, "{path}");
        assert_eq!(reply.header("x-request-id"), "an-id-of-ours", "{path}");
        assert_eq!(reply.header("x-netbox-calls"), calls, "{path}");
        let timing = reply.header("server-timing");
        assert!(timing.contains(&format!("netbox;desc=\"{calls} call")));
        assert!(timing.contains("total;dur="), "{timing}");
    }
    let (one, other) = (edge.get("/api/stats").await, edge.get("/api/stats").await);
    assert!(!one.header("x-request-id").is_empty());
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn every_read_says_where_it_is_from_and_how_old_that_is() {
    let (_double, edge) = recorded().await;
    let cold = edge.get("/api/stats").await.expect(200);
    assert!(
        cold.header("cache-status")
            .starts_with("segment-edge; fwd=miss")
    );
    for path in [
        "/api/segments",
        "/api/segments/1",
        "/api/segments/search?q=10",
        "/api/sites",
        "/api/vrfs",
        "/api/stats",
    ] {
        let warm = edge.get(path).await.expect(200);
        assert!(
            warm.header("cache-status")
                .starts_with("segment-edge; hit; ttl="),
            "{path}"
        );
        assert!(warm.header("age").parse::<u32>().unwrap() < 60, "{path}");
    }
}

#[tokio::test]
async fn a_segment_that_the_client_has_is_304() {
    let (_double, edge) = recorded().await;
    let segment = edge.get("/api/segments/1").await.expect(200);
    let tag = segment.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2);
    let other = edge.get("/api/segments/2").await.expect(200);
    assert_ne!(other.header("etag"), tag);
    let weak = format!("\"x\", W/{tag}");
    for known in [tag.as_str(), weak.as_str(), "*"] {
        let headers = [("if-none-match", known)];
        let reply = edge
            .call(Method::GET, "/api/segments/1", &headers, &Value::Null)
            .await
            .expect(304);
        assert_eq!(reply.header("etag"), tag);
        assert!(reply.bytes.is_empty());
    }
    let headers = [("if-none-match", "\"something-else\"")];
    let reply = edge.call(Method::GET, "/api/segments/1", &headers, &Value::Null);
    reply.await.expect(200);
}

#[tokio::test]
async fn a_head_is_a_get_without_the_body() {
    let (_double, edge) = recorded().await;
    for path in ["/api/segments/1", "/api/segments?limit=3"] {
        let get = edge.get(path).await.expect(200);
        let head = edge.call(Method::HEAD, path, &[], &Value::Null).await;
        let head = head.expect(200);
        assert!(head.bytes.is_empty());
        for name in [
            "etag",
            "x-total-count",
            "link",
            "content-type",
            "content-length",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn over_a_socket_a_head_has_the_length_and_the_next_answer_follows_it() {
    let (_double, edge) = recorded().await;
    let length = edge.get("/api/segments/1").await.expect(200).bytes.len();
    let mut socket = TcpStream::connect(edge.host.addr()).await.unwrap();
    let head = b"HEAD /api/segments/1 HTTP/1.1\r\nHost: edge.test\r\n\r\n";
    let get = b"GET /api/health HTTP/1.1\r\nHost: edge.test\r\nConnection: close\r\n\r\n";
    socket.write_all(head).await.unwrap();
    socket.write_all(get).await.unwrap();
    let mut answers = Vec::new();
    socket.read_to_end(&mut answers).await.unwrap();
    let answers = String::from_utf8(answers).unwrap().to_ascii_lowercase();
    let (first, rest) = answers.split_once("\r\n\r\n").unwrap();
    let expected = format!("content-length: {length}");
    assert!(first.lines().any(|line| line == expected), "{first}");
    assert!(rest.starts_with("http/1.1 200 ok\r\n"), "{rest}");
}

#[tokio::test]
async fn a_plain_socket_gets_a_whole_answer() {
    let (_double, edge) = recorded().await;
    let expected = edge.get("/api/segments/1").await.expect(200);
    let mut socket = TcpStream::connect(edge.host.addr()).await.unwrap();
    socket
        .write_all(b"GET /api/segments/1 HTTP/1.1\r\nHost: edge.test\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    let length = format!("content-length: {}", body.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(body.as_bytes(), &expected.bytes[..]);
}

#[tokio::test]
async fn whoever_is_refused_or_has_it_already_is_told_the_cost_too() {
    let (double, edge) = recorded().await;
    let tag = edge.get("/api/segments/1").await.expect(200);
    let known = [("if-none-match", tag.header("etag"))];
    let same = edge.call(Method::GET, "/api/segments/1", &known, &Value::Null);
    let same = same.await.expect(304);
    assert!(same.header("cache-status").starts_with("segment-edge; hit"));
    assert!(!same.header("age").is_empty());
    let closed = settings(&double.url(), double.token()).variable("auth", "on");
    let closed = Edge::start(closed.variable("api_tokens", "")).await;
    let wrong = settings(&double.url(), double.token()).variable("cache_ttl", "never");
    let wrong = Edge::start(wrong).await;
    let head = edge.call(Method::HEAD, "/api/segments", &[], &Value::Null);
    for reply in [
        same,
        closed.get("/api/segments").await.expect(401),
        wrong.get("/api/segments").await.expect(500),
        head.await.expect(200),
        edge.post("/api/hooks/netbox", &Value::Null)
            .await
            .expect(404),
    ] {
        let timing = reply.header("server-timing");
        assert!(timing.starts_with("netbox;desc=\"0 calls\";dur=0.0, total;dur="));
        assert_eq!(reply.header("x-netbox-calls"), "0");
        assert!(!reply.header("x-request-id").is_empty());
    }
}
