//! What the service reads out of NetBox's rows, and what it writes into them.

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use serde_json::{Value, json};

use crate::verify::{Claim, Id, Seen, Wanted};

/// Whose prefixes are read: the slugs of tenant and role.
pub(super) const OURS: [(&str, &str); 2] = [("tenant", TENANT.1), ("role", ROLE.1)];
/// The tenant's slug, as a filter.
pub(super) const TENANT: (&str, &str) = ("slug", "redbull");
/// The role's slug, as a filter.
pub(super) const ROLE: (&str, &str) = ("slug", "data");

/// A prefix with what is nested in it.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    pub(super) seen: Seen,
    pub(super) net: IpNet,
    pub(super) vlan: u64,
    pub(super) site: u64,
    pub(super) clusters: Vec<String>,
}

/// The objects that a VLAN and a prefix refer to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) vrf: u64,
    pub(super) site: u64,
    pub(super) tenant: u64,
    pub(super) role: u64,
}

pub(super) fn id(row: &Value) -> anyhow::Result<u64> {
    row["id"].as_u64().context("a row of NetBox has no id")
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Prefix {
    /// Reads a prefix; `None` when it is no segment, as it has no VLAN or is scoped to something else than a site group.
    pub(super) fn read(row: &Value) -> anyhow::Result<Option<Self>> {
        let (vlan, scope) = (&row["vlan"], &row["scope"]);
        if vlan.is_null() || row["scope_type"] != "dcim.sitegroup" {
            return Ok(None);
        }
        let segment = text(&row["prefix"]);
        let net = segment.parse();
        let vid = vlan["vid"].as_u64().unwrap_or_default();
        let clusters = text(&row["custom_fields"]["Cluster"]);
        let names = clusters.split(',').map(str::trim);
        let clusters: Vec<String> = names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        Ok(Some(Self {
            net: net.with_context(|| format!("NetBox has the prefix {segment:?}"))?,
            vlan: id(vlan)?,
            site: id(scope)?,
            seen: Seen {
                id: id(row)?,
                site: text(&scope["slug"]),
                vrf: text(&row["vrf"]["name"]),
                vlan_id: u16::try_from(vid).unwrap_or_default(),
                epg_name: text(&vlan["name"]),
                segment,
                clusters: clusters.join(","),
            },
            clusters,
        }))
    }

    /// All segments in a list.
    pub(super) fn read_all(rows: &[Value]) -> anyhow::Result<Vec<Self>> {
        rows.iter()
            .map(Self::read)
            .filter_map(Result::transpose)
            .collect()
    }

    /// The segment, or an error that says that it is none.
    pub(super) fn segment(row: &Value) -> anyhow::Result<Self> {
        Self::read(row)?.with_context(|| format!("prefix {} is no segment", row["id"]))
    }

    fn is_at(&self, claim: &Claim) -> bool {
        self.seen.vrf == claim.vrf && self.seen.site == claim.site
    }

    /// What a PATCH takes a cluster off the segment with; `active` and none when it was the last one.
    pub(super) fn without(&self, cluster: &str) -> Value {
        let left: Vec<&str> = self
            .clusters
            .iter()
            .map(String::as_str)
            .filter(|name| *name != cluster)
            .collect();
        match left.is_empty() {
            true => json!({"status": "active", "custom_fields": {"Cluster": null}}),
            false => json!({"custom_fields": {"Cluster": left.join(",")}}),
        }
    }
}

/// What a PATCH gives a free segment to a cluster with.
pub(super) fn taken_by(cluster: &str) -> Value {
    json!({"status": "reserved", "custom_fields": {"Cluster": cluster}})
}

/// The segment with this id.
pub(super) fn with_id(all: &[Prefix], id: Id) -> anyhow::Result<&Prefix> {
    let found = all.iter().find(|prefix| prefix.seen.id == id);
    found.with_context(|| format!("there is no segment {id}"))
}

/// The segment that a cluster has already.
pub(super) fn held<'a>(all: &'a [Prefix], claim: &Claim) -> Option<&'a Prefix> {
    let holds = |prefix: &&Prefix| prefix.is_at(claim) && prefix.clusters.contains(&claim.cluster);
    all.iter().find(holds)
}

