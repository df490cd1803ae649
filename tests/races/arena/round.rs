//! One round: who wants what at the same time.

use std::collections::BTreeSet;

use fastrand::Rng;
use http::Method;
use serde_json::{Value, json};

use super::ground::{Scene, Segment};

/// What rivals do in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    OverlappingCreates,
    CreatesOfOneVlanId,
    CreatesOfOnePrefix,
    AllocationsOfTheLast,
    AllocationsOfOneCluster,
    Renames,
    RenameAndDelete,
    Deletes,
    DeleteAndAllocate,
    Releases,
    Provisions,
    ListAndCreate,
    DescribeAndAllocate,
    Changes,
}

pub(super) const KINDS: [Kind; 14] = [
    Kind::OverlappingCreates,
    Kind::CreatesOfOneVlanId,
    Kind::CreatesOfOnePrefix,
    Kind::AllocationsOfTheLast,
    Kind::AllocationsOfOneCluster,
    Kind::Renames,
    Kind::RenameAndDelete,
    Kind::Deletes,
    Kind::DeleteAndAllocate,
    Kind::Releases,
    Kind::Provisions,
    Kind::ListAndCreate,
    Kind::DescribeAndAllocate,
    Kind::Changes,
];

/// What a request is to bring about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A segment is made: all of it is in the answer.
    Make,
    /// Each of a list is made, or none.
    MakeAll,
    Rename(u64, String),
    /// Another name and another description, which are kept in two rows.
    Change(u64, String, String),
    Describe(u64, String),
    Delete(u64),
    Allocate(String),
    Release(u64, String),
}

/// A request of a round.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) deed: Deed,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Value,
}

/// Where a round has room that no other round of its batch uses: VLAN ids, and a /22.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) number: u16,
}

/// How many slots there are.
pub(super) const SLOTS: usize = 64;
/// VLAN ids of a slot.
const VIDS: u16 = 12;

impl Slot {
    fn vid(self, n: u16) -> u64 {
        u64::from(3000 + self.number * VIDS + n)
    }

    /// Addresses of this length at the `n`-th /24 of the slot.
    fn net(self, n: u16, length: u8) -> ipnet::IpNet {
        let third = self.number * 4 + n;
        let address = format!("172.20.{third}.0/{length}");
        let net: ipnet::IpNet = address.parse().unwrap();
        net.trunc()
    }

    fn segment(self, vrf: &str, n: u16, site: &str, clusters: &[&str]) -> Segment {
        Segment {
            site: site.to_owned(),
            vid: self.vid(n),
            name: format!("{vrf}-{}-{n}", self.number),
            net: self.net(n.min(3), 24),
            clusters: clusters.iter().map(|name| (*name).to_owned()).collect(),
            description: String::new(),
        }
    }
}

/// A round that is to come.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) kind: Kind,
    pub(super) slot: Slot,
    pub(super) seed: u64,
}

impl Round {
    /// The segments that must be there beforehand.
    pub(super) fn furniture(&self, vrf: &str) -> Vec<Segment> {
        let free = |n| self.slot.segment(vrf, n, "site3", &[]);
        match self.kind {
            Kind::AllocationsOfOneCluster => (0..3).map(free).collect(),
            Kind::AllocationsOfTheLast => (0..1 + self.slot.number % 2).map(free).collect(),
            Kind::Renames
            | Kind::RenameAndDelete
            | Kind::Deletes
            | Kind::DeleteAndAllocate
            | Kind::DescribeAndAllocate
            | Kind::Changes => vec![free(0)],
            Kind::Releases => vec![self.slot.segment(vrf, 0, "site1", &["one", "two", "three"])],
            _ => Vec::new(),
        }
    }

