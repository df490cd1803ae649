//! What the numbers in a series stand for. Nothing that a client sent ever becomes a label: only what is in these tables.
//!
//! The numbers are in the store, and instances of several versions may share it: add at the end, and reorder nothing.

use http::Method;

/// The routes, as templates. The first stands for all paths that are none.
pub const ROUTES: [&str; 22] = [
    "other",
    "/api/segments",
    "/api/segments/search",
    "/api/segments/bulk",
    "/api/segments/provision",
    "/api/segments/{id}",
    "/api/segments/{id}/clusters",
    "/api/allocate-vlan",
    "/api/release-vlan",
    "/api/reconcile",
    "/api/sites",
    "/api/vrfs",
    "/api/stats",
    "/api/health",
    "/api/hooks/netbox",
    "/metrics",
    "/api/export/segments/csv",
    "/api/export/stats/csv",
    "/api/openapi.json",
    "/",
    "/api/export/segments/excel",
    "/api/export/stats/excel",
];

/// The methods. The first stands for all others.
pub const METHODS: [&str; 7] = ["other", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The place of a method in [`METHODS`].
#[must_use]
pub fn method(method: &Method) -> u8 {
    find(&METHODS, method.as_str())
}

/// The paths of NetBox, with or without the id of an object behind them. The first stands for all others.
pub const NETBOX_ROUTES: [&str; 15] = [
    "other",
    "/graphql/",
    "/api/status/",
    "/api/core/object-changes/",
    "/api/ipam/prefixes/",
    "/api/ipam/prefixes/{id}/",
    "/api/ipam/vlans/",
    "/api/ipam/vlans/{id}/",
    "/api/ipam/vlan-groups/",
    "/api/ipam/vlan-groups/{id}/",
    "/api/ipam/vrfs/",
    "/api/ipam/roles/",
    "/api/tenancy/tenants/",
    "/api/dcim/site-groups/",
    "/api/extras/custom-fields/",
];

/// The place of a NetBox path in [`NETBOX_ROUTES`].
#[must_use]
pub fn netbox_route(path: &str) -> u8 {
    let inner = path.strip_suffix('/').unwrap_or(path);
    let list = inner.trim_end_matches(|c: char| c.is_ascii_digit());
    match find(&NETBOX_ROUTES, list) {
        0 => find(&NETBOX_ROUTES, path),
        // Behind the path of a list comes that of one of its objects.
        found if list.len() < inner.len() => {
            let next = NETBOX_ROUTES.get(usize::from(found) + 1);
            let has = next.is_some_and(|route| route.ends_with("{id}/"));
            if has { found + 1 } else { 0 }
        }
        found => found,
    }
}

/// How a NetBox call went, by its time and status, as in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// In good time.
    Ok = 0,
    /// From `slow_ms` on.
    Slow = 1,
    /// From 5 s on, or by status 429 or 503.
    Throttled = 2,
    /// From 20 s on.
    Severe = 3,
}

/// The classes.
pub const CLASSES: [&str; 4] = ["ok", "slow", "throttled", "severe"];

impl Class {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        CLASSES[self as usize]
    }
}

/// The sources of reads.
pub const SOURCES: [&str; 4] = ["hit", "stale-while-revalidate", "stale-if-error", "miss"];

/// The upper ends of the buckets of call times, in microseconds; in seconds, as the text format has them.
pub const DURATIONS: [(u64, &str); 9] = [
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_000_000, "2"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (20_000_000, "20"),
];

/// The upper ends of the buckets of objects in a call that writes.
pub const SIZES: [(u64, &str); 4] = [(1, "1"), (5, "5"), (10, "10"), (50, "50")];

/// The bucket of a value: the first whose end is not below it, or the one behind the last.
#[must_use]
pub fn place(buckets: &[(u64, &str)], value: u64) -> u8 {
    let found = buckets.iter().position(|(end, _)| value <= *end);
    u8::try_from(found.unwrap_or(buckets.len())).unwrap_or_default()
}

fn find(table: &[&str], text: &str) -> u8 {
    let found = table.iter().skip(1).position(|known| *known == text);
    found.map_or(0, |at| u8::try_from(at + 1).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> &str {
        NETBOX_ROUTES[usize::from(netbox_route(path))]
    }

    #[test]
    fn a_netbox_path_is_its_template() {
        for (path, template) in [
            ("/graphql/", "/graphql/"),
            ("/api/ipam/vlans/", "/api/ipam/vlans/"),
            ("/api/ipam/vlans/4711/", "/api/ipam/vlans/{id}/"),
            ("/api/ipam/prefixes/1/", "/api/ipam/prefixes/{id}/"),
            ("/api/ipam/vlan-groups/7/", "/api/ipam/vlan-groups/{id}/"),
            ("/api/dcim/site-groups/", "/api/dcim/site-groups/"),
            ("/api/dcim/site-groups/3/", "other"),
            ("/api/extras/custom-fields/3/", "other"),
            ("/graphql/3/", "other"),
            ("/api/ipam/vlans/x/", "other"),
            ("/api/ipam/vlans/{id}/", "/api/ipam/vlans/{id}/"),
            ("", "other"),
            ("/", "other"),
            ("17", "other"),
        ] {
            assert_eq!(named(path), template, "{path}");
        }
    }

    #[test]
    fn a_method_of_ones_own_is_other() {
        assert_eq!(method(&Method::PATCH), 5);
        assert_eq!(method(&Method::from_bytes(b"other").unwrap_or_default()), 0);
        assert_eq!(method(&Method::from_bytes(b"HACK").unwrap_or_default()), 0);
    }

    #[test]
    fn a_value_at_the_end_of_a_bucket_is_in_it() {
        let places: Vec<u8> = [0, 1, 2, 5, 6, 50, 51].map(|n| place(&SIZES, n)).to_vec();
        assert_eq!(places, [0, 0, 1, 1, 2, 3, 4]);
    }
}
