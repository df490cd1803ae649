//! A component that gives every request the same two bytes: what it costs is the host, the sockets and the way in and out.
//!
//! `bench-harness verify` and the benchmarks measure it beside the real one, so that their times can be read as multiples.

/// Answers `ok`.
#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn handle(_: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
    let mut response = http::Response::new("ok".to_owned());
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_LENGTH,
        http::HeaderValue::from_static("2"),
    );
    response
}
