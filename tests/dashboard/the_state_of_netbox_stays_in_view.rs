use std::time::Duration;

use bench_harness::netbox::{Fault, Matcher};

use crate::browser::{Tab, open};
use crate::support::recorded;

/// Tries to create a segment, which NetBox puts off for so many seconds.
async fn put_off(tab: &Tab, double: &bench_harness::netbox::Double, seconds: u64) {
    double.fail_always(Matcher::any(), Fault::throttled(503, seconds));
    tab.click("#create").await;
    for (name, value) in [
        ("site", "site1"),
        ("vrf", "Network1"),
        ("vlan_id", "3000"),
        ("segment", "172.20.0.0/24"),
        ("epg_name", "EPG_BUSY"),
    ] {
        tab.fill(&format!("#field-{name}"), value).await;
    }
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#busy", "Try again in").await;
    tab.click("#create-dialog [value=cancel]").await;
    double.heal();
}

/// Tells the page of an answer, as its own calls do.
async fn answered(tab: &Tab, status: u16, headers: &str) {
    tab.eval(&format!(
        "import('/assets/api.js').then(({{ answers }}) => {{ answers.dispatchEvent(new CustomEvent('answer', \
         {{ detail: {{ method: 'GET', status: {status}, headers: new Headers({headers}), kind: '' }} }})); }})"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_netbox_is_busy_is_shown_through_reads_that_do_not_ask_it() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    put_off(&tab, &double, 120).await;
    let calls = double.ledger().count();
    tab.fill("#filters [name=site]", "site2").await;
    tab.sees("#range", "of 33").await;
    tab.click("#refresh").await;
    tab.sees("#calls", "0 last").await;
    assert_eq!(double.ledger().count(), calls, "these were warm reads");
    assert_eq!(tab.count("#busy").await, 1);
    let (asked, warm) = ("'x-netbox-calls': '1'", "'x-netbox-calls': '0'");
    for (status, headers) in [
        (200, format!("{{ {warm} }}")),
        (404, format!("{{ {asked} }}")),
        (
            200,
            format!(
                "{{ {asked}, 'cache-status': 'segment-edge; hit; ttl=0; detail=stale-if-error' }}"
            ),
        ),
        (500, format!("{{ {asked} }}")),
    ] {
        answered(&tab, status, &headers).await;
        assert_eq!(tab.count("#busy").await, 1, "{status} {headers}");
    }
    answered(&tab, 200, &format!("{{ {asked} }}")).await;
    assert_eq!(tab.count("#busy").await, 0);
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_netbox_is_busy_is_shown_no_longer_than_it_asked_for() {
    let (double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    put_off(&tab, &double, 120).await;
    answered(&tab, 503, "{ 'retry-after': '3', 'x-netbox-calls': '0' }").await;
    tab.sees("#busy", "Try again in 3 s, at ").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(tab.count("#busy").await, 1, "that was half of the time");
    tab.until("!document.querySelector('#busy')").await;
    tab.close().await;
}
