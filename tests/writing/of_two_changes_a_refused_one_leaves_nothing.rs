use bench_harness::netbox::{Fault, Gate, Kind, Matcher};
use http::StatusCode;
use serde_json::{Value, json};

use crate::rows::{row, vlan_of, warm};
use crate::support::{Edge, Reply};

const SEGMENT: &str = "/api/segments/1";

fn change(by: &str) -> Value {
    json!({"epg_name": format!("EPG_{by}"), "description": format!("by {by}")})
}

/// The second row of a change, which its description is in.
fn description(by: &str) -> Matcher {
    Matcher::call("PATCH", "/ipam/prefixes/").with_body(&format!("by {by}"))
}

/// The name and the description that NetBox should have, when these are the answers in their order.
fn expected(answers: &[(&str, Reply)], before: (String, String)) -> (String, String) {
    let of = |by: &&str| (format!("EPG_{by}"), format!("by {by}"));
    let done = answers
        .iter()
        .filter(|(_, reply)| reply.status == StatusCode::OK);
    done.map(|(by, _)| of(by)).next_back().unwrap_or(before)
}

/// Two components with stores of their own change the name and the description of a segment, and a third party writes its
/// prefix between the two rows of both, so that both have to take their names back, and one of them from under the other.
#[tokio::test]
async fn a_name_that_was_refused_does_not_stay_when_two_changes_meet_between_their_rows() {
    let (double, one) = warm().await;
    let two = Edge::before(&double).await;
    two.get("/api/segments").await.expect(200);
    let before = (
        vlan_of(&double, 1).text("name").to_owned(),
        row(&double, Kind::Prefix, 1).text("comments").to_owned(),
    );
    let (first, second, late) = (Gate::closed(), Gate::closed(), Gate::closed());
    double.fail_next(description("A"), Fault::Hold(first.clone()));
    double.fail_next(description("B"), Fault::Hold(second.clone()));
    let (a, b) = (change("A"), change("B"));
    let script = async {
        first.reached().await;
        let by_b = async { two.patch(SEGMENT, &b).await };
        let meet = async {
            second.reached().await;
            double.edit(|db| db.set_custom_field(1, "Cluster", "theirs".into()));
            let name_again = Matcher::call("PATCH", "/ipam/vlans/").with_body("EPG_A");
            double.fail_next(name_again, Fault::Hold(late.clone()));
            first.open();
            late.reached().await;
            second.open();
        };
        let (by_b, ()) = tokio::join!(by_b, meet);
        late.open();
        by_b
    };
    let (by_a, by_b) = tokio::join!(one.patch(SEGMENT, &a), script);
    for reply in [&by_a, &by_b] {
        assert!(
            [200, 412].contains(&reply.status.as_u16()),
            "{}",
            reply.status
        );
    }
    let wanted = expected(&[("B", by_b), ("A", by_a)], before);
    let prefix = row(&double, Kind::Prefix, 1);
    let now = (
        vlan_of(&double, 1).text("name").to_owned(),
        prefix.text("comments").to_owned(),
    );
    assert_eq!(now, wanted);
    assert_eq!(prefix.custom("Cluster"), "theirs");
}
