//! Commands as one script for bash, and what came of each.

use std::path::Path;
use std::process::{Command as Program, Stdio};

use crate::commands::Command;
use crate::ground::Ground;

/// Comes after each command's output, and after its exit code; no command prints it.
const MARK: char = '\u{1e}';

/// `bench-harness` commands that serve until they are stopped, by their beginning, unless they have the second text in them.
const SERVERS: [(&str, &str); 4] = [
    ("bench-harness netbox-double", "--help"),
    ("bench-harness serve", "--help"),
    ("bench-harness record", "--scenario"),
    ("bench-harness replay", "--scenario"),
];

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What it printed, with the addresses of the document.
    pub(crate) output: String,
    /// Its exit code, as text.
    pub(crate) code: String,
}

/// Begins a script: both kinds of output go one way, curl is as quiet as it is on a terminal, and a NetBox token is what a person
/// would type.
const BEGIN: &str = r#"PATH="$PWD/target/release:$PATH"
exec 2>&1
curl() { command curl -sS "$@"; }
read() { printf -v "${@: -1}" %s "$NETBOX_TOKEN"; }
set -o pipefail
"#;

/// The text of a script that runs these commands one after another, each with the ground it is run on.
pub(crate) fn script(commands: &[(&Command, &Ground)]) -> String {
    let mut script = BEGIN.to_owned();
    for (at, (command, ground)) in commands.iter().enumerate() {
        let stays = at > 0 && std::ptr::eq(commands[at - 1].1, *ground);
        for (name, value) in ground.variables.iter().filter(|_| !stays) {
            script.push_str(&format!("export {name}='{value}'\n"));
        }
        let text = ground.to_here(&command.text);
        let last = commands
            .get(at + 1)
            .is_none_or(|(next, _)| next.block != command.block);
        match is_server(&text) {
            false => script.push_str(&text),
            true => script.push_str(&started(&text)),
        }
        script.push_str(&format!("\nprintf '{MARK}%s{MARK}' $?\n"));
        if last {
            script.push_str("[ -z \"$SERVERS\" ] || { kill $SERVERS; wait $SERVERS; SERVERS=; }\n");
        }
    }
    script
}

/// Whether the command goes on until it is stopped.
fn is_server(text: &str) -> bool {
    let text = text.trim_start_matches("./target/release/");
    SERVERS
        .iter()
        .any(|(begin, unless)| text.starts_with(begin) && !text.contains(unless))
}

/// Starts it beside the script and waits until it says where it is. What it says of NetBox's address and token is for the next commands,
/// as it would be for a person.
fn started(text: &str) -> String {
    // A comment would take the redirection along.
    let text = text.split("  #").next().unwrap_or_default();
    format!(
        r#"said=$(mktemp -p .)
{text} > "$said" 2>&1 &
SERVERS="$SERVERS $!"
for _ in $(seq 1200); do grep -q http:// "$said" && break; kill -0 $! || break; sleep 0.1; done
export $(grep -o 'NETBOX_[A-Z]*=[^ ]*' "$said") > /dev/null
cat "$said"
kill -0 $!"#
    )
}

/// Runs them in a folder, and says what came of each.
pub(crate) async fn run(folder: &Path, commands: &[(&Command, &Ground)]) -> Vec<Outcome> {
    let mut bash = Program::new("bash");
    bash.args(["-c", &script(commands)])
        .current_dir(folder)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || bash.output())
        .await
        .unwrap()
        .expect("there is bash");
    let output = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let mut pieces = output.split(MARK);
    let outcome = |(command, ground): &(&Command, &Ground)| {
        let (Some(output), Some(code)) = (pieces.next(), pieces.next()) else {
            panic!("the shell ended at `{}`: {output}", command.text);
        };
        Outcome {
            output: ground.to_document(output),
            code: code.to_owned(),
        }
    };
    commands.iter().map(outcome).collect()
}
