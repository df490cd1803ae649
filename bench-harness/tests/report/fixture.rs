//! FIXTURE: an outcome made by hand, so that every section of the report has something to show. No figure in it was measured.

use bench_harness::verify::{
    Check, ComponentFacts, Figures, Finding, FreshReads, Growth, Manner, Original, Outcome, Row,
    Span, WarmReads,
};

/// Calls one after another, each so many times at once: method, route, how many.
type Chain = &'static [(&'static str, &'static str, usize)];

struct Scenario {
    name: &'static str,
    title: &'static str,
    manner: Option<Manner>,
    warm: bool,
    claimed: Option<&'static str>,
    measured: Option<&'static str>,
    /// By subject: the chain, and how many times it is gone through.
    by: &'static [(&'static str, Chain, usize)],
}

const VLANS: &str = "/api/ipam/vlans/";
const PREFIXES: &str = "/api/ipam/prefixes/";
const SITES: &str = "/api/dcim/site-groups/";
const VRFS: &str = "/api/ipam/vrfs/";
const TUNED_CREATE: Chain = &[
    ("GET", PREFIXES, 1),
    ("GET", VRFS, 3),
    ("GET", SITES, 1),
    ("POST", VLANS, 1),
    ("POST", PREFIXES, 1),
];
const NAIVE_CREATE: Chain = &[
    ("GET", VRFS, 1),
    ("GET", SITES, 1),
    ("GET", "/api/tenancy/tenants/", 1),
    ("GET", "/api/ipam/roles/", 1),
    ("GET", VLANS, 1),
    ("GET", SITES, 1),
    ("GET", "/api/tenancy/tenants/", 1),
    ("GET", "/api/ipam/roles/", 1),
    ("GET", "/api/ipam/vlan-groups/", 1),
    ("POST", VLANS, 1),
    ("POST", PREFIXES, 1),
];
const EDGE_CREATE: Chain = &[
    ("POST", VLANS, 1),
    ("POST", PREFIXES, 1),
    ("POST", "/graphql/", 1),
];

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "start-100",
        title: "start with 100 segments",
        manner: None,
        warm: false,
        claimed: Some("201 to 250, 1"),
        measured: Some("8 (8)"),
        by: &[
            ("segment-edge", &[("POST", "/graphql/", 1)], 1),
            ("tuned", &[("GET", SITES, 1)], 8),
            ("naive", &[("GET", PREFIXES, 1)], 201),
        ],
    },
    Scenario {
        name: "list-100",
        title: "list 100 segments",
        manner: None,
        warm: true,
        claimed: Some("101, 1"),
        measured: Some("0"),
        by: &[
            ("segment-edge", &[], 1),
            ("tuned", &[], 1),
            ("naive", &[("GET", SITES, 1)], 101),
        ],
    },
    Scenario {
        name: "create-10",
        title: "create 10 segments",
        manner: Some(Manner::OneByOne),
        warm: true,
        claimed: Some("70 to 80, 31 to 41"),
        measured: Some("70 (49)"),
        by: &[
            ("segment-edge", EDGE_CREATE, 10),
            ("tuned", TUNED_CREATE, 10),
            ("naive", NAIVE_CREATE, 10),
            ("pynetbox", NAIVE_CREATE, 7),
        ],
    },
    Scenario {
        name: "create-10",
        title: "create 10 segments",
        manner: Some(Manner::Bulk),
        warm: true,
        claimed: Some("70 to 150, 31 to 41"),
        measured: Some("70 (49)"),
        by: &[
            ("segment-edge", EDGE_CREATE, 1),
            ("tuned", TUNED_CREATE, 10),
            ("naive", NAIVE_CREATE, 10),
        ],
    },
    Scenario {
        name: "rename-10",
        title: "rename the EPG of 10 segments",
        manner: Some(Manner::AtOnce),
        warm: true,
        claimed: None,
        measured: None,
        by: &[
            ("segment-edge", &[("PATCH", VLANS, 1)], 3),
            ("tuned", &[("GET", PREFIXES, 30), ("PATCH", VLANS, 10)], 1),
        ],
    },
];

