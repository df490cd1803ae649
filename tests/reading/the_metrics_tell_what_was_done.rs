use std::collections::BTreeMap;
use std::time::Duration;

use http::{Method, Request};
use prometheus_parse::{Scrape, Value as Sample};
use serde_json::{Value, json};

use crate::support::{
    Edge, Reply, double, eventually, is_wasip2, left_out_on_wasip2, new_segment, recorded,
    settings, store,
};
use bench_harness::netbox::Data;

/// A scrape, as a parser of the format reads it: values by name and labels.
struct Figures {
    values: BTreeMap<String, f64>,
    text: String,
}

impl Figures {
    async fn of(edge: &Edge) -> Self {
        if is_wasip2() {
            // Each instance has served one request, and tells of it when its answer is out.
            edge.host.recycle_and_wait().await;
        }
        Self::read(edge.get("/metrics").await.expect(200))
    }

    /// Makes instances tell what they count. Those that serve one request do so from the first scrape on, which is not counted
    /// itself; those that serve many tell what they counted before it too.
    async fn ask_for(edge: &Edge) {
        if is_wasip2() {
            edge.get("/metrics").await.expect(200);
        }
    }

    fn read(reply: Reply) -> Self {
        let text = String::from_utf8(reply.bytes.to_vec()).unwrap();
        // The format allows a brace within quotation marks, as in `{id}`; this parser does not.
        let lines = text.lines().map(|line| Ok(line.replace("{id}", ":id")));
        let scrape = Scrape::parse(lines).expect("the text format");
        let mut values = BTreeMap::new();
        for sample in scrape.samples {
            let mut labels: Vec<String> = sample
                .labels
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            labels.sort_unstable();
            let name = format!("{} {}", sample.metric, labels.join(","));
            let value = match sample.value {
                Sample::Counter(value) | Sample::Gauge(value) | Sample::Untyped(value) => value,
                Sample::Histogram(buckets) => buckets.last().map_or(0.0, |b| b.count),
                Sample::Summary(_) => panic!("no summary is made"),
            };
            let name = name.trim().trim_start_matches("segment_edge_").to_owned();
            assert_eq!(
                values.insert(name.clone(), value),
                None,
                "{name} is there twice"
            );
        }
        Self { values, text }
    }

    fn get(&self, name: &str) -> u64 {
        self.values.get(name).copied().unwrap_or_default() as u64
    }

    fn sum(&self, start: &str) -> u64 {
        let found = self
            .values
            .iter()
            .filter(|(name, _)| name.starts_with(start));
        found.map(|(_, value)| *value as u64).sum()
    }
}

/// How many are counted of the requests that were refused before the store was asked: none by an instance that serves only
/// that one, since it does not know that somebody wants its counts.
fn refused(count: u64) -> u64 {
    if is_wasip2() { 0 } else { count }
}

const LIST: &str = "requests_total method=GET,route=/api/segments,status=200";

