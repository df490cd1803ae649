use bench_harness::netbox::CountingProxy;
use http::Method;
use serde_json::{Value, json};

use crate::lab::{wanted, with};
use crate::support::Edge;

/// Sends a change, and checks how many calls it took, and how deep.
async fn change(proxy: &CountingProxy, edge: &Edge, path: &str, body: &Value, calls: usize) {
    let mark = proxy.ledger().mark();
    edge.patch(path, body).await.expect(200);
    let made = proxy.ledger().since(mark);
    assert_eq!(
        (made.count(), made.depth()),
        (calls, calls),
        "{body}: {made:#?}"
    );
}

#[tokio::test]
async fn a_segment_lives_and_dies_in_netbox_as_the_mapping_says() {
    with(async |lab| {
        let (proxy, edge) = lab.edge().await;
        edge.get("/api/segments").await.expect(200);
        let mark = proxy.ledger().mark();
        let body = wanted(3600, "life", "172.29.0.0/24");
        let made = edge.post("/api/segments", &body).await.expect(201).json();
        let calls = proxy.ledger().since(mark);
        assert_eq!((calls.count(), calls.depth()), (3, 3));
        let id = made["id"].as_str().unwrap();
        let row = lab.prefixes("172.29.0.0/24").await.remove(0);
        assert_eq!(row["id"].to_string(), id);
        assert_eq!(
            (&row["tenant"]["slug"], &row["role"]["slug"]),
            (&json!("redbull"), &json!("data"))
        );
        assert_eq!(
            (&row["scope_type"], &row["scope"]["slug"]),
            (&json!("dcim.sitegroup"), &json!("site1"))
        );
        assert_eq!(
            (&row["vrf"]["name"], &row["status"]["value"]),
            (&json!("Network1"), &json!("active"))
        );
        assert_eq!(row["comments"], "made by a test");
        assert_eq!(row["custom_fields"], json!({"Cluster": null, "DHCP": true}));
        let vlan = lab.vlans(3600).await.remove(0);
        assert_eq!(
            (&vlan["name"], &row["vlan"]["id"]),
            (&json!("E2E-life"), &vlan["id"])
        );
        assert_eq!(vlan["group"]["name"], "Network1-ClickCluster-Site1");

        let path = format!("/api/segments/{id}");
        change(&proxy, &edge, &path, &json!({"epg_name": "E2E-renamed"}), 1).await;
        change(&proxy, &edge, &path, &json!({"vlan_id": 3601}), 1).await;
        change(&proxy, &edge, &path, &json!({"site": "site2"}), 2).await;
        change(&proxy, &edge, &path, &json!({"vrf": "Network2"}), 3).await;
        let several = json!({"dhcp": false, "description": "changed", "cluster_name": "c1"});
        change(&proxy, &edge, &path, &several, 1).await;
        assert!(lab.vlans(3600).await.is_empty());
        let now = lab.vlans(3601).await.remove(0);
        assert_eq!(
            (&now["id"], &now["name"]),
            (&vlan["id"], &json!("E2E-renamed"))
        );
        assert_eq!(now["group"]["name"], "Network2-ClickCluster-Site2");
        let row = lab.prefixes("172.29.0.0/24").await.remove(0);
        assert_eq!(
            (&row["scope"]["slug"], &row["vrf"]["name"]),
            (&json!("site2"), &json!("Network2"))
        );
        assert_eq!(
            (&row["comments"], &row["status"]["value"]),
            (&json!("changed"), &json!("reserved"))
        );
        assert_eq!(
            row["custom_fields"],
            json!({"Cluster": "c1", "DHCP": false})
        );

        change(&proxy, &edge, &path, &json!({"cluster_name": null}), 1).await;
        let mark = proxy.ledger().mark();
        edge.delete(&path).await.expect(204);
        let calls = proxy.ledger().since(mark);
        assert_eq!((calls.count(), calls.depth()), (2, 2));
        assert!(lab.prefixes("172.29.0.0/24").await.is_empty());
        assert!(lab.vlans(3601).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_first_segment_of_a_vrf_at_a_site_makes_its_vlan_group() {
    with(async |lab| {
        let vrf = json!({"name": "E2E-VRF"});
        let (status, answer) = lab.ask(&Method::POST, "/api/ipam/vrfs/", &vrf).await;
        assert_eq!(status, 201, "{answer}");
        let (proxy, edge) = lab.edge().await;
        edge.get("/api/segments").await.expect(200);
        let mut body = wanted(3610, "first", "172.29.10.0/24");
        body["vrf"] = json!("E2E-VRF");
        let mark = proxy.ledger().mark();
        edge.post("/api/segments", &body).await.expect(201);
        let calls = proxy.ledger().since(mark);
        assert_eq!((calls.count(), calls.depth()), (4, 4));
        let groups = lab.rows("/api/ipam/vlan-groups/?name__isw=E2E-VRF").await;
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0]["name"], "E2E-VRF-ClickCluster-Site1");
        assert_eq!(groups[0]["scope"]["slug"], "site1");
    })
    .await;
}
