use bench_harness::host::Reuse;
use bench_harness::netbox::{CountingProxy, RateLimit};
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

use crate::lab::{Lab, wanted, with};
use crate::support::{Edge, Reply, settings};

/// Longer than the ten take to arrive, so that they all wait behind the first call however fast NetBox is.
const LATENCY: Duration = Duration::from_millis(50);

const BULK: &str = "/api/segments/bulk";

fn ten() -> Vec<Value> {
    let one = |n: u16| wanted(3700 + n, &format!("ten-{n}"), &format!("172.29.{n}.0/24"));
    (0..10).map(one).collect()
}

fn ids(reply: Reply) -> Vec<String> {
    let body = reply.json();
    let results = body["results"].as_array().unwrap();
    let id = |r: &Value| r["segment"]["id"].as_str().unwrap().to_owned();
    results.iter().map(id).collect()
}

/// The calls, and the longest chain of them, since the last time.
struct Count<'a>(&'a CountingProxy, bench_harness::netbox::Mark);

impl Count<'_> {
    fn next(&mut self) -> (usize, usize) {
        let calls = self.0.ledger().since(self.1);
        self.1 = self.0.ledger().mark();
        (calls.count(), calls.depth())
    }
}

#[tokio::test]
async fn a_list_of_ten_is_made_renamed_allocated_released_and_deleted() {
    with(async |lab| {
        let (proxy, edge) = lab.edge().await;
        edge.get("/api/segments").await.expect(200);
        let mut count = Count(&proxy, proxy.ledger().mark());
        let made = ids(edge.post(BULK, &json!(ten())).await.expect(201));
        assert_eq!(count.next(), (3, 3));
        let rename = |(n, id)| json!({"id": id, "epg_name": format!("E2E-again-{n}")});
        let renames: Vec<Value> = made.iter().enumerate().map(rename).collect();
        edge.call(Method::PATCH, BULK, &[], &json!(renames))
            .await
            .expect(200);
        assert_eq!(count.next(), (1, 1));
        let clusters = |id| json!({"id": id, "cluster_name": "e2e"});
        let used: Vec<Value> = made.iter().map(clusters).collect();
        edge.call(Method::PATCH, BULK, &[], &json!(used))
            .await
            .expect(200);
        assert_eq!(count.next(), (1, 1));
        let row = lab.prefixes("172.29.7.0/24").await.remove(0);
        assert_eq!(row["custom_fields"]["Cluster"], "e2e");
        assert_eq!(row["status"]["value"], "reserved");
        edge.call(Method::DELETE, BULK, &[], &json!(made))
            .await
            .expect(409);
        assert_eq!(count.next().0, 0);
        let free = |id| json!({"id": id, "cluster_name": null});
        let free: Vec<Value> = made.iter().map(free).collect();
        edge.call(Method::PATCH, BULK, &[], &json!(free))
            .await
            .expect(200);
        assert_eq!(count.next(), (1, 1));
        edge.call(Method::DELETE, BULK, &[], &json!(made))
            .await
            .expect(200);
        assert_eq!(count.next(), (2, 2));
        assert_eq!(lab.prefixes("172.29.0.0/16").await.len(), 0);
        assert_eq!(lab.vlans(3704).await.len(), 0);
    })
    .await;
}

/// Ten in one instance, one after the other has begun, so that it takes all of them on.
async fn ten_at_once(edge: &Edge, path: &str, bodies: &[Value]) -> Vec<Reply> {
    let each = bodies.iter().enumerate().map(async |(n, body)| {
        tokio::time::sleep(Duration::from_millis(4) * u32::try_from(n).unwrap()).await;
        edge.post(path, body).await
    });
    join_all(each).await
}

async fn one_instance(lab: &Lab, proxy: &CountingProxy) -> Edge {
    let reuse = Reuse {
        max_requests: 10_000,
        max_concurrent: 1_000,
        idle: Duration::from_secs(60),
    };
    let settings = settings(&proxy.url(), &lab.token).reuse(reuse);
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    edge
}

#[tokio::test]
async fn ten_at_once_take_a_few_calls_and_less_time_than_one_after_another() {
    with(async |lab| {
        let proxy = CountingProxy::start(&lab.url).await.unwrap();
        proxy.set_latency(LATENCY);
        let edge = one_instance(lab, &proxy).await;
        let mut count = Count(&proxy, proxy.ledger().mark());
        let began = Instant::now();
        let made = ten_at_once(&edge, "/api/segments", &ten()).await;
        let together = began.elapsed();
        let made: Vec<String> = made
            .into_iter()
            .map(|r| r.expect(201).json()["id"].as_str().unwrap().to_owned())
            .collect();
        let calls = count.next().0;
        let alone = edge.host.instances_started() == 1;
        for id in &made {
            edge.delete(&format!("/api/segments/{id}")).await.expect(204);
        }
        assert_eq!(count.next().0, 20);
        let began = Instant::now();
        for body in ten() {
            edge.post("/api/segments", &body).await.expect(201);
        }
        let one_by_one = began.elapsed();
        assert_eq!(count.next().0, 30);
        println!("a real NetBox, ten creates: {calls} calls in {together:?} at once, 30 in {one_by_one:?} one after another");
        // The engine opens a second instance for a request that comes while the first computes.
        assert!(!alone || calls <= 8, "{calls} calls");
        assert!(together < one_by_one);
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_lets_ten_calls_a_second_through_slows_a_burst_and_breaks_nothing() {
    with(async |lab| {
        let limit = RateLimit::new(10, 20);
        let proxy = CountingProxy::limited(&lab.url, limit).await.unwrap();
        let edge = one_instance(lab, &proxy).await;
        let made = ten_at_once(&edge, "/api/segments", &ten()).await;
        made.into_iter().for_each(|reply| drop(reply.expect(201)));
        let one = |n: u16| {
            wanted(
                3720 + n,
                &format!("fifty-{n}"),
                &format!("172.29.{}.0/24", 100 + n),
            )
        };
        let fifty: Vec<Value> = (0..50).map(one).collect();
        let made = edge.post(BULK, &json!(fifty)).await.expect(201);
        assert_eq!(made.json()["succeeded"], 50);
        assert_eq!(lab.prefixes("172.29.0.0/16").await.len(), 60);
    })
    .await;
}
