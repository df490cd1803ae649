#![allow(clippy::unwrap_used)]

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join;

use super::*;
use crate::catalogue::freshness::Lifetimes;
use crate::log::Logger;
use crate::netbox::read::{Ours, Reader};
use crate::netbox::{Client, Connection};
use crate::platform::Host;
use crate::platform::testing::TestHost;

/// A keeper on this host that knows an empty NetBox.
fn keeper(host: &Rc<TestHost>) -> Keeper {
    let host: Host = host.clone();
    let logger = Logger::new(host.clone(), Level::Error);
    let connection = Connection {
        url: "http://netbox.test".parse().unwrap(),
        token: String::new(),
        timeout: Duration::from_secs(10),
        max_in_flight: 4,
        rate_limit: None,
        slow: Duration::from_secs(2),
    };
    let ours = Ours {
        tenant: "redbull".to_owned(),
        role: "data".to_owned(),
    };
    let lifetimes = Lifetimes {
        fresh: Duration::from_secs(300),
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
    };
    let keeper = Keeper::new(
        host.clone(),
        Rc::new(Client::new(host, logger.clone(), connection)),
        Rc::new(Reader::new(ours)),
        Shelf::new(&["http://netbox.test"]),
        lifetimes,
        logger,
    );
    run(keeper.replace(Snapshot::default()));
    keeper
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        if let Some(done) = work.as_mut().now_or_never() {
            return done;
        }
    }
}

fn gone(id: u64) -> Vec<Change> {
    vec![Change::VlanGone(id)]
}

/// What is not in the store after a comparison brought VLAN 1, while the write of VLAN 2 could not be shared.
fn unshared_after(host: &Rc<TestHost>, keeper: &Keeper) -> Vec<Change> {
    host.slow.set(true);
    host.full.set(true);
    let compared = keeper.revalidated(Timestamp::default(), gone(1));
    assert!(!run(join(compared, keeper.share(gone(2)))).1);
    let mut unshared = keeper.unshared.borrow().clone();
    unshared.sort_by_key(|change| change != &gone(1)[0]);
    unshared
}

#[test]
fn a_write_that_could_not_be_shared_while_the_store_gave_no_listing_is_kept() {
    let host = Rc::new(TestHost::default());
    let keeper = keeper(&host);
    host.unlistable.set(true);
    assert_eq!(unshared_after(&host, &keeper), [gone(1), gone(2)].concat());
}

#[test]
fn a_write_that_could_not_be_shared_while_all_was_folded_in_vain_is_kept() {
    let host = Rc::new(TestHost::default());
    host.full.set(true);
    let keeper = keeper(&host);
    assert_eq!(unshared_after(&host, &keeper), [gone(1), gone(2)].concat());
}

#[test]
fn what_cannot_be_shared_again_and_again_is_kept_once() {
    let host = Rc::new(TestHost::default());
    let keeper = keeper(&host);
    host.full.set(true);
    keeper.unshared.borrow_mut().extend(gone(1));
    for _ in 0..3 {
        run(keeper.revalidated(Timestamp::default(), Vec::new()));
        assert_eq!(*keeper.unshared.borrow(), gone(1));
    }
    host.full.set(false);
    run(keeper.revalidated(Timestamp::default(), Vec::new()));
    assert_eq!(*keeper.unshared.borrow(), Vec::new());
}
