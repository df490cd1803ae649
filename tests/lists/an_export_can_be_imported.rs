use bench_harness::netbox::{Data, Double};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::support::{Edge, Reply, double};

const EXPORT: &str = "/api/export/segments/csv";
const HEADER: &str = "site,vrf,vlan_id,epg_name,segment,description\n";

async fn import(edge: &Edge, query: &str, key: &str, file: impl Into<Bytes>) -> Reply {
    let mut request = Request::builder()
        .method("POST")
        .uri(format!("http://edge.test/api/segments/bulk{query}"))
        .header("content-type", "text/csv; charset=utf-8; header=present");
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    edge.send(request.body(file.into()).unwrap()).await
}

/// An instance before a NetBox that has places, but no segment.
async fn vacant() -> (Double, Edge) {
    before(Data::NoSegments).await
}

async fn before(data: Data) -> (Double, Edge) {
    let double = double(data).await;
    let edge = Edge::before(&double).await;
    (double, edge)
}

/// All segments without their ids, which each NetBox gives anew.
async fn without_ids(edge: &Edge) -> Vec<Value> {
    let mut listed = edge.get("/api/segments").await.expect(200).json();
    let segments = listed.as_array_mut().unwrap();
    for segment in segments.iter_mut() {
        segment.as_object_mut().unwrap().remove("id");
    }
    segments.sort_by_key(Value::to_string);
    std::mem::take(segments)
}

#[tokio::test]
async fn the_export_of_one_instance_imports_into_another() {
    let (_from, theirs) = before(Data::Recorded100).await;
    // Texts that a spreadsheet would take for formulas, quotes and commas go along.
    let odd = json!([
        {"site": "site1", "vrf": "Network1", "vlan_id": 3000, "epg_name": "-2", "segment": "172.20.0.0/24", "description": "=1;=2, \"'+3\"", "cluster_name": "-a,-b"},
        {"site": "site2", "vrf": "Network2", "vlan_id": 3001, "epg_name": "X-", "segment": "172.20.1.0/24", "description": "'@é\u{1f600}"},
    ]);
    theirs.post("/api/segments/bulk", &odd).await.expect(201);
    let file = theirs.get(EXPORT).await.expect(200).bytes;
    let (_to, ours) = vacant().await;
    let tried = import(&ours, "?dry_run=true", "", file.clone()).await;
    let tried = tried.expect(200).json();
    assert_eq!(tried["segments"].as_array().unwrap().len(), 102);
    assert!(without_ids(&ours).await.is_empty());

    let made = import(&ours, "", "k", file.clone()).await.expect(201);
    assert_eq!(made.json()["succeeded"], 102);
    assert_eq!(without_ids(&ours).await, without_ids(&theirs).await);
    let again = import(&ours, "", "k", file).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.bytes, made.bytes);
}

#[tokio::test]
async fn an_export_of_many_is_imported_in_parts() {
    let (_from, theirs) = before(Data::Generated(1_200)).await;
    let file = theirs.get(EXPORT).await.expect(200).bytes;
    let (_to, ours) = vacant().await;
    let whole = import(&ours, "", "", file.clone()).await.expect(422);
    assert_eq!(whole.rules(), ["list-length"]);
    let text = std::str::from_utf8(&file).unwrap();
    let (header, rows) = text.split_once("\r\n").unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    for part in rows.chunks(500) {
        let part = format!("{header}\n{}\n", part.join("\n"));
        import(&ours, "", "", part).await.expect(201);
    }
    assert_eq!(without_ids(&ours).await, without_ids(&theirs).await);
}

