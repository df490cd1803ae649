use std::cell::Cell;
use std::time::{Duration, Instant};

use bench_harness::host::Reuse;
use bench_harness::netbox::{Data, Double, Fault, Matcher};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::rows::with;
use crate::support::{Edge, Reply, double, is_wasip2, left_out_on_wasip2, new_segment, settings};

thread_local! {
    /// How much slower all goes than it would on an idle machine; each test has a thread of its own.
    static PACE: Cell<u32> = const { Cell::new(1) };
}

/// How long after one another requests come that are all under way at once. An instance takes a request on only while its
/// others wait for something, so those of one instant get an instance each, as on Spin.
const APART: Duration = Duration::from_millis(4);

/// How long a NetBox call takes: longer than all requests of a burst need to arrive.
const CALL: Duration = Duration::from_millis(700);

/// All of them under way at once in one instance.
async fn at_once<F: Future<Output = Reply>>(requests: impl IntoIterator<Item = F>) -> Vec<Reply> {
    let each = requests.into_iter().enumerate().map(async |(n, request)| {
        tokio::time::sleep(APART * PACE.get() * u32::try_from(n).unwrap()).await;
        request.await
    });
    join_all(each).await
}

/// Does something in one instance; again, with another, when the engine has opened a second one meanwhile, which it does
/// when a request comes while the instance computes.
async fn in_one_instance(data: Data, what: impl AsyncFn(&Double, &Edge)) {
    if left_out_on_wasip2("it needs requests at once in one instance") {
        return;
    }
    for pace in 1..=10 {
        PACE.set(pace);
        let (double, edge) = one_instance(data).await;
        let outcome = std::panic::AssertUnwindSafe(what(&double, &edge))
            .catch_unwind()
            .await;
        if edge.host.instances_started() == 1 {
            return outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    }
    panic!("the engine opened a second instance each time");
}

/// Does something whose outcome is the same whether the requests share an instance or not.
async fn at_once_anywhere(data: Data, what: impl AsyncFn(&Double, &Edge)) {
    if is_wasip2() {
        let (double, edge) = one_instance(data).await;
        what(&double, &edge).await;
    } else {
        in_one_instance(data, what).await;
    }
}

/// One instance that takes on whatever comes, with its catalogue read.
async fn one_instance(data: Data) -> (Double, Edge) {
    let double = double(data).await;
    let reuse = Reuse {
        max_requests: 100_000,
        max_concurrent: 1_000,
        idle: Duration::from_secs(60),
    };
    let settings = settings(&double.url(), double.token()).reuse(reuse);
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    (double, edge)
}

fn numbered(n: usize) -> Value {
    let own = json!({
        "vlan_id": 3000 + n, "epg_name": format!("EPG_{n}"), "segment": format!("172.20.{n}.0/24"),
    });
    with(new_segment(), own)
}

fn wanted(n: usize) -> Value {
    json!({"cluster_name": format!("c{n}"), "site": "site1", "vrf": "Network1"})
}

fn ids(replies: Vec<Reply>, status: u16) -> Vec<String> {
    let id = |reply: Reply| {
        reply.expect(status).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut ids: Vec<String> = replies.into_iter().map(id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "two got the same segment");
    ids
}

#[tokio::test]
async fn ten_creates_at_once_take_eight_calls_at_most() {
    in_one_instance(Data::Recorded100, async |double, edge| {
        double.set_latency(CALL * PACE.get());
        let bodies: Vec<Value> = (0..10).map(numbered).collect();
        let mark = double.ledger().mark();
        let made = at_once(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
        ids(made, 201);
        let calls = double.ledger().since(mark);
        assert!(calls.count() <= 8, "{calls:#?}");
        assert!(calls.peak_concurrency() <= 4);
        assert_eq!(edge.host.instances_started(), 1);
    })
    .await;
}

#[tokio::test]
async fn ten_renames_at_once_take_three_calls_at_most() {
    in_one_instance(Data::Recorded100, async |double, edge| {
        double.set_latency(CALL * PACE.get());
        let free = edge
            .get("/api/segments?site=site1&allocated=false&limit=10")
            .await;
        let free = free.expect(200).json();
        let paths: Vec<(String, Value)> = free
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(n, s)| {
                let path = format!("/api/segments/{}", s["id"].as_str().unwrap());
                (path, json!({"epg_name": format!("EPG_RENAMED_{n}")}))
            })
            .collect();
        let mark = double.ledger().mark();
        let renamed = at_once(paths.iter().map(|(path, body)| edge.patch(path, body))).await;
        for (reply, (_, body)) in renamed.into_iter().zip(&paths) {
            assert_eq!(reply.expect(200).json()["epg_name"], body["epg_name"]);
        }
        let calls = double.ledger().since(mark).count();
        assert!(calls <= 3, "{calls} calls");
    })
    .await;
}

#[tokio::test]
async fn a_hundred_allocations_at_once_take_ten_calls_at_most_and_no_two_the_same() {
    in_one_instance(Data::Generated(2_000), async |double, edge| {
        double.set_latency(CALL * PACE.get());
        let bodies: Vec<Value> = (0..100).map(wanted).collect();
        let mark = double.ledger().mark();
        let given = at_once(bodies.iter().map(|b| edge.post("/api/allocate-vlan", b))).await;
        ids(given, 200);
        let calls = double.ledger().since(mark).count();
        assert!(calls <= 10, "{calls} calls");
        let mark = double.ledger().mark();
        let free = at_once(bodies.iter().map(|b| edge.post("/api/release-vlan", b))).await;
        ids(free, 200);
        let calls = double.ledger().since(mark).count();
        assert!(calls <= 10, "{calls} calls");
    })
    .await;
}

#[tokio::test]
async fn ten_allocations_and_ten_releases_at_once_take_three_calls_each_at_most() {
    in_one_instance(Data::Recorded100, async |double, edge| {
        double.set_latency(CALL * PACE.get());
        let bodies: Vec<Value> = (0..10).map(wanted).collect();
        for path in ["/api/allocate-vlan", "/api/release-vlan"] {
            let mark = double.ledger().mark();
            ids(
                at_once(bodies.iter().map(|b| edge.post(path, b))).await,
                200,
            );
            let calls = double.ledger().since(mark).count();
            assert!(calls <= 3, "{path}: {calls} calls");
        }
    })
    .await;
}

#[tokio::test]
async fn one_after_another_each_takes_what_one_takes() {
    let (double, edge) = one_instance(Data::Recorded100).await;
    let mark = double.ledger().mark();
    let mut made = Vec::new();
    for n in 0..10 {
        made.push(edge.post("/api/segments", &numbered(n)).await);
    }
    let made = ids(made, 201);
    assert_eq!(double.ledger().since(mark).count(), 30);
    for (path, calls) in [("/api/allocate-vlan", 10), ("/api/release-vlan", 10)] {
        let mark = double.ledger().mark();
        for n in 0..10 {
            edge.post(path, &wanted(n)).await.expect(200);
        }
        assert_eq!(double.ledger().since(mark).count(), calls, "{path}");
    }
    let mark = double.ledger().mark();
    for id in made {
        edge.delete(&format!("/api/segments/{id}"))
            .await
            .expect(204);
    }
    assert_eq!(double.ledger().since(mark).count(), 20);
}

#[tokio::test]
async fn at_once_is_faster_than_one_after_another() {
    in_one_instance(Data::Recorded100, async |double, edge| {
        double.set_latency(Duration::from_millis(100) * PACE.get());
        let bodies: Vec<Value> = (0..10).map(numbered).collect();
        let began = Instant::now();
        ids(
            at_once(bodies.iter().map(|b| edge.post("/api/segments", b))).await,
            201,
        );
        let together = began.elapsed();
        let began = Instant::now();
        for n in 10..20 {
            edge.post("/api/segments", &numbered(n)).await.expect(201);
        }
        let one_by_one = began.elapsed();
        let ratio = one_by_one.as_secs_f64() / together.as_secs_f64();
        println!(
            "ten creates: one after another {one_by_one:?}, at once {together:?}: {ratio:.1} times"
        );
        assert!(ratio > 2.0, "{ratio}");
    })
    .await;
}

#[tokio::test]
async fn one_bad_item_among_those_that_travel_together_fails_alone() {
    at_once_anywhere(Data::Recorded100, async |double, edge| {
        double.set_latency(CALL * PACE.get());
        let group = crate::rows::vlan_of(double, 1).reference("group").unwrap();
        double.edit(|db| db.add_vlan(group, 3005, "THEIRS", 0, 0));
        let bodies: Vec<Value> = (0..10).map(numbered).collect();
        let replies = at_once(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
        for (n, reply) in replies.into_iter().enumerate() {
            if n == 5 {
                assert_eq!(reply.expect(409).rules(), ["vlan-id-taken"]);
            } else {
                assert_eq!(reply.expect(201).json()["vlan_id"], 3000 + n);
            }
        }
        assert_eq!(crate::rows::counts(double), (110, 109));
    })
    .await;
}

#[tokio::test]
async fn what_travelled_in_a_call_whose_answer_was_lost_is_found() {
    at_once_anywhere(Data::Recorded100, async |double, edge| {
        double.set_latency(CALL * PACE.get());
        for fault in [Fault::DropAfter, Fault::html_after(502, "<html>")] {
            double.fail_times(2, Matcher::call("POST", "/api/ipam/vlans/"), fault.clone());
            double.fail_times(2, Matcher::call("POST", "/api/ipam/prefixes/"), fault);
        }
        let bodies: Vec<Value> = (0..10).map(numbered).collect();
        let made = at_once(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
        ids(made, 201);
        assert_eq!(crate::rows::counts(double), (110, 110));
    })
    .await;
}
