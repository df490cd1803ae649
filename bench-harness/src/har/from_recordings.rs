//! The project's own recordings of NetBox, one JSON file an exchange, as one HAR.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use url::Url;

use super::exchange::Exchange;
use super::model::{Entry, Har};
use super::scrub::{ELSEWHERE, Scrubber};

/// Where the recorded NetBox was.
const RECORDED_AT: &str = "http://127.0.0.1:8001";

#[derive(Deserialize)]
struct Recording {
    name: String,
    note: String,
    netbox: String,
    request: Asked,
    response: Answered,
    elapsed_ms: f64,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    path: String,
    auth: Option<String>,
    headers: BTreeMap<String, String>,
    body: Value,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// Makes one HAR of the recordings in a folder (`001-status.json` and so on), without secrets. The same folder gives the same HAR.
///
/// # Errors
/// When a file can't be read or is no recording (the message names it), there is none, or a secret is left.
pub fn from_recordings(folder: &Path) -> anyhow::Result<Har> {
    let scrubber = Scrubber::before(&Url::parse(RECORDED_AT)?);
    let listed =
        std::fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let mut files = Vec::new();
    for file in listed {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(|first: char| first.is_ascii_digit()) && name.ends_with(".json") {
            files.push(path);
        }
    }
    files.sort();
    let mut entries = Vec::new();
    let mut netbox = String::new();
    for file in &files {
        let read = || -> anyhow::Result<(Entry, String)> {
            let recording: Recording = serde_json::from_str(&std::fs::read_to_string(file)?)?;
            let version = recording.netbox.clone();
            Ok((recording.entry(&scrubber)?, version))
        };
        let (entry, version) =
            read().with_context(|| format!("{} is no recording", file.display()))?;
        entries.push(entry);
        netbox = version;
    }
    anyhow::ensure!(
        !entries.is_empty(),
        "{} has no recordings: files like 001-status.json",
        folder.display()
    );
    let har = Har::of(
        entries,
        &format!(
            "a NetBox {netbox} with 100 segments, exchange by exchange; names and secrets are removed"
        ),
    );
    scrubber.check(&har)?;
    Ok(har)
}

impl Recording {
    fn entry(&self, scrubber: &Scrubber) -> anyhow::Result<Entry> {
        let mut request = http::Request::builder()
            .method(self.request.method.as_str())
            .uri(&self.request.path);
        for (name, value) in &self.request.headers {
            request = request.header(name, value);
        }
        if self.request.auth.is_some() {
            request = request.header("Authorization", "(removed)");
        }
        let mut response = http::Response::builder().status(self.response.status);
        for (name, value) in &self.response.headers {
            response = response.header(name, value);
        }
        let elapsed = Duration::from_secs_f64(self.elapsed_ms / 1e3);
        let date = self.response.headers.get("Date").map(String::as_str);
        let answered = date.and_then(|date| OffsetDateTime::parse(date, &Rfc2822).ok());
        let exchange = Exchange {
            request: request.body(bytes(&self.request.body))?,
            response: response.body(bytes(&self.response.body))?,
            began: answered.unwrap_or(OffsetDateTime::UNIX_EPOCH) - elapsed,
            waited: elapsed,
            received: Duration::ZERO,
        };
        let mut entry = exchange.entry(ELSEWHERE);
        scrubber.entry(&mut entry);
        let note = if self.note.is_empty() {
            String::new()
        } else {
            format!(": {}", self.note)
        };
        entry.comment = Some(format!("{}{note}", self.name));
        Ok(entry)
    }
}

fn bytes(body: &Value) -> Bytes {
    match body {
        Value::Null => Bytes::new(),
        Value::String(text) => Bytes::from(text.clone()),
        json => Bytes::from(json.to_string()),
    }
}
