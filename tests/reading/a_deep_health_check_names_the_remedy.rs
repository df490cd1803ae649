use bench_harness::netbox::{Data, Double, DoubleSettings};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::{Edge, double, settings};

/// The findings of a deep look, after the status of the answer was looked at.
async fn examine(url: &str, token: &str, healthy: bool) -> Vec<Value> {
    let edge = Edge::start(settings(url, token)).await;
    let reply = edge.get("/api/health?deep=true").await;
    let reply = reply.expect(if healthy { 200 } else { 503 });
    assert!(!String::from_utf8_lossy(&reply.bytes).contains(token));
    let word = if healthy { "ok" } else { "failing" };
    assert_eq!(reply.json()["status"], word);
    reply.json()["checks"].as_array().unwrap().clone()
}

/// The remedy of the finding with this name, which must be bad.
fn remedy(checks: &[Value], name: &str) -> String {
    let check = checks.iter().find(|check| check["name"] == name);
    let check = check.unwrap_or_else(|| panic!("no finding `{name}` in {checks:#?}"));
    assert_eq!(check["ok"], false, "{check}");
    check["remedy"].as_str().expect("a remedy").to_owned()
}

async fn recorded_double() -> Double {
    double(Data::Recorded100).await
}

#[tokio::test]
async fn a_netbox_with_all_we_need_is_fine() {
    let double = recorded_double().await;
    let rows = double.edit(|db| db.changes().len());
    let checks = examine(&double.url(), double.token(), true).await;
    let names: Vec<&str> = checks.iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "store",
            "intents",
            "netbox",
            "rights",
            "change-log",
            "tenant",
            "role",
            "sites",
            "vrfs",
            "custom-fields",
            "segments"
        ]
    );
    for check in &checks {
        assert_eq!(check["ok"], true, "{check}");
        assert!(check.get("remedy").is_none(), "{check}");
    }
    assert_eq!(double.edit(|db| db.changes().len()), rows, "it only looks");
}

#[tokio::test]
async fn a_netbox_whose_pages_end_too_early_is_told_to_give_longer_ones() {
    for (max_page, noticed) in [(70, false), (250, true)] {
        let double = Double::start(DoubleSettings {
            max_page,
            ..DoubleSettings::with(Data::Generated(300))
        })
        .await
        .unwrap();
        let checks = examine(&double.url(), double.token(), noticed).await;
        if noticed {
            assert!(
                checks.iter().all(|c| c["name"] != "page-size"),
                "{checks:#?}"
            );
        } else {
            assert!(remedy(&checks, "page-size").contains("MAX_PAGE_SIZE"));
        }
    }
}

#[tokio::test]
async fn a_token_that_may_only_read_is_told_to_write() {
    let double = recorded_double().await;
    let checks = examine(&double.url(), double.read_only_token(), false).await;
    assert!(remedy(&checks, "rights").contains("enable writing for the token"));
    let bad = checks.iter().filter(|c| c["ok"] == false).count();
    assert_eq!(bad, 1, "{checks:#?}");
}

#[tokio::test]
async fn a_token_without_permissions_is_told_which_it_needs() {
    let double = recorded_double().await;
    let checks = examine(&double.url(), double.no_permissions_token(), false).await;
    let rights = remedy(&checks, "rights");
    assert!(
        rights.contains("view, add, change and delete on prefixes"),
        "{rights}"
    );
}

#[tokio::test]
async fn a_wrong_token_is_told_to_be_replaced() {
    let double = recorded_double().await;
    let checks = examine(&double.url(), "nbt_wrongwrong.wrong", false).await;
    let netbox = remedy(&checks, "netbox");
    assert!(netbox.contains("set netbox_token to a valid"), "{netbox}");
}

#[tokio::test]
async fn an_empty_netbox_is_told_what_to_create() {
    let double = double(Data::Empty).await;
    let checks = examine(&double.url(), double.token(), false).await;
    for (name, place) in [
        ("tenant", "Organization > Tenants"),
        ("role", "IPAM > Prefix & VLAN Roles"),
        ("sites", "Organization > Site Groups"),
        ("vrfs", "IPAM > VRFs"),
        ("custom-fields", "Customization > Custom Fields"),
    ] {
        let remedy = remedy(&checks, name);
        assert!(remedy.contains(place), "{name}: {remedy}");
    }
}

#[tokio::test]
async fn a_netbox_that_does_not_listen_is_to_be_checked() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let checks = examine(&url, "nbt_any.token", false).await;
    assert!(remedy(&checks, "netbox").contains("check netbox_url"));
}
