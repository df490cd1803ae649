//! The component as a subject, as far as these tests need it.

use std::fmt;
use std::path::Path;

use bench_harness::host::{Component, Host, Metering, Settings};
use bench_harness::netbox::Double;
use bench_harness::verify::{Claim, Id, Manner, Seen, Subject, Wanted};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

pub(crate) struct Edge(Host);

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge")
    }
}

impl Edge {
    pub(crate) async fn before(double: &Double) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let wasm = root.join("target/wasm32-wasip2/release/segment_edge.wasm");
        let component =
            Component::load_cached(&wasm, Metering::Off).expect("run `cargo xtask build` first");
        let settings = Settings::new()
            .variable("netbox_url", double.url())
            .variable("netbox_token", double.token())
            .variable("auth", "off")
            .allow_host(double.url());
        Self(Host::start(&component, settings).await.unwrap())
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://edge.test{path}"))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))?;
        let response = self.0.handle(request).await?;
        let text = String::from_utf8_lossy(response.body()).into_owned();
        anyhow::ensure!(response.status().is_success(), "{method} {path}: {text}");
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn id(segment: &Value) -> Id {
    segment["id"].as_str().unwrap().parse().unwrap()
}

fn seen(segment: &Value) -> Seen {
    Seen {
        id: id(segment),
        site: text(&segment["site"]),
        vrf: text(&segment["vrf"]),
        vlan_id: u16::try_from(segment["vlan_id"].as_u64().unwrap()).unwrap(),
        epg_name: text(&segment["epg_name"]),
        segment: text(&segment["segment"]),
        clusters: text(&segment["cluster_name"]),
    }
}

fn claim(claim: &Claim) -> Value {
    json!({"cluster_name": claim.cluster, "site": claim.site, "vrf": claim.vrf})
}

/// One after another, whatever the manner: here only the result counts.
impl Subject for Edge {
    fn name(&self) -> &'static str {
        "segment-edge"
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.list().await.map(drop)
    }

    async fn list(&self) -> anyhow::Result<Vec<Seen>> {
        let all = self.call("GET", "/api/segments", Value::Null).await?;
        Ok(all.as_array().unwrap().iter().map(seen).collect())
    }

    async fn get(&self, id: Id) -> anyhow::Result<Seen> {
        let path = format!("/api/segments/{id}");
        Ok(seen(&self.call("GET", &path, Value::Null).await?))
    }

    async fn references(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let names = async |list: &str| {
            let path = format!("/api/{list}");
            let all = self.call("GET", &path, Value::Null).await?;
            let names = all[list].as_array().cloned().unwrap_or_default();
            anyhow::Ok(names.iter().map(text).collect())
        };
        Ok((names("sites").await?, names("vrfs").await?))
    }

    async fn create(&self, wanted: &[Wanted], _: Manner) -> anyhow::Result<Vec<Id>> {
        let mut ids = Vec::new();
        for wanted in wanted {
            let body = json!({
                "site": wanted.site, "vrf": wanted.vrf, "vlan_id": wanted.vlan_id, "epg_name": wanted.epg_name,
                "segment": wanted.segment, "dhcp": wanted.dhcp,
            });
            ids.push(id(&self.call("POST", "/api/segments", body).await?));
        }
        Ok(ids)
    }

    async fn rename(&self, names: &[(Id, String)], _: Manner) -> anyhow::Result<()> {
        for (id, name) in names {
            let path = format!("/api/segments/{id}");
            self.call("PATCH", &path, json!({"epg_name": name})).await?;
        }
        Ok(())
    }

    async fn renumber(&self, numbers: &[(Id, u16)], _: Manner) -> anyhow::Result<bool> {
        for (id, number) in numbers {
            let path = format!("/api/segments/{id}");
            self.call("PATCH", &path, json!({"vlan_id": number}))
                .await?;
        }
        Ok(true)
    }

    async fn allocate(&self, claims: &[Claim], _: Manner) -> anyhow::Result<Vec<Id>> {
        let mut ids = Vec::new();
        for wanted in claims {
            let given = self
                .call("POST", "/api/allocate-vlan", claim(wanted))
                .await?;
            ids.push(id(&given));
        }
        Ok(ids)
    }

    async fn release(&self, claims: &[Claim], _: Manner) -> anyhow::Result<()> {
        for held in claims {
            self.call("POST", "/api/release-vlan", claim(held)).await?;
        }
        Ok(())
    }

    async fn delete(&self, ids: &[Id], _: Manner) -> anyhow::Result<()> {
        for id in ids {
            let path = format!("/api/segments/{id}");
            self.call("DELETE", &path, Value::Null).await?;
        }
        Ok(())
    }
}