#[tokio::test]
async fn every_mistake_of_a_file_is_told_with_its_line_and_column() {
    let (double, edge) = crate::rows::warm().await;
    let mark = double.ledger().mark();
    let row = "site1,Network1,3000,EPG,172.20.0.0/24,\n";
    let many = format!("{HEADER}{}", row.repeat(501));
    let files: [(&str, u16, &[&str], &[&str]); 10] = [
        ("", 400, &[], &[]),
        ("site\n\"x", 400, &[], &[]),
        (HEADER, 422, &[""], &["The list has 0 items."]),
        (&many, 422, &[""], &["The list has 501 items."]),
        (
            "site,vrf,vlanid,epg_name,segment\n",
            422,
            &["/vlanid", "/vlan_id"],
            &[
                "Line 1: There is no field \"vlanid\".",
                "Line 1: The field is missing.",
            ],
        ),
        (
            "site,vrf,vlan_id,epg_name,segment,site\n",
            422,
            &["/site"],
            &["Line 1: The column site is in the list more than once."],
        ),
        (
            &format!("{HEADER}\n{row}site1,Network1,0,,172.20.1.0/24,\n1,2\n"),
            422,
            &["/1/vlan_id", "/1/epg_name", "/2"],
            &[
                "Line 4: 0 is not a VLAN id.",
                "Line 4: The field is missing.",
                "Line 5: The row has 2 cells.",
            ],
        ),
        (
            &format!("{HEADER}\"site1\",Network9,3000,EPG,172.20.0.0/24,\"two\nlines\"\n"),
            422,
            &["/0/description"],
            &["Line 2: The description \"two\\u{a}lines\" has U+000A."],
        ),
        (
            &format!("{HEADER}{row}sitex,Network1,3001,E2,172.20.1.0/24,\n"),
            422,
            &["/1/site"],
            &["Line 3: There is no site \"sitex\"."],
        ),
        (
            &format!("{HEADER}{row}site1,Network1,3001,E2,10.0.0.0/24,\n"),
            409,
            &["/1/segment"],
            &["Line 3: 10.0.0.0/24 overlaps 10.0.0.0/24 of segment 1 in VRF \"Network1\"."],
        ),
    ];
    for (file, status, pointers, details) in files {
        for query in ["", "?dry_run=true"] {
            let reply = import(&edge, query, "", file.to_owned()).await;
            let reply = reply.expect(status);
            assert_eq!(reply.pointers(), pointers, "{file:.200}");
            let problem = reply.json();
            let errors = problem["errors"].as_array().cloned().unwrap_or_default();
            let told: Vec<&str> = errors
                .iter()
                .map(|e| e["detail"].as_str().unwrap())
                .collect();
            assert_eq!(told, details, "{file:.200}");
        }
    }
    assert_eq!(double.ledger().since(mark).writes(), 0);
}

#[tokio::test]
async fn row_by_row_each_failure_names_its_line() {
    let (_double, edge) = crate::rows::warm().await;
    let file = format!(
        "{HEADER}site1,Network1,3000,EPG,172.20.0.0/24,=1\nsite1,Network1,3001,E2,10.0.0.0/24,\nsite1,Network1,x,E3,172.20.1.0/24,\n"
    );
    let reply = import(&edge, "?atomic=false", "", file).await.expect(207);
    let results = reply.json()["results"].clone();
    // What a person typed is taken as it is.
    assert_eq!(results[0]["segment"]["description"], "=1");
    for (index, start) in [(1, "line 3: "), (2, "line 4: ")] {
        let detail = results[index]["problem"]["detail"].as_str().unwrap();
        assert!(detail.starts_with(start), "{detail}");
    }
}

#[tokio::test]
async fn only_a_list_of_new_segments_can_be_csv() {
    let (_double, edge) = crate::rows::warm().await;
    let csv = [("content-type", "text/csv")];
    for path in ["/api/segments", "/api/allocate-vlan"] {
        let reply = edge
            .call(http::Method::POST, path, &csv, &Value::Null)
            .await;
        reply.expect(415);
    }
    let path = "/api/segments/bulk";
    let reply = edge
        .call(http::Method::PATCH, path, &csv, &Value::Null)
        .await;
    reply.expect(415);
}
