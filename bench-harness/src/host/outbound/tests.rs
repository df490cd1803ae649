#![allow(clippy::unwrap_used)]

use super::*;
use bytes::Bytes;
use http_body_util::Empty;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers every request on every connection with these bytes; counts the connections.
async fn server(answer: &'static str, pause: Duration) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let connections = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Relaxed);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.unwrap_or(0) > 0 {
                    tokio::time::sleep(pause).await;
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if !answer.contains("content-length") {
                        return;
                    }
                }
            });
        }
    });
    (addr, count)
}

fn outbound(allowed: &str) -> Outbound {
    let allowed = AllowedHosts::parse(&[allowed]).unwrap();
    Outbound::new(allowed, LogSink::memory()).unwrap()
}

fn get(uri: String) -> http::Request<WasiBody> {
    let body = Empty::new().map_err(|never| match never {});
    http::Request::get(uri).body(body.boxed_unsync()).unwrap()
}

async fn fetch(outbound: &Outbound, uri: String, options: RequestOptions) -> Result<Bytes, Error> {
    let response = outbound.clone().send(get(uri), options).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn connections_are_reused() {
    let (addr, connections) = server(ANSWER, Duration::ZERO).await;
    let outbound = outbound("http://127.0.0.1:*");
    for _ in 0..5 {
        let body = fetch(
            &outbound,
            format!("http://{addr}/"),
            RequestOptions::default(),
        )
        .await;
        assert_eq!(body.unwrap(), "ok");
    }
    assert_eq!(connections.load(Relaxed), 1);
}

#[tokio::test]
async fn a_denied_host_is_refused_and_logged_without_its_query() {
    let outbound = outbound("http://127.0.0.1:1");
    let uri = "http://user:secret@127.0.0.2:1/path?token=secret".to_owned();
    let error = fetch(&outbound, uri, RequestOptions::default()).await;
    assert!(matches!(error, Err(Error::HttpRequestDenied)));
    let lines = outbound.log.from_source(Source::Host);
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains("GET http://127.0.0.2:1/path: denied"),
        "{lines:?}"
    );
    assert!(!outbound.log.contains("secret"));
}

#[tokio::test]
async fn a_late_first_byte_is_a_read_timeout() {
    let (addr, _) = server(ANSWER, Duration::from_secs(30)).await;
    let options = RequestOptions {
        first_byte_timeout: Some(Duration::from_millis(50)),
        ..RequestOptions::default()
    };
    let error = fetch(
        &outbound("http://127.0.0.1:*"),
        format!("http://{addr}/"),
        options,
    )
    .await;
    assert!(
        matches!(error, Err(Error::ConnectionReadTimeout)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_body_that_stalls_is_a_read_timeout() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    let (addr, _) = server(half, Duration::ZERO).await;
    let options = RequestOptions {
        between_bytes_timeout: Some(Duration::from_millis(50)),
        ..RequestOptions::default()
    };
    let error = fetch(
        &outbound("http://127.0.0.1:*"),
        format!("http://{addr}/"),
        options,
    )
    .await;
    assert!(
        matches!(error, Err(Error::ConnectionReadTimeout)),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_went_wrong_is_told_apart() {
    let outbound = outbound("*://*:*");
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = unused.local_addr().unwrap();
    drop(unused);
    let error = fetch(
        &outbound,
        format!("http://{refusing}/"),
        RequestOptions::default(),
    )
    .await;
    assert!(matches!(error, Err(Error::ConnectionRefused)), "{error:?}");

    let (garbage, _) = server("nothing like HTTP\r\n\r\n", Duration::ZERO).await;
    let error = fetch(
        &outbound,
        format!("http://{garbage}/"),
        RequestOptions::default(),
    )
    .await;
    assert!(matches!(error, Err(Error::HttpProtocolError)), "{error:?}");

    let (silent, _) = server("", Duration::ZERO).await;
    let error = fetch(
        &outbound,
        format!("http://{silent}/"),
        RequestOptions::default(),
    )
    .await;
    assert!(
        matches!(error, Err(Error::ConnectionTerminated)),
        "{error:?}"
    );

    let (plain, _) = server(ANSWER, Duration::ZERO).await;
    let error = fetch(
        &outbound,
        format!("https://{plain}/"),
        RequestOptions::default(),
    )
    .await;
    assert!(matches!(error, Err(Error::TlsProtocolError)), "{error:?}");

    let cut = "HTTP/1.1 200 OK\r\ncontent-Length: 9\r\n\r\nhalf";
    let (cut, _) = server(cut, Duration::ZERO).await;
    let error = fetch(
        &outbound,
        format!("http://{cut}/"),
        RequestOptions::default(),
    )
    .await;
    assert!(
        matches!(error, Err(Error::HttpResponseIncomplete)),
        "{error:?}"
    );
}
