//! What NetBox checks of a whole object once its fields are sound, and what PostgreSQL's constraints refuse.

use serde_json::Value;

use super::fields::{custom_value, shown};
use super::serialise::belongs;
use crate::netbox::db::{Cell, Db, Row, repr};
use crate::netbox::reply::{Errors, Reply};
use crate::netbox::schema::Kind;

/// The checks of the model (`full_clean`).
pub(super) fn model(db: &Db, kind: Kind, row: &Row) -> Result<(), Errors> {
    scope(db, row)?;
    custom_fields(db, kind, row)?;
    match kind {
        Kind::Vlan => vlan(db, row),
        Kind::Prefix => prefix(db, row),
        Kind::VlanGroup => {
            let scope = |other: &Row| other.reference("scope_id") == row.reference("scope_id");
            let label = |field: &str| format!("Scope type, Scope id and {field}");
            unique(db, kind, row, "name", &label("Name"), scope)?;
            unique(db, kind, row, "slug", &label("Slug"), scope)
        }
        Kind::Tenant | Kind::SiteGroup | Kind::Role | Kind::CustomField => own_names(db, kind, row),
        Kind::Vrf => {
            let rd = row.text("rd");
            let twin = |other: &Row| other.id != row.id && other.text("rd") == rd;
            if !rd.is_empty() && db.find(kind, twin).is_some() {
                return Err(Errors::one(
                    "rd",
                    "VRF with this Route distinguisher already exists.",
                ));
            }
            Ok(())
        }
    }
}

fn scope(db: &Db, row: &Row) -> Result<(), Errors> {
    match (row.text("scope_type"), row.reference("scope_id")) {
        ("", Some(_)) => Err(Errors::one("scope_type", "Please select a scope type.")),
        (kind, None) if !kind.is_empty() => {
            Err(Errors::one("scope_id", "Please select a sitegroup."))
        }
        (_, Some(id)) if db.get(Kind::SiteGroup, id).is_none() => Err(Errors::one(
            "scope_id",
            &format!("Related object not found using the provided value: {id}."),
        )),
        _ => Ok(()),
    }
}

fn custom_fields(db: &Db, kind: Kind, row: &Row) -> Result<(), Errors> {
    let mut fields: Vec<&Row> = db
        .rows(Kind::CustomField)
        .values()
        .filter(|field| belongs(field, kind))
        .collect();
    fields.sort_by_key(|field| field.text("name"));
    for field in fields {
        let name = field.text("name");
        if let Err(reason) = custom_value(field, row.custom(name)) {
            return Err(Errors::one(
                "__all__",
                &format!("Invalid value for custom field '{name}': {reason}"),
            ));
        }
        if *field.get("required") == Cell::Bool(true) && row.custom(name).is_null() {
            return Err(Errors::one(
                "__all__",
                &format!("Missing required custom field '{name}'."),
            ));
        }
    }
    Ok(())
}

fn vlan(db: &Db, row: &Row) -> Result<(), Errors> {
    let Some(group) = row.reference("group") else {
        return Ok(());
    };
    let vid = row.int("vid");
    if let Some(group) = db.get(Kind::VlanGroup, group)
        && let Cell::Json(Value::Array(ranges)) = group.get("vid_ranges")
    {
        let bounds = |range: &Value| Some((range.get(0)?.as_i64()?, range.get(1)?.as_i64()?));
        let bounds: Vec<(i64, i64)> = ranges.iter().filter_map(bounds).collect();
        if !bounds
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&vid))
        {
            let text: Vec<String> = bounds
                .iter()
                .map(|(low, high)| {
                    if low == high {
                        low.to_string()
                    } else {
                        format!("{low}-{high}")
                    }
                })
                .collect();
            return Err(Errors::one(
                "vid",
                &format!(
                    "VID must be in ranges {} for VLANs in group {}",
                    text.join(","),
                    group.text("name")
                ),
            ));
        }
    }
    let mut twins = Vec::new();
    if db.vlan_by_vid(group, vid).is_some_and(|id| id != row.id) {
        twins.push("VLAN with this Group and VLAN ID already exists.");
    }
    if db
        .vlan_by_name(group, row.text("name"))
        .is_some_and(|id| id != row.id)
    {
        twins.push("VLAN with this Group and Name already exists.");
    }
    if twins.is_empty() {
        return Ok(());
    }
    let mut errors = Errors::default();
    errors.add("__all__", &twins);
    Err(errors)
}

fn prefix(db: &Db, row: &Row) -> Result<(), Errors> {
    let Some(net) = row.net() else { return Ok(()) };
    if net.prefix_len() == 0 {
        return Err(Errors::one("prefix", "Cannot create prefix with /0 mask."));
    }
    let vrf = row.reference("vrf").and_then(|id| db.get(Kind::Vrf, id));
    let enforced = vrf.is_none_or(|vrf| *vrf.get("enforce_unique") == Cell::Bool(true));
    let twin = db
        .same_prefix(row.reference("vrf"), net)
        .into_iter()
        .any(|id| id != row.id);
    if !enforced || !twin {
        return Ok(());
    }
    let table = vrf.map_or_else(
        || "global table".to_owned(),
        |vrf| format!("VRF {}", repr(Kind::Vrf, vrf)),
    );
    Err(Errors::one(
        "prefix",
        &format!("Duplicate prefix found in {table}: {}", shown(net)),
    ))
}

fn own_names(db: &Db, kind: Kind, row: &Row) -> Result<(), Errors> {
    let mut errors = Errors::default();
    for (field, label) in [("name", "name"), ("slug", "slug")] {
        let value = row.text(field);
        let twin = |other: &Row| other.id != row.id && other.text(field) == value;
        if !value.is_empty() && db.find(kind, twin).is_some() {
            errors.add(
                field,
                &[format!(
                    "{} with this {label} already exists.",
                    kind.model().verbose
                )],
            );
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn unique(
    db: &Db,
    kind: Kind,
    row: &Row,
    field: &str,
    label: &str,
    same: impl Fn(&Row) -> bool,
) -> Result<(), Errors> {
    let twin =
        |other: &Row| other.id != row.id && same(other) && other.text(field) == row.text(field);
    if db.find(kind, twin).is_none() {
        return Ok(());
    }
    Err(Errors::one(
        "__all__",
        &format!("{} with this {label} already exists.", kind.model().verbose),
    ))
}

/// What the database itself refuses when the check came too early: only VLANs have such a constraint (fact 2 of the measured facts:
/// two prefixes may both be stored).
pub(super) fn constraint(db: &Db, kind: Kind, row: &Row) -> Result<(), Reply> {
    let (Kind::Vlan, Some(group)) = (kind, row.reference("group")) else {
        return Ok(());
    };
    let (vid, name) = (row.int("vid"), row.text("name"));
    let broken = |constraint: &str, key: &str, value: &str| {
        Err(Reply::exception(
            "IntegrityError",
            &format!(
                "duplicate key value violates unique constraint \"{constraint}\"\nDETAIL:  Key (group_id, {key})=({group}, {value}) already exists."
            ),
        ))
    };
    if db.vlan_by_vid(group, vid).is_some_and(|id| id != row.id) {
        return broken("ipam_vlan_unique_group_vid", "vid", &vid.to_string());
    }
    if db.vlan_by_name(group, name).is_some_and(|id| id != row.id) {
        return broken("ipam_vlan_unique_group_name", "name", name);
    }
    Ok(())
}
