//! Removes what this test makes, now or in an earlier run that was broken off.

use super::client::Client;

/// Where the objects are, dependents first, each with the filter that finds those of this test.
const PLACES: [(&str, &str); 5] = [
    ("/api/ipam/vlan-groups/", "slug__isw=conformance-"),
    ("/api/ipam/vrfs/", "name__isw=Conformance-"),
    ("/api/dcim/site-groups/", "slug__isw=conformance-"),
    ("/api/ipam/roles/", "slug__isw=conformance-"),
    ("/api/tenancy/tenants/", "slug__isw=conformance-"),
];

async fn ids(client: &Client, token: Option<&str>, path: &str, filter: &str) -> Vec<u64> {
    let path = format!("{path}?{filter}&limit=1000&fields=id");
    let answer = client.send("GET", &path, token, &[], None).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let json = answer.json();
    let rows = json["results"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["id"].as_u64()).collect()
}

async fn remove(client: &Client, token: Option<&str>, path: &str, filter: &str) {
    for id in ids(client, token, path, filter).await {
        let path = format!("{path}{id}/");
        let answer = client.send("DELETE", &path, token, &[], None).await;
        assert!(
            matches!(answer.status, 204 | 404),
            "DELETE {path}: {}",
            answer.text
        );
    }
}

/// Removes it all.
pub async fn clear(client: &Client, token: Option<&str>) {
    for vrf in ids(client, token, PLACES[1].0, PLACES[1].1).await {
        remove(
            client,
            token,
            "/api/ipam/prefixes/",
            &format!("vrf_id={vrf}"),
        )
        .await;
    }
    for tenant in ids(client, token, PLACES[4].0, PLACES[4].1).await {
        let filter = format!("tenant_id={tenant}");
        remove(client, token, "/api/ipam/prefixes/", &filter).await;
        remove(client, token, "/api/ipam/vlans/", &filter).await;
    }
    for (path, filter) in PLACES {
        remove(client, token, path, filter).await;
    }
}
