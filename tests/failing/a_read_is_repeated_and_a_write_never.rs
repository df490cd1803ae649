use bench_harness::netbox::{Calls, Fault, Matcher};

use crate::problems::assert_problem;
use crate::support::{new_segment, recorded};

fn posts(calls: &Calls, route: &str) -> usize {
    let wanted = calls.0.iter();
    wanted
        .filter(|call| call.method == "POST" && call.route() == route)
        .count()
}

#[tokio::test]
async fn a_read_that_failed_in_passing_is_repeated() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::html(502, "<html>"),
        Fault::throttled(503, 1),
    ] {
        let (double, edge) = recorded().await;
        double.fail_next(Matcher::any(), fault.clone());
        let list = edge.get("/api/segments").await.expect(200);
        assert_eq!(list.header("x-total-count"), "100", "{fault:?}");
        assert_eq!(double.ledger().count(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_read_is_repeated_twice_at_most() {
    let (double, edge) = recorded().await;
    double.fail_always(Matcher::any(), Fault::DropBefore);
    let reply = edge.get("/api/segments").await;
    assert_problem(&reply, 503, "netbox-unreachable");
    assert_eq!(double.ledger().count(), 3);
}

#[tokio::test]
async fn a_post_that_failed_in_passing_is_not_repeated() {
    for fault in [Fault::DropBefore, Fault::html(502, "<html>")] {
        for route in ["/api/ipam/vlans/", "/api/ipam/prefixes/"] {
            let (double, edge) = recorded().await;
            edge.get("/api/segments").await.expect(200);
            let mark = double.ledger().mark();
            double.fail_next(Matcher::call("POST", route), fault.clone());
            let reply = edge.post("/api/segments", &new_segment()).await;
            assert!(reply.status.is_server_error(), "{reply:?}");
            assert_eq!(posts(&double.ledger().since(mark), route), 1);
        }
    }
}
