//! A scenario's own rows: all in a VRF that nobody else uses, so that they can be told apart, and removed.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::netbox::Api;
use crate::verify::subject::{Id, Seen, Wanted};

/// The VRF of the scenarios.
pub(crate) const VRF: &str = "VERIFY-1";
/// The site of the scenarios, by slug.
pub(crate) const SITE: &str = "site1";
/// The VLAN group that the component's settings give for the two.
const GROUP: &str = "VERIFY-1-ClickCluster-Site1";

/// What a scenario finds in its VRF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// No VRF of its own: it only reads what is there.
    Nothing,
    /// The VRF alone.
    Vrf,
    /// The VRF and its VLAN group.
    Group,
    /// So many free segments too.
    Free(usize),
    /// So many segments, each with a cluster: `v-0`, `v-1` and so on.
    Taken(usize),
    /// Two segments on one VLAN, and a third with one of its own.
    Shared,
}

/// The rows made, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laid {
    /// Ids of the segments, in order.
    pub(crate) segments: Vec<Id>,
}

/// What is in the VRF: what all who did the same work must leave alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The segments, sorted, ids aside.
    pub(crate) segments: Vec<Seen>,
    /// VLANs without a segment, by VLAN id and name.
    pub(crate) idle_vlans: Vec<(u64, String)>,
}

/// The `n`-th segment that a scenario wants.
pub(crate) fn wanted(n: usize) -> Wanted {
    Wanted {
        site: SITE.to_owned(),
        vrf: VRF.to_owned(),
        vlan_id: 1000 + u16::try_from(n).unwrap_or(0),
        epg_name: format!("V_NEW_{n}"),
        segment: format!("172.31.{n}.0/24"),
        dhcp: true,
    }
}

async fn results(api: &Api, path: &str) -> anyhow::Result<Vec<Value>> {
    let answer = api.call("GET", path, None).await?;
    let results = answer["results"].as_array().cloned();
    results.with_context(|| format!("NetBox's answer to {path} is no list"))
}

fn id(row: &Value) -> anyhow::Result<u64> {
    row["id"].as_u64().context("a row without an id")
}

async fn find(api: &Api, path: &str) -> anyhow::Result<u64> {
    let found = results(api, path).await?;
    let first = found.first();
    id(
        first
            .with_context(|| format!("NetBox has nothing at {path}; it must be prepared first"))?,
    )
}

pub(super) async fn lay(api: &Api, lie: Lie) -> anyhow::Result<Laid> {
    if lie == Lie::Nothing {
        return Ok(Laid::default());
    }
    let vrf = json!({"name": VRF});
    let vrf = id(&api.call("POST", "/api/ipam/vrfs/", Some(&vrf)).await?)?;
    if lie == Lie::Vrf {
        return Ok(Laid::default());
    }
    let site = find(api, &format!("/api/dcim/site-groups/?slug={SITE}")).await?;
    let group = json!({
        "name": GROUP, "slug": GROUP.to_lowercase(), "scope_type": "dcim.sitegroup", "scope_id": site,
    });
    let group = api
        .call("POST", "/api/ipam/vlan-groups/", Some(&group))
        .await?;
    let group = id(&group)?;
    let (vlans, segments, taken) = match lie {
        Lie::Nothing | Lie::Vrf | Lie::Group => return Ok(Laid::default()),
        Lie::Free(n) => (n, n, false),
        Lie::Taken(n) => (n, n, true),
        Lie::Shared => (2, 3, false),
    };
    let tenant = find(api, "/api/tenancy/tenants/?slug=redbull").await?;
    let role = find(api, "/api/ipam/roles/?slug=data").await?;
    let vlan = |n: usize| json!({"vid": 200 + n, "name": format!("V_OLD_{n}"), "group": group, "tenant": tenant, "role": role});
    let body: Vec<Value> = (0..vlans).map(vlan).collect();
    let made = api
        .call("POST", "/api/ipam/vlans/", Some(&body.into()))
        .await?;
    let made = made.as_array().context("NetBox made no VLANs")?;
    let ids = made.iter().map(id).collect::<anyhow::Result<Vec<u64>>>()?;
    let last = ids.last().copied().unwrap_or_default();
    let prefix = |n: usize| {
        let cluster = taken.then(|| format!("v-{n}"));
        let vlan = match lie {
            Lie::Shared => ids.get(n / 2).copied().unwrap_or(last),
            _ => ids.get(n).copied().unwrap_or(last),
        };
        json!({
            "prefix": format!("172.30.{n}.0/24"), "vrf": vrf, "vlan": vlan, "tenant": tenant, "role": role,
            "scope_type": "dcim.sitegroup", "scope_id": site, "status": if taken { "reserved" } else { "active" },
            "custom_fields": {"DHCP": true, "Cluster": cluster},
        })
    };
    let body: Vec<Value> = (0..segments).map(prefix).collect();
    let made = api
        .call("POST", "/api/ipam/prefixes/", Some(&body.into()))
        .await?;
    let made = made.as_array().context("NetBox made no prefixes")?;
    Ok(Laid {
        segments: made.iter().map(id).collect::<anyhow::Result<_>>()?,
    })
}

