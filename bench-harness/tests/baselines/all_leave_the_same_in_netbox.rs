//! The component and the baselines, asked for the same, leave the same VLANs and prefixes and show the same segments.

use std::collections::BTreeSet;

use bench_harness::netbox::{Api, Double};
use bench_harness::verify::{Id, Manner, Seen, Subject};
use serde_json::json;

use crate::edge::Edge;
use crate::kit::{claims, double, in_a_new_vrf, naive, tuned, url, wanted};
use crate::picture::picture;

use Manner::OneByOne;

/// What is left, and what a subject shows of it.
type Left = (BTreeSet<String>, Vec<Seen>);

/// One of everything, in this manner where the manner does not change what comes out.
pub(crate) async fn work(double: &Double, subject: &mut impl Subject, manner: Manner) -> Left {
    let in_new = in_a_new_vrf(double).await;
    subject.start().await.unwrap();
    let made = subject.create(&wanted(10), manner).await.unwrap();
    subject.create(&in_new, OneByOne).await.unwrap();
    let names = ["A", "B", "C", "D", "E"].map(|name| format!("RENAMED_{name}"));
    let names: Vec<(Id, String)> = made.iter().copied().zip(names).collect();
    subject.rename(&names, manner).await.unwrap();
    let given = subject.allocate(&claims(4), OneByOne).await.unwrap();
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 4, "{given:?}");
    let again = subject.allocate(&claims(1), OneByOne).await.unwrap();
    assert_eq!(again, given[..1], "{}", subject.name());
    subject.release(&claims(2), OneByOne).await.unwrap();
    subject.delete(&made[2..8], manner).await.unwrap();
    let one = subject.get(made[0]).await.unwrap();
    assert_eq!(one.epg_name, "RENAMED_A");
    (picture(double), shown(subject).await)
}

/// What a subject shows, ids aside.
async fn shown(subject: &impl Subject) -> Vec<Seen> {
    let mut list = subject.list().await.unwrap();
    list.iter_mut().for_each(|seen| seen.id = 0);
    list.sort();
    list
}

/// The same by the component, always one after another.
pub(crate) async fn by_the_component() -> Left {
    let double = double().await;
    let mut edge = Edge::before(&double).await;
    work(&double, &mut edge, OneByOne).await
}

#[track_caller]
pub(crate) fn assert_same(by: &str, found: &Left, expected: &Left) {
    let only = |one: &BTreeSet<String>, two: &BTreeSet<String>| -> Vec<String> {
        one.difference(two).cloned().collect()
    };
    let (more, less) = (only(&found.0, &expected.0), only(&expected.0, &found.0));
    assert_eq!(
        (more, less),
        (vec![], vec![]),
        "left by {by} and by the component"
    );
    assert_eq!(found.1, expected.1, "shown by {by} and by the component");
}

#[tokio::test]
async fn the_naive_service_leaves_what_the_component_leaves() {
    let expected = by_the_component().await;
    for manner in [OneByOne, Manner::AtOnce] {
        let double = double().await;
        let mut naive = naive(&double).await;
        assert_same("naive", &work(&double, &mut naive, manner).await, &expected);
    }
}

#[tokio::test]
async fn the_tuned_service_leaves_what_the_component_leaves() {
    let expected = by_the_component().await;
    for manner in [OneByOne, Manner::AtOnce] {
        let double = double().await;
        let mut tuned = tuned(&double).await;
        assert_same("tuned", &work(&double, &mut tuned, manner).await, &expected);
    }
}

#[tokio::test]
async fn all_name_the_same_sites_and_vrfs() {
    let double = double().await;
    let sorted = |(mut sites, mut vrfs): (Vec<String>, Vec<String>)| {
        sites.sort();
        vrfs.sort();
        (sites, vrfs)
    };
    let expected = sorted(Edge::before(&double).await.references().await.unwrap());
    assert_eq!(expected.0, ["site1", "site2", "site3"]);
    let by_naive = naive(&double).await.references().await.unwrap();
    let by_tuned = tuned(&double).await.references().await.unwrap();
    assert_eq!(sorted(by_naive), expected);
    assert_eq!(sorted(by_tuned), expected);
}

#[tokio::test]
async fn a_vlan_that_another_segment_uses_is_not_deleted() {
    for tuned_one in [false, true] {
        let double = double().await;
        let api = Api::new(&url(&double), double.token().parse().unwrap()).unwrap();
        let body = json!({
            "prefix": "172.30.0.0/24", "vrf": 1, "vlan": 1, "tenant": 1, "role": 1, "scope_type": "dcim.sitegroup", "scope_id": 1,
        });
        let path = "/api/ipam/prefixes/";
        let made = api.call("POST", path, Some(&body)).await.unwrap();
        let id: Id = made["id"].as_u64().unwrap();
        match tuned_one {
            true => tuned(&double).await.delete(&[id], OneByOne).await.unwrap(),
            false => naive(&double).await.delete(&[id], OneByOne).await.unwrap(),
        }
        api.call("GET", "/api/ipam/vlans/1/", None).await.unwrap();
    }
}
