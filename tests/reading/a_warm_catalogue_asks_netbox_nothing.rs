use std::time::Duration;

use bench_harness::netbox::{Fault, Gate, Matcher};

use crate::support::{Edge, left_out_on_wasip2, recorded, settings, store};

#[tokio::test]
async fn the_first_list_is_one_call_and_every_later_one_none() {
    let (double, edge) = recorded().await;
    let first = edge.get("/api/segments").await.expect(200);
    assert_eq!(first.netbox_calls(), 1);
    assert_eq!(first.json().as_array().unwrap().len(), 100);
    for path in [
        "/api/segments",
        "/api/segments/search?q=EPG",
        "/api/segments/1",
        "/api/sites",
        "/api/vrfs",
        "/api/stats",
    ] {
        assert_eq!(edge.get(path).await.expect(200).netbox_calls(), 0, "{path}");
    }
    assert_eq!(double.ledger().count(), 1);
    assert_eq!(double.ledger().depth(), 1);
}

#[tokio::test]
async fn a_new_instance_on_a_warm_store_asks_netbox_nothing() {
    let (double, _) = recorded().await;
    let settings = settings(&double.url(), double.token()).store(store());
    let edge = Edge::start(settings).await;
    let before = edge.get("/api/segments").await.expect(200);
    edge.host.recycle_and_wait().await;
    let after = edge.get("/api/segments").await.expect(200);
    assert_eq!(after.netbox_calls(), 0);
    assert_eq!(after.bytes, before.bytes);
    assert_eq!(edge.host.instances_started(), 2);
    assert_eq!(double.ledger().count(), 1);
}

/// Sixteen requests, each a little later than the one before, while the first waits for NetBox; how many instances served.
async fn sixteen_at_once(pace: u32) -> (usize, usize) {
    let (double, edge) = recorded().await;
    let gate = Gate::closed();
    double.fail_next(Matcher::graphql(), Fault::HoldAnswer(gate.clone()));
    let paths: Vec<String> = (1..=16).map(|id| format!("/api/segments/{id}")).collect();
    let edge = &edge;
    let apart = Duration::from_millis(20) * pace;
    let requests = paths.iter().zip(0..).map(|(path, n)| async move {
        // One after another into the instance, which the engine shares only among requests that find it waiting.
        tokio::time::sleep(apart * n).await;
        edge.get(path).await
    });
    let open = async {
        tokio::time::sleep(apart * 30).await;
        gate.open();
    };
    let (replies, ()) = futures::join!(futures::future::join_all(requests), open);
    for (path, reply) in paths.iter().zip(replies) {
        let id = reply.expect(200).json()["id"].clone();
        assert_eq!(Some(id.as_str().unwrap()), path.rsplit('/').next());
    }
    (edge.host.instances_started(), double.ledger().count())
}

#[tokio::test]
async fn sixteen_requests_at_once_share_one_instance_and_one_read() {
    if left_out_on_wasip2("it needs requests at once in one instance") {
        return;
    }
    // On a busy machine a request may find the instance computing, and get one of its own: then all goes slower.
    for pace in 1..=8 {
        let (instances, calls) = sixteen_at_once(pace).await;
        if instances == 1 {
            assert_eq!(calls, 1, "fifteen waited for the read of the first");
            return;
        }
    }
    panic!("the engine opened a second instance each time");
}