#[tokio::test]
async fn counts_after_known_requests_are_exact() {
    let (double, edge) = recorded().await;
    Figures::ask_for(&edge).await;
    edge.get("/api/segments").await.expect(200);
    edge.get("/api/segments?site=site1").await.expect(200);
    edge.get("/api/segments/1").await.expect(200);
    edge.call(Method::HEAD, "/api/segments/2", &[], &Value::Null)
        .await
        .expect(200);
    edge.get("/api/stats").await.expect(200);
    edge.post("/api/segments", &new_segment()).await.expect(201);
    edge.post("/api/segments", &json!({"site": 1}))
        .await
        .expect(422);
    let rename = json!({"epg_name": "EPG_RENAMED"});
    edge.patch("/api/segments/1", &rename).await.expect(200);
    edge.delete("/api/segments/2").await.expect(409);
    let before = double.ledger().count();
    let figures = Figures::of(&edge).await;
    assert_eq!(
        double.ledger().count(),
        before,
        "a scrape costs no NetBox call"
    );

    for (name, count) in [
        (LIST, 2),
        (
            "requests_total method=GET,route=/api/segments/:id,status=200",
            1,
        ),
        (
            "requests_total method=HEAD,route=/api/segments/:id,status=200",
            1,
        ),
        ("requests_total method=GET,route=/api/stats,status=200", 1),
        (
            "requests_total method=POST,route=/api/segments,status=201",
            1,
        ),
        (
            "requests_total method=POST,route=/api/segments,status=422",
            1,
        ),
        (
            "requests_total method=PATCH,route=/api/segments/:id,status=200",
            1,
        ),
        ("requests_total method=GET,route=/metrics,status=200", 0),
        ("reads_total source=miss", 1),
        ("reads_total source=hit", 4),
        ("reads_total source=stale-if-error", 0),
        ("requests_in_flight", 1),
        ("netbox_calls_in_flight", 0),
        ("intents_open", 0),
        ("info version=0.1.0", 1),
    ] {
        assert_eq!(figures.get(name), count, "{name}\n{}", figures.text);
    }
    assert_eq!(figures.sum("requests_total"), 9);
    let calls = double.ledger().calls().0;
    let calls_to = |wanted: &dyn Fn(&str) -> bool| {
        calls.iter().filter(|call| wanted(call.route())).count() as u64
    };
    assert_eq!(figures.sum("netbox_calls_total"), calls.len() as u64);
    let graphql = figures.get("netbox_calls_total class=ok,route=/graphql/");
    assert_eq!(graphql, calls_to(&|route| route == "/graphql/"));
    let one_vlan = figures.get("netbox_calls_total class=ok,route=/api/ipam/vlans/:id/");
    let is_vlan = |route: &str| route.len() > 16 && route.starts_with("/api/ipam/vlans/");
    assert_eq!(one_vlan, calls_to(&is_vlan));
    assert!(one_vlan > 0);
    let durations = figures.get("netbox_call_duration_seconds");
    assert_eq!(durations, calls.len() as u64);
    let writes = double.ledger().calls().writes() as u64;
    assert_eq!(figures.get("netbox_write_objects"), writes);
    assert!(figures.get("catalogue_segments") >= 99);
    let began = figures.get("instance_started_seconds");
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs();
    assert!(now - 60 < began && began <= now);

    let next = Figures::of(&edge).await;
    assert_eq!(
        next.get("requests_total method=GET,route=/metrics,status=200"),
        1
    );
    assert_eq!(next.sum("requests_total"), 10);
}

