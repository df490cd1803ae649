//! `bench-harness report`.

use std::path::Path;
use std::process::{Command, Output};

use bench_harness::report;
use tempfile::TempDir;

use crate::fixture::fixture;

fn command(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let command = command.current_dir(folder).arg("report").args(arguments);
    command.output().unwrap()
}

fn folder(json: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("run.json"), json).unwrap();
    folder
}

#[test]
fn it_writes_the_page_and_prints_the_table() {
    let outcome = fixture();
    // Left there afterwards: to be looked at in a browser.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-of-the-fixture");
    std::fs::create_dir_all(&folder).unwrap();
    let json = serde_json::to_string(&outcome).unwrap();
    std::fs::write(folder.join("run.json"), json).unwrap();
    let table = report::table(&outcome);
    let printed = command(&folder, &["run.json"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), table);
    let written = command(&folder, &["run.json", "--html", "page.html"]);
    assert!(written.status.success() && written.stdout.is_empty());
    let page = std::fs::read_to_string(folder.join("page.html")).unwrap();
    assert_eq!(page, report::html(&outcome));
    let both = command(&folder, &["run.json", "--html", "page.html", "--table"]);
    assert_eq!(String::from_utf8(both.stdout).unwrap(), table);
}

#[test]
fn it_says_what_is_wrong_with_a_file() {
    let mut outcome = fixture();
    outcome.version = 2;
    let said = |json: &str| {
        let folder = folder(json);
        let output = command(folder.path(), &["run.json"]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let newer = said(&serde_json::to_string(&outcome).unwrap());
    assert!(
        newer.contains("run.json is of version 2; this program reads version 1"),
        "{newer}"
    );
    assert!(said("{}").contains("run.json is not what `verify --json` writes"));
}
