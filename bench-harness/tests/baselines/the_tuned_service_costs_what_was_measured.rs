//! The second state of the original. The figures are those measured before NetBox 4.7.3 with 100 VLANs and prefixes.

use std::collections::BTreeSet;

use bench_harness::verify::{Manner, Subject as _};

use crate::kit::{calls, claims, cost, double, in_a_new_vrf, names, tuned, wanted};

use Manner::{AtOnce, Bulk, OneByOne};

#[tokio::test]
async fn a_start_takes_eight_calls_one_after_another() {
    let double = double().await;
    let mut tuned = tuned(&double).await;
    assert_eq!(cost(&double, tuned.start()).await, (8, 8));
}

#[tokio::test]
async fn reads_are_free_until_the_next_write() {
    let double = double().await;
    let tuned = tuned(&double).await;
    assert_eq!(cost(&double, tuned.list()).await, (0, 0));
    assert_eq!(cost(&double, tuned.get(1)).await, (0, 0));
    assert_eq!(cost(&double, tuned.references()).await, (0, 0));
    tuned.rename(&names(&[1]), OneByOne).await.unwrap();
    assert_eq!(cost(&double, tuned.list()).await, (1, 1));
    assert_eq!(cost(&double, tuned.list()).await, (0, 0));
}

#[tokio::test]
async fn ten_creates_take_70_calls_in_a_chain_of_49() {
    for manner in [OneByOne, Bulk] {
        let double = double().await;
        let tuned = tuned(&double).await;
        let ten = wanted(10);
        assert_eq!(cost(&double, tuned.create(&ten, manner)).await, (70, 49));
        // The eleventh: the list was emptied, the VLAN group is known.
        let eleventh = &wanted(11)[10..];
        assert_eq!(
            cost(&double, tuned.create(eleventh, OneByOne)).await,
            (7, 5)
        );
    }
}

#[tokio::test]
async fn a_create_in_a_new_vlan_group_takes_eight() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let wanted = in_a_new_vrf(&double).await;
    assert_eq!(cost(&double, tuned.create(&wanted, OneByOne)).await, (8, 5));
}

#[tokio::test]
async fn ten_creates_at_once_take_62_to_70_with_30_in_flight() {
    let double = double().await;
    let tuned = tuned(&double).await;
    double.set_latency(std::time::Duration::from_millis(20));
    let mark = double.ledger().mark();
    tuned.create(&wanted(10), AtOnce).await.unwrap();
    let calls = double.ledger().since(mark);
    assert!((62..=70).contains(&calls.count()), "{}", calls.count());
    assert_eq!(calls.peak_concurrency(), 30);
}

#[tokio::test]
async fn ten_renames_take_59_calls_in_a_chain_of_49() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let ids: Vec<u64> = (1..=10).collect();
    assert_eq!(
        cost(&double, tuned.rename(&names(&ids), OneByOne)).await,
        (59, 49)
    );
    assert_eq!(
        cost(&double, tuned.rename(&names(&[11]), OneByOne)).await,
        (6, 5)
    );
}

#[tokio::test]
async fn ten_allocations_take_29_and_ten_releases_30() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let ten = claims(10);
    assert_eq!(
        cost(&double, tuned.allocate(&ten, OneByOne)).await,
        (29, 29)
    );
    assert_eq!(cost(&double, tuned.release(&ten, OneByOne)).await, (30, 30));
}

#[tokio::test]
async fn ten_allocations_at_once_take_20_and_nine_are_lost() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let (ids, (calls, _)) = calls(&double, tuned.allocate(&claims(10), AtOnce)).await;
    assert_eq!(calls, 20);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1);
    let list = tuned.list().await.unwrap();
    let given = list.iter().filter(|seen| seen.clusters.starts_with("new-"));
    assert_eq!(given.count(), 1);
}

#[tokio::test]
async fn ten_deletes_take_49() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let ids: Vec<u64> = (1..=10).collect();
    assert_eq!(cost(&double, tuned.delete(&ids, OneByOne)).await, (49, 49));
    assert_eq!(cost(&double, tuned.delete(&[11], OneByOne)).await, (5, 5));
}

#[tokio::test]
async fn another_vlan_id_is_promised_and_not_given() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let before = tuned.list().await.unwrap();
    assert!(!tuned.renumber(&[(1, 3000)], OneByOne).await.unwrap());
    assert_eq!(tuned.list().await.unwrap(), before);
}

#[tokio::test]
async fn what_is_in_the_way_is_refused_with_its_name() {
    let double = double().await;
    let tuned = tuned(&double).await;
    let mut wanted = wanted(1);
    wanted[0].segment = "10.0.0.128/25".into();
    let refused = tuned.create(&wanted, OneByOne).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "10.0.0.128/25 overlaps segment 1 (10.0.0.0/24)"
    );
}
