#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::text::{escaped, fitting};
use super::{Sheet, written};

/// The parts of a workbook, unpacked: names and contents. What the directory says is held to what lies before each part.
fn parts(file: &[u8]) -> Vec<(String, String)> {
    let two = |at: usize| usize::from(u16::from_le_bytes(file[at..at + 2].try_into().unwrap()));
    let four = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    let place = |at: usize| usize::try_from(four(at)).unwrap();
    let end = file.len() - 22;
    assert_eq!(&file[end..end + 4], b"PK\x05\x06");
    assert_eq!(place(end + 16) + place(end + 12), end);
    let mut at = place(end + 16);
    let mut found = Vec::new();
    for _ in 0..two(end + 10) {
        assert_eq!(&file[at..at + 4], b"PK\x01\x02");
        let (name, header) = (two(at + 28), place(at + 42));
        assert_eq!(&file[header..header + 4], b"PK\x03\x04");
        assert_eq!(file[header + 4..header + 30], file[at + 6..at + 32]);
        assert_eq!(
            file[header + 30..header + 30 + name],
            file[at + 46..at + 46 + name]
        );
        let begun = header + 30 + name;
        let packed = &file[begun..begun + place(at + 20)];
        let whole = match two(at + 10) {
            0 => packed.to_vec(),
            8 => miniz_oxide::inflate::decompress_to_vec(packed).unwrap(),
            other => panic!("method {other}"),
        };
        assert_eq!(crc32fast::hash(&whole), four(at + 16));
        assert_eq!(whole.len(), place(at + 24));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        found.push((text(&file[at + 46..at + 46 + name]), text(&whole)));
        at += 46 + name;
    }
    assert_eq!(at, end);
    found
}

fn part(file: &[u8], name: &str) -> String {
    let found = parts(file).into_iter().find(|(found, _)| found == name);
    found.expect("the part is there").1
}

fn sheet(rows: &dyn Fn(&mut Sheet)) -> String {
    let file = written("Things", &["name", "count"], &[20, 8], rows);
    part(&file, "xl/worksheets/sheet1.xml")
}

/// What stands in a sheet between its rows' beginning and end.
fn rows(rows: &dyn Fn(&mut Sheet)) -> String {
    let sheet = sheet(rows);
    let (_, rest) = sheet.split_once("<sheetData>").unwrap();
    rest.split_once("</sheetData>").unwrap().0.to_owned()
}

fn shown(text: &str) -> String {
    let mut shown = String::new();
    escaped(text, &mut shown);
    shown
}

/// What a program reads: XML's entities, then the codes from left to right (ECMA-376 part 1, 22.9.2.19).
fn read(xml: &str) -> String {
    let text = xml
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let (mut rest, mut read) = (text.as_str(), String::new());
    while let Some(character) = rest.chars().next() {
        let digits = rest.strip_prefix("_x").and_then(|rest| rest.get(..4));
        let code = digits
            .filter(|_| rest.get(6..7) == Some("_"))
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).unwrap()));
        read.push(code.unwrap_or(character));
        rest = &rest[code.map_or(character.len_utf8(), |_| 7)..];
    }
    read
}

#[test]
fn a_workbook_has_all_parts_that_it_speaks_of() {
    let file = written("Things", &["name", "count"], &[20, 8], &|to| {
        to.text("a");
        to.number_of(&1);
        to.end();
    });
    let parts = parts(&file);
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    // Programs that look at the beginning of a file to know what it is want this one first.
    assert_eq!(names[0], "[Content_Types].xml");
    let types = &parts[0].1;
    for name in &names[1..] {
        let known =
            name.ends_with(".rels") || types.contains(&format!("<Override PartName=\"/{name}\""));
        assert!(known, "{name}");
    }
    let targets = parts
        .iter()
        .filter(|(name, _)| name.ends_with(".rels"))
        .flat_map(|(name, text)| {
            let folder = name.split("_rels/").next().unwrap();
            let targets = text.split("Target=\"").skip(1);
            targets.map(move |rest| format!("{folder}{}", rest.split('"').next().unwrap()))
        });
    let targets: Vec<String> = targets.collect();
    assert_eq!(
        targets,
        [
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml",
            "xl/styles.xml"
        ]
    );
    assert!(targets.iter().all(|t| names.contains(&t.as_str())));
    let book = part(&file, "xl/workbook.xml");
    assert!(book.contains("<sheet name=\"Things\" sheetId=\"1\" r:id=\"rId1\"/>"));
    assert!(book.contains(">Things!$A$1:$B$2</definedName>"), "{book}");
}

