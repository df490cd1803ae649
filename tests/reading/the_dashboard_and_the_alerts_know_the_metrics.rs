use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::{is_wasip2, new_segment, recorded};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The names of our metrics in a text: a name begins with the prefix, and has lower case, digits and underscores.
fn named(text: &str) -> BTreeSet<String> {
    let name = |rest: &str| -> String {
        let part = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
        rest.chars().take_while(part).collect()
    };
    let rests = text.split("segment_edge_").skip(1);
    rests
        .map(|rest| format!("segment_edge_{}", name(rest)))
        .collect()
}

async fn served() -> BTreeSet<String> {
    let (_double, edge) = recorded().await;
    if is_wasip2() {
        // Instances that serve one request tell of it from the first scrape on.
        edge.get("/metrics").await.expect(200);
    }
    edge.get("/api/segments").await.expect(200);
    edge.post("/api/segments", &new_segment()).await.expect(201);
    if is_wasip2() {
        edge.host.recycle_and_wait().await;
    }
    let reply = edge.get("/metrics").await.expect(200);
    let text = String::from_utf8(reply.bytes.to_vec()).unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let names = samples.filter_map(|line| line.split([' ', '{']).next());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_metric_of_the_dashboard_and_the_alerts_is_served() {
    let served = served().await;
    for name in ["grafana/segment-edge.json", "prometheus/alerts.yml"] {
        let used = named(&file(name));
        assert!(used.len() > 3, "{name} uses {used:?}");
        let unknown: Vec<_> = used.difference(&served).collect();
        assert!(
            unknown.is_empty(),
            "{name} uses {unknown:?}; served are {served:?}"
        );
    }
}

#[test]
fn the_dashboard_asks_the_data_source_that_is_chosen() {
    let dashboard: Value = serde_json::from_str(&file("grafana/segment-edge.json")).unwrap();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 39);
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    assert!(
        variables
            .iter()
            .any(|v| v["type"] == "datasource" && v["name"] == "datasource")
    );
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 8);
    let mut ids = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(
            ids.insert(panel["id"].as_u64().unwrap()),
            "{title}: its id is there twice"
        );
        assert!(
            panel["fieldConfig"]["defaults"]["unit"].is_string(),
            "{title} has no unit"
        );
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            assert!(
                !named(target["expr"].as_str().unwrap()).is_empty(),
                "{title}"
            );
        }
    }
}

#[test]
fn every_alert_says_how_grave_it_is_and_what_it_means() {
    let alerts: Value = serde_saphyr::from_str(&file("prometheus/alerts.yml")).unwrap();
    let rules = alerts["groups"][0]["rules"].as_array().unwrap();
    assert!(rules.len() >= 5);
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(
            rule["expr"].is_string() && rule["for"].is_string(),
            "{name}"
        );
        assert!(rule["labels"]["severity"].is_string(), "{name}");
        assert!(rule["annotations"]["summary"].is_string(), "{name}");
    }
}

#[test]
fn the_example_scrapes_our_route_with_a_token_from_a_file() {
    let config: Value = serde_saphyr::from_str(&file("prometheus/scrape.yml")).unwrap();
    let job = &config["scrape_configs"][0];
    assert_eq!(job["metrics_path"], "/metrics");
    assert_eq!(job["authorization"]["type"], "Bearer");
    assert!(job["authorization"]["credentials_file"].is_string());
    let alerts = file("prometheus/alerts.yml");
    let name = job["job_name"].as_str().unwrap();
    assert!(alerts.contains(&format!("job=\"{name}\"")));
}
