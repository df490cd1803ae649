#![allow(clippy::unwrap_used)]

use super::*;

fn both_kinds(check: impl Fn(KeyValue)) {
    let folder = tempfile::tempdir().unwrap();
    check(KeyValue::memory());
    check(KeyValue::file(&folder.path().join("store.redb")).unwrap());
}

#[test]
fn what_is_set_is_read_listed_and_deleted() {
    both_kinds(|store| {
        store.set("b", b"2").unwrap();
        store.set("a", b"1").unwrap();
        store.set("a", b"one").unwrap();
        assert_eq!(store.keys().unwrap(), ["a", "b"]);
        assert_eq!(store.get("a").unwrap().unwrap(), b"one");
        store.delete("a").unwrap();
        store.delete("never there").unwrap();
        assert_eq!(store.get("a").unwrap(), None);
        store.clear().unwrap();
        assert!(store.keys().unwrap().is_empty());
    });
}

#[test]
fn a_file_store_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let first = KeyValue::file(&path).unwrap();
    first.set("kept", b"yes").unwrap();
    drop(first);
    let second = KeyValue::file(&path).unwrap();
    assert_eq!(second.get("kept").unwrap().unwrap(), b"yes");
}

#[test]
fn a_file_that_is_not_a_store_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database").unwrap();
    let error = KeyValue::file(&path).unwrap_err();
    assert!(format!("{error:#}").contains("notes.txt"), "{error:#}");
}

#[test]
fn clones_are_the_same_store() {
    let store = KeyValue::memory();
    store.clone().set("a", b"1").unwrap();
    assert_eq!(store.keys().unwrap(), ["a"]);
}

#[tokio::test]
async fn guest_operations_are_counted_and_the_tests_own_are_not() {
    let store = KeyValue::memory();
    store.set("a", b"1").unwrap();
    let get = |_: &KeyValue, backend: &dyn Backend| backend.get("a");
    let value = store.clone().guest(|inner| &inner.gets, get).await;
    assert_eq!(value.unwrap().unwrap(), b"1");
    let expected = StoreOps {
        gets: 1,
        ..StoreOps::default()
    };
    assert_eq!(store.ops(), expected);
}

#[tokio::test]
async fn a_failing_store_fails_guests_until_it_is_mended() {
    let store = KeyValue::memory();
    let keys = |store: &KeyValue| {
        store
            .clone()
            .guest(|inner| &inner.lists, |_, backend| backend.keys())
    };
    store.set_failing(true);
    assert!(keys(&store).await.is_err());
    store.set_failing(false);
    assert!(keys(&store).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_slow_store_takes_at_least_its_delay() {
    let store = KeyValue::memory();
    store.set_delay(Duration::from_millis(30));
    let start = std::time::Instant::now();
    let get = |_: &KeyValue, backend: &dyn Backend| backend.get("a");
    store.guest(|inner| &inner.gets, get).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[test]
fn a_value_of_one_megabyte_fits_and_one_byte_more_does_not() {
    let store = KeyValue::memory();
    assert!(store.check_value("k", &vec![0; 1_000_000]).is_ok());
    let error = store.check_value("k", &vec![0; 1_000_001]).unwrap_err();
    assert!(error.to_string().contains("1000001"), "{error}");
    assert!(store.check_key(&"k".repeat(255)).is_ok());
    assert!(store.check_key(&"k".repeat(256)).is_err());
    store.set_limits(StoreLimits::NONE);
    assert!(
        store
            .check_value(&"k".repeat(256), &vec![0; 2_000_000])
            .is_ok()
    );
}
