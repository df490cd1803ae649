//! What every answer to a failure must be.

use std::time::{Duration, Instant};

use crate::support::Reply;

/// The token the component has in tests with a server that is not the double.
pub(crate) const TOKEN: &str = "nbt_somekey.a-secret-of-this-test";

/// The longest a caller may wait to be told that NetBox fails.
const QUICK: Duration = Duration::from_secs(6);

/// Waits for an answer that must come quickly.
#[track_caller]
pub(crate) fn quick<T>(started: Instant, value: T) -> T {
    let took = started.elapsed();
    assert!(took < QUICK, "it took {took:?}");
    value
}

/// Looks at a problem: its status, its kind, and that it holds no token and blames no caller.
#[track_caller]
pub(crate) fn assert_problem(reply: &Reply, status: u16, kind: &str) {
    let text = String::from_utf8_lossy(&reply.bytes);
    assert_eq!(reply.status.as_u16(), status, "{text}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let body = reply.json();
    assert_eq!(
        body["type"],
        format!("urn:segment-edge:problem:{kind}"),
        "{text}"
    );
    assert!(body["detail"].as_str().unwrap().len() > 20, "{text}");
    assert!(!text.contains("a-secret-of-this-test"), "{text}");
    assert!(!text.contains("<html"), "{text}");
}
