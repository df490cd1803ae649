//! schemathesis, made by others, reads the served description and asks whatever it allows and forbids.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_harness::host::Settings;
use bench_harness::venv;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::described::operations;
use crate::grounds::{Ground, ground};
use crate::support::{is_wasip2, tell};

/// A token that may do everything.
const TOKEN: &str = "admin-token-of-a-test";
/// The most cases of each operation in the phase that makes them up.
const CASES: &str = "40";
/// Where the same cases come from in every run.
const SEED: &str = "20261123";

fn guarded(settings: Settings) -> Settings {
    let digest = Sha256::digest(TOKEN.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    settings
        .variable("auth", "on")
        .variable("api_tokens", format!("admin:admin:{hash}"))
        .variable("site_prefixes", "site1=172.16.0.0/12")
        .variable("netbox_timeout", "10")
}

/// schemathesis, installed when it is missing. Where that can't be done this says so; on a CI machine it fails.
async fn schemathesis() -> Option<PathBuf> {
    let requirements = include_str!("requirements.txt");
    let python = tokio::task::spawn_blocking(|| venv::python("schemathesis", requirements)).await;
    match python.unwrap() {
        Ok(python) => Some(python.with_file_name("schemathesis")),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error:#}");
            tell(&format!("skipped: {error:#}"));
            None
        }
    }
}

fn run(program: &Path, url: &str, report: &Path) -> String {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/schemathesis.toml");
    let output = Command::new(program)
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("{url}/api/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args(["--checks", "all", "--max-examples", CASES, "--seed", SEED])
        .args(["--continue-on-failure", "--no-color"])
        .args(["--report", "json", "--report-json-path"])
        .arg(report)
        .current_dir(report.parent().unwrap())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_with_all_checks_finds_no_fault() {
    let Some(program) = schemathesis().await else {
        return;
    };
    let Ground { double: _up, edge } = ground(guarded).await;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let url = edge.host.url();
    let path = report.clone();
    let said = tokio::task::spawn_blocking(move || run(&program, &url, &path)).await;
    let said = said.unwrap();
    let told = std::fs::read(&report).unwrap_or_else(|e| panic!("{e}: {said}"));
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["failures"], serde_json::json!([]), "{said}");
    assert_eq!(told["errors"], serde_json::json!([]), "{said}");
    assert_eq!(told["exit_code"], 0, "{said}");
    // It leaves out the address that it has read the description from.
    let tested = operations().len() - 1;
    assert_eq!(told["operations"]["tested"], tested, "{said}");
    for phase in ["examples", "coverage", "fuzzing", "stateful"] {
        assert_eq!(
            told["phases"][phase]["status"], "success",
            "{phase}: {said}"
        );
    }
    let cases = told["test_cases"]["generated"].as_u64().unwrap();
    assert!(cases > 1_000, "only {cases} cases");
    let component = if is_wasip2() { "WASIp2" } else { "WASIp3" };
    tell(&format!(
        "schemathesis, {component}: {tested} operations, {cases} cases, 0 failures"
    ));
}
