//! The Excel files, read by `calamine`, which shares no code with what writes them.

use std::io::{Cursor, Read as _};
use std::path::Path;

use bench_harness::host::{Component, Host, Metering};
use bench_harness::netbox::{Cell, Data, Kind};
use bytes::Bytes;
use calamine::{Data as Read, DataType as _, Reader as _, Xlsx};
use serde_json::{Value, json};

use crate::support::{Edge, Reply, double, new_segment, recorded, settings};

const SEGMENTS: &str = "/api/export/segments/excel";
const STATS: &str = "/api/export/stats/excel";

/// The rows of the one sheet, the header among them.
fn rows(bytes: &Bytes, title: &str) -> Vec<Vec<Read>> {
    let mut book = Xlsx::new(Cursor::new(bytes.clone())).expect("a workbook");
    assert_eq!(book.sheet_names(), [title]);
    let sheet = book.worksheet_range(title).unwrap();
    sheet.rows().map(<[Read]>::to_vec).collect()
}

/// The header, and the rows below it as JSON with the types that the cells have.
fn table(reply: &Reply, title: &str) -> (Vec<String>, Vec<Value>) {
    let mut rows = rows(&reply.bytes, title).into_iter();
    let header = rows.next().expect("the header is there always");
    let names: Vec<String> = header.iter().map(ToString::to_string).collect();
    let rows = rows.map(|row| {
        let cells = names.iter().zip(row).map(|(name, cell)| {
            let value = match cell {
                Read::Empty => Value::Null,
                Read::String(text) => json!(text),
                Read::Bool(truth) => json!(truth),
                Read::Int(number) => json!(number),
                Read::Float(number) if number.fract() == 0.0 => json!(number as i64),
                Read::Float(number) => json!(number),
                other => panic!("{name}: {other:?}"),
            };
            (name.clone(), value)
        });
        Value::Object(cells.collect())
    });
    let rows = rows.collect();
    (names, rows)
}

/// The list as a sheet shows it: an empty text is an empty cell.
fn as_cells(mut listed: Value) -> Vec<Value> {
    let segments = listed.as_array_mut().unwrap();
    for value in segments.iter_mut().filter_map(Value::as_object_mut) {
        for field in value.values_mut().filter(|field| **field == "") {
            *field = Value::Null;
        }
    }
    std::mem::take(segments)
}

/// A part of a workbook as it lies in it.
fn part(bytes: &Bytes, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
    let mut text = String::new();
    let mut part = archive.by_name(name).expect("the part is there");
    part.read_to_string(&mut text).unwrap();
    text
}

/// Compares a part with `tests/golden/{name}`. `UPDATE_GOLDEN=1` writes it anew.
#[track_caller]
fn assert_part(name: &str, part: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, part).unwrap();
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file is there");
    assert!(golden == part, "the sheet differs from tests/golden/{name}");
}

