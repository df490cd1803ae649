//! Looking at the double's rows.

use bench_harness::netbox::{Data, Double, Kind, Row};
use serde_json::Value;

use crate::support::{Edge, recorded};

/// The recorded 100 segments, and the component before them with its catalogue read.
pub(crate) async fn warm() -> (Double, Edge) {
    let (double, edge) = recorded().await;
    edge.get("/api/segments").await.expect(200);
    (double, edge)
}

/// The double and the component, warm, with what `prepare` changes before the first read.
pub(crate) async fn prepared(prepare: impl FnOnce(&Double)) -> (Double, Edge) {
    let double = crate::support::double(Data::Recorded100).await;
    prepare(&double);
    let edge = Edge::before(&double).await;
    edge.get("/api/segments").await.expect(200);
    (double, edge)
}

/// One row, as it is now.
#[track_caller]
pub(crate) fn row(double: &Double, kind: Kind, id: u64) -> Row {
    let found = double.state().get(kind, id).cloned();
    found.unwrap_or_else(|| panic!("there is no {kind:?} {id}"))
}

pub(crate) fn exists(double: &Double, kind: Kind, id: u64) -> bool {
    double.state().get(kind, id).is_some()
}

/// The id of the object with this name.
pub(crate) fn id_of(double: &Double, kind: Kind, name: &str) -> Option<u64> {
    double.state().by_name(kind, name).map(|row| row.id)
}

pub(crate) fn count(double: &Double, kind: Kind) -> usize {
    double.state().rows(kind).len()
}

/// How many VLANs and prefixes there are.
pub(crate) fn counts(double: &Double) -> (usize, usize) {
    (count(double, Kind::Vlan), count(double, Kind::Prefix))
}

/// The VLAN of a segment.
#[track_caller]
pub(crate) fn vlan_of(double: &Double, segment: u64) -> Row {
    let vlan = row(double, Kind::Prefix, segment).reference("vlan");
    row(double, Kind::Vlan, vlan.expect("the prefix has a VLAN"))
}

/// The values of all VLANs and prefixes, to compare later.
pub(crate) fn everything(double: &Double) -> Vec<Row> {
    let db = double.state();
    let of = |kind| db.rows(kind).values().cloned().collect::<Vec<Row>>();
    let mut all = of(Kind::Vlan);
    all.extend(of(Kind::Prefix));
    all
}

/// Whether all VLANs and prefixes have the values that they had.
#[track_caller]
pub(crate) fn assert_as_before(double: &Double, before: &[Row]) {
    let now = everything(double);
    assert_eq!(now.len(), before.len(), "rows were added or removed");
    for (now, then) in now.iter().zip(before) {
        assert_eq!(now.id, then.id);
        assert!(now.same_values(then), "was {then:?}\nis {now:?}");
    }
}

/// The id in the body of an answer.
#[track_caller]
pub(crate) fn id(body: &Value) -> u64 {
    body["id"].as_str().unwrap().parse().unwrap()
}

/// The body with other values for some members.
pub(crate) fn with(mut body: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else {
        panic!("changes are an object")
    };
    for (name, value) in changes {
        body[name] = value;
    }
    body
}
