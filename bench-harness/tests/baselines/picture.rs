//! All VLANs and prefixes in NetBox by what they say, without ids and times.

use std::collections::BTreeSet;

use bench_harness::netbox::{Cell, Db, Double, Kind, Row};

/// One line each. The status of a free segment is left out: `active`, or `reserved` where a release is remembered.
pub(crate) fn picture(double: &Double) -> BTreeSet<String> {
    let db = double.state();
    let vlans = db.rows(Kind::Vlan).values().map(|row| vlan(&db, row));
    let prefixes = db.rows(Kind::Prefix).values().map(|row| prefix(&db, row));
    vlans.chain(prefixes).collect()
}

fn name(db: &Db, kind: Kind, row: &Row, field: &str) -> String {
    let id = match row.get(field) {
        Cell::Ref(id) => Some(*id),
        Cell::Int(id) => u64::try_from(*id).ok(),
        _ => None,
    };
    let found = id.and_then(|id| db.get(kind, id));
    found.map_or_else(|| "nothing".into(), |row| row.text("name").to_owned())
}

fn owner(db: &Db, row: &Row) -> String {
    let tenant = name(db, Kind::Tenant, row, "tenant");
    format!("{tenant}/{}", name(db, Kind::Role, row, "role"))
}

fn vlan(db: &Db, row: &Row) -> String {
    format!(
        "VLAN {} {:?} in {} of {} {}",
        row.int("vid"),
        row.text("name"),
        name(db, Kind::VlanGroup, row, "group"),
        owner(db, row),
        row.text("status"),
    )
}

fn prefix(db: &Db, row: &Row) -> String {
    let on = row.reference("vlan").and_then(|id| db.get(Kind::Vlan, id));
    let cluster = row.custom("Cluster");
    let status = if cluster.is_null() {
        "free"
    } else {
        row.text("status")
    };
    format!(
        "{} in {} at {} of {} {status}, Cluster {cluster}, DHCP {}, {:?}, on {}",
        row.net().unwrap(),
        name(db, Kind::Vrf, row, "vrf"),
        name(db, Kind::SiteGroup, row, "scope_id"),
        owner(db, row),
        row.custom("DHCP"),
        row.text("comments"),
        on.map_or_else(|| "no VLAN".into(), |on| vlan(db, on)),
    )
}
