//! Components before doubles, and the command.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use bench_harness::compare::{Known, Report};
use bench_harness::host::{Component, Host, Metering, Settings};
use bench_harness::netbox::{Cell, Data, Db, Double, DoubleSettings, Kind};
use serde_json::json;
use tempfile::TempDir;

pub(crate) fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let wasm = root.join("target/wasm32-wasip2/release/segment_edge.wasm");
        Component::load_cached(&wasm, Metering::Off).expect("run `cargo xtask build` first")
    })
}

/// The recorded NetBox, with some segments allocated and one released as both services do it, and with a VLAN id that is out of the order
/// of the ids and contains another one, which is in no other field of its segment.
pub(crate) async fn double() -> Arc<Double> {
    let double = Double::start(DoubleSettings::with(Data::Recorded100))
        .await
        .unwrap();
    double.edit(|db| {
        for id in [2, 3] {
            set_status(db, id, "reserved");
        }
        set_status(db, 5, "reserved");
        db.set_custom_field(5, "Cluster", json!(null));
        let vlan = db.get(Kind::Prefix, 11).unwrap().reference("vlan").unwrap();
        assert!(db.renumber_vlan(vlan, 1000));
    });
    Arc::new(double)
}

pub(crate) fn set_status(db: &mut Db, prefix: u64, status: &str) {
    assert!(db.change(Kind::Prefix, prefix, |row| {
        row.set("status", Cell::Text(status.into()))
    }));
}

pub(crate) fn settings(double: &Double) -> Settings {
    Settings::new()
        .variable("netbox_url", double.url())
        .variable("netbox_token", double.token())
        .variable("auth", "off")
        .allow_host(double.url())
}

pub(crate) async fn edge(double: &Double) -> Host {
    Host::start(component(), settings(double)).await.unwrap()
}

/// What the command printed and wrote.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) text: String,
    /// The file of `--json`; none when it was not written.
    pub(crate) report: Option<Report>,
}

impl Ran {
    pub(crate) fn report(&self) -> &Report {
        self.report
            .as_ref()
            .unwrap_or_else(|| panic!("no report: {}", self.text))
    }

    pub(crate) fn known(&self) -> Vec<Known> {
        self.report()
            .known
            .iter()
            .map(|known| known.known)
            .collect()
    }

    /// The unexplained differences: route, segment, field.
    pub(crate) fn places(&self) -> Vec<(String, Option<String>, String)> {
        let differences = self.report().differences.iter();
        let place = |d: &bench_harness::compare::Difference| {
            (
                d.route.clone(),
                d.place.segment.clone(),
                d.place.field.clone(),
            )
        };
        differences.map(place).collect()
    }
}

/// Runs the real command.
pub(crate) async fn compare(left: &str, right: &str, more: &[&str]) -> Ran {
    with_tokens(left, right, more, &[]).await
}

/// The same with environment variables.
pub(crate) async fn with_tokens(
    left: &str,
    right: &str,
    more: &[&str],
    tokens: &[(&str, &str)],
) -> Ran {
    let folder = TempDir::new().unwrap();
    let file: PathBuf = folder.path().join("report.json");
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_bench-harness"))
        .args(["compare", "--left", left, "--right", right, "--json"])
        .arg(&file)
        .args(more)
        .envs(tokens.iter().copied())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let text = [&output.stdout, &output.stderr]
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .concat();
    for (_, token) in tokens {
        assert!(
            !text.contains(token) && !written.contains(token),
            "a token is shown: {text}"
        );
    }
    let report = (!written.is_empty()).then(|| serde_json::from_str(&written).unwrap());
    Ran {
        code: output.status.code().unwrap(),
        text,
        report,
    }
}
