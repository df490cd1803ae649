//! What the component computes, compiled natively: the parts that grow with the number of segments, each by itself.
//!
//! The same work inside the guest costs a few times as much; `bench-harness/benches/guest.rs` measures that. Numbers are to
//! be compared within one run, or with a baseline of the same machine: `docs/PERFORMANCE.md`.

#![allow(missing_docs, clippy::expect_used)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use segment_edge::catalogue::revalidation::{Doubtful, news};
use segment_edge::catalogue::{Catalogue, Change, Snapshot};
use segment_edge::netbox::delta::{Delta, Kind, Logged, StillOurs};
use segment_edge::netbox::line::Line;
use segment_edge::netbox::rows::{Id, Named, Prefix, Vlan, VlanGroup, Vrf};
use segment_edge::segment::{Draft, Filter, Page, SegmentId, SegmentView};
use segment_edge::timestamp::Timestamp;
use serde_json::{Value, json};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Segments that share a site and a VRF.
const PLACE: usize = 1_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

/// Segment `n`, at the place that its thousand shares, as rows.
fn rows(n: usize) -> (Vlan, Prefix) {
    let id = Id::try_from(n + 1).expect("small");
    let place = Id::try_from(n / PLACE + 1).expect("small");
    let vid = u16::try_from(n % PLACE + 100).expect("small");
    let vlan = Vlan {
        id,
        vid,
        name: format!("EPG_{place}_{vid}"),
        group: Some(place),
        created: at(1),
        last_updated: at(2),
    };
    let prefix = Prefix {
        id,
        cidr: format!("10.{}.{}.0/24", n / 256 % 256, n % 256),
        status: "active".to_owned(),
        comments: format!("segment {n}"),
        cluster: if n.is_multiple_of(3) {
            String::new()
        } else {
            format!("cl-{}", n % 5)
        },
        dhcp: n.is_multiple_of(2),
        allocated_at: None,
        released_at: None,
        vrf: Some(place),
        vlan: Some(id),
        site_group: Some(1),
        created: at(1),
        last_updated: at(2),
        shown_vlan: None,
    };
    (vlan, prefix)
}

fn snapshot(segments: usize) -> Snapshot {
    let (vlans, prefixes): (Vec<Vlan>, Vec<Prefix>) = (0..segments).map(rows).unzip();
    let places = || 1..=Id::try_from(segments.div_ceil(PLACE)).expect("small");
    let site = Named {
        id: 1,
        name: "Site1".to_owned(),
        slug: "site1".to_owned(),
    };
    let vrf = |id| Vrf {
        id,
        name: format!("Network{id}"),
        rd: None,
    };
    let group = |id| VlanGroup {
        id,
        name: format!("Network{id}-ClickCluster-Site1"),
        site_group: Some(1),
    };
    Snapshot {
        site_groups: vec![site],
        vrfs: places().map(vrf).collect(),
        vlan_groups: places().map(group).collect(),
        ..Snapshot::default()
    }
    .with_rows(vlans, prefixes)
}

fn filter(query: &str) -> Filter {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Filter::parse(pairs).expect("a good filter")
}

fn body(n: usize) -> Value {
    json!({
        "site": "site1", "vrf": "Network1", "vlan_id": 4000, "epg_name": format!("NEW_{n}"),
        "segment": "172.20.0.0/24", "dhcp": true, "description": "a new one",
    })
}

