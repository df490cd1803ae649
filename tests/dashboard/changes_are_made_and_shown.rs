use bench_harness::netbox::{Db, Double, Kind};

use crate::browser::{Tab, open};
use crate::rows::{assert_as_before, counts, everything, vlan_of};
use crate::support::recorded;

async fn enter(tab: &Tab, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        tab.fill(&format!("#field-{name}"), value).await;
    }
}

const NEW: [(&str, &str); 6] = [
    ("site", "site1"),
    ("vrf", "Network1"),
    ("vlan_id", "3000"),
    ("segment", "172.20.0.0/24"),
    ("epg_name", "EPG_NEW"),
    ("description", "made in a browser"),
];

/// Whether a prefix has this cluster.
fn has_cluster(double: &Double, name: &str) -> bool {
    let db: &Db = &double.state();
    db.rows(Kind::Prefix)
        .values()
        .any(|row| format!("{row:?}").contains(&format!("\"{name}\"")))
}

async fn ready(tab: &Tab) {
    tab.sees("#by-vrf", "Network3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_created_and_found() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    let before = counts(&double);
    tab.click("#create").await;
    enter(&tab, &NEW).await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#status", "Created EPG_NEW: VLAN 3000, 172.20.0.0/24.")
        .await;
    tab.until("!document.querySelector('dialog')").await;
    assert_eq!(counts(&double), (before.0 + 1, before.1 + 1));
    tab.sees("#totals", "101").await;
    tab.fill("[name=q]", "made in a browser").await;
    tab.sees("#rows", "EPG_NEW").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_told_at_the_field_it_is_about() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    let before = counts(&double);
    tab.click("#create").await;
    enter(&tab, &NEW).await;
    enter(&tab, &[("segment", "10.0.0.128/25"), ("vlan_id", "100")]).await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#create-dialog .problem", "nothing was changed")
        .await;
    tab.sees("#error-segment", "10.0.0.0/24").await;
    tab.sees("#error-vlan_id", "Right would be").await;
    let marked = "[...document.querySelectorAll('[aria-invalid=true]')].map((f) => f.name).join()";
    assert_eq!(tab.eval(marked).await, "vlan_id,segment");
    assert_eq!(tab.eval("document.activeElement.name").await, "vlan_id");
    assert_eq!(counts(&double), before);
    // Mended, it is a new request: the key of the refused one is not used again.
    enter(&tab, &[("segment", "172.20.0.0/24"), ("vlan_id", "3000")]).await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#status", "Created EPG_NEW").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_entered_wrongly_is_told_for_each_field_at_once() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    tab.click("#create").await;
    enter(&tab, &[("vlan_id", "abc"), ("segment", "172.20.0.1/24")]).await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#error-vlan_id", "The value is a string.").await;
    tab.sees("#error-segment", "172.20.0.0/24").await;
    tab.until("document.querySelector('#error-epg_name').textContent && document.querySelector('#error-site').textContent").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_netbox_would_be_asked_and_changes_nothing() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    let before = everything(&double);
    tab.click("#create").await;
    enter(&tab, &NEW).await;
    tab.click("#create-dialog [value=preview]").await;
    tab.sees(
        "#create-dialog .preview",
        "POST /api/ipam/vlans/: 1 object in 1 call",
    )
    .await;
    tab.sees(
        "#create-dialog .preview",
        "POST /api/ipam/prefixes/: 1 object in 1 call",
    )
    .await;
    enter(&tab, &[("epg_name", "EPG_OTHER")]).await;
    assert_eq!(
        tab.text("#create-dialog .preview").await,
        "",
        "it was for another name"
    );
    tab.click("#create-dialog [value=cancel]").await;
    tab.until("!document.querySelector('dialog')").await;
    tab.click("[data-id='2'] [data-do=Release]").await;
    tab.click("#release-dialog [value=preview]").await;
    tab.sees("#release-dialog .preview", "PATCH /api/ipam/prefixes/")
        .await;
    tab.press(&["Escape"]).await;
    tab.click("[data-id='1'] [data-do=Rename]").await;
    enter(&tab, &[("epg_name", "EPG_TRIED")]).await;
    tab.click("#rename-dialog [value=preview]").await;
    tab.sees("#rename-dialog .preview", "PATCH /api/ipam/vlans/")
        .await;
    assert_as_before(&double, &before);
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_allocated_and_released_again() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    tab.click("#allocate").await;
    enter(
        &tab,
        &[
            ("cluster_name", "browser-cluster"),
            ("site", "site1"),
            ("vrf", "Network1"),
        ],
    )
    .await;
    tab.click("#allocate-dialog [type=submit]").await;
    tab.sees(
        "#status",
        "Segment allocated: EPG_Network1_Site1_100, VLAN 100",
    )
    .await;
    tab.sees("[data-id='1']", "browser-cluster").await;
    tab.sees("#by-site [data-name=site1]", "1 of 34 used, 33 free")
        .await;
    assert!(has_cluster(&double, "browser-cluster"));
    tab.click("[data-id='1'] [data-do=Release]").await;
    tab.click("#release-dialog [type=submit]").await;
    tab.sees("#status", "Released EPG_Network1_Site1_100.")
        .await;
    tab.sees("#by-site [data-name=site1]", "0 of 34 used, 34 free")
        .await;
    tab.sees("[data-id='1']", "free").await;
    assert!(!has_cluster(&double, "browser-cluster"));
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_is_free_the_alternatives_are_told() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    ready(&tab).await;
    tab.click("#allocate").await;
    enter(
        &tab,
        &[
            ("cluster_name", "shop"),
            ("site", "site2"),
            ("vrf", "Network1"),
        ],
    )
    .await;
    tab.click("#allocate-dialog [type=submit]").await;
    tab.sees(
        "#allocate-dialog .problem",
        "no segment is free at site `site2`",
    )
    .await;
    tab.sees("#allocate-dialog .problem", "Free: 12 at site1 in Network1")
        .await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_renamed_and_the_focus_returns_to_its_button() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.click("[data-id='3'] [data-do=Rename]").await;
    enter(&tab, &[("epg_name", "EPG_RENAMED")]).await;
    tab.click("#rename-dialog [type=submit]").await;
    tab.sees("#status", "Renamed to EPG_RENAMED.").await;
    tab.sees("[data-id='3']", "EPG_RENAMED").await;
    tab.until("document.activeElement.dataset.do === 'Rename' && document.activeElement.closest('tr')?.dataset.id === '3'").await;
    assert_eq!(vlan_of(&double, 3).text("name"), "EPG_RENAMED");
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_does_not_overwrite_what_somebody_else_did_meanwhile() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.click("[data-id='3'] [data-do=Rename]").await;
    enter(&tab, &[("epg_name", "EPG_MINE")]).await;
    let vlan = vlan_of(&double, 3).id;
    double.edit(|db| db.rename_vlan(vlan, "EPG_THEIRS"));
    tab.click("#rename-dialog [type=submit]").await;
    tab.until("document.querySelector('#rename-dialog .problem').textContent")
        .await;
    assert_eq!(vlan_of(&double, 3).text("name"), "EPG_THEIRS");
    tab.close().await;
}