    /// The requests of the round; `there` are the ids of its furniture.
    pub(super) fn asks(&self, vrf: &str, there: &[u64], now: &Scene) -> Vec<Ask> {
        let mut rng = Rng::with_seed(self.seed);
        let slot = self.slot;
        let many = rng.u16(2..=3);
        let first = there.first().copied().unwrap_or_default();
        let site = |rng: &mut Rng| if rng.bool() { "site1" } else { "site3" };
        let mut wanted = |n: u16| {
            let site = site(&mut rng);
            slot.segment(vrf, n, site, &[])
        };
        match self.kind {
            Kind::OverlappingCreates => {
                let nets = [slot.net(0, 24), slot.net(1, 25), slot.net(0, 23)];
                let asks = (0..many).map(|n| {
                    let net = nets[usize::from(if many == 2 && n == 1 { 2 } else { n })];
                    make(vrf, &Segment { net, ..wanted(n) })
                });
                asks.collect()
            }
            Kind::CreatesOfOneVlanId => {
                let (site, vid) = (wanted(0).site, slot.vid(0));
                let one = |n| Segment {
                    site: site.clone(),
                    vid,
                    ..wanted(n)
                };
                (0..many).map(one).map(|one| make(vrf, &one)).collect()
            }
            Kind::CreatesOfOnePrefix => {
                let alike = rng.bool();
                let one = |n| {
                    if alike {
                        return slot.segment(vrf, 0, "site1", &[]);
                    }
                    let segment = slot.segment(vrf, n, "site1", &[]);
                    Segment {
                        net: slot.net(0, 24),
                        ..segment
                    }
                };
                (0..many).map(one).map(|one| make(vrf, &one)).collect()
            }
            Kind::AllocationsOfTheLast => {
                let cluster = |n| format!("c{}-{n}", slot.number);
                let asks = (0..3).map(|n| allocate(vrf, &cluster(n), there, now));
                asks.collect()
            }
            Kind::AllocationsOfOneCluster => {
                let cluster = format!("c{}", slot.number);
                let asks = (0..many).map(|_| allocate(vrf, &cluster, there, now));
                asks.collect()
            }
            Kind::Changes => {
                let third = match rng.u8(..3) {
                    0 => delete(first),
                    1 => allocate(vrf, &format!("c{}", slot.number), there, now),
                    _ => change(vrf, slot, first, 2),
                };
                let mut asks: Vec<Ask> = (0..2).map(|n| change(vrf, slot, first, n)).collect();
                asks.push(third);
                asks.drain(..3 - usize::from(many)).count();
                asks
            }
            Kind::Renames => (0..many).map(|n| rename(vrf, slot, first, n)).collect(),
            Kind::RenameAndDelete => vec![rename(vrf, slot, first, 0), delete(first)],
            Kind::Deletes => (0..many).map(|_| delete(first)).collect(),
            Kind::DeleteAndAllocate => {
                let cluster = format!("c{}", slot.number);
                vec![allocate(vrf, &cluster, there, now), delete(first)]
            }
            Kind::DescribeAndAllocate => {
                let cluster = format!("c{}", slot.number);
                let text = format!("described in {}", slot.number);
                let describe = Ask {
                    deed: Deed::Describe(first, text.clone()),
                    method: Method::PATCH,
                    path: format!("/api/segments/{first}"),
                    body: json!({ "description": text }),
                };
                vec![allocate(vrf, &cluster, there, now), describe]
            }
            Kind::Releases => {
                let names = ["one", "two", "one"];
                let release = |n: u16| release(vrf, first, names[usize::from(n)]);
                (0..many).map(release).collect()
            }
            Kind::Provisions => {
                let alike = rng.u8(..) < 64;
                let length = rng.u8(24..=26);
                let name = |n| format!("{vrf}-{}-p{}", slot.number, if alike { 0 } else { n });
                let asks = (0..many).map(|n| {
                    post(
                        Deed::Make,
                        "/api/segments/provision",
                        json!({
                            "site": "site2", "vrf": vrf, "prefix_length": length, "epg_name": name(n),
                            "vlan_range": "3780-3799",
                        }),
                    )
                });
                asks.collect()
            }
            Kind::ListAndCreate => {
                let list: Vec<Segment> = (0..3).map(&mut wanted).collect();
                let third = list[2].clone();
                let rival = match many {
                    // Its VLAN id is taken, or its addresses are.
                    2 => Segment {
                        net: slot.net(3, 24),
                        name: format!("{vrf}-{}-r", slot.number),
                        ..third
                    },
                    _ => Segment {
                        net: slot.net(2, 25),
                        ..wanted(4)
                    },
                };
                let list: Vec<Value> = list.iter().map(|one| one.body(vrf)).collect();
                vec![
                    post(Deed::MakeAll, "/api/segments/bulk", list.into()),
                    make(vrf, &rival),
                ]
            }
        }
    }
}

fn post(deed: Deed, path: &str, body: Value) -> Ask {
    Ask {
        deed,
        method: Method::POST,
        path: path.to_owned(),
        body,
    }
}

fn make(vrf: &str, segment: &Segment) -> Ask {
    post(Deed::Make, "/api/segments", segment.body(vrf))
}

/// Of all free segments only those of the round.
fn allocate(vrf: &str, cluster: &str, pool: &[u64], now: &Scene) -> Ask {
    let others = now.segments.keys().filter(|id| !pool.contains(id));
    let others: BTreeSet<String> = others.map(u64::to_string).collect();
    post(
        Deed::Allocate(cluster.to_owned()),
        "/api/allocate-vlan",
        json!({"cluster_name": cluster, "site": "site3", "vrf": vrf, "exclude": others}),
    )
}

fn release(vrf: &str, id: u64, cluster: &str) -> Ask {
    post(
        Deed::Release(id, cluster.to_owned()),
        "/api/release-vlan",
        json!({"cluster_name": cluster, "site": "site1", "vrf": vrf, "id": id.to_string()}),
    )
}

fn rename(vrf: &str, slot: Slot, id: u64, n: u16) -> Ask {
    let name = format!("{vrf}-{}-n{n}", slot.number);
    Ask {
        deed: Deed::Rename(id, name.clone()),
        method: Method::PATCH,
        path: format!("/api/segments/{id}"),
        body: json!({ "epg_name": name }),
    }
}

fn change(vrf: &str, slot: Slot, id: u64, n: u16) -> Ask {
    let name = format!("{vrf}-{}-n{n}", slot.number);
    let text = format!("described by {n}");
    Ask {
        deed: Deed::Change(id, name.clone(), text.clone()),
        method: Method::PATCH,
        path: format!("/api/segments/{id}"),
        body: json!({"epg_name": name, "description": text}),
    }
}

fn delete(id: u64) -> Ask {
    Ask {
        deed: Deed::Delete(id),
        method: Method::DELETE,
        path: format!("/api/segments/{id}"),
        body: Value::Null,
    }
}
