//! End to end, over the built component: how it treats a NetBox that can take only so much.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod a_drowning_netbox_is_left_alone;
mod a_pause_that_is_asked_for_is_made;
mod a_rate_limit_before_netbox_is_borne;
mod bursts_get_through_a_throttled_netbox;

use bench_harness::netbox::{Double, Kind};
use serde_json::{Value, json};

use support::{Reply, new_segment};

/// How many VLANs and prefixes there are.
fn rows(double: &Double) -> (usize, usize) {
    let db = double.state();
    (db.rows(Kind::Vlan).len(), db.rows(Kind::Prefix).len())
}

/// The n-th of many segments that do not get in one another's way.
fn segment(n: usize) -> Value {
    let mut segment = new_segment();
    segment["vlan_id"] = json!(3000 + n);
    segment["epg_name"] = json!(format!("EPG_NEW_{n}"));
    segment["segment"] = json!(format!("172.20.{n}.0/24"));
    segment
}

/// Looks at a problem that says NetBox is busy; returns after how many seconds to come back.
#[track_caller]
fn assert_busy(reply: &Reply) -> u64 {
    let body = reply.json();
    assert_eq!(reply.status, 503, "{body}");
    assert_eq!(
        body["type"], "urn:segment-edge:problem:netbox-busy",
        "{body}"
    );
    let seconds = reply
        .header("retry-after")
        .parse()
        .expect("a number of seconds");
    assert!(seconds >= 1, "{reply:?}");
    seconds
}
