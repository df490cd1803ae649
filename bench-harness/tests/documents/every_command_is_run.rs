//! Each document's commands in one shell, from top to bottom. `UPDATE_GOLDEN=1` writes what they print into it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use crate::commands::{Command, commands};
use crate::console::masked;
use crate::files::{Document, document, root};
use crate::ground::Ground;
use crate::not_run::reason;
use crate::script::run;

/// A folder like the repository after a build, in which commands may leave what they make.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let link = |to: &Path, at: &str| {
        let at = folder.path().join(at);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, at).unwrap();
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_bench-harness"));
    link(binary, "target/release/bench-harness");
    link(&root().join("target/wasm32-wasip2"), "target/wasm32-wasip2");
    let recordings = "bench-harness/recordings/netbox-4.7.3";
    link(&root().join(recordings), recordings);
    folder
}

/// Whether all programs are there that documents use; if not, the test is skipped, which CI does not take.
fn have_programs() -> bool {
    let found = |name: &&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    };
    let missing: Vec<&str> = ["bash", "curl", "jq", "openssl", "sha256sum", "split"]
        .into_iter()
        .filter(|name| !found(name))
        .collect();
    if !missing.is_empty() {
        let why = format!("{missing:?} can't be found; `cargo xtask test` installs it on Debian");
        assert!(std::env::var_os("CI").is_none_or(|v| v.is_empty()), "{why}");
        println!("skipped: {why}");
    }
    missing.is_empty()
}

/// Runs all commands of a document that have no reason not to be run.
async fn run_all(name: &str) {
    if !have_programs() {
        return;
    }
    let document = document(name);
    let commands = commands(&document);
    let mut grounds: BTreeMap<&str, Arc<Ground>> = BTreeMap::new();
    let mut todo: Vec<(&Command, Arc<Ground>)> = Vec::new();
    for command in commands.iter().filter(|c| reason(name, &c.text).is_none()) {
        if !grounds.contains_key(command.ground.as_str()) {
            let ground = Ground::named(&command.ground).await;
            grounds.insert(&command.ground, Arc::new(ground));
        }
        todo.push((command, Arc::clone(&grounds[command.ground.as_str()])));
    }
    assert!(!todo.is_empty(), "{name} has no command that is run");
    let pairs: Vec<(&Command, &Ground)> = todo.iter().map(|(c, g)| (*c, &**g)).collect();
    let folder = folder();
    let outcomes = run(folder.path(), &pairs).await;

    let mut updated = document.text.clone();
    let mut wrong = Vec::new();
    for ((command, _), outcome) in todo.iter().zip(&outcomes).rev() {
        let at = format!("{name}:{}: $ {}", command.line, command.text);
        let output = outcome.output.trim();
        if outcome.code != "0" {
            wrong.push(format!("{at}\nended with {}: {output}", outcome.code));
        }
        let Some((printed, range)) = &command.printed else {
            continue;
        };
        if masked(output) != masked(printed.trim()) {
            let lines = if output.is_empty() { "" } else { "\n" };
            updated.replace_range(range.clone(), &format!("{output}{lines}"));
            wrong.push(format!(
                "{at}\nprinted\n{output}\nand not\n{}",
                printed.trim()
            ));
        }
    }
    wrong.reverse();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(root().join(name), updated).unwrap();
    }
    println!(
        "{name}: {} of {} commands were run",
        todo.len(),
        commands.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

macro_rules! documents {
    ($($test:ident: $name:literal,)*) => {
        /// The documents whose commands are run here.
        const RUN: &[&str] = &[$($name),*];
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                run_all($name).await;
            }
        )*
    };
}

documents! {
    of_the_readme: "README.md",
    of_the_api: "docs/API.md",
    of_the_harness: "docs/HARNESS.md",
    of_the_migration: "docs/MIGRATION.md",
    of_operations: "docs/OPERATIONS.md",
    of_deployment: "docs/DEPLOY.md",
    of_security: "docs/SECURITY.md",
}

#[test]
fn no_document_is_forgotten() {
    let has_work = |document: &Document| {
        let commands = commands(document);
        commands
            .iter()
            .any(|c| reason(&document.name, &c.text).is_none())
    };
    for document in crate::files::documents() {
        let listed = RUN.contains(&document.name.as_str());
        assert_eq!(listed, has_work(&document), "{}", document.name);
    }
}