async fn own(api: &Api, kind: &str, name: &str) -> anyhow::Result<Option<u64>> {
    let found = results(api, &format!("/api/ipam/{kind}/?name={name}")).await?;
    found.first().map(id).transpose()
}

async fn prefixes(api: &Api, vrf: u64) -> anyhow::Result<Vec<Value>> {
    results(api, &format!("/api/ipam/prefixes/?vrf_id={vrf}&limit=1000")).await
}

async fn vlans(api: &Api, group: u64) -> anyhow::Result<Vec<Value>> {
    results(
        api,
        &format!("/api/ipam/vlans/?group_id={group}&limit=1000"),
    )
    .await
}

pub(super) async fn state(api: &Api) -> anyhow::Result<State> {
    let Some(vrf) = own(api, "vrfs", VRF).await? else {
        return Ok(State::default());
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let prefixes = prefixes(api, vrf).await?;
    let seen = |row: &Value| Seen {
        id: 0,
        site: text(&row["scope"]["slug"]),
        vrf: text(&row["vrf"]["name"]),
        vlan_id: row["vlan"]["vid"]
            .as_u64()
            .and_then(|vid| vid.try_into().ok())
            .unwrap_or(0),
        epg_name: text(&row["vlan"]["name"]),
        segment: text(&row["prefix"]),
        clusters: text(&row["custom_fields"]["Cluster"]),
    };
    let mut segments: Vec<Seen> = prefixes.iter().map(seen).collect();
    segments.sort();
    let mut idle_vlans = Vec::new();
    if let Some(group) = own(api, "vlan-groups", GROUP).await? {
        for vlan in vlans(api, group).await? {
            if !prefixes
                .iter()
                .any(|prefix| prefix["vlan"]["id"] == vlan["id"])
            {
                idle_vlans.push((vlan["vid"].as_u64().unwrap_or(0), text(&vlan["name"])));
            }
        }
    }
    Ok(State {
        segments,
        idle_vlans,
    })
}

pub(super) async fn clear(api: &Api) -> anyhow::Result<()> {
    let group = own(api, "vlan-groups", GROUP).await?;
    let vrf = own(api, "vrfs", VRF).await?;
    let mut paths = Vec::new();
    if let Some(vrf) = vrf {
        for row in prefixes(api, vrf).await? {
            paths.push(format!("/api/ipam/prefixes/{}/", id(&row)?));
        }
    }
    if let Some(group) = group {
        for row in vlans(api, group).await? {
            paths.push(format!("/api/ipam/vlans/{}/", id(&row)?));
        }
        paths.push(format!("/api/ipam/vlan-groups/{group}/"));
    }
    paths.extend(vrf.map(|vrf| format!("/api/ipam/vrfs/{vrf}/")));
    for path in paths {
        api.call("DELETE", &path, None).await?;
    }
    if own(api, "vrfs", VRF).await?.is_some() {
        bail!("the VRF {VRF} is still there");
    }
    Ok(())
}
