use bench_harness::netbox::{Data, Double, DoubleSettings, RateLimit};
use futures::future::join_all;

use crate::support::{Edge, Reply, left_out_on_wasip2, settings};
use crate::{assert_busy, rows, segment};

/// Ten calls a second, twenty at once, and 503 with an HTML page beyond.
async fn limited() -> Double {
    Double::start(DoubleSettings {
        rate_limit: Some(RateLimit::new(10, 20)),
        ..DoubleSettings::with(Data::Recorded100)
    })
    .await
    .unwrap()
}

fn turned_back(double: &Double) -> usize {
    let calls = double.ledger().calls().0;
    calls.iter().filter(|call| call.status == 503).count()
}

#[tokio::test]
async fn cold_reads_of_many_new_instances_get_the_truth_or_a_time_to_come_back() {
    let double = limited().await;
    let reads = (0..40).map(|_| async {
        let edge = Edge::before(&double).await;
        edge.get("/api/segments").await
    });
    let replies: Vec<Reply> = join_all(reads).await;
    let (answered, busy): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 200);
    for reply in &answered {
        assert_eq!(reply.header("x-total-count"), "100");
        assert_eq!(reply.bytes, answered[0].bytes);
    }
    for reply in busy {
        assert_busy(reply);
    }
    assert!(answered.len() >= 20, "{}", answered.len());
    assert!(turned_back(&double) > 0);
}

#[tokio::test]
async fn creates_at_once_are_done_or_turned_away_and_what_is_left_is_told() {
    let double = limited().await;
    let edge = Edge::before(&double).await;
    edge.get("/api/segments").await.expect(200);
    let bodies: Vec<_> = (0..12).map(segment).collect();
    let replies = join_all(bodies.iter().map(|b| edge.post("/api/segments", b))).await;
    let (made, busy): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 201);
    for reply in &busy {
        assert_busy(reply);
    }
    let told = |reply: &&&Reply| reply.json().get("left").is_some();
    let half_made = rows(&double).1 - 100 - made.len();
    assert!(half_made <= busy.iter().filter(told).count(), "{busy:#?}");
    assert!(made.len() >= 6, "{busy:#?}");
}

#[tokio::test]
async fn a_rate_that_is_set_is_kept_so_that_no_call_is_turned_back() {
    if left_out_on_wasip2("it needs an instance that counts the calls of all requests") {
        return;
    }
    let double = limited().await;
    let settings = settings(&double.url(), double.token()).variable("rate_limit", "8/s burst 15");
    let edge = Edge::start(settings).await;
    let bodies: Vec<_> = (0..10).map(segment).collect();
    for body in &bodies {
        edge.post("/api/segments", body).await.expect(201);
    }
    assert_eq!(rows(&double), (110, 110));
    assert_eq!(turned_back(&double), 0);
}
