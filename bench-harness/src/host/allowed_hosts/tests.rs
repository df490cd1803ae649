#![allow(clippy::unwrap_used)]
use super::*;

fn allows(entry: &str, uri: &str) -> bool {
    let hosts = AllowedHosts::parse(&[entry]).unwrap();
    hosts.allows(&uri.parse().unwrap())
}

#[test]
fn scheme_host_and_port_must_all_fit() {
    assert!(allows(
        "http://127.0.0.1:8001",
        "http://127.0.0.1:8001/api/?q=1"
    ));
    assert!(!allows("http://127.0.0.1:8001", "https://127.0.0.1:8001/"));
    assert!(!allows("http://127.0.0.1:8001", "http://127.0.0.1:8002/"));
    assert!(!allows("http://127.0.0.1:8001", "http://localhost:8001/"));
    assert!(allows("http://NetBox.example/", "http://netbox.example/"));
}

#[test]
fn without_a_port_the_schemes_own_is_meant() {
    assert!(allows(
        "https://netbox.example",
        "https://netbox.example:443/"
    ));
    assert!(allows(
        "https://netbox.example:443",
        "https://netbox.example/"
    ));
    assert!(!allows(
        "https://netbox.example",
        "https://netbox.example:8443/"
    ));
}

#[test]
fn stars_stand_for_any_scheme_host_port_or_subdomain() {
    assert!(allows("https://*:*", "https://anything.example:9/"));
    assert!(!allows("https://*:*", "http://anything.example:9/"));
    assert!(allows("*://*:*", "http://[::1]:9/"));
    assert!(allows("*://*.example.com:443", "https://a.b.example.com/"));
    assert!(!allows("*://*.example.com:443", "https://example.com/"));
    assert!(!allows("*://*.example.com:443", "https://badexample.com/"));
}

#[test]
fn a_port_range_leaves_out_its_end() {
    assert!(allows("http://h:8000..8002", "http://h:8001/"));
    assert!(!allows("http://h:8000..8002", "http://h:8002/"));
    assert!(allows("http://h:65535", "http://h:65535/"));
}

#[test]
fn an_ipv6_address_is_not_mistaken_for_a_port() {
    assert!(allows("http://[::1]", "http://[::1]/"));
    assert!(allows("http://[::1]:8001", "http://[::1]:8001/"));
}

#[test]
fn an_empty_list_allows_nothing() {
    let hosts = AllowedHosts::default();
    assert!(!hosts.allows(&"http://127.0.0.1/".parse().unwrap()));
}

#[test]
fn a_malformed_entry_is_refused_by_name() {
    for bad in [
        "127.0.0.1:8001",
        "://h",
        "http://",
        "http://h/path",
        "*://h",
        "http://h:x",
        "http://a.*.b",
        "http://h:9..8",
        "http://u@h",
    ] {
        let error = AllowedHosts::parse(&[bad]).unwrap_err();
        assert!(error.to_string().contains(bad), "{bad}: {error}");
    }
}
