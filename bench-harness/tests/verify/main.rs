//! `verify` itself: green as it is, and red when a target is lowered, a call is added, a result differs or fuel rises.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod detour;
mod rival;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_harness::verify::{Golden, Outcome, Plan, Rival, Row, Targets, missed};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_bench-harness");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn wasm() -> PathBuf {
    let wasm = root().join("target/wasm32-wasip2/release/segment_edge.wasm");
    assert!(wasm.exists(), "run `cargo xtask build` first");
    wasm
}

/// The plan for some scenarios. Times are left out of it: other tests run on the same machine.
fn plan(only: &[&str]) -> Plan {
    let golden = root().join("bench-harness/golden/fuel.toml");
    let mut plan = Plan::new(&wasm(), Path::new(BINARY), &golden).unwrap();
    plan.only = only.iter().map(ToString::to_string).collect();
    plan.targets.limits.latency_constant_ms = 1e6;
    plan
}

fn row<'a>(outcome: &'a Outcome, scenario: &str, subject: &str) -> &'a Row {
    let mut rows = outcome.rows.iter();
    rows.find(|row| row.scenario == scenario && row.subject == subject && row.added_ms == 50)
        .unwrap_or_else(|| panic!("no row {scenario} by {subject}"))
}

fn missed_checks(row: &Row) -> Vec<(&str, f64, f64)> {
    let missed = row.checks.iter().filter(|check| !check.met);
    missed
        .map(|check| (check.what.as_str(), check.target, check.found))
        .collect()
}

/// The command line, in the workspace.
fn command_line(arguments: &[&str]) -> (Output, String) {
    let wasm = wasm();
    let output = Command::new(BINARY)
        .current_dir(root())
        .args(["verify", "--wasm", wasm.to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, text + &errors)
}

/// The targets of this version with one line changed, in a file. Times are left out, as in [`plan`].
fn other_targets(folder: &TempDir, from: &str, to: &str) -> String {
    let text = include_str!("../../src/verify/targets.toml");
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let text = text.replacen(
        "latency-constant-ms = 5.0",
        "latency-constant-ms = 1000000.0",
        1,
    );
    let file = folder.path().join("targets.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn as_it_is_every_figure_is_met_and_exact() {
    let only = [
        "start-100",
        "new-instance-100",
        "list-100-warm",
        "create-1",
        "create-10/bulk",
        "delete-10/bulk",
    ];
    let outcome = plan(&only).run().await.unwrap();
    assert!(outcome.is_met(), "{}", missed(&outcome));
    for (scenario, calls, depth) in [
        ("start-100", 1, 1),
        ("new-instance-100", 0, 0),
        ("list-100-warm", 0, 0),
        ("create-1", 3, 3),
        ("create-10", 3, 3),
        ("delete-10", 2, 2),
    ] {
        let row = row(&outcome, scenario, "segment-edge");
        let figures = &row.figures;
        assert_eq!((figures.calls, figures.depth), (calls, depth), "{scenario}");
        assert_eq!(row.timeline.len(), calls, "{scenario}");
        assert!(
            figures.wall_ms >= figures.floor_ms,
            "{scenario}: {figures:?}"
        );
        assert!(figures.fuel.unwrap() > 10_000 && figures.guest_memory_bytes.unwrap() > 1 << 20);
        let what: Vec<&str> = row.checks.iter().map(|check| check.what.as_str()).collect();
        for check in [
            "calls",
            "depth",
            "peak-in-flight",
            "memory-bytes",
            "golden-bytes",
            "golden-fuel",
        ] {
            assert!(
                what.contains(&check),
                "{scenario} has no check of {check}: {what:?}"
            );
        }
    }
}

#[test]
fn a_lowered_target_is_exit_code_one_and_says_which_by_how_much_and_shows_the_calls() {
    let folder = TempDir::new().unwrap();
    let targets = other_targets(
        &folder,
        "[scenario.create-1]\ncalls = 3",
        "[scenario.create-1]\ncalls = 2",
    );
    let (output, text) = command_line(&["--only", "create-1", "--targets", &targets]);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("MISSED create-1 at +50 ms:"), "{text}");
    assert!(
        text.contains("calls is 3.000, asked is at most 2.000 (+1.000, +50.0 %)"),
        "{text}"
    );
    for call in [
        "POST /api/ipam/vlans/ 201",
        "POST /api/ipam/prefixes/ 201",
        "POST /graphql/ 200",
    ] {
        assert!(text.contains(call), "{call}: {text}");
    }
}

#[test]
fn a_met_target_is_exit_code_zero_and_the_outcome_can_be_had_as_json() {
    let folder = TempDir::new().unwrap();
    let targets = other_targets(&folder, "[limits]", "[limits]");
    let json = folder.path().join("outcome.json");
    let arguments = [
        "--only",
        "renumber-1",
        "--targets",
        &targets,
        "--json",
        json.to_str().unwrap(),
    ];
    let (output, text) = command_line(&arguments);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("all targets met"), "{text}");
    let outcome: Outcome = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(row(&outcome, "renumber-1", "segment-edge").figures.calls, 1);
}