#[test]
fn each_cell_says_what_it_is() {
    let rows = rows(&|to| {
        to.text("a<b>&c");
        to.number_of(&66.7);
        to.truth(true);
        to.truth(false);
        to.end();
        to.text("");
        to.text_of(&"=1+1");
        to.text(" a ");
        to.text("a\tb");
        to.end();
    });
    assert_eq!(
        rows,
        concat!(
            r#"<row r="1"><c r="A1" s="1" t="inlineStr"><is><t>name</t></is></c><c r="B1" s="1" t="inlineStr"><is><t>count</t></is></c></row>"#,
            r#"<row r="2"><c r="A2" t="inlineStr"><is><t>a&lt;b&gt;&amp;c</t></is></c><c r="B2" t="n"><v>66.7</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="b"><v>0</v></c></row>"#,
            r#"<row r="3"><c r="B3" s="2" t="inlineStr"><is><t>=1+1</t></is></c><c r="C3" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>"#,
            "<c r=\"D3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">a\tb</t></is></c></row>"
        )
    );
}

#[test]
fn the_header_stays_and_has_a_filter_over_all_rows() {
    let sheet = sheet(&|to| {
        for count in 0..3 {
            to.text("a");
            to.number_of(&count);
            to.end();
        }
    });
    assert!(sheet.contains(
        "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
    ));
    assert!(sheet.contains("</sheetData><autoFilter ref=\"A1:B4\"/>"));
    assert!(sheet.contains(concat!(
        r#"<cols><col min="1" max="1" width="20" customWidth="1"/>"#,
        r#"<col min="2" max="2" width="8" customWidth="1"/></cols>"#
    )));
    let empty = super::tests::sheet(&|_| ());
    assert!(empty.contains("</row></sheetData><autoFilter ref=\"A1:B1\"/>"));
}

#[test]
fn the_27th_column_is_aa() {
    let file = written("Many", &["a"; 703], &[], &|_| ());
    let sheet = part(&file, "xl/worksheets/sheet1.xml");
    for name in ["A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1"] {
        assert!(sheet.contains(&format!("<c r=\"{name}\"")), "{name}");
    }
    assert!(sheet.contains("<autoFilter ref=\"A1:AAA1\"/>"));
}

#[test]
fn what_xml_cannot_hold_is_written_as_its_code() {
    for (text, xml) in [
        ("a\0b", "a_x0000_b"),
        ("\r\n", "_x000D_\n"),
        ("\u{1f}\u{fffe}\u{ffff}", "_x001F__xFFFE__xFFFF_"),
        ("_x0041_", "_x005F_x0041_"),
        ("_x00e9_", "_x005F_x00e9_"),
        ("_x0041_x0042_", "_x005F_x0041_x005F_x0042_"),
        // Here what ends the code is only there once the next character is written as one.
        ("_x0041\u{1}", "_x005F_x0041_x0001_"),
        ("_x041_", "_x041_"),
        ("_X0041_", "_X0041_"),
        ("_x0041", "_x0041"),
        ("a_b", "a_b"),
        ("\u{7f}\u{85}é😀", "\u{7f}\u{85}é😀"),
    ] {
        assert_eq!(shown(text), xml, "{text:?}");
        assert_eq!(read(xml), text, "{xml:?}");
    }
}

#[test]
fn a_text_that_is_too_long_for_a_cell_is_cut_and_says_so() {
    let whole = "😀".repeat(16_383) + "a";
    assert_eq!(fitting(&whole), (whole.as_str(), ""));
    let long = "é".repeat(32_768);
    let (text, more) = fitting(&long);
    assert_eq!((text.chars().count(), more), (32_766, "…"));
    let long = "😀".repeat(20_000);
    let (text, _) = fitting(&long);
    assert_eq!(text.chars().count(), 16_383);
}

#[test]
fn many_rows_are_packed_in_pieces_and_come_back_whole() {
    let write = |to: &mut Sheet| {
        for count in 0..5_000 {
            to.text_of(&format_args!("EPG_{}", count * 7_919 % 5_003));
            to.number_of(&count);
            to.end();
        }
    };
    let file = written("Things", &["name", "count"], &[20, 8], &write);
    let sheet = part(&file, "xl/worksheets/sheet1.xml");
    assert!(sheet.len() > 4 * file.len(), "{}", file.len());
    assert_eq!(sheet.matches("<row ").count(), 5_001);
    assert!(sheet.contains(
        "<c r=\"A5001\" t=\"inlineStr\"><is><t>EPG_3345</t></is></c><c r=\"B5001\" t=\"n\"><v>4999</v></c></row>"
    ));
    assert!(file == written("Things", &["name", "count"], &[20, 8], &write));
}

proptest! {
    #[test]
    fn every_text_is_read_as_it_was(text in prop_oneof![any::<String>(), "[_xX0041aF&<\0\r\u{ffff}]{0,30}"]) {
        let xml = shown(&text);
        let left = xml.contains(['<', '\0', '\r', '\u{ffff}']);
        prop_assert!(!left, "{}", xml);
        prop_assert_eq!(read(&xml), text);
    }
}