/// The segment that a cluster has, or an error that says that it has none.
pub(super) fn must_hold<'a>(all: &'a [Prefix], claim: &Claim) -> anyhow::Result<&'a Prefix> {
    held(all, claim).with_context(|| {
        format!(
            "cluster {} has no segment at {} in {}",
            claim.cluster, claim.site, claim.vrf
        )
    })
}

/// Whether another segment is on the VLAN of this one.
pub(super) fn shared(all: &[Prefix], prefix: &Prefix) -> bool {
    all.iter()
        .any(|other| other.vlan == prefix.vlan && other.seen.id != prefix.seen.id)
}

/// The free segment with the lowest VLAN id.
pub(super) fn free<'a>(all: &'a [Prefix], claim: &Claim) -> anyhow::Result<&'a Prefix> {
    let free = all
        .iter()
        .filter(|prefix| prefix.is_at(claim) && prefix.clusters.is_empty());
    let first = free.min_by_key(|prefix| (prefix.seen.vlan_id, prefix.seen.id));
    first.with_context(|| format!("no segment is free at {} in {}", claim.site, claim.vrf))
}

/// Refuses what is in the way of a segment among those known.
pub(super) fn refuse_conflicts(all: &[Prefix], wanted: &Wanted) -> anyhow::Result<()> {
    let net: IpNet = wanted
        .segment
        .parse()
        .with_context(|| format!("{:?} is no prefix", wanted.segment))?;
    for other in all.iter().filter(|other| other.seen.vrf == wanted.vrf) {
        let there = &other.seen;
        if other.net.contains(&net) || net.contains(&other.net) {
            bail!(
                "{} overlaps segment {} ({})",
                wanted.segment,
                there.id,
                there.segment
            );
        }
        if there.site == wanted.site && there.vlan_id == wanted.vlan_id {
            bail!("VLAN id {} is that of segment {}", wanted.vlan_id, there.id);
        }
    }
    Ok(())
}

/// The name of the VLAN group of a VRF and a site.
pub(super) fn group_name(vrf: &str, site: &Value) -> String {
    format!("{vrf}-ClickCluster-{}", text(&site["name"]))
}

/// Of the VLANs with an id, the one in a group.
pub(super) fn in_group<'a>(vlans: &'a [Value], group: &str) -> Option<&'a Value> {
    vlans.iter().find(|vlan| vlan["group"]["name"] == group)
}

/// The VLAN of an earlier try, when it has the wanted name and nothing uses it.
pub(super) fn adopted(vlan: &Value, wanted: &Wanted) -> anyhow::Result<u64> {
    let idle = vlan["prefix_count"].as_u64() == Some(0);
    match vlan["name"] == wanted.epg_name.as_str() && idle {
        true => id(vlan),
        false => bail!("VLAN id {} is taken by {}", wanted.vlan_id, vlan["name"]),
    }
}

pub(super) fn new_vlan(wanted: &Wanted, places: Places, group: u64) -> Value {
    json!({
        "vid": wanted.vlan_id, "name": wanted.epg_name, "group": group, "tenant": places.tenant, "role": places.role,
        "status": "active",
    })
}

pub(super) fn new_prefix(wanted: &Wanted, places: Places, vlan: u64) -> Value {
    json!({
        "prefix": wanted.segment, "vrf": places.vrf, "vlan": vlan, "tenant": places.tenant, "role": places.role,
        "scope_type": "dcim.sitegroup", "scope_id": places.site, "status": "active",
        "custom_fields": {"Cluster": null, "DHCP": wanted.dhcp},
    })
}
