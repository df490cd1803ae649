//! `clients/ansible`, run by the ansible-core of its `requirements.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_harness::netbox::Double;
use bench_harness::venv;
use serde_json::{Value, json};

use crate::kit::{TOKEN, file, have, run, served, skip, text};
use crate::support::Edge;

/// `ansible-playbook`, installed when it is missing; `None` where that can't be done.
async fn ansible() -> Option<PathBuf> {
    if !have("python3") {
        return None;
    }
    let requirements = include_str!("../../clients/ansible/requirements.txt");
    let python = tokio::task::spawn_blocking(|| venv::python("clients", requirements)).await;
    match python.unwrap() {
        Ok(python) => Some(python.with_file_name("ansible-playbook")),
        Err(error) => {
            skip(&format!("{error:#}"));
            None
        }
    }
}

/// What a run says of itself in its last line.
#[derive(Debug, PartialEq, Eq)]
struct Recap {
    changed: usize,
    failed: usize,
}

async fn play(program: &Path, edge: &Edge, variables: &Value, more: &[&str]) -> (Recap, String) {
    let mut command = Command::new(program);
    command
        .arg(file("clients/ansible/segments.yml"))
        .args(["-i", "localhost,", "-e", &variables.to_string()])
        .args(more)
        .envs([("LC_ALL", "C.UTF-8"), ("ANSIBLE_NOCOLOR", "1")])
        .env("SEGMENT_EDGE_URL", edge.host.url())
        .env("SEGMENT_EDGE_TOKEN", TOKEN);
    let output = run(command).await;
    let said = text(&output.stdout) + &text(&output.stderr);
    let count = |what: &str| -> usize {
        let recap = said.split("PLAY RECAP").nth(1).expect(&said);
        let (_, after) = recap.split_once(&format!("{what}=")).expect(recap);
        after.split_whitespace().next().unwrap().parse().unwrap()
    };
    let recap = Recap {
        changed: count("changed"),
        failed: count("failed"),
    };
    assert!(!said.contains(TOKEN), "the token is shown:\n{said}");
    (recap, said)
}

#[track_caller]
fn assert_changed((recap, said): (Recap, String), changed: usize) {
    let expected = Recap { changed, failed: 0 };
    assert_eq!(recap, expected, "{said}");
}

fn wanted() -> Value {
    json!({
        "segments": [
            {"site": "site1", "vrf": "Network1", "vlan_id": 3100, "epg_name": "EPG_WEB", "segment": "172.20.100.0/24", "dhcp": true},
            {"site": "site1", "vrf": "Network1", "vlan_id": 3101, "epg_name": "EPG_DB", "segment": "172.20.101.0/24"},
        ],
        "allocations": [{"cluster_name": "shop", "site": "site1", "vrf": "Network1", "strategy": "last"}],
    })
}

fn writes(double: &Double) -> usize {
    double.ledger().calls().writes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_changes_nothing() {
    let Some(ansible) = ansible().await else {
        return;
    };
    let (double, edge) = served().await;
    let play =
        async |variables: &Value, more: &[&str]| play(&ansible, &edge, variables, more).await;

    // A check says what would change, and changes nothing.
    let before = writes(&double);
    let (checked, said) = play(&wanted(), &["--check"]).await;
    assert_eq!((checked.changed, checked.failed), (3, 0), "{said}");
    assert_eq!(writes(&double), before, "a check wrote to NetBox");

    assert_changed(play(&wanted(), &[]).await, 3);
    let before = writes(&double);
    assert_changed(play(&wanted(), &[]).await, 0);
    assert_eq!(writes(&double), before, "the second run wrote to NetBox");

    // What differs is changed, by one task; the other segment and the allocation stay.
    let mut renamed = wanted();
    renamed["segments"][1]["epg_name"] = json!("EPG_DB_NEW");
    assert_changed(play(&renamed, &[]).await, 1);
    assert_changed(play(&renamed, &[]).await, 0);

    let gone = json!({"releases": wanted()["allocations"].as_array().unwrap().iter().map(|a| {
        json!({"cluster_name": a["cluster_name"], "site": a["site"], "vrf": a["vrf"]})
    }).collect::<Vec<_>>()});
    assert_changed(play(&gone, &[]).await, 1);
    assert_changed(play(&gone, &[]).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_fails_the_run_and_is_shown() {
    let Some(ansible) = ansible().await else {
        return;
    };
    let (double, edge) = served().await;
    let before = writes(&double);
    let mut wrong = wanted();
    wrong["segments"][0]["segment"] = json!("172.20.100.1/24");
    let (recap, said) = play(&ansible, &edge, &wrong, &[]).await;
    assert_eq!((recap.changed, recap.failed), (0, 1), "{said}");
    assert!(said.contains("cidr-host-bits"), "{said}");
    assert_eq!(writes(&double), before);
}
