//! A double, a subject before it, and the work they are asked to do.

use std::time::Duration;

use bench_harness::baseline::{Naive, Tuned};
use bench_harness::netbox::{Api, Calls, Data, Double, DoubleSettings};
use bench_harness::verify::{Claim, Id, Subject, Wanted};
use serde_json::json;
use url::Url;

pub(crate) async fn double() -> Double {
    let settings = DoubleSettings {
        // An answer without any wait ends before the next call at the same moment begins, and depth could not tell the two apart.
        latency: Duration::from_millis(5),
        ..DoubleSettings::with(Data::Recorded100)
    };
    Double::start(settings).await.unwrap()
}

pub(crate) fn url(double: &Double) -> Url {
    double.url().parse().unwrap()
}

pub(crate) async fn naive(double: &Double) -> Naive {
    let mut naive = Naive::new(&url(double), double.token().parse().unwrap()).unwrap();
    naive.start().await.unwrap();
    naive
}

pub(crate) async fn tuned(double: &Double) -> Tuned {
    let mut tuned = Tuned::new(&url(double), double.token().parse().unwrap()).unwrap();
    tuned.start().await.unwrap();
    tuned
}

/// Calls and depth of some work.
pub(crate) async fn cost<T>(
    double: &Double,
    work: impl Future<Output = anyhow::Result<T>>,
) -> (usize, usize) {
    calls(double, work).await.1
}

/// The same with what the work gave.
pub(crate) async fn calls<T>(
    double: &Double,
    work: impl Future<Output = anyhow::Result<T>>,
) -> (T, (usize, usize)) {
    let mark = double.ledger().mark();
    let done = work.await.unwrap();
    let calls: Calls = double.ledger().since(mark);
    (done, (calls.count(), calls.depth()))
}

/// New segments at one place, which nobody has in the recorded data.
pub(crate) fn wanted(count: u8) -> Vec<Wanted> {
    let wanted = |n: u8| Wanted {
        site: "site1".into(),
        vrf: "Network1".into(),
        vlan_id: 3000 + u16::from(n),
        epg_name: format!("EPG_NEW_{n}"),
        segment: format!("172.20.{n}.0/24"),
        dhcp: n.is_multiple_of(2),
    };
    (0..count).map(wanted).collect()
}

/// Clusters that want a segment at one place, where the recorded data has twelve free.
pub(crate) fn claims(count: usize) -> Vec<Claim> {
    let claim = |n: usize| Claim {
        cluster: format!("new-{n}"),
        site: "site1".into(),
        vrf: "Network1".into(),
    };
    (0..count).map(claim).collect()
}

/// New names for segments.
pub(crate) fn names(ids: &[Id]) -> Vec<(Id, String)> {
    ids.iter()
        .map(|id| (*id, format!("RENAMED_{id}")))
        .collect()
}

/// Makes a VRF in which there is no VLAN group, and a segment wanted in it.
pub(crate) async fn in_a_new_vrf(double: &Double) -> Vec<Wanted> {
    let api = Api::new(&url(double), double.token().parse().unwrap()).unwrap();
    let body = json!({"name": "Network9", "rd": "65000:9"});
    api.call("POST", "/api/ipam/vrfs/", Some(&body))
        .await
        .unwrap();
    let mut wanted = wanted(1);
    wanted[0].vrf = "Network9".into();
    wanted
}
