use super::*;
use crate::netbox::{Author, Cell, Data, Double, DoubleSettings};

fn recorded() -> Db {
    Data::Recorded100.load().unwrap()
}

fn violations(db: &Db, known: &Known) -> Vec<String> {
    Inventory::of(db, &Ours::default()).violations(known)
}

fn change(db: &mut Db, kind: Kind, id: u64, field: &str, value: Cell) {
    let mut row = db.get(kind, id).unwrap().clone();
    row.set(field, value);
    db.replace(kind, row, &Author::somebody_else());
}

#[test]
fn the_recorded_state_has_nothing_wrong() {
    assert_eq!(
        violations(&recorded(), &Known::default()),
        Vec::<String>::new()
    );
}

#[test]
fn prefixes_that_overlap_are_told_but_not_containers_and_not_other_vrfs() {
    let mut db = recorded();
    let wide = db
        .get(Kind::Prefix, 1)
        .unwrap()
        .net()
        .unwrap()
        .supernet()
        .unwrap();
    change(
        &mut db,
        Kind::Prefix,
        1,
        "prefix",
        Cell::Net(
            wide.supernet()
                .unwrap()
                .supernet()
                .unwrap()
                .supernet()
                .unwrap(),
        ),
    );
    let found = violations(&db, &Known::default());
    assert!(!found.is_empty());
    assert!(
        found.iter().all(|v| v.contains("overlaps prefix 1 (")),
        "{found:?}"
    );
    change(
        &mut db,
        Kind::Prefix,
        1,
        "status",
        Cell::Text("container".into()),
    );
    assert!(violations(&db, &Known::default()).is_empty());
}

#[test]
fn a_vlan_without_a_prefix_is_told_unless_it_is_known() {
    let mut db = recorded();
    let vlan = db.get(Kind::Prefix, 1).unwrap().reference("vlan").unwrap();
    db.remove(Kind::Prefix, 1, &Author::somebody_else());
    let found = violations(&db, &Known::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(&format!("VLAN {vlan} ")) && found[0].ends_with("has no prefix"));
    let known = Known {
        idle_vlans: BTreeSet::from([vlan]),
        ..Known::default()
    };
    assert!(violations(&db, &known).is_empty());
}

#[test]
fn a_vlan_id_and_a_name_twice_in_a_group_are_told() {
    let mut db = recorded();
    let one = db.get(Kind::Vlan, 1).unwrap().clone();
    let same_group = |row: &Row| row.id != 1 && row.reference("group") == one.reference("group");
    let other = db.find(Kind::Vlan, same_group).unwrap().id;
    change(&mut db, Kind::Vlan, other, "vid", one.get("vid").clone());
    assert_eq!(violations(&db, &Known::default()).len(), 1);
    change(&mut db, Kind::Vlan, other, "name", one.get("name").clone());
    assert_eq!(violations(&db, &Known::default()).len(), 2);
}

#[test]
fn a_cluster_that_is_lost_is_told() {
    let mut db = recorded();
    let mut row = db.get(Kind::Prefix, 1).unwrap().clone();
    row.set_custom("Cluster", "a, b".into());
    db.replace(Kind::Prefix, row, &Author::somebody_else());
    let known = |id, names: &[&str]| Known {
        clusters: BTreeMap::from([(id, names.iter().map(|n| (*n).to_owned()).collect())]),
        ..Known::default()
    };
    assert!(violations(&db, &known(1, &["a", "b"])).is_empty());
    assert!(
        violations(&db, &known(1, &["a", "c"]))[0].starts_with("cluster c is lost from prefix 1")
    );
    assert_eq!(
        violations(&db, &known(9_999, &["a"])),
        ["prefix 9999 with clusters is gone"]
    );
}

#[tokio::test]
async fn by_rest_it_is_the_same() {
    let settings = DoubleSettings::with(Data::Generated(1_500));
    let double = Double::start(settings).await.unwrap();
    double.edit(|db| db.remove(Kind::Prefix, 7, &Author::somebody_else()));
    let ours = Ours::default();
    let read = Inventory::read(&double.url(), double.token(), &ours).await;
    let mut read = read.unwrap();
    let mut known = Inventory::of(&double.state(), &ours);
    for inventory in [&mut read, &mut known] {
        inventory.prefixes.sort_unstable();
        inventory.vlans.sort_unstable();
    }
    assert_eq!(read.prefixes.len(), 1_499);
    assert_eq!(read, known);
    assert_eq!(read.violations(&Known::default()).len(), 1);
}
