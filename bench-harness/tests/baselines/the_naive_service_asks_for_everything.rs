//! The first state of the original: as its authors reported it, one after another.

use bench_harness::verify::{Manner, Subject as _};

use crate::kit::{calls, claims, cost, double, in_a_new_vrf, naive, names, wanted};

use Manner::{AtOnce, Bulk, OneByOne};

#[tokio::test]
async fn a_start_asks_twice_for_each_of_100_vlans() {
    let double = double().await;
    let mut naive = naive(&double).await;
    assert_eq!(cost(&double, naive.start()).await, (201, 201));
}

#[tokio::test]
async fn a_list_asks_for_the_site_of_each_segment_every_time() {
    let double = double().await;
    let naive = naive(&double).await;
    for _ in 0..2 {
        let (list, cost) = calls(&double, naive.list()).await;
        assert_eq!((list.len(), cost), (100, (101, 101)));
    }
    assert_eq!(cost(&double, naive.get(1)).await, (2, 2));
    assert_eq!(cost(&double, naive.references()).await, (2, 2));
}

#[tokio::test]
async fn a_create_takes_eleven_calls_one_after_another() {
    let double = double().await;
    let naive = naive(&double).await;
    let all = wanted(21);
    assert_eq!(
        cost(&double, naive.create(&all[..1], OneByOne)).await,
        (11, 11)
    );
    assert_eq!(
        cost(&double, naive.create(&all[1..11], Bulk)).await,
        (110, 110)
    );
    let (_, (calls, depth)) = calls(&double, naive.create(&all[11..], AtOnce)).await;
    assert_eq!(calls, 110);
    assert!(depth < 110, "clients at once do not wait for one another");
}

#[tokio::test]
async fn a_new_vlan_group_takes_one_more() {
    let double = double().await;
    let naive = naive(&double).await;
    let wanted = in_a_new_vrf(&double).await;
    assert_eq!(
        cost(&double, naive.create(&wanted, OneByOne)).await,
        (12, 12)
    );
}

#[tokio::test]
async fn what_came_first_is_asked_for_first() {
    let double = double().await;
    let naive = naive(&double).await;
    let mark = double.ledger().mark();
    naive.create(&wanted(1), OneByOne).await.unwrap();
    let calls = double.ledger().since(mark).0;
    let calls: Vec<String> = calls
        .iter()
        .map(|call| format!("{} {}", call.method, call.route()))
        .collect();
    let expected = [
        "GET /api/ipam/vrfs/",
        "GET /api/dcim/site-groups/",
        "GET /api/tenancy/tenants/",
        "GET /api/ipam/roles/",
        "GET /api/ipam/vlans/",
        "GET /api/dcim/site-groups/",
        "GET /api/tenancy/tenants/",
        "GET /api/ipam/roles/",
        "GET /api/ipam/vlan-groups/",
        "POST /api/ipam/vlans/",
        "POST /api/ipam/prefixes/",
    ];
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn changes_read_before_they_write() {
    let double = double().await;
    let naive = naive(&double).await;
    assert_eq!(
        cost(&double, naive.rename(&names(&[1]), OneByOne)).await,
        (7, 7)
    );
    assert_eq!(
        cost(&double, naive.allocate(&claims(1), OneByOne)).await,
        (8, 8)
    );
    assert_eq!(
        cost(&double, naive.release(&claims(1), OneByOne)).await,
        (8, 8)
    );
    assert_eq!(cost(&double, naive.delete(&[1], OneByOne)).await, (5, 5));
    assert_eq!(
        cost(&double, naive.renumber(&[(2, 3000)], OneByOne)).await,
        (0, 0)
    );
    assert!(!naive.renumber(&[(2, 3000)], OneByOne).await.unwrap());
}
