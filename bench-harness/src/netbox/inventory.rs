//! Whether what is in NetBox hangs together, as a whole: what no order of requests, races and deaths may break.

mod rest;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::db::{Db, Row};
use super::schema::Kind;

/// What in NetBox is the component's, by the slugs of its settings `tenant` and `role`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// The tenant's slug.
    pub tenant: String,
    /// The role's slug.
    pub role: String,
}

impl Default for Ours {
    /// The defaults of the component's settings.
    fn default() -> Self {
        Self {
            tenant: "redbull".into(),
            role: "data".into(),
        }
    }
}

/// What a test knows of the state beyond what always holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Ids of VLANs that may be without a prefix.
    pub idle_vlans: BTreeSet<u64>,
    /// By the id of a prefix, the clusters that were acknowledged and so must be in its field `Cluster`.
    pub clusters: BTreeMap<u64, BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    id: u64,
    net: IpNet,
    vrf: Option<u64>,
    live: bool,
    clusters: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Vlan {
    id: u64,
    vid: i64,
    name: String,
    group: Option<u64>,
    prefixes: u64,
}

/// All that is ours in NetBox at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    prefixes: Vec<Prefix>,
    vlans: Vec<Vlan>,
}

impl Inventory {
    /// What is ours in the rows of a double.
    #[must_use]
    pub fn of(db: &Db, ours: &Ours) -> Self {
        let id = |kind, slug: &str| db.find(kind, |row| row.text("slug") == slug).map(|r| r.id);
        let tenant = id(Kind::Tenant, &ours.tenant);
        let role = id(Kind::Role, &ours.role);
        let is_ours = |row: &&Row| tenant.is_some() && row.reference("tenant") == tenant;
        let with_role = |row: &&Row| role.is_some() && row.reference("role") == role;
        let prefixes = db.rows(Kind::Prefix).values();
        let prefixes = prefixes.filter(is_ours).filter(with_role);
        let prefix = |row: &Row| {
            Some(Prefix {
                id: row.id,
                net: row.net()?,
                vrf: row.reference("vrf"),
                live: row.text("status") != "container",
                clusters: clusters(row.custom("Cluster").as_str()),
            })
        };
        let vlan = |row: &Row| Vlan {
            id: row.id,
            vid: row.int("vid"),
            name: row.text("name").to_owned(),
            group: row.reference("group"),
            prefixes: db.references(Kind::Prefix, "vlan", row.id) as u64,
        };
        Self {
            prefixes: prefixes.filter_map(prefix).collect(),
            vlans: db
                .rows(Kind::Vlan)
                .values()
                .filter(is_ours)
                .map(vlan)
                .collect(),
        }
    }

    /// All that is wrong, one sentence each; empty when nothing is:
    /// live prefixes that overlap in a VRF, VLANs without a prefix that are not known to be, a (group, VLAN id) or a (group, name)
    /// twice, and acknowledged clusters that are not there.
    #[must_use]
    pub fn violations(&self, known: &Known) -> Vec<String> {
        let mut found = self.overlaps();
        found.extend(self.idle(known));
        found.extend(self.twice());
        found.extend(self.lost(known));
        found
    }

    fn overlaps(&self) -> Vec<String> {
        let mut live: Vec<&Prefix> = self.prefixes.iter().filter(|p| p.live).collect();
        // A prefix comes after all that contain it, so of two that overlap the wider one is on the stack when the other comes.
        live.sort_by_key(|p| (p.vrf, p.net.network(), p.net.prefix_len(), p.id));
        let mut around: Vec<&Prefix> = Vec::new();
        let mut found = Vec::new();
        for prefix in live {
            while let Some(last) = around.last()
                && !(last.vrf == prefix.vrf && last.net.contains(&prefix.net))
            {
                around.pop();
            }
            if let Some(wider) = around.last() {
                let vrf = prefix.vrf.map_or("no VRF".into(), |id| format!("VRF {id}"));
                found.push(format!(
                    "prefix {} ({}) overlaps prefix {} ({}) in {vrf}",
                    prefix.id, prefix.net, wider.id, wider.net
                ));
            }
            around.push(prefix);
        }
        found
    }

    fn idle(&self, known: &Known) -> impl Iterator<Item = String> {
        let idle = self.vlans.iter().filter(|vlan| vlan.prefixes == 0);
        idle.filter(|vlan| !known.idle_vlans.contains(&vlan.id))
            .map(|vlan| format!("{} has no prefix", vlan.told()))
    }

    fn twice(&self) -> Vec<String> {
        let mut by_vid: BTreeMap<(u64, i64), &Vlan> = BTreeMap::new();
        let mut by_name: BTreeMap<(u64, &str), &Vlan> = BTreeMap::new();
        let mut found = Vec::new();
        for vlan in &self.vlans {
            let Some(group) = vlan.group else { continue };
            for other in [
                by_vid.insert((group, vlan.vid), vlan),
                by_name.insert((group, &vlan.name), vlan),
            ] {
                found.extend(other.map(|other| {
                    format!(
                        "{} and {} are the same in group {group}",
                        other.told(),
                        vlan.told()
                    )
                }));
            }
        }
        found
    }

    fn lost(&self, known: &Known) -> Vec<String> {
        let by_id: BTreeMap<u64, &Prefix> = self.prefixes.iter().map(|p| (p.id, p)).collect();
        let mut found = Vec::new();
        for (id, wanted) in &known.clusters {
            match by_id.get(id) {
                None => found.push(format!("prefix {id} with clusters is gone")),
                Some(prefix) => found.extend(wanted.difference(&prefix.clusters).map(|name| {
                    format!("cluster {name} is lost from prefix {id} ({})", prefix.net)
                })),
            }
        }
        found
    }
}

impl Vlan {
    fn told(&self) -> String {
        format!("VLAN {} (VLAN id {}, {})", self.id, self.vid, self.name)
    }
}

/// The names in the custom field `Cluster`.
fn clusters(text: Option<&str>) -> BTreeSet<String> {
    let names = text.unwrap_or_default().split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
