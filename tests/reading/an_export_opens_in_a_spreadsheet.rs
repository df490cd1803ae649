use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Edge, Reply, new_segment, recorded, settings};

const SEGMENTS: &str = "/api/export/segments/csv";
const STATS: &str = "/api/export/stats/csv";

/// Compares a file with `tests/golden/{name}`, byte for byte. `UPDATE_GOLDEN=1` writes it anew.
#[track_caller]
fn assert_file(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).expect("the golden file is there");
    assert!(
        golden == bytes,
        "the file differs from tests/golden/{name}: {}",
        String::from_utf8_lossy(bytes)
    );
}

fn rows(reply: &Reply) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(&reply.bytes).unwrap();
    assert!(text.ends_with("\r\n"));
    // No cell of the recorded segments has a line's end or a comma in it.
    let rows = text.trim_end().split("\r\n");
    rows.map(|row| row.split(',').map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn a_warm_export_is_a_file_with_all_fields_of_the_list_and_no_netbox_call() {
    let (_double, edge) = recorded().await;
    let listed = edge.get("/api/segments").await.expect(200).json();
    let reply = edge.get(SEGMENTS).await.expect(200);
    assert_eq!(reply.netbox_calls(), 0);
    assert_eq!(
        reply.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    let name = reply.header("content-disposition");
    let date = name
        .strip_prefix("attachment; filename=\"segments-")
        .and_then(|rest| rest.strip_suffix(".csv\""))
        .unwrap();
    let shape: String = date
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00");
    assert_eq!(
        reply.header("content-length"),
        reply.bytes.len().to_string()
    );
    assert!(reply.header("cache-status").contains("; hit; "));
    assert!(!reply.header("age").is_empty());
    assert_file("segments.csv", &reply.bytes);

    let rows = rows(&reply);
    let (header, rows) = rows.split_first().unwrap();
    let shown: Vec<Value> = rows
        .iter()
        .map(|row| {
            let fields = header.iter().zip(row).map(|(name, cell)| {
                let value = match name.as_str() {
                    "vlan_id" => json!(cell.parse::<u16>().unwrap()),
                    "dhcp" | "released" => json!(cell == "true"),
                    "description" => json!(cell),
                    _ if cell.is_empty() => Value::Null,
                    _ => json!(cell),
                };
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        })
        .collect();
    assert_eq!(Value::from(shown), listed);
}

#[tokio::test]
async fn an_export_takes_the_filters_of_the_list_and_no_page() {
    let (_double, edge) = recorded().await;
    for query in ["site=SITE2", "vrf=Network1&allocated=true", "q=10.0.42.7"] {
        let listed = edge.get(&format!("/api/segments?{query}")).await;
        let listed = listed.expect(200).json();
        let ids: Vec<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap())
            .collect();
        let exported = rows(&edge.get(&format!("{SEGMENTS}?{query}")).await.expect(200));
        let exported: Vec<&str> = exported.iter().skip(1).map(|r| r[0].as_str()).collect();
        assert!(!ids.is_empty() && ids.len() < 100, "{query}");
        assert_eq!(exported, ids, "{query}");
        let counted = rows(&edge.get(&format!("{STATS}?{query}")).await.expect(200));
        assert_eq!(counted[1][2], ids.len().to_string(), "{query}");
    }
    let none = edge.get(&format!("{SEGMENTS}?q=nowhere")).await.expect(200);
    assert_eq!(rows(&none).len(), 1, "the header is there always");
    for wrong in ["limit=5", "cursor=313a32", "sites=a", "vlan_id=5000"] {
        edge.get(&format!("{SEGMENTS}?{wrong}")).await.expect(400);
        edge.get(&format!("{STATS}?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn the_statistics_are_those_of_the_api() {
    let (_double, edge) = recorded().await;
    let stats = edge.get("/api/stats").await.expect(200).json();
    let reply = edge.get(STATS).await.expect(200);
    assert_file("stats.csv", &reply.bytes);
    let rows = rows(&reply);
    assert_eq!(rows[1][2], stats["total_segments"].to_string());
    assert_eq!(rows[1][5], stats["released"].to_string());
    assert_eq!(rows[1][6], stats["utilization"].to_string());
    for row in &rows[2..] {
        let counts = &stats[format!("by_{}", row[0])][&row[1]];
        let shown = json!({
            "total": row[2].parse::<u32>().unwrap(),
            "allocated": row[3].parse::<u32>().unwrap(),
            "available": row[4].parse::<u32>().unwrap(),
        });
        assert_eq!(shown, *counts, "{row:?}");
    }
    assert_eq!(rows.len(), 2 + 3 + 3);
}

#[tokio::test]
async fn a_formula_in_a_text_is_exported_as_a_text() {
    let (_double, edge) = recorded().await;
    let mut segment = new_segment();
    segment["epg_name"] = "-2".into();
    segment["description"] = "=HYPERLINK(\"http://a.test\",\"x;=1\")".into();
    segment["cluster_name"] = "-a,-b".into();
    edge.post("/api/segments", &segment).await.expect(201);
    let reply = edge.get(&format!("{SEGMENTS}?vlan_id=3000")).await;
    let text = String::from_utf8(reply.expect(200).bytes.to_vec()).unwrap();
    let row = text.split("\r\n").nth(1).unwrap();
    assert_eq!(
        row,
        "101,site1,3000,'-2,172.20.0.0/24,Network1,true,\"'=HYPERLINK(\"\"http://a.test\"\",\"\"x;'=1\"\")\",\"'-a,'-b\",,false,"
    );
}

#[tokio::test]
async fn a_token_that_may_read_may_export_and_nobody_else() {
    let (double, _) = recorded().await;
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let settings = settings(&double.url(), double.token())
        .variable("auth", "on")
        .variable("api_tokens", format!("reader:read:{hash}"));
    let edge = Edge::start(settings).await;
    edge.get(SEGMENTS).await.expect(401);
    let token = [("authorization", "Bearer test")];
    let excel = ["/api/export/segments/excel", "/api/export/stats/excel"];
    for path in [SEGMENTS, STATS].into_iter().chain(excel) {
        let call = |method| edge.call(method, path, &token, &Value::Null);
        let whole = call(http::Method::GET).await.expect(200);
        let head = call(http::Method::HEAD).await.expect(200);
        assert!(head.bytes.is_empty());
        assert_eq!(head.header("content-length"), whole.bytes.len().to_string());
        call(http::Method::POST).await.expect(405);
    }
}