#[test]
fn a_scenario_that_does_not_exist_is_named_and_so_is_a_wrong_target_file() {
    let (output, text) = command_line(&["--only", "crate-10"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("no scenario begins with crate-10; there are start-100, "),
        "{text}"
    );
    let folder = TempDir::new().unwrap();
    let targets = other_targets(
        &folder,
        "[scenario.create-1]\ncalls = 3",
        "[scenario.create-1]\ncall = 3",
    );
    let (output, text) = command_line(&["--only", "create-1", "--targets", &targets]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("unknown field `call`") && text.contains("targets.toml"),
        "{text}"
    );
}

#[tokio::test]
async fn a_call_more_in_the_component_is_seen() {
    let mut plan = plan(&["create-1", "list-100-warm"]);
    plan.detour = Some(Box::new(|netbox| {
        Box::pin(detour::that_looks_before_each_vlan(netbox))
    }));
    let outcome = plan.run().await.unwrap();
    assert!(!outcome.is_met());
    let created = missed_checks(row(&outcome, "create-1", "segment-edge"));
    assert!(created.contains(&("calls", 3.0, 4.0)), "{created:?}");
    assert!(created.contains(&("depth", 3.0, 4.0)), "{created:?}");
    let read = missed_checks(row(&outcome, "list-100-warm", "segment-edge"));
    assert_eq!(read, [], "a read makes no VLAN");
    let text = missed(&outcome);
    assert!(text.contains("GET /api/ipam/vlans/"), "{text}");
}

#[tokio::test]
async fn a_rival_with_the_same_result_passes_and_one_that_leaves_something_out_does_not() {
    let rivals = || {
        let honest = Rival::new("honest", |netbox, token| {
            Ok(rival::honest(&wasm(), netbox, &token))
        });
        let lazy = Rival::new("lazy", |netbox, token| {
            Ok(rival::lazy(&wasm(), netbox, &token))
        });
        vec![honest, lazy]
    };
    let mut plan = plan(&["create-10/bulk"]);
    plan.rivals = rivals();
    let outcome = plan.run().await.unwrap();
    assert!(!outcome.is_met());
    let unmet: Vec<_> = outcome.unmet().collect();
    assert_eq!(unmet.len(), 1, "{unmet:#?}");
    assert_eq!(unmet[0].about, "create-10/bulk by lazy");
    assert!(
        unmet[0]
            .text
            .contains("missing here: VERIFY-1 172.31.9.0/24 VLAN 1009"),
        "{unmet:?}"
    );
    assert_eq!(row(&outcome, "create-10", "honest").figures.calls, 3);

    let target = plan.targets.scenario.get_mut("create-10/bulk").unwrap();
    target.differs.insert("lazy".into(), "it makes nine".into());
    let outcome = plan.run().await.unwrap();
    assert!(
        outcome.is_met(),
        "a known difference is told and passes: {}",
        missed(&outcome)
    );
    assert!(
        outcome
            .findings
            .iter()
            .any(|finding| finding.text.contains("it makes nine"))
    );
}

#[tokio::test]
async fn more_fuel_than_in_the_golden_file_is_seen_until_it_is_blessed() {
    let folder = TempDir::new().unwrap();
    let golden = folder.path().join("fuel.toml");
    let mut plan = plan(&["get-warm"]);
    plan.golden = golden.clone();
    plan.bless = true;
    assert!(plan.run().await.unwrap().is_met());
    let blessed = std::fs::read_to_string(&golden).unwrap();
    let fuel: u64 = blessed
        .lines()
        .find_map(|line| line.strip_prefix("fuel = "))
        .unwrap()
        .parse()
        .unwrap();

    let less = blessed.replace(
        &format!("fuel = {fuel}"),
        &format!("fuel = {}", fuel * 9 / 10),
    );
    std::fs::write(&golden, less).unwrap();
    plan.bless = false;
    let outcome = plan.run().await.unwrap();
    let missed = missed_checks(row(&outcome, "get-warm", "segment-edge"));
    assert_eq!(
        missed.iter().map(|check| check.0).collect::<Vec<_>>(),
        ["golden-fuel"]
    );

    plan.bless = true;
    assert!(plan.run().await.unwrap().is_met());
    plan.bless = false;
    assert!(plan.run().await.unwrap().is_met());
    Golden::read(&golden).unwrap();
}

#[test]
fn the_design_s_table_of_calls_is_covered() {
    let targets = Targets::built_in().unwrap();
    let calls = |key: &str| targets.scenario[key].calls;
    for (key, most) in [
        ("start-100", 1),
        ("new-instance-100", 0),
        ("reads-warm", 0),
        ("reads-after-write", 0),
        ("list-1000-cold", 2),
        ("list-10000-cold", 4),
        ("revalidate-100", 2),
        ("revalidate-10000", 2),
        ("create-1", 3),
        ("create-1-new-group", 4),
        ("create-10/bulk", 3),
        ("create-10/at-once", 8),
        ("create-10/one-by-one", 30),
        ("rename-10/bulk", 1),
        ("rename-10/at-once", 3),
        ("rename-10/one-by-one", 10),
        ("renumber-1", 1),
        ("allocate-10/one-by-one", 10),
        ("allocate-10/at-once", 3),
        ("release-10/one-by-one", 10),
        ("release-10/at-once", 3),
        ("delete-10/one-by-one", 20),
        ("delete-10/bulk", 2),
    ] {
        assert!(
            calls(key).is_some_and(|calls| calls <= most),
            "{key}: {:?}",
            calls(key)
        );
    }
}
