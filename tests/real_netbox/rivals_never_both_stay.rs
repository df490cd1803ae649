use serde_json::Value;

use crate::lab::{Lab, wanted, with};
use crate::support::Edge;

const ROUNDS: u16 = 5;

/// Two hosts, each with a store of its own, that know NetBox as it is now.
async fn rivals(lab: &Lab) -> [Edge; 2] {
    let (one, two) = (lab.direct().await, lab.direct().await);
    for edge in [&one, &two] {
        edge.get("/api/segments").await.expect(200);
    }
    [one, two]
}

/// Both want their segment at once; statuses and bodies, the smaller status first.
async fn race([one, two]: &[Edge; 2], first: &Value, second: &Value) -> [(u16, Value); 2] {
    let (a, b) = tokio::join!(
        one.post("/api/segments", first),
        two.post("/api/segments", second)
    );
    let mut answers = [a, b].map(|reply| (reply.status.as_u16(), reply.json()));
    for (status, body) in &answers {
        assert!(matches!(status, 201 | 409), "{status} {body}");
    }
    answers.sort_by_key(|(status, _)| *status);
    answers
}

#[tokio::test]
async fn of_two_hosts_that_want_one_vlan_id_exactly_one_gets_it() {
    with(async |lab| {
        let edges = rivals(lab).await;
        for n in 0..ROUNDS {
            let first = wanted(
                3700 + n,
                &format!("vid-a{n}"),
                &format!("172.29.{}.0/24", 100 + 2 * n),
            );
            let second = wanted(
                3700 + n,
                &format!("vid-b{n}"),
                &format!("172.29.{}.0/24", 101 + 2 * n),
            );
            let answers = race(&edges, &first, &second).await;
            assert_eq!([answers[0].0, answers[1].0], [201, 409], "{answers:#?}");
            assert_eq!(lab.vlans(3700 + n).await.len(), 1);
            let within = format!("172.29.{}.0/23", 100 + 2 * n);
            assert_eq!(lab.prefixes(&within).await.len(), 1);
        }
    })
    .await;
}

/// Both want addresses that overlap, on VLANs of their own: whoever is told 201 has it, and nothing else is left.
async fn addresses(lab: &Lab, from: u16, first_length: u8, second_length: u8) {
    let edges = rivals(lab).await;
    for n in 0..ROUNDS {
        let (a, b) = (from + 2 * n, from + 2 * n + 1);
        let net = format!("172.29.{}.0", 140 + n);
        let first = wanted(a, &format!("net-{a}"), &format!("{net}/{first_length}"));
        let second = wanted(b, &format!("net-{b}"), &format!("{net}/{second_length}"));
        let answers = race(&edges, &first, &second).await;
        let won = answers.iter().filter(|(status, _)| *status == 201).count();
        assert!(won <= 1, "both were told that they have {net}");
        let prefixes = lab.prefixes(&format!("{net}/24")).await;
        assert_eq!(prefixes.len(), won, "{answers:#?} {prefixes:#?}");
        let vlans = [lab.vlans(a).await, lab.vlans(b).await].concat();
        assert_eq!(vlans.len(), won, "{answers:#?} {vlans:#?}");
    }
}

#[tokio::test]
async fn of_two_hosts_that_want_one_prefix_at_most_one_gets_it() {
    with(async |lab| addresses(lab, 3720, 24, 24).await).await;
}

#[tokio::test]
async fn of_two_hosts_that_want_overlapping_prefixes_at_most_one_gets_it() {
    with(async |lab| addresses(lab, 3740, 24, 25).await).await;
}