/// A page of what a filter finds, written as JSON.
fn page(catalogue: &Catalogue, filter: &Filter) -> Vec<u8> {
    let page = Page::parse([("limit", "100")]).expect("a good page");
    let slice = page.cut(catalogue.find(filter), |found| found.id());
    let shown = slice.items.iter().filter_map(|found| catalogue.show(found));
    serde_json::to_vec(&shown.collect::<Vec<SegmentView<'_>>>()).expect("always JSON")
}

fn questions(c: &mut Criterion) {
    let mut group = c.benchmark_group("catalogue");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    for size in SIZES {
        let catalogue = Catalogue::from(snapshot(size));
        let asked = [
            ("page_of_100", filter("")),
            ("page_of_100_at_a_place", filter("site=site1&vrf=Network1")),
            ("search_text", filter("q=1_77")),
            ("search_address", filter("q=10.1.2.3")),
        ];
        for (name, filter) in &asked {
            group.bench_with_input(BenchmarkId::new(*name, size), &size, |b, _| {
                b.iter(|| page(&catalogue, black_box(filter)));
            });
        }
        group.bench_with_input(BenchmarkId::new("get", size), &size, |b, size| {
            let id = SegmentId(Id::try_from(size / 2).expect("small"));
            b.iter(|| {
                catalogue
                    .segment(black_box(id))
                    .map(|view| view.to_segment())
            });
        });
        let wanted = Draft::parse(&body(0)).expect("a good body");
        group.bench_with_input(BenchmarkId::new("overlap_check", size), &size, |b, _| {
            b.iter(|| catalogue.conflicts(black_box(&wanted), None));
        });
    }
    group.finish();
}

fn store(c: &mut Criterion) {
    let mut group = c.benchmark_group("store");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    for size in SIZES {
        let all = snapshot(size);
        let encoded = || {
            all.encode()
                .expect("it has a form")
                .chunks()
                .collect::<Vec<_>>()
        };
        group.bench_with_input(BenchmarkId::new("encode", size), &size, |b, _| {
            b.iter(encoded)
        });
        let bytes = encoded().concat();
        group.bench_with_input(BenchmarkId::new("open", size), &size, |b, _| {
            b.iter_batched(
                || bytes.clone(),
                |bytes| Catalogue::from(Snapshot::decode(bytes).expect("as it was written")),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Fifty rows that were written, and fifty that were deleted.
fn delta(size: usize) -> Delta {
    let (vlans, prefixes): (Vec<Vlan>, Vec<Prefix>) = (0..50).map(rows).unzip();
    let later = |row: Prefix| Prefix {
        last_updated: at(9),
        ..row
    };
    let gone = (size - 50..size).map(|n| Logged {
        kind: Kind::Prefix,
        id: rows(n).1.id,
        at: at(9),
    });
    Delta {
        vlans,
        prefixes: prefixes.into_iter().map(later).collect(),
        deleted: gone.collect(),
        ..Delta::default()
    }
}

fn changes(c: &mut Criterion) {
    let mut group = c.benchmark_group("changes");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20);
    for size in SIZES {
        let all = snapshot(size);
        let delta = delta(size);
        group.bench_with_input(
            BenchmarkId::new("revalidation_of_100", size),
            &size,
            |b, _| {
                b.iter_batched_ref(
                    || Catalogue::from(all.clone()),
                    |catalogue| {
                        let doubtful = Doubtful::of(&delta, catalogue);
                        let news = news(&delta, &doubtful, &StillOurs::default(), catalogue);
                        news.iter().for_each(|change| catalogue.apply(change));
                        news.len()
                    },
                    BatchSize::LargeInput,
                );
            },
        );
        let (vlan, _) = rows(size / 2);
        let renamed = Change::Vlan(Vlan {
            name: "RENAMED".to_owned(),
            last_updated: at(9),
            ..vlan
        });
        group.bench_with_input(BenchmarkId::new("one_write", size), &size, |b, _| {
            b.iter_batched_ref(
                || Catalogue::from(all.clone()),
                |catalogue| catalogue.apply(&renamed),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn writing(c: &mut Criterion) {
    let good = body(1);
    c.bench_function("validation", |b| b.iter(|| Draft::parse(black_box(&good))));
    c.bench_function("group_commit_of_100", |b| {
        b.iter(|| {
            let mut line: Line<usize, usize> = Line::new(50);
            let tickets: Vec<_> = (0..100).map(|n| line.join([n])).collect();
            while let Some(batch) = line.start() {
                line.done(batch, || usize::MAX);
            }
            let answers = tickets.iter().filter_map(|ticket| line.take(ticket));
            answers.map(|answer| answer.len()).sum::<usize>()
        });
    });
}

criterion_group!(benches, questions, store, changes, writing);
criterion_main!(benches);
