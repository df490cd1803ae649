//! The component as a [`Subject`]: one host or several on one store, asked without a socket.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures::future::join_all;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::subject::{Claim, Id, Manner, Seen, Subject, Wanted};
use crate::host::{Component, Host, KeyValue, Reuse, Settings, Source};

/// How long after one another requests "at once" come to one host: an instance takes on a request only while its others wait
/// for something, so those of one instant would get an instance each, as on Spin.
pub(super) const APART: Duration = Duration::from_millis(4);

/// The segment-edge component, in hosts that share a key-value store.
pub struct Edge {
    component: Component,
    settings: Settings,
    instances: usize,
    hosts: Vec<Host>,
    next: Cell<usize>,
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("instances", &self.instances)
            .finish_non_exhaustive()
    }
}

impl Edge {
    /// The component before this NetBox, in `instances` hosts that take turns. Each host keeps to one instance as far as the engine
    /// lets it.
    #[must_use]
    pub fn new(component: &Component, netbox_url: &str, token: &str, instances: usize) -> Self {
        let reuse = Reuse {
            max_requests: 1_000_000,
            max_concurrent: 1_000,
            idle: Duration::from_secs(600),
        };
        let settings = Settings::new()
            .variable("netbox_url", netbox_url)
            .variable("netbox_token", token)
            .variable("auth", "off")
            .allow_host(netbox_url)
            .reuse(reuse);
        Self {
            component: component.clone(),
            settings,
            instances,
            hosts: Vec::new(),
            next: Cell::new(0),
        }
    }

    /// Sets a variable of the component.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.settings = self.settings.variable(name, value);
        self
    }

    /// The hosts that run.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The store that the hosts share.
    #[must_use]
    pub fn store(&self) -> &KeyValue {
        &self.settings.store
    }

    /// Whether each host has kept to one instance.
    #[must_use]
    pub fn is_one_instance_each(&self) -> bool {
        self.hosts.iter().all(|host| host.instances_started() <= 1)
    }

    /// The most linear memory of any instance, in bytes.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let peaks = self.hosts.iter().map(|host| host.peak_memory() as u64);
        peaks.max().unwrap_or(0)
    }

    /// The fuel used so far by all hosts; 0 unless the component is metered.
    ///
    /// An instance's fuel is known when its next request begins, so one is sent: the smallest there is. Its own fuel is measured by
    /// sending another, and taken off what comes after.
    ///
    /// # Errors
    /// When the component does not answer.
    pub async fn fuel(&self) -> anyhow::Result<FuelMark> {
        let mut mark = FuelMark::default();
        for host in &self.hosts {
            if host.instances_started() == 0 {
                continue;
            }
            alive(host).await?;
            let before = host.fuel_used();
            alive(host).await?;
            mark.used += host.fuel_used();
            mark.of_a_probe += host.fuel_used() - before;
        }
        Ok(mark)
    }

    /// The fuel used since a mark, once every instance has ended; background work included.
    pub async fn fuel_since(&self, mark: FuelMark) -> u64 {
        let mut used = 0;
        for host in &self.hosts {
            host.recycle_and_wait().await;
            used += host.fuel_used();
        }
        used.saturating_sub(mark.used + mark.of_a_probe)
    }

    /// Ends all hosts and their instances, which would live on for their idle time otherwise.
    pub async fn stop(&mut self) {
        for host in self.hosts.drain(..) {
            host.stop().await;
        }
    }

    fn host(&self) -> anyhow::Result<&Host> {
        let turn = self.next.get();
        self.next.set(turn + 1);
        let at = turn % self.hosts.len().max(1);
        self.hosts.get(at).context("the component is not started")
    }

    /// Sends one request to the host whose turn it is; the answer whatever it is.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Response<Bytes>> {
        send(self.host()?, method, path, body).await
    }

    /// Sends one request and reads the JSON of its answer.
    ///
    /// # Errors
    /// When the answer is no success, or no JSON where there should be some.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        read(&method, path, &self.send(method.clone(), path, body).await?)
    }

    /// Sends requests in a manner other than bulk; the answers in their order.
    async fn each(
        &self,
        manner: Manner,
        requests: &[(Method, String, Value)],
    ) -> anyhow::Result<Vec<Value>> {
        let mut answers = Vec::new();
        if manner == Manner::AtOnce {
            let mut under_way = Vec::new();
            for (n, (method, path, body)) in requests.iter().enumerate() {
                let host = self.host()?;
                let round = u32::try_from(n / self.hosts.len().max(1))?;
                under_way.push(async move {
                    tokio::time::sleep(APART * round).await;
                    read(method, path, &send(host, method.clone(), path, body).await?)
                });
            }
            for answer in join_all(under_way).await {
                answers.push(answer?);
            }
        } else {
            for (method, path, body) in requests {
                answers.push(self.ask(method.clone(), path, body).await?);
            }
        }
        Ok(answers)
    }

    /// As a list in one request, or each by itself; the segments of the answers.
    async fn write(
        &self,
        manner: Manner,
        list: (Method, &str),
        requests: &[(Method, String, Value)],
        items: impl Fn(&Value, &str) -> Value,
    ) -> anyhow::Result<Vec<Value>> {
        if manner != Manner::Bulk {
            return self.each(manner, requests).await;
        }
        let items: Vec<Value> = requests
            .iter()
            .map(|(_, path, body)| items(body, path))
            .collect();
        let (method, path) = list;
        let answer = self.ask(method, path, &items.into()).await?;
        let results = answer["results"]
            .as_array()
            .context("a list was answered without `results`")?;
        Ok(results
            .iter()
            .map(|result| result["segment"].clone())
            .collect())
    }
}

