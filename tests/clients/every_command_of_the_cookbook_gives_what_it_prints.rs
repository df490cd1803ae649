//! `clients/curl/cookbook.md`: its commands, run one after another in one shell. `UPDATE_GOLDEN=1` writes what they print into it.

use std::process::Command;

use crate::console::{Part, join, masked, parts};
use crate::kit::{TOKEN, file, have, run, served, text};

/// Comes after each command's output; no command prints it.
const MARK: char = '\u{1e}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_from_top_to_bottom() {
    if !have("curl") || !have("bash") {
        return;
    }
    let path = file("clients/curl/cookbook.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let mut parts = parts(&document);
    assert_eq!(join(&parts), document, "a document ends with a line break");

    let mut script = String::from("exec 2>&1\n");
    for part in &parts {
        if let Part::Command { command, .. } = part {
            script.push_str(&format!("{command}\nprintf '{MARK}'\n"));
        }
    }
    let (_double, edge) = served().await;
    let folder = tempfile::tempdir().unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", &script])
        .current_dir(folder.path())
        .env("EDGE", edge.host.url())
        .env("TOKEN", TOKEN);
    let output = text(&run(bash).await.stdout);
    let mut outputs = output.split(MARK);

    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut commands = 0;
    for part in &mut parts {
        if let Part::Command { command, printed } = part {
            commands += 1;
            let output = outputs.next().unwrap_or_default().trim_end();
            if update && masked(output) != masked(printed.trim_end()) {
                *printed = format!("{output}\n").trim_start().to_owned();
            }
            assert_eq!(masked(output), masked(printed.trim_end()), "$ {command}");
        }
    }
    assert!(commands >= 25, "only {commands} commands were found");
    if update {
        std::fs::write(&path, join(&parts)).unwrap();
    }
}
