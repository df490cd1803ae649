//! The script `pynetbox/segments.py`, run by a Python with the package from PyPI.

use std::process::Command;

use bench_harness::baseline::Pynetbox;
use bench_harness::netbox::Double;
use bench_harness::verify::{Manner, Subject as _};

use crate::all_leave_the_same_in_netbox::{assert_same, by_the_component, work};
use crate::kit::{cost, double, names, url, wanted};

use Manner::{AtOnce, Bulk, OneByOne};

/// The script before a double; `None` where there is no Python to run it. A CI machine must have one.
fn script(double: &Double) -> Option<Pynetbox> {
    let python = Command::new("python3").arg("--version").output();
    if python.is_err() && std::env::var_os("CI").is_none() {
        println!("skipped: there is no python3 on the PATH");
        return None;
    }
    let token = double.token().parse().unwrap();
    Some(Pynetbox::new(&url(double), token).unwrap())
}

#[tokio::test]
async fn it_leaves_what_the_component_leaves() {
    let expected = by_the_component().await;
    for manner in [OneByOne, AtOnce, Bulk] {
        let double = double().await;
        let Some(mut script) = script(&double) else {
            return;
        };
        let left = work(&double, &mut script, manner).await;
        assert_same("pynetbox", &left, &expected);
    }
}

#[tokio::test]
async fn it_asks_for_everything_each_time_and_writes_lists_at_once() {
    let double = double().await;
    let Some(mut script) = script(&double) else {
        return;
    };
    assert_eq!(cost(&double, script.start()).await, (1, 1));
    let all = wanted(11);
    assert_eq!(
        cost(&double, script.create(&all[..1], OneByOne)).await,
        (7, 7)
    );
    assert_eq!(cost(&double, script.create(&all[1..], Bulk)).await, (7, 7));
    assert_eq!(
        cost(&double, script.rename(&names(&[1]), OneByOne)).await,
        (2, 2)
    );
    assert_eq!(
        cost(&double, script.rename(&names(&[2, 3]), Bulk)).await,
        (2, 2)
    );
}

#[tokio::test]
async fn it_says_what_went_wrong_and_goes_on() {
    let double = double().await;
    let Some(mut script) = script(&double) else {
        return;
    };
    script.start().await.unwrap();
    let refused = script.get(4711).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "get: the pynetbox script failed: LookupError: NetBox has no prefix 4711"
    );
    assert_eq!(script.list().await.unwrap().len(), 100);
    assert!(script.renumber(&[(1, 3000)], OneByOne).await.unwrap());
    assert_eq!(script.get(1).await.unwrap().vlan_id, 3000);
}
