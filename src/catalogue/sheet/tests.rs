#![allow(clippy::unwrap_used)]
use super::*;
use crate::catalogue::Snapshot;
use crate::netbox::rows::{Prefix, Vlan};
use crate::timestamp::Timestamp;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn vlan(id: Id, group: Option<Id>, vid: u16) -> Vlan {
    Vlan {
        id,
        vid,
        name: format!("EPG_{id}_ä"),
        group,
        created: at(-5),
        last_updated: at(7),
    }
}

fn prefix(id: Id, cidr: &str) -> Prefix {
    Prefix {
        id,
        cidr: cidr.to_owned(),
        status: "reserved".to_owned(),
        comments: "Größe".to_owned(),
        cluster: "a,b".to_owned(),
        dhcp: true,
        allocated_at: Some(String::new()),
        released_at: None,
        vrf: Some(1),
        vlan: Some(3),
        site_group: None,
        created: at(1),
        last_updated: at(i64::MAX),
        shown_vlan: None,
    }
}

#[test]
fn a_row_comes_out_as_it_went_in() {
    let vlans = vec![vlan(9, None, 4094), vlan(3, Some(1), 1)];
    let texts = [
        "10.0.0.0/24",
        "fd00::/64",
        "10.0.0.0/024",
        "FD00::/64",
        "x",
        "",
    ];
    let prefixes = (1..).zip(texts).map(|(id, text)| prefix(id, text));
    let prefixes: Vec<Prefix> = prefixes.collect();
    let sheet = Sheet::build(&vlans, &prefixes, |_, _| true);
    for one in &vlans {
        assert_eq!(sheet.vlan(one.id).unwrap().to_vlan(), *one);
    }
    for one in &prefixes {
        assert_eq!(sheet.prefix(one.id).unwrap().to_prefix(), *one);
    }
    assert!(sheet.vlan(4).is_none() && sheet.prefix(7).is_none() && sheet.prefix(0).is_none());
    let odd: Vec<Id> = sheet.odd().map(PrefixRow::id).collect();
    assert_eq!(odd, [1, 2, 3, 4, 5, 6], "they have no site group");
}

#[test]
fn a_sheet_cut_anywhere_is_none() {
    let sheet = Sheet::build(
        &[vlan(3, Some(1), 1)],
        &[prefix(1, "10.0.0.0/24")],
        |_, _| true,
    );
    for end in 0..sheet.bytes().len() {
        assert!(
            Sheet::open(sheet.bytes()[..end].to_vec(), 0).is_none(),
            "{end}"
        );
    }
    let mut longer = sheet.bytes().to_vec();
    longer.push(0);
    assert!(Sheet::open(longer, 0).is_none());
}

#[test]
fn a_snapshot_of_several_chunks_is_read_from_its_chunks() {
    let prefixes = (1..8_000).map(|id| prefix(id, "10.0.0.0/24")).collect();
    let snapshot = Snapshot::default().with_rows(vec![vlan(3, Some(1), 1)], prefixes);
    let encoded = snapshot.encode().unwrap();
    let chunks: Vec<Vec<u8>> = encoded.chunks().collect();
    assert!(chunks.len() > 1 && chunks.len() == encoded.chunk_count());
    let bytes = chunks.concat();
    let read = Snapshot::decode(bytes.clone()).unwrap();
    assert_eq!(read.sheet.bytes(), snapshot.sheet.bytes());
    assert_eq!(read.sheet.prefix(7_999).unwrap().to_prefix().id, 7_999);
    let mut spoilt = bytes;
    let last = spoilt.len() - 1;
    spoilt[last] ^= 1;
    assert!(Snapshot::decode(spoilt).is_none());
}
