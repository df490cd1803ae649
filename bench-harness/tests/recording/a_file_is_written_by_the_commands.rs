use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_harness::har::{Har, Scrubber, from_recordings};
use tempfile::TempDir;

use crate::kit::{double, wasm};

fn run(arguments: &[&str], token: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench-harness"))
        .args(arguments)
        .env("NETBOX_TOKEN", token)
        .env_remove("NETBOX_URL")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_committed_har_is_what_the_command_makes_of_the_recordings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let har = from_recordings(&folder.join("netbox-4.7.3")).unwrap();
    assert_eq!(har.log.entries.len(), 102);
    let committed = std::fs::read_to_string(folder.join("netbox-4.7.3.har")).unwrap();
    assert!(
        har.text().unwrap() == committed,
        "run `cargo run --release -p bench-harness -- har from-recordings`"
    );
    assert!(!committed.contains("127.0.0.1:8001") && !committed.contains("\\\"lab\\\""));
}

/// Each member that HAR 1.2 requires is there: browsers refuse files that lack one.
#[test]
fn a_har_has_all_that_the_format_requires() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/netbox-4.7.3");
    let har = serde_json::to_value(from_recordings(&folder).unwrap()).unwrap();
    let log = &har["log"];
    assert!(
        log["version"] == "1.2"
            && log["creator"]["name"].is_string()
            && log["creator"]["version"].is_string()
    );
    for entry in log["entries"].as_array().unwrap() {
        let has = |at: &str, kind: &str| {
            let value = entry
                .pointer(at)
                .unwrap_or_else(|| panic!("{at} is missing"));
            let found = match value {
                serde_json::Value::String(_) => "text",
                serde_json::Value::Number(_) => "number",
                serde_json::Value::Array(_) => "list",
                _ => "object",
            };
            assert_eq!(found, kind, "{at}");
        };
        for at in [
            "/startedDateTime",
            "/request/method",
            "/request/url",
            "/request/httpVersion",
            "/response/statusText",
            "/response/httpVersion",
            "/response/redirectURL",
            "/response/content/mimeType",
        ] {
            has(at, "text");
        }
        for at in [
            "/time",
            "/request/headersSize",
            "/request/bodySize",
            "/response/status",
            "/response/headersSize",
            "/response/bodySize",
            "/response/content/size",
            "/timings/send",
            "/timings/wait",
            "/timings/receive",
        ] {
            has(at, "number");
        }
        for at in [
            "/request/cookies",
            "/request/headers",
            "/request/queryString",
            "/response/cookies",
            "/response/headers",
        ] {
            has(at, "list");
        }
        has("/cache", "object");
        if let Some(body) = entry["request"].get("postData") {
            assert!(body["mimeType"].is_string() && body["text"].is_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_records_and_one_plays_back_and_fails_when_a_call_lacks() {
    let double = double().await;
    let folder = TempDir::new().unwrap();
    let file: PathBuf = folder.path().join("all.har");
    let (path, wasm, url) = (file.to_str().unwrap(), wasm(), double.url());
    let wasm = wasm.to_str().unwrap();
    let record = [
        "record",
        "--netbox-url",
        &url,
        "--listen",
        "127.0.0.1:0",
        "--out",
        path,
        "--scenario",
        "--wasm",
        wasm,
    ];
    let recorded = run(&record, double.token());
    assert!(recorded.status.success(), "{}", said(&recorded));
    assert!(!said(&recorded).contains(double.token()));
    let replay = [
        "replay",
        path,
        "--listen",
        "127.0.0.1:0",
        "--latency",
        "none",
        "--scenario",
        "--wasm",
        wasm,
    ];
    let replayed = run(&replay, "");
    assert!(replayed.status.success(), "{}", said(&replayed));
    assert!(
        said(&replayed).contains("18 calls were answered as recorded, of 18 recorded"),
        "{}",
        said(&replayed)
    );

    let mut har = Har::read(&file).unwrap();
    har.log.entries.remove(1);
    har.write(&file, &Scrubber::new()).unwrap();
    let lacking = run(&replay, "");
    assert_eq!(lacking.status.code(), Some(1));
    let words = said(&lacking);
    assert!(
        words.contains("not recorded: POST /api/ipam/vlans/")
            && words.contains("nearest is recorded call"),
        "{words}"
    );
}
