//! Akamai Functions ends a request after 30 s; `docs/DEPLOY.md` says which `netbox_timeout` goes with that.

use std::time::{Duration, Instant};

use bench_harness::netbox::{Data, Fault, Matcher};
use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::support::{Edge, double, new_segment, settings};

/// How long a request may take there.
const REQUEST: Duration = Duration::from_secs(30);
/// What `netbox_timeout` is there, in seconds.
const TIMEOUT: &str = "6";
/// How long each call takes at a NetBox that is only just slow (`slow_ms`).
const LATENCY: Duration = Duration::from_secs(2);

/// A request that is timed.
struct Asked {
    what: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
}

/// Everything that asks NetBox more than once.
fn operations() -> Vec<Asked> {
    let asked = |what, method, path, body| Asked {
        what,
        method,
        path,
        body,
    };
    let moved = json!({"site": "site2", "segment": "172.20.0.0/24", "vlan_id": 3000});
    let shop = json!({"cluster_name": "shop", "site": "site1", "vrf": "Network1"});
    let item = |n: u16| {
        json!({"site": "site1", "vrf": "Network1", "vlan_id": 3500 + n, "epg_name": format!("EPG_{n}"),
            "segment": format!("172.21.{n}.0/24")})
    };
    let bulk = Value::from_iter((0..50).map(item));
    vec![
        asked("a create", Method::POST, "/api/segments", new_segment()),
        asked("an allocation", Method::POST, "/api/allocate-vlan", shop),
        asked("a move", Method::PATCH, "/api/segments/1", moved),
        asked("a delete", Method::DELETE, "/api/segments/1", Value::Null),
        asked("a list of 50", Method::POST, "/api/segments/bulk", bulk),
    ]
}

/// What is answered to a request after the cold read, and how long that takes.
async fn timed(asked: &Asked, timeout: &str, hangs: bool) -> (u16, Duration, String) {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).variable("netbox_timeout", timeout);
    let edge = Edge::start(settings).await;
    edge.get("/api/segments").await.expect(200);
    if hangs {
        double.fail_always(Matcher::any(), Fault::Delay(REQUEST * 2));
    } else {
        double.set_latency(LATENCY);
    }
    let begun = Instant::now();
    let reply = edge
        .call(asked.method.clone(), asked.path, &[], &asked.body)
        .await;
    let body = String::from_utf8_lossy(&reply.bytes).into_owned();
    (reply.status.as_u16(), begun.elapsed(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_before_a_slow_netbox_is_done_in_time() {
    let operations = operations();
    let all = operations.iter().map(|one| timed(one, TIMEOUT, false));
    for (one, (status, took, body)) in operations.iter().zip(join_all(all).await) {
        println!("{}: {status} after {:.1} s", one.what, took.as_secs_f64());
        assert!(
            (200..300).contains(&status),
            "{}: {status} {body}",
            one.what
        );
        assert!(took >= LATENCY && took <= REQUEST, "{}: {took:?}", one.what);
    }
}

/// Here a time is one second, and 30 s are five of six.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_before_a_netbox_that_hangs_is_answered_in_five_times_netbox_timeout() {
    let operations = operations();
    // A list's calls may take twice as long and more.
    let single = || operations.iter().filter(|one| one.what != "a list of 50");
    let all = join_all(single().map(|one| timed(one, "1", true))).await;
    for (one, (status, took, body)) in single().zip(all) {
        println!("{}: {status} after {:.1} s", one.what, took.as_secs_f64());
        assert!(status >= 500, "{}: {status} {body}", one.what);
        assert!(took <= Duration::from_secs(5), "{}: {took:?}", one.what);
    }
}
