//! A VRF of its own in a NetBox, real or double: what lies there, and how it is furnished and cleared.

use std::collections::{BTreeMap, BTreeSet};

use bench_harness::netbox::Api;
use ipnet::IpNet;
use serde_json::{Value, json};

/// The sites that rounds play at, by slug and by name.
const SITES: [(&str, &str); 3] = [("site1", "Site1"), ("site2", "Site2"), ("site3", "Site3")];

/// A segment, as NetBox and the component both tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) site: String,
    pub(super) vid: u64,
    pub(super) name: String,
    pub(super) net: IpNet,
    pub(super) clusters: BTreeSet<String>,
    pub(super) description: String,
}

/// All segments of the VRF by id, and what is wrong with them as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scene {
    pub(super) segments: BTreeMap<u64, Segment>,
    pub(super) wrong: Vec<String>,
}

pub(crate) struct Ground {
    api: Api,
    /// The VRF's name. The names of all its VLANs begin with it, too.
    pub(super) name: String,
    vrf: u64,
    tenant: u64,
    role: u64,
    sites: BTreeMap<String, u64>,
}

impl Segment {
    /// The body of a create.
    pub(super) fn body(&self, vrf: &str) -> Value {
        let clusters: Vec<&str> = self.clusters.iter().map(String::as_str).collect();
        let clusters = (!clusters.is_empty()).then(|| clusters.join(","));
        json!({
            "site": self.site, "vrf": vrf, "vlan_id": self.vid, "epg_name": self.name,
            "segment": self.net.to_string(), "description": self.description, "cluster_name": clusters,
        })
    }

    /// The segment in an answer of the component, with its id.
    pub(super) fn told(body: &Value) -> Option<(u64, Self)> {
        let segment = Self {
            site: body["site"].as_str()?.to_lowercase(),
            vid: body["vlan_id"].as_u64()?,
            name: body["epg_name"].as_str()?.to_owned(),
            net: body["segment"].as_str()?.parse().ok()?,
            clusters: clusters(&body["cluster_name"]),
            description: body["description"].as_str()?.to_owned(),
        };
        Some((body["id"].as_str()?.parse().ok()?, segment))
    }
}

impl Ground {
    /// The ground with this name, empty.
    pub(crate) async fn prepare(api: Api, name: &str) -> anyhow::Result<Self> {
        let mut ground = Self {
            api,
            name: name.to_owned(),
            vrf: 0,
            tenant: 0,
            role: 0,
            sites: BTreeMap::new(),
        };
        ground.clear().await?;
        ground.tenant = ground.id("tenancy/tenants/?slug=redbull").await?;
        ground.role = ground.id("ipam/roles/?slug=data").await?;
        let body = json!({"name": name, "rd": format!("{name}:1")});
        ground.vrf = number(&ground.post("vrfs", &body).await?["id"]);
        for (slug, title) in SITES {
            let site = ground.id(&format!("dcim/site-groups/?slug={slug}")).await?;
            ground.sites.insert(slug.to_owned(), site);
            // The group of site2 is made by whoever needs it first.
            if slug != "site2" {
                let group = format!("{name}-ClickCluster-{title}");
                let body = json!({
                    "name": group, "slug": group.to_lowercase(), "scope_type": "dcim.sitegroup", "scope_id": site,
                });
                ground.post("vlan-groups", &body).await?;
            }
        }
        Ok(ground)
    }

    /// Puts segments there behind the component's back; their ids, in order.
    pub(super) async fn furnish(&self, segments: &[&Segment]) -> anyhow::Result<Vec<u64>> {
        if segments.is_empty() {
            return Ok(Vec::new());
        }
        let groups = self.groups().await?;
        let vlan = |segment: &&Segment| {
            let group = groups.iter().find(|(_, site)| *site == segment.site);
            json!({
                "name": segment.name, "vid": segment.vid, "group": group.map(|(id, _)| id), "tenant": self.tenant,
                "role": self.role, "status": "active",
            })
        };
        let vlans: Vec<Value> = segments.iter().map(vlan).collect();
        let vlans = self.post("vlans", &vlans.into()).await?;
        let prefix = |(n, segment): (usize, &&Segment)| {
            let clusters: Vec<&str> = segment.clusters.iter().map(String::as_str).collect();
            let free = clusters.is_empty();
            json!({
                "prefix": segment.net.to_string(), "vrf": self.vrf, "vlan": vlans[n]["id"], "tenant": self.tenant,
                "role": self.role, "scope_type": "dcim.sitegroup", "scope_id": self.sites.get(&segment.site),
                "status": if free { "active" } else { "reserved" }, "comments": segment.description,
                "custom_fields": {"Cluster": (!free).then(|| clusters.join(",")), "DHCP": false},
            })
        };
        let prefixes: Vec<Value> = segments.iter().enumerate().map(prefix).collect();
        let made = self.post("prefixes", &prefixes.into()).await?;
        let made = made.as_array().into_iter().flatten();
        Ok(made.map(|row| number(&row["id"])).collect())
    }

