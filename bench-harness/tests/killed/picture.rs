//! All segments and VLANs in NetBox by what they say, without ids and times, so that two states can be compared.

use std::collections::BTreeSet;

use bench_harness::netbox::{Cell, Db, Double, Inventory, Kind, Known, Ours};
use serde_json::{Value, json};

/// What NetBox holds, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture(BTreeSet<String>);

impl Picture {
    pub(crate) fn of(double: &Double) -> Self {
        let db = double.state();
        let vlans = db.rows(Kind::Vlan).values().map(|row| {
            format!(
                "VLAN {} {} in {}",
                row.int("vid"),
                row.text("name"),
                name(&db, Kind::VlanGroup, row.reference("group"))
            )
        });
        let prefixes = segments(&db).into_iter().map(|mut segment| {
            segment["id"] = Value::Null;
            segment.to_string()
        });
        Self(vlans.chain(prefixes).collect())
    }

    /// The same without the lines that have this text: an unrelated write changed them.
    pub(crate) fn without(mut self, text: &str) -> Self {
        self.0.retain(|line| !line.contains(text));
        self
    }

    /// What is here and not there, and the other way round, to be read in a failed test.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let only = |mark: char, one: &Self, two: &Self| -> Vec<String> {
            one.0
                .difference(&two.0)
                .map(|line| format!("{mark} {line}"))
                .collect()
        };
        let mut all = only('+', self, other);
        all.extend(only('-', other, self));
        all
    }
}

fn name(db: &Db, kind: Kind, id: Option<u64>) -> String {
    let row = id.and_then(|id| db.get(kind, id));
    row.map(|row| row.text("name").to_owned())
        .unwrap_or_default()
}

/// The segments as the component is to show them.
pub(crate) fn segments(db: &Db) -> Vec<Value> {
    let prefixes = db.rows(Kind::Prefix).values();
    prefixes
        .map(|row| {
            let vlan = row
                .reference("vlan")
                .and_then(|id| db.get(Kind::Vlan, id))
                .unwrap();
            let site = match row.get("scope_id") {
                Cell::Int(id) => db.get(Kind::SiteGroup, u64::try_from(*id).unwrap()),
                Cell::Ref(id) => db.get(Kind::SiteGroup, *id),
                _ => None,
            };
            json!({
                "id": row.id.to_string(),
                "site": site.unwrap().text("slug"),
                "vrf": name(db, Kind::Vrf, row.reference("vrf")),
                "vlan_id": vlan.int("vid"),
                "epg_name": vlan.text("name"),
                "segment": row.net().unwrap().to_string(),
                "dhcp": row.custom("DHCP").as_bool().unwrap_or_default(),
                "description": row.text("comments"),
                "cluster_name": row.custom("Cluster"),
            })
        })
        .collect()
}

/// All that is wrong with what NetBox holds: what no order of writes may break, and halves of moves.
pub(crate) fn wrongs(double: &Double) -> Vec<String> {
    let db = double.state();
    let mut wrongs = Inventory::of(&db, &Ours::default()).violations(&Known::default());
    for segment in segments(&db) {
        let id: u64 = segment["id"].as_str().unwrap().parse().unwrap();
        let vlan = db
            .get(Kind::Prefix, id)
            .and_then(|row| row.reference("vlan"));
        let group = vlan.and_then(|vlan| db.get(Kind::Vlan, vlan)?.reference("group"));
        let group = name(&db, Kind::VlanGroup, group);
        let (vrf, site) = (
            segment["vrf"].as_str().unwrap(),
            segment["site"].as_str().unwrap(),
        );
        if group.to_lowercase() != format!("{vrf}-ClickCluster-{site}").to_lowercase() {
            wrongs.push(format!("{segment} is on a VLAN of {group}"));
        }
    }
    wrongs
}