#[tokio::test]
async fn ten_in_one_call_are_ten_objects() {
    let (_double, edge) = recorded().await;
    Figures::ask_for(&edge).await;
    let items: Vec<Value> = (0..10)
        .map(|n| {
            let mut item = new_segment();
            item["vlan_id"] = json!(3_100 + n);
            item["epg_name"] = json!(format!("EPG_{n}"));
            item["segment"] = json!(format!("172.21.{n}.0/24"));
            item
        })
        .collect();
    edge.post("/api/segments/bulk", &Value::Array(items))
        .await
        .expect(201);
    let text = Figures::of(&edge).await.text;
    for line in [
        "segment_edge_netbox_write_objects_bucket{le=\"5\"} 0",
        "segment_edge_netbox_write_objects_bucket{le=\"10\"} 2",
        "segment_edge_netbox_write_objects_sum 20",
        "segment_edge_netbox_write_objects_count 2",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn what_a_client_sends_never_becomes_a_label() {
    let (_double, edge) = recorded().await;
    Figures::ask_for(&edge).await;
    let odd = Method::from_bytes(b"HACK").unwrap();
    let paths = [
        "/api/segments/4711",
        "/api/x%22%7D%201%0Asegment_edge_reads_total",
        "/metrics/secret-path",
        "/api/segments/secret-path/clusters",
    ];
    for path in paths {
        edge.get(path).await.expect(404);
    }
    let request = Request::builder()
        .method(odd)
        .uri("http://edge.test/api/segments");
    edge.send(request.body(bytes::Bytes::new()).unwrap())
        .await
        .expect(405);
    let figures = Figures::of(&edge).await;
    for word in ["4711", "secret-path", "HACK", "%22"] {
        assert!(!figures.text.contains(word), "{word}\n{}", figures.text);
    }
    let other = "requests_total method=GET,route=other,status=404";
    assert_eq!(figures.get(other), refused(3));
    let odd = "requests_total method=other,route=/api/segments,status=405";
    assert_eq!(figures.get(odd), refused(1));
}

#[tokio::test]
async fn a_scrape_takes_a_token_and_is_plain_text() {
    let (double, edge) = recorded().await;
    let reply = edge.get("/metrics").await.expect(200);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(reply.header("content-type"), kind);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.netbox_calls(), 0);
    edge.get("/metrics?x=1").await.expect(400);
    edge.post("/metrics", &Value::Null).await.expect(405);

    // The SHA-256 of `scraper-token-of-a-test`.
    let hash = "a388207412f117bf8fc97485a14cfd7bbd1a05c6259b8e76aaf6e0b8602c28b8";
    let closed = settings(&double.url(), double.token())
        .variable("auth", "on")
        .variable("api_tokens", format!("prometheus:read:{hash}"));
    let edge = Edge::start(closed).await;
    edge.get("/metrics").await.expect(401);
    let token = [("authorization", "Bearer scraper-token-of-a-test")];
    let reply = edge.call(Method::GET, "/metrics", &token, &Value::Null);
    let figures = Figures::read(reply.await.expect(200));
    assert_eq!(
        figures.get("requests_total method=GET,route=/metrics,status=401"),
        refused(1)
    );
}

#[tokio::test]
async fn two_instances_add_up_and_none_is_counted_twice() {
    if left_out_on_wasip2("it needs two instances that serve several requests each") {
        return;
    }
    let double = double(Data::Recorded100).await;
    let store = store();
    let start = || settings(&double.url(), double.token()).store(store.clone());
    let one = Edge::start(start()).await;
    one.get("/api/segments").await.expect(200);
    // Nobody has asked for figures: nothing is put into the store for them.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let shared = || {
        let keys = store.keys().unwrap();
        keys.into_iter()
            .filter(|key| key.contains("/metrics/of/"))
            .count()
    };
    assert_eq!(shared(), 0);
    assert_eq!(Figures::of(&one).await.get(LIST), 1);
    assert_eq!(shared(), 1);

    let other = Edge::start(start()).await;
    for _ in 0..3 {
        other.get("/api/segments").await.expect(200);
    }
    // Half a second after its first request its counts are in the store, whatever becomes of it.
    eventually("the other instance shares its counts", || shared() == 2).await;
    drop(other);
    for _ in 0..2 {
        let figures = Figures::of(&one).await;
        assert_eq!(figures.get(LIST), 4, "{}", figures.text);
        assert_eq!(figures.get("reads_total source=hit"), 3);
        assert_eq!(figures.get("reads_total source=miss"), 1);
        assert_eq!(
            figures.sum("netbox_calls_total"),
            double.ledger().count() as u64
        );
    }
    let third = Edge::start(start()).await;
    assert_eq!(Figures::of(&third).await.get(LIST), 4);
}

#[tokio::test]
async fn a_warm_read_writes_nothing_into_the_store_for_the_counts() {
    if left_out_on_wasip2("it needs an instance that serves many requests") {
        return;
    }
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(settings(&double.url(), double.token()).store(store.clone())).await;
    edge.get("/api/segments").await.expect(200);
    edge.get("/metrics").await.expect(200);
    edge.get("/api/segments").await.expect(200);
    let before = store.ops();
    for _ in 0..50 {
        edge.get("/api/segments").await.expect(200);
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(
        store.ops().sets,
        before.sets,
        "the scrape was less than 10 s ago"
    );
}

#[tokio::test]
async fn without_the_store_there_are_no_figures_rather_than_wrong_ones() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(settings(&double.url(), double.token()).store(store.clone())).await;
    edge.get("/api/segments").await.expect(200);
    store.set_failing(true);
    let reply = edge.get("/metrics").await.expect(503);
    assert!(
        reply.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("store-unavailable")
    );
    store.set_failing(false);
    // What an instance could not put into the store is gone with it.
    let kept = u64::from(!is_wasip2());
    assert_eq!(Figures::of(&edge).await.get(LIST), kept);
}
