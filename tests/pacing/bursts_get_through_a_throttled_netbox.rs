use std::collections::BTreeSet;

use bench_harness::netbox::{Double, Fault, Inventory, Kind, Known, Ours, RateLimit};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Edge, Reply, is_wasip2, recorded};
use crate::{rows, segment};

fn wanted(n: usize) -> Value {
    json!({"cluster_name": format!("c{n}"), "site": "site1", "vrf": "Network1"})
}

/// What no throttling may break: no prefix without its VLAN, no VLAN without its prefix, nothing twice.
#[track_caller]
fn assert_sound(double: &Double) {
    let (vlans, prefixes) = rows(double);
    assert_eq!(vlans, prefixes, "a VLAN or a prefix was left alone");
    let inventory = Inventory::of(&double.state(), &Ours::default());
    assert_eq!(
        inventory.violations(&Known::default()),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn ten_creates_ten_allocations_and_a_list_of_fifty_get_through_ten_calls_a_second() {
    let (double, edge) = recorded().await;
    edge.get("/api/segments").await.expect(200);
    double.set_rate_limit(Some(RateLimit::new(10, 20)));
    let bodies: Vec<Value> = (0..10).map(segment).collect();
    let made = join_all(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
    made.into_iter().for_each(|reply| drop(reply.expect(201)));
    let allocate = async |n| edge.post("/api/allocate-vlan", &wanted(n)).await;
    let given = if is_wasip2() {
        // At once, each in an instance of its own, others may be faster time and again (409).
        let mut given = Vec::new();
        for n in 0..10 {
            given.push(allocate(n).await);
        }
        given
    } else {
        join_all((0..10).map(allocate)).await
    };
    let given: BTreeSet<String> = given
        .into_iter()
        .map(|reply| reply.expect(200).json()["id"].to_string())
        .collect();
    assert_eq!(given.len(), 10);
    let fifty: Vec<Value> = (100..150).map(segment).collect();
    let made = edge.post("/api/segments/bulk", &json!(fifty)).await;
    assert_eq!(made.expect(201).json()["succeeded"], 50);
    assert_eq!(rows(&double), (160, 160));
    assert_sound(&double);
}

/// Creates, allocates and deletes while a share of all calls fails; how many succeeded of how many.
async fn work(double: &Double, edge: &Edge) -> (usize, usize) {
    let mut succeeded = 0;
    let mut tried = 0;
    let mut there: BTreeSet<String> = BTreeSet::new();
    for round in 0..12 {
        let bodies: Vec<Value> = (0..4).map(|n| segment(round * 4 + n)).collect();
        let made: Vec<Reply> = join_all(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
        for reply in made {
            tried += 1;
            if reply.status == 201 {
                succeeded += 1;
                there.insert(reply.json()["id"].as_str().unwrap().to_owned());
            }
        }
        if let Some(id) = there.pop_first() {
            tried += 1;
            let gone = edge.delete(&format!("/api/segments/{id}")).await;
            if gone.status.is_success() {
                succeeded += 1;
            } else {
                there.insert(id);
            }
        }
    }
    double.heal();
    // One write more finishes what was left.
    edge.post("/api/reconcile?force=true", &Value::Null)
        .await
        .expect(200);
    for id in &there {
        let id: u64 = id.parse().unwrap();
        assert!(
            double.state().get(Kind::Prefix, id).is_some(),
            "{id} was answered 201 and is lost"
        );
    }
    assert_eq!(
        rows(double).1,
        100 + there.len(),
        "something is there that nobody was told of"
    );
    assert_sound(double);
    (succeeded, tried)
}

#[tokio::test]
async fn with_a_fifth_of_the_calls_turned_back_nothing_is_lost_or_doubled() {
    for (name, fault) in [
        ("503 before the work", Fault::html(503, "<html>")),
        ("503 after the work", Fault::html_after(503, "<html>")),
        ("429 with Retry-After", Fault::throttled(429, 0)),
        ("502 after the work", Fault::html_after(502, "<html>")),
    ] {
        let (double, edge) = recorded().await;
        edge.get("/api/segments").await.expect(200);
        double.fail_randomly(7, 0.2, fault);
        let (succeeded, tried) = work(&double, &edge).await;
        println!("{name}: {succeeded} of {tried} writes succeeded");
        assert!(
            succeeded * 10 >= tried * 8,
            "{name}: {succeeded} of {tried}"
        );
    }
}
