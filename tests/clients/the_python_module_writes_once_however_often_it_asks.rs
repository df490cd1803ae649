//! `clients/python/segment_edge.py`, run as a program.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::kit::{READ_TOKEN, TOKEN, file, have, run, served, text};

const PLACE: [&str; 4] = ["--site", "site1", "--vrf", "Network1"];

const CREATE: [&str; 10] = [
    "create",
    "--vlan-id",
    "3300",
    "--epg-name",
    "EPG_PY",
    "--segment",
    "172.20.30.0/24",
    "--dhcp",
    "--description",
    "made by a script",
];

async fn python(url: &str, token: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("python3");
    command
        .arg(file("clients/python/segment_edge.py"))
        .args(arguments)
        .env("SEGMENT_EDGE_URL", url)
        .env("SEGMENT_EDGE_TOKEN", token);
    run(command).await
}

#[track_caller]
fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_lists_every_page_creates_allocates_and_releases() {
    if !have("python3") {
        return;
    }
    let (_double, edge) = served().await;
    let url = edge.host.url();
    let ask = async |arguments: &[&str]| python(&url, TOKEN, arguments).await;

    let all = lines(&ask(&["list", "--limit", "7"]).await);
    assert_eq!(all.len(), 100, "15 pages");
    let free = lines(&ask(&["list", "--vrf", "Network1", "--allocated", "false"]).await);
    assert_eq!(free.len(), 12);

    let create: Vec<&str> = CREATE.into_iter().chain(PLACE).collect();
    let keyed: Vec<&str> = create
        .iter()
        .copied()
        .chain(["--key", "of-a-test"])
        .collect();
    let made = lines(&ask(&keyed).await);
    assert_eq!(made[0]["vlan_id"], 3300);
    assert_eq!(made[0]["dhcp"], true);
    assert_eq!(
        lines(&ask(&keyed).await),
        made,
        "the same key is the same write"
    );
    let again = ask(&create).await;
    assert_eq!(again.status.code(), Some(1));
    let said = text(&again.stderr);
    assert!(said.starts_with("409 Something is in the way:"), "{said}");
    assert!(said.contains("/vlan_id: "), "{said}");

    let place = |words: &[&'static str]| [words, PLACE.as_slice()].concat();
    let allocate = place(&["allocate", "--cluster", "shop", "--strategy", "last"]);
    let given = lines(&ask(&allocate).await);
    assert_eq!(given[0]["id"], made[0]["id"], "the highest VLAN id");
    assert_eq!(lines(&ask(&allocate).await)[0]["id"], given[0]["id"]);
    let release = place(&["release", "--cluster", "shop"]);
    assert_eq!(lines(&ask(&release).await)[0]["released"], true);
    let said = text(&ask(&release).await.stderr);
    assert!(said.starts_with("404 "), "{said}");

    let refused = python(&url, READ_TOKEN, &create).await;
    assert!(text(&refused.stderr).starts_with("403 "));
}

/// A server that refuses twice, then carries out; each of its answers asks for another pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_asked_again_when_it_says_and_with_the_same_key() {
    if !have("python3") {
        return;
    }
    let server = MockServer::start().await;
    for status in [503, 429] {
        let problem = json!({"type": "urn:segment-edge:problem:netbox-busy", "title": "busy"});
        let busy = ResponseTemplate::new(status)
            .insert_header("retry-after", "1")
            .set_body_raw(problem.to_string(), "application/problem+json");
        let create = Mock::given(method("POST")).and(path("/api/segments"));
        create
            .respond_with(busy)
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    let made = ResponseTemplate::new(201).set_body_json(json!({"id": "1"}));
    let create = Mock::given(method("POST")).and(path("/api/segments"));
    create.respond_with(made).mount(&server).await;

    let begun = Instant::now();
    let create: Vec<&str> = CREATE.into_iter().chain(PLACE).collect();
    let answer = lines(&python(&server.uri(), TOKEN, &create).await);
    assert_eq!(answer, [json!({"id": "1"})]);
    assert!(
        begun.elapsed() >= Duration::from_secs(2),
        "two pauses of 1 s"
    );
    let requests = server.received_requests().await.unwrap();
    let keys: Vec<_> = requests
        .iter()
        .map(|r| r.headers["idempotency-key"].clone())
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(
        keys.iter().all(|key| *key == keys[0] && key.len() == 36),
        "{keys:?}"
    );
    assert!(
        requests
            .iter()
            .all(|request| request.body == requests[0].body)
    );
}

/// The token goes to no other host, whatever a `Link` says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_elsewhere_is_not_followed() {
    if !have("python3") {
        return;
    }
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    let link = format!("<{}/api/segments?cursor=1>; rel=\"next\"", elsewhere.uri());
    let page = ResponseTemplate::new(200)
        .set_body_json(json!([{"id": "1"}]))
        .insert_header("link", link.as_str());
    Mock::given(method("GET"))
        .respond_with(page)
        .mount(&server)
        .await;
    let output = python(&server.uri(), TOKEN, &["list"]).await;
    assert!(!output.status.success());
    assert!(
        text(&output.stderr).contains("is not below"),
        "{}",
        text(&output.stderr)
    );
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}
