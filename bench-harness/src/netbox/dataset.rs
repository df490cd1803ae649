//! The data sets: the one of the recordings, and one of any size by the same rule.

use std::net::Ipv4Addr;

use anyhow::Context as _;
use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};

use super::clock::Stamp;
use super::db::{Author, Cell, Db, Row};
use super::schema::{Kind, Shape};

/// What the double holds at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// The 100 segments of the recordings, ids and times included.
    #[default]
    Recorded100,
    /// The first `n` segments of the same rule: segment `i` is always the same, whatever `n`.
    Generated(usize),
    /// Tenant, role, site groups, VRFs, VLAN groups and custom fields, but no segment.
    NoSegments,
    /// Nothing at all.
    Empty,
}

/// The kinds in the order in which the recorded data set was made, each with its recording.
const RECORDED: [(Kind, &str); 8] = [
    (
        Kind::Tenant,
        include_str!("../../recordings/netbox-4.7.3/004-tenant-by-slug.json"),
    ),
    (
        Kind::Role,
        include_str!("../../recordings/netbox-4.7.3/006-role-by-slug.json"),
    ),
    (
        Kind::SiteGroup,
        include_str!("../../recordings/netbox-4.7.3/007-site-groups.json"),
    ),
    (
        Kind::Vrf,
        include_str!("../../recordings/netbox-4.7.3/008-vrfs.json"),
    ),
    (
        Kind::CustomField,
        include_str!("../../recordings/netbox-4.7.3/011-custom-fields.json"),
    ),
    (
        Kind::VlanGroup,
        include_str!("../../recordings/netbox-4.7.3/009-vlan-groups.json"),
    ),
    (
        Kind::Vlan,
        include_str!("../../recordings/netbox-4.7.3/012-vlans-full.json"),
    ),
    (
        Kind::Prefix,
        include_str!("../../recordings/netbox-4.7.3/014-prefixes-full.json"),
    ),
];

/// In microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

const SITES: [&str; 3] = ["Site1", "Site2", "Site3"];
/// The VRFs of the recordings; the rule goes on with more of them.
const VRFS: usize = 3;
/// VLAN ids from 100 to 4094 in each of nine VLAN groups: then three more VRFs are begun.
const BLOCK: usize = (4094 - 99) * 9;

impl Data {
    /// Fills a new database.
    pub(crate) fn load(self) -> anyhow::Result<Db> {
        let mut db = Db::default();
        match self {
            Data::Empty => {}
            Data::Recorded100 => recorded(&mut db, &RECORDED)?,
            Data::NoSegments => recorded(&mut db, &RECORDED[..6])?,
            Data::Generated(segments) => {
                recorded(&mut db, &RECORDED[..6])?;
                generate(&mut db, segments);
            }
        }
        Ok(db)
    }
}

fn seeder() -> Author {
    Author {
        user: "lab".into(),
        ..Author::somebody_else()
    }
}

fn recorded(db: &mut Db, parts: &[(Kind, &str)]) -> anyhow::Result<()> {
    for (kind, text) in parts {
        let recording: Value = serde_json::from_str(text)?;
        let results = recording
            .pointer("/response/body/results")
            .and_then(Value::as_array)
            .with_context(|| format!("the recording of {kind:?} has no results"))?;
        let mut rows = results
            .iter()
            .map(|result| row(*kind, result))
            .collect::<anyhow::Result<Vec<Row>>>()?;
        rows.sort_by_key(|row| row.id);
        let author = seeder();
        for row in rows {
            db.insert(*kind, row, &author);
        }
    }
    Ok(())
}

/// A row from the object NetBox answered.
fn row(kind: Kind, object: &Value) -> anyhow::Result<Row> {
    let id = object["id"].as_u64().context("an object without an id")?;
    let mut row = Row::blank(kind, id);
    let time = |name: &str| object[name].as_str().and_then(Stamp::parse);
    row.created = time("created").context("an object without a time")?;
    row.last_updated = time("last_updated").context("an object without a time")?;
    for field in kind.model().fields.iter().filter(|field| field.stored()) {
        let value = &object[field.name];
        let cell = match (&field.shape, value) {
            (Shape::Json(_) | Shape::CustomFields | Shape::Ranges, value) => {
                Cell::Json(value.clone())
            }
            (_, Value::Null) => Cell::Null,
            (Shape::Choice(_), value) => {
                Cell::Text(value["value"].as_str().unwrap_or_default().to_owned())
            }
            (Shape::Ref(_), value) => value["id"].as_u64().map_or(Cell::Null, Cell::Ref),
            (Shape::ScopeId, value) => value.as_u64().map_or(Cell::Null, Cell::Ref),
            (Shape::Net, value) => Cell::Net(value.as_str().unwrap_or_default().parse()?),
            (_, Value::Bool(value)) => Cell::Bool(*value),
            (_, Value::Number(number)) => Cell::Int(number.as_i64().unwrap_or_default()),
            (_, value) => Cell::Text(value.as_str().unwrap_or_default().to_owned()),
        };
        row.set(field.name, cell);
    }
    Ok(row)
}

/// One segment of the rule.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentSpec {
    /// The site group's name.
    pub site: &'static str,
    /// The VRF's name: `Network1` to `Network3` for the first 35,955, three others for each so many more.
    pub vrf: String,
    /// The VLAN id, from 100 to 4094.
    pub vid: u16,
    /// The prefix, a /24 in 10.0.0.0/8, once in a VRF.
    pub prefix: IpNet,
    /// The VLAN's name and the prefix's description.
    pub name: String,
    /// The custom field `DHCP`.
    pub dhcp: bool,
    /// The custom field `Cluster`.
    pub cluster: Option<String>,
}

