//! The writes at whose calls a host is killed.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::kit::{patch, post, request, segment};

/// A write, and what is there before it.
pub(crate) struct Write {
    pub(crate) name: &'static str,
    /// Segments made first; they get the ids from 101 on.
    pub(crate) before: Vec<Value>,
    /// Names a VRF that has no VLAN group yet, made in NetBox first.
    pub(crate) new_vrf: Option<&'static str>,
    pub(crate) send: fn() -> Request<Bytes>,
}

fn write(name: &'static str, before: usize, send: fn() -> Request<Bytes>) -> Write {
    let before = (0..u8::try_from(before).unwrap())
        .map(|n| segment(100 + n))
        .collect();
    Write {
        name,
        before,
        new_vrf: None,
        send,
    }
}

fn list(count: u8) -> Value {
    (0..count).map(segment).collect()
}

fn delete(path: &str, body: &Value) -> Request<Bytes> {
    request(&Method::DELETE, path, None, body)
}

fn in_a_new_vrf() -> Request<Bytes> {
    let mut body = segment(0);
    body["vrf"] = "Network9".into();
    post("/api/segments", &body)
}

pub(crate) fn create() -> Write {
    write("a create", 0, || post("/api/segments", &segment(0)))
}

pub(crate) fn create_with_group() -> Write {
    Write {
        new_vrf: Some("Network9"),
        ..write("a create whose VLAN group is new", 0, in_a_new_vrf)
    }
}

pub(crate) fn create_three() -> Write {
    write("a bulk create", 0, || post("/api/segments/bulk", &list(3)))
}

pub(crate) fn create_many() -> Write {
    write("a bulk create of three calls a kind", 0, || {
        post("/api/segments/bulk", &list(120))
    })
}

pub(crate) fn move_one() -> Write {
    write("a move", 1, || {
        patch("/api/segments/101", &json!({"site": "site2"}))
    })
}

pub(crate) fn move_three() -> Write {
    write("a bulk move", 3, || {
        let moved = |id: u16| json!({"id": id.to_string(), "site": "site2"});
        patch("/api/segments/bulk", &(101..=103).map(moved).collect())
    })
}

pub(crate) fn change_vrf_and_addresses() -> Write {
    write("a change of VRF and addresses", 1, || {
        patch(
            "/api/segments/101",
            &json!({"vrf": "Network2", "segment": "172.21.0.0/24"}),
        )
    })
}

pub(crate) fn delete_one() -> Write {
    write("a delete", 1, || delete("/api/segments/101", &Value::Null))
}

pub(crate) fn delete_three() -> Write {
    write("a bulk delete", 3, || {
        delete("/api/segments/bulk", &json!(["101", "102", "103"]))
    })
}

pub(crate) fn allocate() -> Write {
    write("an allocation", 1, || {
        let wanted = json!({"cluster_name": "killed", "site": "site1", "vrf": "Network1"});
        post("/api/allocate-vlan", &wanted)
    })
}

pub(crate) fn all() -> Vec<Write> {
    vec![
        create(),
        create_with_group(),
        create_three(),
        move_one(),
        move_three(),
        change_vrf_and_addresses(),
        delete_one(),
        delete_three(),
        allocate(),
    ]
}
