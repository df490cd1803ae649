//! What Akamai Functions documents: values of at most 1 MB, keys of at most 255 bytes, 50 writes and 1,000 reads of the store a second,
//! 128 MiB of memory, 30 s for a request, and instances that may end after each request.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bench_harness::host::{KeyValue, Reuse, Settings, StoreLimits, StoreOps};
use bench_harness::netbox::{Data, Double, Fault, Matcher};
use http::Method;
use serde_json::{Value, json};

use crate::files::text;
use crate::support::{Edge, Reply, double, is_wasip2, new_segment, settings, store};

const SEGMENTS: usize = 20_000;
const MEMORY: usize = 128 << 20;
const WRITES_A_SECOND: usize = 50;
const READS_A_SECOND: usize = 1_000;

fn tight(double: &Double, store: &KeyValue) -> Settings {
    settings(&double.url(), double.token())
        .store(store.clone())
        .memory_limit(MEMORY)
}

/// What the store was asked for between two looks.
fn between(before: StoreOps, after: StoreOps) -> StoreOps {
    StoreOps {
        gets: after.gets - before.gets,
        sets: after.sets - before.sets,
        deletes: after.deletes - before.deletes,
        lists: after.lists - before.lists,
    }
}

async fn ops(store: &KeyValue, work: impl Future<Output = Reply>) -> StoreOps {
    let before = store.ops();
    let reply = work.await;
    assert!(reply.status.is_success(), "{reply:?}");
    between(before, store.ops())
}

#[tokio::test]
async fn twenty_thousand_segments_are_read_stored_and_found_by_a_new_instance() {
    let double = double(Data::Generated(SEGMENTS)).await;
    let store = store();
    let edge = Edge::start(tight(&double, &store)).await;
    let first = edge.get("/api/segments?limit=1").await.expect(200);
    assert_eq!(first.header("x-total-count"), SEGMENTS.to_string());
    let limits = StoreLimits::default();
    assert_eq!((limits.value_bytes, limits.key_bytes), (1_000_000, 255));
    let sizes = |key: String| (key.len(), store.get(&key).unwrap().unwrap().len());
    let sizes: Vec<(usize, usize)> = store.keys().unwrap().into_iter().map(sizes).collect();
    let longest = sizes.iter().map(|size| size.0).max().unwrap();
    let largest = sizes.iter().map(|size| size.1).max().unwrap();
    let all: usize = sizes.iter().map(|size| size.1).sum();
    let cold = store.ops();
    println!(
        "{} keys of at most {longest} B, values of at most {largest} B, {all} B together; {cold:?}; {} NetBox calls; {:.1} MiB",
        sizes.len(),
        first.netbox_calls(),
        edge.host.peak_memory() as f64 / f64::from(1 << 20),
    );
    assert!(largest <= limits.value_bytes && longest <= limits.key_bytes);
    assert_eq!((cold.sets, cold.deletes), (6, 0), "docs/DEPLOY.md says so");
    assert!(cold.sets + cold.deletes <= WRITES_A_SECOND);
    assert_eq!(first.netbox_calls(), 8, "docs/DEPLOY.md says so");
    assert!(edge.host.peak_memory() <= MEMORY);

    // Another instance, which knows nothing but the store.
    let other = Edge::start(tight(&double, &store)).await;
    let calls = double.ledger().count();
    let before = store.ops();
    let page = other.get("/api/segments?limit=1").await.expect(200);
    let found = between(before, store.ops());
    println!("a new instance: {found:?}");
    assert_eq!(page.header("x-total-count"), SEGMENTS.to_string());
    assert_eq!(double.ledger().count(), calls, "NetBox was asked");
    assert_eq!((found.sets, found.deletes), (0, 0));
    let looks = found.gets + found.lists;
    assert_eq!(
        (looks, READS_A_SECOND / looks),
        (7, 142),
        "docs/DEPLOY.md says so"
    );
}

