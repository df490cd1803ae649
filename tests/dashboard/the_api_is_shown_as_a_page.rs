use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use bench_harness::netbox::Data;
use serde_json::Value;

use crate::browser::{Tab, blank};
use crate::nothing_foreign_gets_in::{TOKENS, WRITER};
use crate::support::contract::{description, resolved};
use crate::support::{Edge, double, settings};

/// Makes curl fail on answers that are no success, and say why.
const STRICT_CURL: &str = "curl() { command curl -sS --fail-with-body --noproxy '*' \"$@\"; }";

/// An operation as the description has it.
struct Described {
    method: String,
    path: &'static str,
    /// Parameters, those of the path too.
    parameters: Vec<&'static Value>,
    operation: &'static Value,
}

/// All operations, by their ids.
fn described() -> BTreeMap<&'static str, Described> {
    let paths = description()["paths"].as_object().unwrap();
    let mut all = BTreeMap::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            let lists = [&item["parameters"], &operation["parameters"]];
            let parameters = lists.into_iter().filter_map(Value::as_array).flatten();
            let one = Described {
                method: method.to_ascii_uppercase(),
                path,
                parameters: parameters.map(resolved).collect(),
                operation,
            };
            all.insert(id, one);
        }
    }
    all
}

/// The page, shown, before the recorded segments and with tokens on.
async fn shown() -> Option<(bench_harness::netbox::Double, Edge, Tab)> {
    let double = double(Data::Recorded100).await;
    let guarded = settings(&double.url(), double.token())
        .variable("auth", "on")
        .variable("api_tokens", TOKENS);
    let edge = Edge::start(guarded).await;
    let tab = blank(&edge.host.url()).await?;
    let url = format!("{}/docs", edge.host.url());
    tab.page.goto(url).await.unwrap();
    tab.until("document.querySelector('#status')?.textContent === ''")
        .await;
    Some((double, edge, tab))
}

/// A text of each operation on the page, by its id.
async fn texts(tab: &Tab, part: &str) -> BTreeMap<String, String> {
    let asked = format!(
        "Object.fromEntries([...document.querySelectorAll('.operation')].map((one) => [one.id, one{part}.textContent]))"
    );
    serde_json::from_value(tab.eval(&asked).await).unwrap()
}

async fn commands(tab: &Tab) -> BTreeMap<String, String> {
    texts(tab, ".querySelector('.command')").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_problem_and_schema_is_on_the_page_and_nothing_foreign_is_loaded() {
    let Some((double, _edge, tab)) = shown().await else {
        return;
    };
    let texts = texts(&tab, "").await;
    let described = described();
    assert_eq!(texts.len(), described.len());
    for (id, one) in &described {
        let text = &texts[*id];
        let head = format!("{}{}", one.method, one.path);
        assert!(text.starts_with(&head), "{id}: {text}");
        let names = one.parameters.iter().map(|p| p["name"].as_str().unwrap());
        let statuses = one.operation["responses"].as_object().unwrap();
        let summary = one.operation["summary"].as_str().unwrap();
        let needed = names
            .chain(statuses.keys().map(String::as_str))
            .chain([summary]);
        for part in needed {
            assert!(text.contains(part), "{id} without {part}: {text}");
        }
    }
    let parts = &description()["components"];
    let problems = tab.text("#problems").await;
    let kinds = parts["schemas"]["Problem"]["properties"]["type"]["enum"].as_array();
    for kind in kinds.unwrap() {
        let word = kind.as_str().unwrap().rsplit(':').next().unwrap();
        assert!(problems.contains(word), "{word}: {problems}");
        let remedy = parts["examples"][word]["description"].as_str().unwrap();
        assert!(problems.contains(&remedy.replace('`', "")), "{remedy}");
    }
    for name in parts["schemas"].as_object().unwrap().keys() {
        assert_eq!(tab.count(&format!("[id='schema-{name}']")).await, 1);
    }
    let dangling = "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href')).filter((to) => !document.getElementById(to.slice(1)))";
    assert_eq!(tab.eval(dangling).await, Value::Array(Vec::new()));
    let requests = tab.requests();
    assert!(
        !requests.iter().any(|url| url.contains("favicon")),
        "{requests:?}"
    );
    assert_eq!(tab.refused(), Vec::<String>::new());
    assert_eq!(double.ledger().count(), 0);
    tab.close_after("/api/openapi.json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_have_an_icon_that_takes_no_request() {
    let Some((_double, edge, tab)) = shown().await else {
        return;
    };
    let icon = "document.querySelector('link[rel=icon]').href";
    for path in ["/docs", "/"] {
        let url = format!("{}{path}", edge.host.url());
        tab.page.goto(url).await.unwrap();
        tab.until("document.querySelector('link[rel=icon]')").await;
        let icon = tab.eval(icon).await;
        assert!(
            icon.as_str().unwrap().starts_with("data:image/"),
            "{path}: {icon}"
        );
        // It is one that the browser can draw.
        let drawn = "new Promise((done) => { const i = new Image(); i.onload = () => done(true); i.onerror = () => done(false); i.src = document.querySelector('link[rel=icon]').href; })";
        assert_eq!(tab.eval(drawn).await, true, "{path}");
    }
    tab.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_shown_command_proves_itself_as_its_operation_wants() {
    let Some((_double, _edge, tab)) = shown().await else {
        return;
    };
    let commands = commands(&tab).await;
    for (id, one) in described() {
        let command = &commands[id];
        let ways = one.operation["security"].as_array();
        let (token, signature) = match ways {
            None => (true, false),
            Some(ways) => (false, ways.iter().any(|way| way["signature"].is_array())),
        };
        assert_eq!(command.contains("Authorization: Bearer $TOKEN"), token);
        assert_eq!(
            command.contains("X-Hook-Signature: $SIGNATURE"),
            signature,
            "{command}"
        );
        for required in one.parameters.iter().filter(|p| p["required"] == true) {
            let example = required["example"].as_str().unwrap();
            let sent = example.replace('/', "%2F");
            assert!(command.contains(&sent), "{sent} is not in {command}");
        }
        assert!(!command.contains('{') || one.operation["requestBody"].is_object());
    }
    tab.close_after("/api/openapi.json").await;
}

/// Runs a command of the page in a folder.
async fn run(command: &str, folder: &Path, edge: &Edge) -> Output {
    let mut bash = Command::new("bash");
    bash.arg("-c")
        .arg(format!("{STRICT_CURL}\n{command}"))
        .current_dir(folder)
        .env("EDGE", edge.host.url())
        .env("TOKEN", WRITER);
    tokio::task::spawn_blocking(move || bash.output())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shown_commands_that_read_all_succeed() {
    let Some((_double, edge, tab)) = shown().await else {
        return;
    };
    let commands = commands(&tab).await;
    let folder = tempfile::tempdir().unwrap();
    let made = run(&commands["createSegment"], folder.path(), &edge).await;
    let made: Value = serde_json::from_slice(&made.stdout).expect("a segment");
    assert_eq!(made["id"], "101", "the id that the other examples have");
    let mut found = 0;
    for (id, one) in described() {
        if one.method != "GET" {
            continue;
        }
        let command = &commands[id];
        let output = run(command, folder.path(), &edge).await;
        assert!(output.status.success(), "{command}: {output:?}");
        let saved = command.contains("-OJ");
        assert_eq!(saved, id.starts_with("export"), "{command}");
        assert_eq!(output.stdout.is_empty(), saved, "{command}");
        found += 1;
    }
    assert!(found >= 12, "{found} commands");
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 4, "one for each export");
    tab.close_after("/api/openapi.json").await;
}
