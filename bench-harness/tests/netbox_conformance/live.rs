//! Sends the table to the double and to a real NetBox, and compares what they answer.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use bench_harness::netbox::{Data, Double, DoubleSettings};
use futures::FutureExt;

use super::client::{Answer, Client};
use super::normal;
use super::sandbox;
use super::step::{Step, Who};
use super::table::table;

/// A server, its tokens, and what its answers gave us.
pub struct Side {
    pub client: Client,
    tokens: [Option<String>; 4],
    known: BTreeMap<String, String>,
}

impl Side {
    fn new(base: &str, tokens: [Option<String>; 4], tag: &str) -> Self {
        Self {
            client: Client::new(base),
            tokens,
            known: BTreeMap::from([("tag".to_owned(), tag.to_owned())]),
        }
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.known {
            text = text.replace(&format!("<{name}>"), value);
        }
        text
    }

    fn token(&self, who: Who) -> Option<String> {
        match who {
            Who::Full => self.tokens[0].clone(),
            Who::FullV1 => self.tokens[1].clone(),
            Who::ReadOnly => self.tokens[2].clone(),
            Who::NoPermissions => self.tokens[3].clone(),
            Who::WrongV1 => Some("0".repeat(40)),
            Who::WrongV2 => Some(format!("nbt_{}.{}", "0".repeat(12), "0".repeat(40))),
            Who::Nobody => None,
        }
    }

    async fn send(&mut self, step: &Step) -> Answer {
        let headers: Vec<(String, String)> = step
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), self.fill(value)))
            .collect();
        let body = step.body.as_ref().map(|body| self.fill(body));
        let token = self.token(step.who);
        let path = self.fill(&step.path);
        let answer = self
            .client
            .send(step.method, &path, token.as_deref(), &headers, body)
            .await;
        if let Some(name) = step.keep {
            let json = answer.json();
            let mut keep = |name: String, value: &serde_json::Value| {
                if let Some(id) = value["id"].as_u64() {
                    self.known.insert(name, id.to_string());
                }
            };
            keep(name.to_owned(), &json);
            for (n, item) in json.as_array().into_iter().flatten().enumerate() {
                keep(format!("{name}.{n}"), item);
            }
            if let Some(tag) = answer.header("etag") {
                self.known.insert(format!("{name}.etag"), tag.to_owned());
            }
        }
        answer
    }
}

/// The real NetBox of the environment. `None`: there is none, and none is called for.
fn real(tag: &str) -> Option<Side> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(url) = variable("NETBOX_URL") else {
        let wanted =
            variable("SEGMENT_EDGE_REAL").is_some_and(|v| v == "1") || variable("CI").is_some();
        assert!(
            !wanted,
            "NETBOX_URL is not set: start a NetBox with `cargo xtask netbox up`, and set what it prints"
        );
        eprintln!("skipped, since NETBOX_URL is not set: `cargo xtask netbox up` starts a NetBox");
        return None;
    };
    let token = |name: &str| {
        Some(
            variable(name)
                .unwrap_or_else(|| panic!("{name} is not set: `cargo xtask netbox up` prints it")),
        )
    };
    let tokens = [
        "NETBOX_TOKEN",
        "NETBOX_TOKEN_V1",
        "NETBOX_TOKEN_READONLY",
        "NETBOX_TOKEN_NOPERM",
    ];
    Some(Side::new(&url, tokens.map(token), tag))
}

pub async fn both_answer_alike() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let tag = format!("{:x}", now.unwrap().as_millis());
    let Some(mut real) = real(&tag) else { return };
    let double = Double::start(DoubleSettings::with(Data::NoSegments))
        .await
        .unwrap();
    let own = [
        double.token(),
        double.token_v1(),
        double.read_only_token(),
        double.no_permissions_token(),
    ];
    let mut ours = Side::new(&double.url(), own.map(|token| Some(token.to_owned())), &tag);
    let full = real.token(Who::Full);
    sandbox::clear(&real.client, full.as_deref()).await;
    let outcome = AssertUnwindSafe(compare(&mut real, &mut ours))
        .catch_unwind()
        .await;
    sandbox::clear(&real.client, full.as_deref()).await;
    match outcome {
        Ok((sent, wrong)) => {
            assert!(sent >= 60, "only {sent} requests were compared");
            assert!(
                wrong.is_empty(),
                "{} differences in {sent} requests:\n{}",
                wrong.len(),
                wrong.join("\n")
            );
        }
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

async fn compare(real: &mut Side, ours: &mut Side) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let steps = table();
    for step in &steps {
        let there = real.send(step).await;
        let here = ours.send(step).await;
        let name = format!(
            "{} {} by {:?} {}",
            step.method,
            step.path,
            step.who,
            step.body.as_deref().unwrap_or_default()
        );
        let name: String = name.chars().take(220).collect();
        if there.status != step.status {
            wrong.push(format!(
                "{name}: NetBox answers {} instead of {}: {}",
                there.status, step.status, there.text
            ));
        }
        let found = normal::differences(
            step.shape_only,
            (&real.client.base, &there),
            (&ours.client.base, &here),
        );
        wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    (steps.len(), wrong)
}
