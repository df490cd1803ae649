use std::collections::BTreeSet;

use bench_harness::netbox::Data;
use serde_json::{Value, json};

use crate::golden::assert_golden;
use crate::support::{Edge, double, recorded};

fn ids<'a>(segments: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let id = |s: &Value| s["id"].as_str().expect("an id is text").to_owned();
    segments.into_iter().map(id).collect()
}

#[tokio::test]
async fn every_filter_keeps_what_meets_it_and_nothing_else() {
    let (_double, edge) = recorded().await;
    let all = edge.get("/api/segments").await.expect(200).json();
    let all = all.as_array().unwrap();
    type Test = fn(&Value) -> bool;
    let filters: [(&str, Test); 10] = [
        ("site=site2", |s| s["site"] == "site2"),
        ("site=SITE2", |s| s["site"] == "site2"),
        ("vrf=Network3", |s| s["vrf"] == "Network3"),
        ("allocated=true", |s| !s["cluster_name"].is_null()),
        ("allocated=false", |s| s["cluster_name"].is_null()),
        ("vlan_id=105", |s| s["vlan_id"] == 105),
        ("cluster_name=cl-2", |s| s["cluster_name"] == "cl-2"),
        ("q=epg_network2_site1", |s| {
            s["epg_name"]
                .as_str()
                .unwrap()
                .starts_with("EPG_Network2_Site1_")
        }),
        ("q=10.0.42.7", |s| s["segment"] == "10.0.42.0/24"),
        ("site=site2&vrf=Network1&allocated=true&vlan_id=101", |s| {
            s["site"] == "site2" && s["vrf"] == "Network1" && s["vlan_id"] == 101
        }),
    ];
    for (query, test) in filters {
        let reply = edge
            .get(&format!("/api/segments?{query}"))
            .await
            .expect(200);
        let wanted: Vec<&Value> = all.iter().filter(|s| test(s)).collect();
        let some = !wanted.is_empty() && wanted.len() < all.len();
        let found = reply.json();
        assert_eq!(ids(found.as_array().unwrap()), ids(wanted), "{query}");
        assert!(some, "{query} tells nothing apart");
        assert_eq!(
            reply.header("x-total-count"),
            found.as_array().unwrap().len().to_string(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_search_is_the_list_by_another_path() {
    let (_double, edge) = recorded().await;
    let listed = edge.get("/api/segments?q=cl-3&site=site1").await;
    let searched = edge.get("/api/segments/search?q=cl-3&site=site1").await;
    assert_eq!(searched.expect(200).bytes, listed.expect(200).bytes);
    let without = edge.get("/api/segments/search").await.expect(400);
    assert_eq!(without.pointers(), ["?q"]);
}

#[tokio::test]
async fn ten_thousand_segments_are_walked_page_by_page_each_once() {
    let double = double(Data::Generated(10_000)).await;
    let edge = Edge::before(&double).await;
    let mut path = "/api/segments?limit=1000".to_owned();
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    loop {
        let page = edge.get(&path).await.expect(200);
        let found = ids(page.json().as_array().unwrap());
        assert_eq!(page.header("x-total-count"), "10000");
        assert_eq!(found.len(), 1_000);
        pages += 1;
        for id in found {
            assert!(seen.insert(id.clone()), "{id} came twice");
        }
        let link = page.header("link");
        if link.is_empty() {
            break;
        }
        path = link
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix(">; rel=\"next\""))
            .expect("a link to the next page")
            .to_owned();
        assert!(pages < 10, "there is no end to the pages");
    }
    assert_eq!((pages, seen.len()), (10, 10_000));
}

#[tokio::test]
async fn a_page_keeps_its_filter_in_the_link() {
    let (_double, edge) = recorded().await;
    let page = edge.get("/api/segments?site=site1&limit=5").await;
    let page = page.expect(200);
    assert!(page.header("link").contains("site=site1"), "{page:?}");
    assert!(page.header("link").contains("limit=5"), "{page:?}");
    let wrong = edge.get("/api/segments?cursor=nonsense&limit=0").await;
    assert_eq!(wrong.expect(400).pointers().len(), 2);
}

#[tokio::test]
async fn segments_statistics_sites_and_vrfs_have_their_shapes() {
    let (_double, edge) = recorded().await;
    let segment = edge.get("/api/segments/2").await.expect(200).json();
    assert_golden("segment", &segment);
    let stats = edge.get("/api/stats").await.expect(200).json();
    assert_golden("stats", &stats);
    let sites = edge.get("/api/sites").await.expect(200).json();
    assert_eq!(sites, json!({"sites": ["site1", "site2", "site3"]}));
    let vrfs = edge.get("/api/vrfs").await.expect(200).json();
    assert_eq!(vrfs, json!({"vrfs": ["Network1", "Network2", "Network3"]}));
}