/// A place in the use of fuel; see [`Edge::fuel`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FuelMark {
    used: u64,
    of_a_probe: u64,
}

async fn alive(host: &Host) -> anyhow::Result<()> {
    let answer = send(host, Method::GET, "/api/health", &Value::Null).await?;
    ensure!(
        answer.status() == 200,
        "GET /api/health: {}",
        answer.status()
    );
    Ok(())
}

async fn send(
    host: &Host,
    method: Method,
    path: &str,
    body: &Value,
) -> anyhow::Result<Response<Bytes>> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://edge.test{path}"));
    let mut bytes = Bytes::new();
    if !body.is_null() {
        request = request.header("content-type", "application/json");
        bytes = Bytes::from(body.to_string());
    }
    let answer = host.handle(request.body(bytes)?).await?;
    if let Some(trap) = host.traps().first() {
        anyhow::bail!("the component trapped: {trap}");
    }
    if answer.status() == 500 && answer.body().is_empty() {
        let said = host.log().from_source(Source::Host);
        anyhow::bail!(
            "the host failed: {}",
            said.last().map_or("it does not say why", String::as_str)
        );
    }
    Ok(answer)
}

fn read(method: &Method, path: &str, answer: &Response<Bytes>) -> anyhow::Result<Value> {
    let (status, body) = (answer.status(), answer.body());
    ensure!(
        status.is_success() && status != 207,
        "{method} {path} was answered with {status}: {}",
        String::from_utf8_lossy(body)
    );
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body)
        .with_context(|| format!("the answer to {method} {path} is no JSON"))
}

fn id(segment: &Value) -> anyhow::Result<Id> {
    let id = segment["id"].as_str().context("a segment without an id")?;
    id.parse()
        .with_context(|| format!("{id} is not the id of a segment"))
}

fn seen(segment: &Value) -> anyhow::Result<Seen> {
    let text = |name: &str| segment[name].as_str().unwrap_or_default().to_owned();
    Ok(Seen {
        id: id(segment)?,
        site: text("site"),
        vrf: text("vrf"),
        vlan_id: segment["vlan_id"].as_u64().unwrap_or_default().try_into()?,
        epg_name: text("epg_name"),
        segment: text("segment"),
        clusters: text("cluster_name"),
    })
}

fn names(answer: &Value, field: &str) -> anyhow::Result<Vec<String>> {
    serde_json::from_value(answer[field].clone()).with_context(|| format!("no list of {field}"))
}

fn claim(claim: &Claim) -> Value {
    json!({"cluster_name": claim.cluster, "site": claim.site, "vrf": claim.vrf})
}

