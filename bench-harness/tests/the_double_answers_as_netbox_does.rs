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
#[path = "netbox_conformance/live.rs"]
mod live;
#[path = "netbox_conformance/normal.rs"]
mod normal;
#[path = "netbox_conformance/queries.rs"]
mod queries;
#[path = "netbox_conformance/refusals.rs"]
mod refusals;
#[path = "netbox_conformance/replay.rs"]
mod replay;
#[path = "netbox_conformance/sandbox.rs"]
mod sandbox;
#[path = "netbox_conformance/step.rs"]
mod step;
#[path = "netbox_conformance/table.rs"]
mod table;

#[tokio::test]
async fn every_recorded_request_gets_the_recorded_answer() {
    replay::every_recorded_answer().await;
}

#[tokio::test]
async fn a_real_netbox_and_the_double_answer_alike() {
    live::both_answer_alike().await;
}
