use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::page::ScreenshotParams;

use crate::browser::open;
use crate::support::recorded;

/// Writes the picture in the README: `cargo test --release --workspace --test dashboard picture -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes docs/dashboard.png"]
async fn the_picture_in_the_documents_is_taken_anew() {
    let (_double, edge) = recorded().await;
    let tab = open(&edge.host.url())
        .await
        .expect("a picture takes a browser");
    tab.resize(1280, 800).await;
    tab.sees("#by-vrf", "Network3").await;
    let format = ScreenshotParams::builder()
        .format(CaptureScreenshotFormat::Png)
        .build();
    let picture = tab.page.screenshot(format).await.unwrap();
    std::fs::write(
        concat!(env!("CARGO_MANIFEST_DIR"), "/docs/dashboard.png"),
        picture,
    )
    .unwrap();
    tab.close().await;
}
