use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::page::ScreenshotParams;

use crate::browser::{Tab, blank, open};
use crate::support::recorded;

/// What is to be seen in the tab, as a picture in `docs/`.
async fn picture(tab: &Tab, name: &str) {
    let format = ScreenshotParams::builder()
        .format(CaptureScreenshotFormat::Png)
        .build();
    let picture = tab.page.screenshot(format).await.unwrap();
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(path, picture).unwrap();
}

/// Writes a picture in the README: `cargo test --release --workspace --test dashboard picture -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes docs/dashboard.png"]
async fn the_picture_in_the_documents_is_taken_anew() {
    let (_double, edge) = recorded().await;
    let tab = open(&edge.host.url())
        .await
        .expect("a picture takes a browser");
    tab.resize(1280, 800).await;
    tab.sees("#by-vrf", "Network3").await;
    picture(&tab, "dashboard.png").await;
    tab.close().await;
}

/// Likewise, of the head of `docs/report.html` as it is.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes docs/report.png"]
async fn the_picture_of_the_report_is_taken_anew() {
    let report = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/docs/report.html");
    let tab = blank("file://").await.expect("a picture takes a browser");
    tab.resize(1280, 960).await;
    tab.page.goto(report).await.unwrap();
    tab.sees("h1", "measured").await;
    // `close` is for pages that call the API.
    picture(&tab, "report.png").await;
}
