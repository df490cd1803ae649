//! Answers that come late, fail or are about what is gone.

use crate::browser::{Tab, blank, open};
use crate::support::recorded;

/// Holds back what the page asks of these addresses for so many milliseconds.
async fn delay(tab: &Tab, part: &str, milliseconds: u32) {
    tab.eval(&format!(
        "(() => {{ const real = window.fetch; window.fetch = async (url, options) => {{ \
         if (String(url).includes('{part}')) await new Promise((go) => setTimeout(go, {milliseconds})); \
         return real(url, options); }}; }})()"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_on_next_while_a_page_is_read_does_nothing() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    tab.eval("document.querySelector('#limit').value = '25'; document.querySelector('#limit').dispatchEvent(new Event('change'))")
        .await;
    tab.sees("#range", "1–25 of 100").await;
    delay(&tab, "api/segments?", 200).await;
    tab.eval("['next', 'next', 'previous'].forEach((id) => document.getElementById(id).click())")
        .await;
    tab.sees("#range", "26–50 of 100").await;
    // A page of the old filter is none of the new one.
    tab.fill("#filters [name=site]", "site2").await;
    tab.until("document.querySelector('#listing').getAttribute('aria-busy') === 'true'")
        .await;
    tab.eval("document.getElementById('next').click()").await;
    tab.sees("#range", "1–25 of 33").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_is_read_after_the_first_list_that_is_shown() {
    let (_double, edge) = recorded().await;
    let Some(tab) = blank(&edge.host.url()).await else {
        return;
    };
    // The first list fails, and the next one is overtaken.
    tab.page
        .evaluate_on_new_document(
            "{ const real = window.fetch; let first = true; window.fetch = async (url, options) => { \
             if (!String(url).includes('api/segments?') || !first) return real(url, options); \
             first = false; return new Response('{\"title\":\"Failed once\"}', { status: 500, headers: { 'content-type': 'application/problem+json' } }); }; }",
        )
        .await
        .unwrap();
    tab.page.goto(edge.host.url()).await.unwrap();
    tab.sees("#instead [role=alert]", "Failed once").await;
    delay(&tab, "api/segments?", 400).await;
    tab.click("#clear").await;
    tab.fill("[name=q]", "10.0.9.17").await;
    tab.sees("#range", "1–1 of 1").await;
    tab.sees("#by-vrf", "Network3").await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_statistics_that_come_late_do_not_replace_newer_ones() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    tab.eval(
        "(() => { const real = window.fetch; window.asked = 0; window.fetch = async (url, options) => { \
         if (!String(url).includes('api/stats') || ++window.asked > 1) return real(url, options); \
         await new Promise((go) => setTimeout(go, 600)); \
         const old = { ...await (await real(url, options)).json(), total_segments: 7777 }; \
         return new Response(JSON.stringify(old), { headers: { 'content-type': 'application/json' } }); }; })()",
    )
    .await;
    tab.click("#refresh").await;
    tab.until("window.asked === 1").await;
    tab.click("#refresh").await;
    tab.until("window.asked === 2").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    assert!(!tab.text("#totals").await.contains("7,777"));
    tab.sees("#totals", "100").await;
    assert_eq!(tab.count("#overview").await, 0);
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_last_page_is_emptied_the_one_before_it_is_shown() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.click("#next").await;
    tab.sees("#range", "51–100 of 100").await;
    tab.eval(
        "(() => { const real = window.fetch; window.fetch = async (url, options) => \
         String(url).includes('cursor=') ? new Response('[]', { headers: { 'content-type': 'application/json', 'x-total-count': '50' } }) \
         : real(url, options); })()",
    )
    .await;
    tab.click("#refresh").await;
    tab.sees("#range", "1–50 of 100").await;
    assert_eq!(tab.text("#instead").await, "");
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_settings_are_told_with_the_setting() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    tab.eval(
        "window.fetch = async () => new Response(JSON.stringify({ title: 'Misconfigured', detail: 'settings are wrong', \
         errors: [{ setting: 'netbox_url', detail: 'It is missing.' }] }), { status: 500, headers: { 'content-type': 'application/problem+json' } })",
    )
    .await;
    tab.click("#create").await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#create-dialog .problem", "netbox_url: It is missing.")
        .await;
    tab.click("#create-dialog [value=cancel]").await;
    tab.click("#refresh").await;
    tab.sees("#instead [role=alert]", "netbox_url: It is missing.")
        .await;
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_in_the_address_is_found_in_any_case_and_an_unknown_one_stays_until_cleared() {
    let (_double, edge) = recorded().await;
    let Some(tab) = blank(&edge.host.url()).await else {
        return;
    };
    let value = "document.querySelector('#filters [name=site]').value";
    tab.page
        .goto(format!("{}/?site=SITE3", edge.host.url()))
        .await
        .unwrap();
    tab.sees("#by-vrf", "Network3").await;
    assert_eq!(tab.eval(value).await, "site3");
    tab.page
        .goto(format!("{}/?vrf=Nowhere", edge.host.url()))
        .await
        .unwrap();
    tab.until("document.querySelector('#instead')?.textContent.trim() && document.querySelector('#listing').getAttribute('aria-busy') === 'false'")
        .await;
    let vrf = "document.querySelector('#filters [name=vrf]').value";
    assert_eq!(tab.eval(vrf).await, "Nowhere");
    tab.click("#clear").await;
    tab.sees("#range", "of 100").await;
    assert_eq!(tab.eval(vrf).await, "");
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_write_ended_and_what_it_cost_stays_in_view() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    tab.sees("#by-vrf", "Network3").await;
    tab.click("#create").await;
    tab.click("#create-dialog [type=submit]").await;
    tab.sees("#error-epg_name", "missing").await;
    tab.click("#create-dialog [value=cancel]").await;
    tab.click("[data-id='50'] [data-do=Rename]").await;
    tab.fill("#field-epg_name", "EPG_FAR_DOWN").await;
    tab.click("#rename-dialog [type=submit]").await;
    tab.sees("#status", "Renamed to EPG_FAR_DOWN. 1 NetBox call, ")
        .await;
    tab.sees("#rows", "EPG_FAR_DOWN").await;
    let seen = "(() => { const at = document.querySelector('#status').getBoundingClientRect(); return scrollY > 0 && at.top >= 0 && at.bottom <= innerHeight; })()";
    tab.until(seen).await;
    // The time that is left runs down, as the age runs up.
    let fresh = tab.text("#source").await;
    tab.eval("(() => { const now = Date.now() + 400000; Date.now = () => now; })()")
        .await;
    tab.until("!document.querySelector('#source').textContent.includes('fresh for')")
        .await;
    assert!(fresh.contains("fresh for"), "{fresh}");
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_borders_of_controls_are_strong_enough_in_both_schemes() {
    let (_double, edge) = recorded().await;
    let Some(tab) = open(&edge.host.url()).await else {
        return;
    };
    for scheme in ["light", "dark"] {
        crate::everybody_can_read_and_use_it::prefer(&tab, scheme).await;
        let ratios = tab
            .eval(
                "['#refresh', '#filters input', '#filters select'].map((one) => { \
                 const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255) \
                   .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) \
                   .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0.05); \
                 const edge = light(getComputedStyle(document.querySelector(one)).borderTopColor); \
                 return Math.min(...['body', 'section'].map((on) => { const ground = light(getComputedStyle(document.querySelector(on)).backgroundColor); \
                   return Math.max(edge / ground, ground / edge); })); })",
            )
            .await;
        for ratio in ratios.as_array().unwrap() {
            assert!(ratio.as_f64().unwrap() >= 3.0, "{scheme}: {ratios}");
        }
    }
    tab.close().await;
}