/// Segment `i` of the rule, counted from 0.
#[must_use]
pub fn segment(i: usize) -> SegmentSpec {
    let (block, within) = (i / BLOCK, i % BLOCK);
    let (combo, nth) = (within % 9, within / 9);
    let site = SITES[combo % 3];
    let vrf = format!("Network{}", combo / 3 + 1 + block * VRFS);
    let vid = 100 + u16::try_from(nth).unwrap_or(0);
    let network = (10 << 24) | (u32::try_from(within).unwrap_or(0) << 8);
    SegmentSpec {
        site,
        vid,
        prefix: IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(network), 24)),
        name: format!("EPG_{vrf}_{site}_{vid}"),
        vrf,
        dhcp: i.is_multiple_of(2),
        cluster: (!i.is_multiple_of(3)).then(|| format!("cl-{}", i % 5)),
    }
}

fn generate(db: &mut Db, segments: usize) {
    let author = seeder();
    let id = |db: &Db, kind, name: &str| {
        db.by_name(kind, name)
            .map_or(Cell::Null, |row| Cell::Ref(row.id))
    };
    let tenant = id(db, Kind::Tenant, "RedBull");
    let role = id(db, Kind::Role, "Data");
    let specs: Vec<SegmentSpec> = (0..segments).map(segment).collect();
    // As old as data in use is: what was written a minute ago is read again by whoever looks for changes.
    let mut written = Stamp::now().0 - DAY;
    for number in VRFS + 1..=segments.div_ceil(BLOCK) * VRFS {
        let vrf = format!("Network{number}");
        let rd = Cell::Text(format!("65000:{number}"));
        let named = |db: &mut Db, kind, name: &str, cells: Vec<(&'static str, Cell)>| {
            let number = db.take_id(kind);
            let mut row = Row::blank(kind, number);
            (row.created, row.last_updated) = (Stamp(written - DAY), Stamp(written - DAY));
            row.set("name", Cell::Text(name.to_owned()));
            for (field, cell) in cells {
                row.set(field, cell);
            }
            db.insert(kind, row, &author);
        };
        named(db, Kind::Vrf, &vrf, vec![("rd", rd)]);
        for site in SITES {
            let name = format!("{vrf}-ClickCluster-{site}");
            let cells = vec![
                ("slug", Cell::Text(name.to_lowercase())),
                ("scope_type", Cell::Text("dcim.sitegroup".into())),
                ("scope_id", id(db, Kind::SiteGroup, site)),
            ];
            named(db, Kind::VlanGroup, &name, cells);
        }
    }
    for kind in [Kind::Vlan, Kind::Prefix] {
        for spec in &specs {
            let number = db.take_id(kind);
            let mut row = Row::blank(kind, number);
            (row.created, row.last_updated) = (Stamp(written), Stamp(written + 1));
            written += 2;
            row.set("tenant", tenant.clone());
            row.set("role", role.clone());
            if kind == Kind::Vlan {
                let group = format!("{}-ClickCluster-{}", spec.vrf, spec.site);
                row.set("group", id(db, Kind::VlanGroup, &group));
                row.set("vid", Cell::Int(i64::from(spec.vid)));
                row.set("name", Cell::Text(spec.name.clone()));
            } else {
                row.set("prefix", Cell::Net(spec.prefix));
                row.set("vrf", id(db, Kind::Vrf, &spec.vrf));
                row.set("vlan", Cell::Ref(number));
                row.set("scope_type", Cell::Text("dcim.sitegroup".into()));
                row.set("scope_id", id(db, Kind::SiteGroup, spec.site));
                row.set("description", Cell::Text(spec.name.clone()));
                row.set(
                    "custom_fields",
                    Cell::Json(json!({"Cluster": spec.cluster, "DHCP": spec.dhcp})),
                );
            }
            db.insert(kind, row, &author);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_rule_gives_the_recorded_segments() {
        let recorded = Data::Recorded100.load().unwrap();
        let generated = Data::Generated(100).load().unwrap();
        for kind in [Kind::Vlan, Kind::Prefix] {
            assert_eq!(recorded.rows(kind).len(), 100);
            for (id, row) in recorded.rows(kind) {
                let other = generated.get(kind, *id).unwrap();
                assert!(row.same_values(other), "{kind:?} {id}: {row:?} {other:?}");
            }
        }
        assert_eq!(recorded.changes().len(), 219);
    }

    #[test]
    fn beyond_the_vlan_ids_of_nine_groups_there_are_more_vrfs() {
        let (last, next) = (segment(BLOCK - 1), segment(BLOCK));
        assert_eq!((last.vrf.as_str(), last.vid), ("Network3", 4094));
        assert_eq!((next.vrf.as_str(), next.vid), ("Network4", 100));
        let db = Data::Generated(BLOCK + 20).load().unwrap();
        assert_eq!(db.rows(Kind::Vrf).len(), 6);
        let unplaced = |row: &&Row| row.reference("group").is_none();
        assert_eq!(db.rows(Kind::Vlan).values().filter(unplaced).count(), 0);
        let mut places: Vec<(Option<u64>, i64)> = db
            .rows(Kind::Vlan)
            .values()
            .map(|row| (row.reference("group"), row.int("vid")))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), BLOCK + 20);
    }

    #[test]
    fn twenty_thousand_segments_are_all_different() {
        let db = Data::Generated(20_000).load().unwrap();
        assert_eq!(db.rows(Kind::Vlan).len(), 20_000);
        let nets: std::collections::BTreeSet<IpNet> = db
            .rows(Kind::Prefix)
            .values()
            .filter_map(Row::net)
            .collect();
        assert_eq!(nets.len(), 20_000);
    }
}
