use bench_harness::netbox::{Calls, Data, Double, Fault, Kind, Matcher};

use crate::problems::assert_problem;
use crate::support::{Edge, Reply, double, new_segment, recorded, settings, store};

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
async fn a_read_is_repeated_more_often_while_netbox_asks_to_slow_down() {
    let (double, edge) = recorded().await;
    double.fail_times(5, Matcher::any(), Fault::html(503, "<html>"));
    let list = edge.get("/api/segments").await.expect(200);
    assert_eq!(list.header("x-total-count"), "100");
    assert_eq!(double.ledger().count(), 6);
}

#[tokio::test]
async fn a_write_whose_connection_was_refused_is_tried_twice() {
    let double = double(Data::Recorded100).await;
    let settings = settings(&double.url(), double.token()).store(store());
    let before = Edge::start(settings.clone()).await;
    before.get("/api/segments").await.expect(200);
    double.stop();
    // A host of its own has no connection from before, whose breaking would leave the outcome open.
    let edge = Edge::start(settings).await;
    let reply = edge.post("/api/segments", &new_segment()).await;
    assert_problem(&reply, 503, "netbox-unreachable");
    assert_eq!(reply.netbox_calls(), 2);
}

/// A create whose first POST of this kind fails, and how many of them NetBox saw.
async fn create_with(route: &str, fault: &Fault) -> (Double, Reply, usize) {
    let (double, edge) = recorded().await;
    edge.get("/api/segments").await.expect(200);
    let mark = double.ledger().mark();
    double.fail_next(Matcher::call("POST", route), fault.clone());
    let reply = edge.post("/api/segments", &new_segment()).await;
    let posts = posts(&double.ledger().since(mark), route);
    (double, reply, posts)
}

#[tokio::test]
async fn a_vlan_whose_fate_is_unknown_is_looked_for_and_then_made() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::html(502, "<html>"),
    ] {
        let (double, reply, posts) = create_with("/api/ipam/vlans/", &fault).await;
        reply.expect(201);
        let again = usize::from(!matches!(fault, Fault::DropAfter));
        assert_eq!(posts, 1 + again, "{fault:?}");
        assert_eq!(double.state().rows(Kind::Vlan).len(), 101);
    }
}

#[tokio::test]
async fn a_prefix_that_may_still_come_is_not_asked_for_twice() {
    for fault in [Fault::DropBefore, Fault::html(502, "<html>")] {
        let (double, reply, posts) = create_with("/api/ipam/prefixes/", &fault).await;
        assert!(reply.status.is_server_error(), "{reply:?}");
        assert_eq!(posts, 1, "{fault:?}");
        // Without its VLAN it can't come any more.
        assert_eq!(double.state().rows(Kind::Vlan).len(), 100);
    }
    let turned_back = Fault::html(503, "<html>");
    let (double, reply, posts) = create_with("/api/ipam/prefixes/", &turned_back).await;
    reply.expect(201);
    assert_eq!(posts, 2);
    assert_eq!(double.state().rows(Kind::Prefix).len(), 101);
}