/// The outcome; every figure of every row is different from zero somewhere.
pub(crate) fn fixture() -> Outcome {
    let mut rows = Vec::new();
    for scenario in &SCENARIOS {
        for added_ms in [0, 5, 50] {
            for (subject, chain, times) in scenario.by {
                rows.push(row(scenario, subject, chain, *times, added_ms));
            }
        }
    }
    let four = Row {
        instances: 4,
        ..row(&SCENARIOS[2], "segment-edge", EDGE_CREATE, 10, 50)
    };
    let refused = Row {
        scenario: "renumber-1".into(),
        title: "change the VLAN id <img src=x onerror=alert(1)>".into(),
        failure: Some("the original answers 200 & does \"nothing\"".into()),
        timeline: Vec::new(),
        ..row(&SCENARIOS[4], "tuned", &[], 1, 0)
    };
    let mut missed = row(
        &SCENARIOS[4],
        "segment-edge",
        &[("PATCH", VLANS, 1), ("GET", VLANS, 1)],
        2,
        0,
    );
    missed.scenario = "rename-shared".into();
    missed.title = "rename a segment on a shared VLAN".into();
    missed.manner = None;
    missed.timeline[1].status = 412;
    missed.checks = vec![
        check("calls", 3.0, 4.0),
        check("hit-rate", 0.5, 0.25),
        check("depth", 4.0, 4.0),
    ];
    rows.extend([four, refused, missed]);
    Outcome {
        version: 1,
        at: "2026-01-02T03:04:05Z".into(),
        component: ComponentFacts {
            bytes: 1_700_000,
            sha256: "f1f1f1f1f1f1".repeat(6)[..64].to_owned(),
        },
        netbox: "fixture, not a NetBox".into(),
        processors: 2,
        took_seconds: 71.5,
        rows,
        findings: vec![
            Finding {
                about: "warm reads".into(),
                check: Check::at_least("requests-per-second", 20_000.0, 12_345.0),
                text: String::new(),
            },
            Finding {
                about: "create-10/bulk by tuned".into(),
                check: Check::at_most("same-result", 0.0, 0.0),
                text: String::new(),
            },
        ],
        growth: [100, 1_000, 10_000, 100_000].map(growth).to_vec(),
        reads: Some(WarmReads {
            requests_per_second: 12_345.0,
            one_processor: true,
            p50_ms: 0.31,
            p99_ms: 0.87,
            empty_requests_per_second: 23_456.0,
            empty_p50_ms: 0.16,
            wasip2: Some(FreshReads {
                requests_per_second: 1_234.0,
                p50_ms: 0.71,
                p99_ms: 1.9,
            }),
        }),
    }
}

fn check(what: &str, target: f64, found: f64) -> Check {
    let met = if what == "hit-rate" {
        found >= target
    } else {
        found <= target
    };
    Check {
        what: what.into(),
        target,
        found,
        met,
    }
}

fn row(scenario: &Scenario, subject: &str, chain: Chain, times: usize, added_ms: u64) -> Row {
    let own = 400 + 200 * times.min(10) as u64;
    let (mut timeline, mut now) = (Vec::new(), 150);
    for _ in 0..times {
        for (method, route, at_once) in chain {
            let end = now + added_ms * 1_000 + own;
            timeline.extend((0..*at_once as u64).map(|place| Span {
                method: (*method).into(),
                route: (*route).into(),
                status: if *method == "POST" { 201 } else { 200 },
                start_us: now + 20 * place,
                end_us: end + 20 * place,
                bytes: 1_234,
            }));
            now = end + 120;
        }
    }
    let edge = subject == "segment-edge";
    let (calls, depth) = (timeline.len(), chain.len() * times);
    let wall_ms = now as f64 / 1_000.0;
    let checks = vec![
        check("calls", calls as f64, calls as f64),
        check("latency-ms", wall_ms * 1.05 + 5.0, wall_ms),
    ];
    Row {
        scenario: scenario.name.into(),
        title: scenario.title.into(),
        manner: scenario.manner,
        subject: subject.into(),
        segments: 100,
        warm: scenario.warm,
        instances: 1,
        added_ms,
        figures: Figures {
            calls,
            depth,
            peak_in_flight: chain
                .iter()
                .map(|(_, _, at_once)| *at_once)
                .max()
                .unwrap_or(0),
            netbox_bytes: 1_234 * calls as u64,
            wall_ms,
            walls_ms: vec![
                wall_ms * 1.07,
                wall_ms,
                wall_ms * 1.02,
                wall_ms * 1.31,
                wall_ms * 1.03,
            ],
            floor_ms: (depth as u64 * added_ms) as f64,
            hit_rate: if calls == 0 { 1.0 } else { 0.0 },
            requests: times,
            fuel: edge.then_some(1_400_000 + 910_000 * times as u64),
            guest_memory_bytes: edge.then_some(3_342_336),
        },
        timeline,
        checks: if edge { checks } else { Vec::new() },
        original: scenario.measured.or(scenario.claimed).map(|_| Original {
            claimed: scenario.claimed.map(Into::into),
            measured: scenario.measured.map(Into::into),
        }),
        failure: None,
    }
}

fn growth(segments: usize) -> Growth {
    let size = segments as f64;
    Growth {
        segments,
        cold_calls: 1 + segments / 5_000,
        cold_ms: 3.0 + size / 210.0,
        guest_memory_bytes: 3_000_000 + 700 * segments as u64,
        store_bytes: 9_000 + 88 * segments as u64,
        new_instance_ms: 0.8 + size / 900.0,
        page_ms: 0.21,
        search_ms: 0.09 + size / 60_000.0,
        get_ms: 0.04,
        allocate_ms: 0.37 + size / 110_000.0,
        create_ms: 0.52 + size / 130_000.0,
    }
}
