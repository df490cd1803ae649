use bench_harness::har::scenario::{Edge, Ground, Plan, differences, drive};
use bench_harness::har::{Latency, Mode, Recorder};
use bench_harness::netbox::{Api, Fault, Kind, Matcher};
use url::Url;

use crate::kit::{Recorded, component, double, free, play, record, replay};

/// Records before a NetBox, and plays back without it.
async fn round_trip(netbox_url: &str, token: &str, plan: &Plan) -> Recorded {
    let recorded = record(netbox_url, token, plan).await;
    let server = replay(recorded.netbox.clone(), Mode::Strict, Latency::None).await;
    let (edge, driven) = play(&server, plan).await;
    assert_eq!(server.verify(), Ok(()));
    driven.unwrap();
    assert_eq!(differences(&recorded.edge, &edge), Vec::<String>::new());
    assert_eq!(server.answered(), recorded.netbox.log.entries.len());
    recorded
}

#[tokio::test]
async fn what_was_recorded_before_the_double_is_answered_alike_without_it() {
    let double = double().await;
    let recorded = round_trip(&double.url(), double.token(), &Plan::default()).await;
    // One call for the cold read, two for the revalidation, three for each create, and so on: as the README's table has it.
    assert_eq!(recorded.netbox.log.entries.len(), 18);
    assert_eq!(recorded.edge.log.entries.len(), 18);
}

#[tokio::test]
async fn what_was_recorded_before_a_real_netbox_is_answered_alike_without_it() {
    let variable = |name| {
        std::env::var(name)
            .ok()
            .filter(|value: &String| !value.is_empty())
    };
    let (Some(url), Some(token)) = (variable("NETBOX_URL"), variable("NETBOX_TOKEN")) else {
        assert!(
            variable("SEGMENT_EDGE_REAL").as_deref() != Some("1"),
            "NETBOX_URL and NETBOX_TOKEN are not set: start a NetBox with `cargo xtask netbox up`, and set what it prints"
        );
        eprintln!("skipped, since NETBOX_URL is not set: `cargo xtask netbox up` starts a NetBox");
        return;
    };
    let plan = Plan {
        range: "198.18.7.0/24".parse().unwrap(),
        first_vlan: 4011,
        ..Plan::default()
    };
    let recorded = round_trip(&url, &token, &plan).await;
    let text = recorded.netbox.text().unwrap() + &recorded.edge.text().unwrap();
    assert!(!text.contains(&token));
}

#[tokio::test]
async fn a_slower_replay_is_answered_alike() {
    let double = double().await;
    let plan = Plan::default();
    let recorded = record(&double.url(), double.token(), &plan).await;
    let slow = "120ms".parse().unwrap();
    let server = replay(recorded.netbox, Mode::Strict, slow).await;
    let (edge, driven) = play(&server, &plan).await;
    driven.unwrap();
    assert_eq!(server.verify(), Ok(()));
    assert_eq!(differences(&recorded.edge, &edge), Vec::<String>::new());
}

#[tokio::test]
async fn netbox_is_as_before_when_a_step_fails() {
    let double = double().await;
    // A group that the scenario is the first to need is removed again too.
    let group = double.edit(|db| {
        let group = db
            .by_name(Kind::VlanGroup, "Network1-ClickCluster-Site1")
            .unwrap()
            .id;
        let vlans: Vec<u64> = db.rows(Kind::Vlan).keys().copied().collect();
        for prefix in db.rows(Kind::Prefix).keys().copied().collect::<Vec<_>>() {
            db.take_out(Kind::Prefix, prefix);
        }
        for vlan in vlans {
            db.take_out(Kind::Vlan, vlan);
        }
        db.take_out(Kind::VlanGroup, group);
        group
    });
    let counts = || {
        let db = double.state();
        [Kind::Vlan, Kind::Prefix, Kind::VlanGroup].map(|kind| db.rows(kind).len())
    };
    let (before, plan) = (counts(), Plan::default());
    assert!(double.state().get(Kind::VlanGroup, group).is_none());
    let url = Url::parse(&double.url()).unwrap();
    let api = Api::new(&url, double.token().parse().unwrap()).unwrap();
    let recorder = Recorder::start(&url, free()).await.unwrap();
    let ground = Ground::prepare(&api, &plan).await.unwrap();
    let (_, scrubber) = recorder.har();
    let mut edge = Edge::start(
        component(),
        &recorder.url(),
        double.token(),
        &plan,
        scrubber,
    )
    .await
    .unwrap();
    // The rename of the second and third segment.
    double.fail_always(
        Matcher::call("PATCH", "/api/ipam/vlans/"),
        Fault::html(500, "a fault"),
    );
    let failure = drive(&mut edge, &plan).await.unwrap_err().to_string();
    assert!(failure.contains("step \"rename"), "{failure}");
    double.heal();
    let removed = ground.restore(&api).await.unwrap();
    assert_eq!(
        removed.len(),
        7,
        "three prefixes, three VLANs and a group: {removed:?}"
    );
    assert_eq!(counts(), before);
}

#[tokio::test]
async fn a_range_that_is_in_use_is_refused_before_anything_is_changed() {
    let double = double().await;
    let url = Url::parse(&double.url()).unwrap();
    let api = Api::new(&url, double.token().parse().unwrap()).unwrap();
    let plan = Plan {
        range: "10.0.3.0/24".parse().unwrap(),
        ..Plan::default()
    };
    let refused = Ground::prepare(&api, &plan).await.unwrap_err().to_string();
    assert!(refused.contains("10.0.3.0/24"), "{refused}");
    assert_eq!(double.ledger().calls().writes(), 0);
}
