//! Sends every recorded request to a double with the recorded data, and compares the answers with the recorded ones.

use std::collections::BTreeMap;
use std::path::Path;

use bench_harness::netbox::{Data, Double, DoubleSettings, Stamp};
use serde_json::Value;

use super::client::{Answer, Client};

/// What the double does not serve: allocation by NetBox itself, a race, and a database that is down. The races have a test of their own.
const NOT_SERVED: [&str; 9] = [
    "092-", "093-", "094-", "095-", "096-", "097-", "100-", "101-", "102-",
];

/// What the recording made that the double was not asked for, so that ids and counts differ afterwards.
const IN_PART: [&str; 1] = ["099-"];

/// When the recording began; earlier times belong to the data set and must be the same.
const RECORDING_BEGAN: &str = "2026-11-23T08:25:00Z";

/// Compares an answer with the recorded one, and learns which time here stands for which time there.
struct Comparison {
    base: String,
    times: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Comparison {
    fn time(&mut self, at: &str, there: &str, here: &str) {
        let (Some(old), Some(new)) = (Stamp::parse(there), Stamp::parse(here)) else {
            self.wrong
                .push(format!("{at}: {there} or {here} is no time"));
            return;
        };
        let began = Stamp::parse(RECORDING_BEGAN).unwrap();
        if old < began && old != new && !at.ends_with("/time") {
            self.wrong
                .push(format!("{at}: {there} expected, {here} found"));
        }
        self.times.insert(old.offset(), new.offset());
    }

    fn value(&mut self, at: &str, there: &Value, here: &Value) {
        match (there, here) {
            (Value::Object(old), Value::Object(new)) => {
                let keys = |map: &serde_json::Map<String, Value>| {
                    let mut keys: Vec<String> = map.keys().cloned().collect();
                    keys.sort();
                    keys
                };
                if keys(old) != keys(new) {
                    self.wrong.push(format!(
                        "{at}: keys {:?} expected, {:?} found",
                        keys(old),
                        keys(new)
                    ));
                    return;
                }
                for (key, old) in old {
                    self.value(&format!("{at}/{key}"), old, &new[key]);
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                if old.len() != new.len() {
                    self.wrong.push(format!(
                        "{at}: {} items expected, {} found",
                        old.len(),
                        new.len()
                    ));
                    return;
                }
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.value(&format!("{at}/{index}"), old, new);
                }
            }
            (Value::String(old), Value::String(new)) => {
                let old = old.replace("http://127.0.0.1:8001", &self.base);
                if ["/created", "/last_updated", "/time"]
                    .iter()
                    .any(|key| at.ends_with(key))
                {
                    self.time(at, &old, new);
                } else if !at.ends_with("/request_id") && old != *new {
                    self.wrong
                        .push(format!("{at}: {old} expected, {new} found"));
                }
            }
            (old, new) if old != new => {
                self.wrong
                    .push(format!("{at}: {old} expected, {new} found"));
            }
            _ => {}
        }
    }

    fn answer(&mut self, name: &str, there: &Value, here: &Answer, in_part: bool) {
        if there["status"] != u64::from(here.status) {
            self.wrong.push(format!(
                "{name}: status {} expected, {} found: {}",
                there["status"], here.status, here.text
            ));
            return;
        }
        for header in ["Content-Type", "ETag", "Location", "API-Version"] {
            match (there["headers"][header].as_str(), here.header(header)) {
                (None, None) => {}
                (Some(old), Some(new)) if header == "ETag" => {
                    let inner =
                        |tag: &str| tag.trim_start_matches("W/").trim_matches('"').to_owned();
                    self.time(&format!("{name} ETag"), &inner(old), &inner(new));
                }
                (Some(old), Some(new))
                    if old.replace("http://127.0.0.1:8001", &self.base) == new => {}
                (old, new) => self
                    .wrong
                    .push(format!("{name}: {header} {old:?} expected, {new:?} found")),
            }
        }
        match there["body_kind"].as_str() {
            Some("json") if !in_part => self.value(name, &there["body"], &here.json()),
            Some("text") if here.media_type() == "text/html" && here.text.contains("<!DOCTYPE") => {
            }
            Some("text") if there["body"] != here.text.as_str() => {
                self.wrong.push(format!(
                    "{name}: {} expected, {} found",
                    there["body"], here.text
                ));
            }
            _ => {}
        }
    }

    /// The same text with the times of the recording replaced by those that stand for them here.
    fn translate(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (there, here) in &self.times {
            text = text.replace(there, here);
        }
        text
    }
}

pub async fn every_recorded_answer() {
    let double = Double::start(DoubleSettings::with(Data::Recorded100))
        .await
        .unwrap();
    let client = Client::new(&double.url());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/netbox-4.7.3");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut comparison = Comparison {
        base: double.url(),
        times: BTreeMap::new(),
        wrong: Vec::new(),
    };
    let mut compared = 0;
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if NOT_SERVED.iter().any(|skip| name.starts_with(skip)) || !name.starts_with(['0', '1']) {
            continue;
        }
        let exchange: Value =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let request = &exchange["request"];
        let token = match request["auth"].as_str() {
            Some("v1") => Some(double.token_v1()),
            Some("v2") => Some(double.token()),
            Some("read-only") => Some(double.read_only_token()),
            Some("no-permissions") => Some(double.no_permissions_token()),
            Some("invalid") => Some("nbt_000000000000.0000000000000000000000000000000000000000"),
            _ => None,
        };
        let mut headers = Vec::new();
        for (header, value) in request["headers"].as_object().unwrap() {
            headers.push((
                header.clone(),
                comparison.translate(value.as_str().unwrap()),
            ));
        }
        if name.starts_with("051-") {
            headers.push(("Accept".into(), "application/json; version=4.5".into()));
        }
        let body = match &request["body"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let path = request["path"].as_str().unwrap();
        let answer = client
            .send(
                request["method"].as_str().unwrap(),
                path,
                token,
                &headers,
                body,
            )
            .await;
        let in_part = IN_PART.iter().any(|part| name.starts_with(part));
        comparison.answer(&name, &exchange["response"], &answer, in_part);
        compared += 1;
    }
    assert!(compared > 85, "only {compared} recordings were found");
    assert!(
        comparison.wrong.is_empty(),
        "{} differences in {compared} exchanges:\n{}",
        comparison.wrong.len(),
        comparison.wrong.join("\n")
    );
}