    /// What is there now.
    pub(super) async fn scene(&self) -> anyhow::Result<Scene> {
        let prefixes = format!("ipam/prefixes/?vrf_id={}", self.vrf);
        let (prefixes, vlans) = (self.rows(&prefixes).await?, self.vlans().await?);
        let mut scene = Scene::default();
        let (mut used, mut places) = (BTreeSet::new(), BTreeSet::new());
        for row in &prefixes {
            let (id, vlan) = (number(&row["id"]), number(&row["vlan"]["id"]));
            let Some(vlan) = vlans.iter().find(|row| number(&row["id"]) == vlan) else {
                scene.wrong.push(format!("prefix {id} has no VLAN of ours"));
                continue;
            };
            if !used.insert(number(&vlan["id"])) {
                scene.wrong.push(format!("VLAN {} carries two", vlan["id"]));
            }
            let segment = Segment {
                site: text(&row["scope"]["slug"]),
                vid: number(&vlan["vid"]),
                name: text(&vlan["name"]),
                net: text(&row["prefix"]).parse()?,
                clusters: clusters(&row["custom_fields"]["Cluster"]),
                description: text(&row["comments"]),
            };
            let group = text(&vlan["group"]["name"]).to_lowercase();
            if !group.ends_with(&segment.site) {
                scene
                    .wrong
                    .push(format!("segment {id} is on a VLAN of {group}"));
            }
            for (other, there) in &scene.segments {
                if there.net.contains(&segment.net) || segment.net.contains(&there.net) {
                    scene
                        .wrong
                        .push(format!("segments {other} and {id} overlap"));
                }
            }
            scene.segments.insert(id, segment);
        }
        for vlan in &vlans {
            let (id, vid) = (number(&vlan["id"]), number(&vlan["vid"]));
            if !used.contains(&id) {
                scene.wrong.push(format!("VLAN {id} ({vid}) has no prefix"));
            }
            if !places.insert((number(&vlan["group"]["id"]), vid)) {
                scene.wrong.push(format!("VLAN id {vid} is there twice"));
            }
        }
        Ok(scene)
    }

    /// Removes all segments.
    pub(crate) async fn sweep(&self) -> anyhow::Result<()> {
        let prefixes = format!("ipam/prefixes/?vrf_id={}", self.vrf);
        let prefixes = self.rows(&prefixes).await?;
        self.remove("prefixes", &prefixes).await?;
        self.remove("vlans", &self.vlans().await?).await
    }

    /// Removes all that bears the name, now or from an earlier run that was broken off.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        let name = &self.name;
        let vrfs = self.rows(&format!("ipam/vrfs/?name={name}")).await?;
        for vrf in &vrfs {
            let prefixes = format!("ipam/prefixes/?vrf_id={}", vrf["id"]);
            self.remove("prefixes", &self.rows(&prefixes).await?)
                .await?;
        }
        self.remove("vlans", &self.vlans().await?).await?;
        let groups = format!("ipam/vlan-groups/?name__isw={name}-");
        self.remove("vlan-groups", &self.rows(&groups).await?)
            .await?;
        self.remove("vrfs", &vrfs).await
    }

    async fn vlans(&self) -> anyhow::Result<Vec<Value>> {
        let path = format!("ipam/vlans/?name__isw={}-", self.name);
        self.rows(&path).await
    }

    /// The VLAN groups, each with the slug of its site.
    async fn groups(&self) -> anyhow::Result<Vec<(u64, String)>> {
        let path = format!("ipam/vlan-groups/?name__isw={}-", self.name);
        let rows = self.rows(&path).await?;
        let group = |row: &Value| (number(&row["id"]), text(&row["scope"]["slug"]));
        Ok(rows.iter().map(group).collect())
    }

    async fn remove(&self, list: &str, rows: &[Value]) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let ids: Value = rows.iter().map(|row| json!({"id": row["id"]})).collect();
        let path = format!("/api/ipam/{list}/");
        self.api.call("DELETE", &path, Some(&ids)).await.map(drop)
    }

    async fn rows(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let path = format!("/api/{path}&limit=1000");
        let mut page = self.api.call("GET", &path, None).await?;
        let rows = page["results"].as_array_mut();
        Ok(rows.map(std::mem::take).unwrap_or_default())
    }

    async fn id(&self, path: &str) -> anyhow::Result<u64> {
        let rows = self.rows(path).await?;
        let first = rows.first();
        Ok(number(
            &first.ok_or_else(|| anyhow::anyhow!("nothing at {path}"))?["id"],
        ))
    }

    async fn post(&self, list: &str, body: &Value) -> anyhow::Result<Value> {
        let path = format!("/api/ipam/{list}/");
        self.api.call("POST", &path, Some(body)).await
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The names in a list separated by commas.
fn clusters(value: &Value) -> BTreeSet<String> {
    let names = value.as_str().unwrap_or_default().split(',');
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