impl Subject for Edge {
    fn name(&self) -> &'static str {
        "segment-edge"
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.stop().await;
        self.settings.store = KeyValue::memory();
        for _ in 0..self.instances {
            self.hosts
                .push(Host::start(&self.component, self.settings.clone()).await?);
        }
        self.next.set(0);
        Ok(())
    }

    async fn restart(&mut self) -> anyhow::Result<()> {
        for host in &self.hosts {
            host.recycle_and_wait().await;
        }
        Ok(())
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        let list = self.ask(Method::GET, "/api/segments", &Value::Null).await?;
        let list = list.as_array().context("GET /api/segments gave no list")?;
        list.iter().map(seen).collect()
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        let path = format!("/api/segments/{id}");
        seen(&self.ask(Method::GET, &path, &Value::Null).await?)
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let sites = self.ask(Method::GET, "/api/sites", &Value::Null).await?;
        let vrfs = self.ask(Method::GET, "/api/vrfs", &Value::Null).await?;
        Ok((names(&sites, "sites")?, names(&vrfs, "vrfs")?))
    }

    async fn create(&self, wanted: &[Wanted], manner: Manner) -> anyhow::Result<Vec<Id>> {
        let body = |one: &Wanted| {
            json!({
                "site": one.site, "vrf": one.vrf, "vlan_id": one.vlan_id, "epg_name": one.epg_name,
                "segment": one.segment, "dhcp": one.dhcp,
            })
        };
        let one = |one: &Wanted| (Method::POST, "/api/segments".to_owned(), body(one));
        let requests: Vec<_> = wanted.iter().map(one).collect();
        let bulk = (Method::POST, "/api/segments/bulk");
        let made = self
            .write(manner, bulk, &requests, |body, _| body.clone())
            .await?;
        made.iter().map(id).collect()
    }

    async fn rename(&self, names: &[(Id, String)], manner: Manner) -> anyhow::Result<()> {
        let changes = names
            .iter()
            .map(|(id, name)| (*id, json!({"epg_name": name})));
        self.change(changes.collect(), manner).await
    }

    async fn renumber(&self, numbers: &[(Id, u16)], manner: Manner) -> anyhow::Result<bool> {
        let changes = numbers
            .iter()
            .map(|(id, vid)| (*id, json!({"vlan_id": vid})));
        self.change(changes.collect(), manner).await?;
        Ok(true)
    }

    async fn allocate(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<Vec<Id>> {
        let given = self.claims("/api/allocate-vlan", claims, manner).await?;
        given.iter().map(id).collect()
    }

    async fn release(&self, claims: &[Claim], manner: Manner) -> anyhow::Result<()> {
        self.claims("/api/release-vlan", claims, manner).await?;
        Ok(())
    }

    async fn delete(&self, ids: &[Id], manner: Manner) -> anyhow::Result<()> {
        let one = |id: &Id| (Method::DELETE, format!("/api/segments/{id}"), Value::Null);
        let requests: Vec<_> = ids.iter().map(one).collect();
        let bulk = (Method::DELETE, "/api/segments/bulk");
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        self.write(manner, bulk, &requests, |_, path| last(path).into())
            .await?;
        Ok(())
    }
}

impl Edge {
    async fn change(&self, changes: Vec<(Id, Value)>, manner: Manner) -> anyhow::Result<()> {
        let one = |(id, body): (Id, Value)| (Method::PATCH, format!("/api/segments/{id}"), body);
        let requests: Vec<_> = changes.into_iter().map(one).collect();
        let bulk = (Method::PATCH, "/api/segments/bulk");
        let item = |body: &Value, path: &str| {
            let mut item = body.clone();
            item["id"] = path.rsplit('/').next().unwrap_or_default().into();
            item
        };
        self.write(manner, bulk, &requests, item).await?;
        Ok(())
    }

    async fn claims(
        &self,
        path: &str,
        claims: &[Claim],
        manner: Manner,
    ) -> anyhow::Result<Vec<Value>> {
        let one = |one: &Claim| (Method::POST, path.to_owned(), claim(one));
        let requests: Vec<_> = claims.iter().map(one).collect();
        self.write(manner, (Method::POST, path), &requests, |body, _| {
            body.clone()
        })
        .await
    }
}
