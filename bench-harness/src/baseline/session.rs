//! A session with NetBox's REST API as the Python service had one: connections kept, and so many calls at once.

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::netbox::{Api, Secret};

/// The idle connections that a session of `requests`, on which pynetbox is built, keeps to a host.
const KEPT: usize = 10;
/// The threads that the service had for reading, and those for writing.
const READERS: usize = 30;
const WRITERS: usize = 20;
/// The most rows NetBox gives in an answer.
const PAGE: usize = 1_000;

#[derive(Debug)]
pub(super) struct Session {
    api: Api,
    readers: Semaphore,
    writers: Semaphore,
}

impl Session {
    pub(super) fn new(netbox: &Url, token: Secret) -> anyhow::Result<Self> {
        Ok(Self {
            api: Api::keeping(netbox, token, KEPT)?,
            readers: Semaphore::new(READERS),
            writers: Semaphore::new(WRITERS),
        })
    }

    /// One object: `ipam/prefixes/7`.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let _reader = self.readers.acquire().await?;
        self.api.call("GET", &format!("/api/{path}/"), None).await
    }

    /// All rows of a list that pass the filters, page by page. The addresses of the pages are made here: those that NetBox gives lead
    /// past a proxy.
    pub(super) async fn list(
        &self,
        list: &str,
        filters: &[(&str, &str)],
    ) -> anyhow::Result<Vec<Value>> {
        let filters: String = filters
            .iter()
            .map(|(name, value)| {
                let value: String = byte_serialize(value.as_bytes()).collect();
                format!("{name}={value}&")
            })
            .collect();
        let mut rows = Vec::new();
        loop {
            let path = format!("/api/{list}/?{filters}limit={PAGE}&offset={}", rows.len());
            let _reader = self.readers.acquire().await?;
            let mut page = self.api.call("GET", &path, None).await?;
            let found = page["results"].as_array_mut().map(std::mem::take);
            rows.extend(found.with_context(|| format!("{list} of NetBox is no list"))?);
            if page["next"].is_null() {
                return Ok(rows);
            }
        }
    }

    /// The first of the rows that pass the filters.
    pub(super) async fn find(&self, list: &str, filters: &[(&str, &str)]) -> anyhow::Result<Value> {
        let rows = self.list(list, filters).await?;
        rows.into_iter().next().with_context(|| {
            let told: Vec<String> = filters.iter().map(|(n, v)| format!("{n} {v}")).collect();
            format!("NetBox has nothing in {list} with {}", told.join(" and "))
        })
    }

    pub(super) async fn post(&self, list: &str, body: &Value) -> anyhow::Result<Value> {
        self.write("POST", list, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.write("PATCH", path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.write("DELETE", path, None).await.map(drop)
    }

    async fn write(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let _writer = self.writers.acquire().await?;
        self.api.call(method, &format!("/api/{path}/"), body).await
    }

    /// The VLAN group with this name, made for a site group when it is missing.
    pub(super) async fn group(&self, name: &str, site_group: u64) -> anyhow::Result<u64> {
        let there = async || {
            let rows = self.list("ipam/vlan-groups", &[("name", name)]).await?;
            anyhow::Ok(rows.first().map(super::rows::id))
        };
        if let Some(id) = there().await? {
            return id;
        }
        let body = json!({
            "name": name, "slug": name.to_lowercase(), "scope_type": "dcim.sitegroup", "scope_id": site_group,
        });
        match self.post("ipam/vlan-groups", &body).await {
            Ok(group) => super::rows::id(&group),
            // Somebody else may have made it in the meantime.
            Err(refused) => match there().await? {
                Some(id) => id,
                None => Err(refused),
            },
        }
    }
}
