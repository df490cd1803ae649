use bench_harness::netbox::{Data, Fault, Matcher};

use crate::browser::open;
use crate::support::{Edge, double, recorded, settings};

const ROWS: &str = "#rows tr";

#[tokio::test(flavor = "multi_thread")]
async fn all_segments_are_listed_in_pages_with_their_number_and_what_they_cost() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    assert_eq!(tab.count(ROWS).await, 50);
    tab.sees("#status", "100 segments found, 1–50 of 100 shown.")
        .await;
    tab.sees("#rows tr:first-child", "EPG_Network1_Site1_100")
        .await;
    tab.sees("#calls", "1 in all").await;
    tab.sees("#source", "memory, fresh for").await;
    tab.click("#next").await;
    tab.sees("#range", "51–100 of 100").await;
    let last = "document.querySelector('#next').getAttribute('aria-disabled') === 'true'";
    tab.until(last).await;
    tab.click("#previous").await;
    tab.sees("#range", "1–50 of 100").await;
    tab.fill("#limit", "100").await;
    tab.eval(
        "document.querySelector('#limit').dispatchEvent(new Event('change', {bubbles: true}))",
    )
    .await;
    tab.sees("#range", "1–100 of 100").await;
    assert_eq!(
        double.ledger().count(),
        1,
        "the whole page takes one NetBox call"
    );
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_and_filters_narrow_the_list_and_are_cleared_again() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    tab.fill("[name=q]", "10.0.9.17").await;
    tab.sees("#range", "1–1 of 1").await;
    tab.sees("#rows", "10.0.9.0/24").await;
    tab.fill("[name=q]", "").await;
    tab.sees("#range", "of 100").await;
    tab.fill("#filters [name=site]", "site2").await;
    tab.sees("#range", "of 33").await;
    tab.fill("#filters [name=vrf]", "Network1").await;
    tab.sees("#range", "of 11").await;
    tab.fill("#filters [name=cluster_name]", "cl-1").await;
    tab.until(
        "[...document.querySelectorAll('#rows tr')].every((r) => r.textContent.includes('cl-1'))",
    )
    .await;
    tab.fill("#filters [name=allocated]", "false").await;
    tab.sees("#instead", "No segment matches.").await;
    assert!(
        tab.eval("location.search")
            .await
            .as_str()
            .unwrap()
            .contains("cluster_name=cl-1")
    );
    tab.click("#instead button").await;
    tab.sees("#range", "of 100").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_filters_opens_what_it_names() {
    let (_double, edge) = recorded().await;
    let url = format!("{}/?site=site3&allocated=true&q=network2", edge.host.url());
    let Some(tab) = crate::browser::blank(&edge.host.url()).await else {
        return;
    };
    tab.page.goto(url).await.unwrap();
    tab.sees("#range", "of 11").await;
    tab.sees("#by-vrf", "Network3").await;
    assert_eq!(
        tab.eval("document.querySelector('#filters [name=site]').value")
            .await,
        "site3"
    );
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn utilisation_is_shown_in_numbers_and_bars_and_chooses_the_filter() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#totals", "66 %").await;
    tab.sees("#by-site [data-name=site1]", "0 of 34 used, 34 free")
        .await;
    tab.sees("#by-vrf [data-name=Network1]", "22 of 34 used, 12 free")
        .await;
    let width = tab
        .eval("document.querySelector('#by-site [data-name=site2] i').style.width")
        .await;
    assert_eq!(width, "100%");
    tab.click("#by-site [data-name=site2] button").await;
    tab.sees("#range", "of 33").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_filter_is_told_in_the_words_of_the_api() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.fill("#limit", "250").await;
    tab.eval("document.querySelector('#limit').selectedOptions[0].value = '5000'")
        .await;
    tab.fill("[name=q]", "a").await;
    tab.sees("#instead [role=alert]", "limit").await;
    tab.sees("#instead", "Try again").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_netbox_is_told_with_what_is_old_and_when_to_try_again() {
    let double = double(Data::Recorded100).await;
    let short = settings(&double.url(), double.token())
        .variable("netbox_timeout", "1")
        .variable("cache_ttl", "1")
        .variable("stale_while_revalidate", "0");
    let edge = Edge::start(short).await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    double.fail_always(Matcher::any(), Fault::throttled(503, 120));
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    tab.click("#refresh").await;
    tab.sees("#stale", "NetBox can't be read just now").await;
    assert_eq!(tab.count(ROWS).await, 50, "what is known stays there");
    tab.click("#create").await;
    tab.fill("#field-site", "site1").await;
    tab.fill("#field-vrf", "Network1").await;
    tab.fill("#field-vlan_id", "3000").await;
    tab.fill("#field-segment", "172.20.0.0/24").await;
    tab.fill("#field-epg_name", "EPG_BUSY").await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#create-dialog .problem", "Try again in").await;
    tab.sees("#busy", "Try again in").await;
    double.heal();
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_health_is_shown_when_asked_for() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.click("#health").await;
    tab.sees("#health-dialog .checks", "store").await;
    tab.sees("#health-dialog", "All that is needed is there.")
        .await;
    tab.press(&["Escape"]).await;
    tab.until(
        "!document.querySelector('#health-dialog') && document.activeElement.id === 'health'",
    )
    .await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_page_does_not_scroll_sideways() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    for width in [360, 390, 800] {
        tab.resize(width, 740).await;
        tab.until(&format!(
            "innerWidth === {width} && document.documentElement.scrollWidth <= {width}"
        ))
        .await;
        tab.click("#create").await;
        tab.until(&format!(
            "document.querySelector('#create-dialog').getBoundingClientRect().right <= {width}"
        ))
        .await;
        tab.click("#create-dialog [value=cancel]").await;
    }
    tab.close().await;
}
