//! What makes the NetBox double worth anything: it answers as NetBox 4.7.3 does. The recordings prove it without a network; a real NetBox,
//! when there is one, proves it again with requests that were never recorded.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub
)]

#[path = "netbox_conformance/client.rs"]
mod client;
#[path = "netbox_conformance/replay.rs"]
mod replay;

#[tokio::test]
async fn every_recorded_request_gets_the_recorded_answer() {
    replay::every_recorded_answer().await;
}
