use crate::lab::{required, with};
use crate::support::{Edge, settings};

#[tokio::test]
async fn the_first_list_is_one_call_and_later_ones_and_new_instances_need_none() {
    with(async |lab| {
        let (proxy, edge) = lab.edge().await;
        let first = edge.get("/api/segments").await.expect(200);
        assert_eq!(first.netbox_calls(), 1);
        let segments = first.json().as_array().unwrap().len();
        let prefixes = lab
            .rows("/api/ipam/prefixes/?tenant=redbull&role=data&limit=1000")
            .await;
        assert!(segments >= 100, "only {segments} segments");
        assert_eq!(segments, prefixes.len());
        assert_eq!(
            edge.get("/api/segments").await.expect(200).netbox_calls(),
            0
        );
        edge.host.recycle_and_wait().await;
        let anew = edge.get("/api/segments").await.expect(200);
        assert_eq!((anew.netbox_calls(), anew.bytes), (0, first.bytes));
        assert_eq!((proxy.ledger().count(), proxy.ledger().depth()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_deep_health_check_finds_all_in_order() {
    with(async |lab| {
        let (_proxy, edge) = lab.edge().await;
        let health = edge.get("/api/health?deep=true").await.expect(200).json();
        let checks = health["checks"].as_array().unwrap();
        assert!(checks.len() >= 8, "{health}");
        assert!(checks.iter().all(|check| check["ok"] == true), "{health}");
    })
    .await;
}

#[tokio::test]
async fn a_deep_health_check_with_a_read_only_token_names_the_rights() {
    with(async |lab| {
        let token = required("NETBOX_TOKEN_READONLY");
        let edge = Edge::start(settings(&lab.url, &token)).await;
        let health = edge.get("/api/health?deep=true").await.expect(503).json();
        let checks = health["checks"].as_array().unwrap();
        let rights = checks
            .iter()
            .find(|check| check["name"] == "rights")
            .unwrap();
        assert_eq!(rights["ok"], false);
        assert!(
            rights["detail"]
                .as_str()
                .unwrap()
                .contains("write prefixes"),
            "{rights}"
        );
        assert!(
            rights["remedy"]
                .as_str()
                .unwrap()
                .contains("enable writing"),
            "{rights}"
        );
    })
    .await;
}