#[tokio::test]
async fn every_cell_is_the_field_of_the_list_with_its_type() {
    let (_double, edge) = recorded().await;
    let listed = edge.get("/api/segments").await.expect(200).json();
    let reply = edge.get(SEGMENTS).await.expect(200);
    assert_eq!(reply.netbox_calls(), 0);
    assert_eq!(
        reply.header("content-type"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    let name = reply.header("content-disposition");
    let shape = name.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(shape, "attachment; filename=\"segments-0000-00-00.xlsx\"");
    assert_eq!(
        reply.header("content-length"),
        reply.bytes.len().to_string()
    );
    assert!(reply.header("cache-status").contains("; hit; "));
    assert!(!reply.header("age").is_empty());

    let (names, rows) = table(&reply, "Segments");
    let csv = edge.get("/api/export/segments/csv").await.expect(200);
    let csv = std::str::from_utf8(&csv.bytes).unwrap();
    assert_eq!(csv.lines().next(), Some(names.join(",").as_str()));
    assert_eq!(rows.len(), 100);
    assert_eq!(rows, as_cells(listed));

    let sheet = part(&reply.bytes, "xl/worksheets/sheet1.xml");
    assert_part("segments-sheet.xml", &sheet);
    let again = edge.get(SEGMENTS).await.expect(200);
    assert!(again.bytes == reply.bytes, "the same rows, another file");
}

#[tokio::test]
async fn a_filter_gives_the_same_rows_as_in_the_other_files() {
    let (_double, edge) = recorded().await;
    for query in ["site=SITE2", "vrf=Network1&allocated=true", "q=10.0.42.7"] {
        let listed = edge.get(&format!("/api/segments?{query}")).await;
        let reply = edge.get(&format!("{SEGMENTS}?{query}")).await.expect(200);
        let (_, rows) = table(&reply, "Segments");
        assert!(!rows.is_empty() && rows.len() < 100, "{query}");
        assert_eq!(rows, as_cells(listed.expect(200).json()), "{query}");
        let csv = format!("/api/export/segments/csv?{query}");
        let csv = edge.get(&csv).await.expect(200);
        let csv = std::str::from_utf8(&csv.bytes).unwrap();
        let ids = csv.lines().skip(1).map(|row| row.split(',').next());
        let shown = rows.iter().map(|row| row["id"].as_str());
        assert!(ids.eq(shown), "{query}");
        let (_, counted) = table(
            &edge.get(&format!("{STATS}?{query}")).await.expect(200),
            "Stats",
        );
        assert_eq!(counted[0]["total"], rows.len(), "{query}");
    }
    let none = edge.get(&format!("{SEGMENTS}?q=nowhere")).await.expect(200);
    let (names, rows) = table(&none, "Segments");
    assert_eq!((names.len(), rows.len()), (12, 0));
    for wrong in ["limit=5", "cursor=313a32", "sites=a", "vlan_id=5000"] {
        edge.get(&format!("{SEGMENTS}?{wrong}")).await.expect(400);
        edge.get(&format!("{STATS}?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn the_statistics_are_those_of_the_text_as_numbers() {
    let (_double, edge) = recorded().await;
    let reply = edge.get(STATS).await.expect(200);
    assert!(reply.header("content-disposition").contains("\"stats-2"));
    let csv = edge.get("/api/export/stats/csv").await.expect(200);
    let csv = std::str::from_utf8(&csv.bytes).unwrap();
    let rows = rows(&reply.bytes, "Stats");
    assert_eq!(rows.len(), 1 + 1 + 3 + 3);
    for (number, (row, line)) in rows.iter().zip(csv.lines()).enumerate() {
        let texts = if number == 0 { row.len() } else { 2 };
        for (place, (cell, text)) in row.iter().zip(line.split(',')).enumerate() {
            match cell {
                Read::Empty => assert_eq!(text, ""),
                Read::String(shown) => assert!(shown == text && place < texts, "{line}"),
                cell => assert!(
                    cell.as_f64() == text.parse().ok() && place >= texts,
                    "{line}"
                ),
            }
        }
        assert_eq!(line.split(',').count(), row.len());
    }
    assert!(
        rows[2][6].is_float() || rows[2][6].is_int(),
        "{:?}",
        rows[2]
    );
}

#[tokio::test]
async fn a_text_that_looks_like_something_else_stays_a_text() {
    let (_double, edge) = recorded().await;
    for (number, text) in [
        "=1+1",
        "=HYPERLINK(\"http://a.test\")",
        "+49",
        "-1",
        "@A1",
        "007",
        "1E5",
        "TRUE",
        "2026-11-23",
        "'=1",
    ]
    .into_iter()
    .enumerate()
    {
        let mut segment = new_segment();
        segment["vlan_id"] = json!(3_000 + number);
        segment["segment"] = json!(format!("172.20.{number}.0/24"));
        segment["epg_name"] = json!(format!("EPG_{number}"));
        segment["description"] = text.into();
        edge.post("/api/segments", &segment).await.expect(201);
        let query = format!("{SEGMENTS}?vlan_id={}", 3_000 + number);
        let reply = edge.get(&query).await.expect(200);
        let cells = rows(&reply.bytes, "Segments");
        assert_eq!(cells[1][7], Read::String(text.to_owned()));
        let mut book = Xlsx::new(Cursor::new(reply.bytes.clone())).unwrap();
        let formulas = book.worksheet_formula("Segments").unwrap();
        assert_eq!(formulas.used_cells().count(), 0, "{text}");
    }
}

#[tokio::test]
async fn every_text_comes_back_as_it_was() {
    let double = double(Data::Recorded100).await;
    let long = "ö\"<&>,;".repeat(80);
    let odd = [
        "a < b && c > d ]]> <!-- \" '",
        "_x0041_",
        "_x0041_x0042_x",
        "_x0041\u{1}",
        "\u{1}\u{8}\u{b}\u{1f}\u{7f}\u{9f}",
        "two\nlines\r\nand a\ttab",
        "  spaces at both ends  ",
        "\u{a0}\u{2003}wide ones\u{3000}",
        "😀 👩‍👩‍👧 é e\u{301} \u{202e}turned\u{202c} \u{feff}",
        // Not U+FFFE and U+FFFF: calamine reads codes up to U+00FF.
        "\u{fffd}\u{10ffff}",
        "\u{1}x0041_",
        long.as_str(),
    ];
    double.edit(|db| {
        for (id, text) in (1..).zip(odd) {
            let cell = Cell::Text(text.to_owned());
            assert!(db.change(Kind::Prefix, id, |row| row.set("comments", cell)));
        }
    });
    let edge = Edge::before(&double).await;
    let listed = edge.get("/api/segments").await.expect(200).json();
    let reply = edge.get(SEGMENTS).await.expect(200);
    let (_, rows) = table(&reply, "Segments");
    for (row, text) in rows.iter().zip(odd) {
        assert_eq!(row["description"], text);
    }
    assert_eq!(rows, as_cells(listed));
}

#[tokio::test]
async fn a_row_takes_little_work_as_a_text_and_little_room_in_a_workbook() {
    const ROWS: u64 = 2_000;
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/wasm32-wasip2/release/segment_edge.wasm");
    let component = Component::load_cached(&path, Metering::Fuel).unwrap();
    let double = double(Data::Generated(2_000)).await;
    let settings = settings(&double.url(), double.token());
    let host = Host::start(&component, settings).await.unwrap();
    let edge = Edge { host };
    // What a request took is counted when the next one has come.
    let mut taken = Vec::new();
    for path in [SEGMENTS, "/api/export/segments/csv"] {
        edge.get("/api/segments/1").await.expect(200);
        edge.get("/api/segments/1").await.expect(200);
        let before = edge.host.fuel_used();
        let bytes = edge.get(path).await.expect(200).bytes.len();
        edge.get("/api/segments/1").await.expect(200);
        let fuel = (edge.host.fuel_used() - before) / ROWS;
        println!("{path}: {fuel} units of fuel and {bytes} bytes for {ROWS} rows");
        taken.push((fuel, bytes));
    }
    let [workbook, csv] = taken[..] else { panic!() };
    assert!(workbook.0 < 68_000 && csv.0 < 30_000, "{taken:?}");
    assert!(workbook.1 < csv.1, "{taken:?}");
}