#[tokio::test]
async fn each_operation_writes_to_the_store_as_often_as_the_documents_say() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(tight(&double, &store)).await;
    edge.get("/api/segments").await.expect(200);
    let wanted = json!({"cluster_name": "shop", "site": "site1", "vrf": "Network1"});
    let key = [("idempotency-key", "of-a-test")];
    let mut told = documented();
    let mut expect = |what: &str, ops: StoreOps| {
        let writes = ops.sets + ops.deletes;
        println!("{what}: {ops:?}");
        let row = told.remove(what);
        let row = row.unwrap_or_else(|| panic!("docs/DEPLOY.md has no row `{what}`"));
        let rate = WRITES_A_SECOND.checked_div(writes).unwrap_or_default();
        assert_eq!([ops.sets, ops.deletes, rate], row, "{what}: {ops:?}");
    };

    // The list of keys is read once a second besides, so it may come with any one of them.
    let mut reads = Vec::new();
    for _ in 0..5 {
        reads.push(ops(&store, edge.get("/api/segments?limit=10")).await);
    }
    let least = reads.iter().copied().min_by_key(|read| read.lists).unwrap();
    if is_wasip2() {
        // As where every request gets a new instance, below.
        assert!(reads.iter().all(|read| read.gets + read.lists == 3));
    } else {
        assert!(reads.iter().all(|read| read.gets == 1 && read.lists <= 1));
        assert_eq!(least.lists, 0);
    }
    expect("a read", least);
    let body = new_segment();
    let create = ops(&store, edge.post("/api/segments", &body)).await;
    expect("a create", create);
    let allocate = ops(&store, edge.post("/api/allocate-vlan", &wanted)).await;
    expect("an allocation", allocate);
    let again = ops(&store, edge.post("/api/allocate-vlan", &wanted)).await;
    expect("the same allocation again", again);
    let release = edge.call(Method::POST, "/api/release-vlan", &key, &wanted);
    expect("a release with a key", ops(&store, release).await);
    let body = json!({"epg_name": "EPG_NEW_NAME"});
    let rename = ops(&store, edge.patch("/api/segments/1", &body)).await;
    expect("a change", rename);
    let body = Value::from_iter((0..50).map(item));
    let list = ops(&store, edge.post("/api/segments/bulk", &body)).await;
    expect("a list of 50 creates", list);
    let delete = ops(&store, edge.delete("/api/segments/101")).await;
    expect("a delete", delete);
    assert!(
        told.is_empty(),
        "rows that nothing was counted for: {told:?}"
    );
}

/// The table of `docs/DEPLOY.md`: sets, deletes, and how many a second 50 writes allow, by operation.
fn documented() -> BTreeMap<String, [usize; 3]> {
    let text = text("docs/DEPLOY.md");
    let (_, table) = text
        .split_once("| operation | sets | deletes | a second |\n| --- | --- | --- | --- |\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = |n: usize| cells[n].parse().unwrap_or_default();
        (cells[0].to_owned(), [number(1), number(2), number(3)])
    };
    rows.map(row).collect()
}

fn item(n: usize) -> Value {
    json!({
        "site": "site1", "vrf": "Network1", "vlan_id": 3500 + n, "epg_name": format!("EPG_{n}"), "segment": format!("172.21.{n}.0/24")
    })
}

/// Where every request gets a new instance, each reads the catalogue from the store.
#[tokio::test]
async fn a_new_instance_for_each_request_reads_the_store_and_not_netbox() {
    let double = double(Data::Recorded100).await;
    let store = store();
    let edge = Edge::start(tight(&double, &store).reuse(Reuse::NONE)).await;
    edge.get("/api/segments").await.expect(200);
    let calls = double.ledger().count();
    let read = ops(&store, edge.get("/api/segments")).await;
    let looks = read.gets + read.lists;
    assert_eq!(
        (looks, READS_A_SECOND / looks),
        (3, 333),
        "docs/DEPLOY.md says so"
    );
    assert_eq!((read.sets, read.deletes), (0, 0));
    assert_eq!(double.ledger().count(), calls);
}

/// What goes wrong at NetBox.
type Plan = fn(&Double);

/// Akamai Functions ends a request after 30 s: with `netbox_timeout` 6, five times that. Here one time is a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_is_answered_within_five_times_netbox_timeout() {
    fn hangs() -> Fault {
        Fault::Delay(Duration::from_secs(60))
    }
    let plans: [(&str, Plan); 4] = [
        ("NetBox hangs", |double| {
            double.fail_always(Matcher::any(), hangs())
        }),
        ("NetBox hangs from the prefix on", |double| {
            // The VLAN is there by then, so this request has work to bring to an end.
            double.fail_nth(1, Matcher::call("POST", "/api/ipam/prefixes/"), hangs());
            double.fail_always(Matcher::call("GET", "/api/"), hangs());
            double.fail_always(Matcher::call("DELETE", "/api/"), hangs());
        }),
        ("NetBox is busy", |double| {
            double.fail_always(Matcher::any(), Fault::throttled(503, 1));
        }),
        ("NetBox refuses for long", |double| {
            double.fail_always(Matcher::any(), Fault::throttled(429, 600));
        }),
    ];
    for (what, plan) in plans {
        let double = double(Data::Recorded100).await;
        let edge = Edge::start(tight(&double, &store()).variable("netbox_timeout", "1")).await;
        edge.get("/api/segments").await.expect(200);
        plan(&double);
        let begun = Instant::now();
        let reply = edge.post("/api/segments", &new_segment()).await;
        let took = begun.elapsed();
        println!("{what}: {} after {:.1} s", reply.status, took.as_secs_f64());
        assert!(reply.status.is_server_error(), "{what}: {reply:?}");
        assert!(took <= Duration::from_secs(5), "{what}: {took:?}");
    }
}
