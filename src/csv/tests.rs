use proptest::prelude::*;

use super::{Row, Rows, Writer, harmless, original, quotes_pair, written};

/// Texts of what matters here: beginnings of formulas, separators, quotes, ends of lines, apostrophes.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof!["[=+@',;|\t\r\n\"aé＝-]{0,12}", ".{0,20}", any::<String>()]
}

fn table(rows: &[Vec<String>]) -> String {
    let write = |to: &mut Writer<'_>| {
        for row in rows {
            row.iter().for_each(|cell| to.cell(cell));
            to.end();
        }
    };
    String::from_utf8(written(&write)).expect("text in, text out")
}

fn cells(text: &str) -> Vec<Vec<String>> {
    Rows::of(text).map(|row| row.cells).collect()
}

#[test]
fn a_formula_becomes_a_text_and_a_text_stays_as_it_is() {
    for (text, cell) in [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r1", "'\r1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("a;=1", "a;'=1"),
        ("a\",=1", "a\",'=1"),
        ("a'=1", "a''=1"),
        ("EPG-1", "EPG-1"),
        ("a = b", "a = b"),
        ("it's", "it's"),
        ("'", "'"),
        ("", ""),
    ] {
        assert_eq!(harmless(text), cell, "{text:?}");
        assert_eq!(original(cell), text, "{cell:?}");
    }
}

#[test]
fn what_a_person_wrote_is_read_as_it_is() {
    for cell in ["=1", "-1", "it's", "'tis", "'", "''", "a'=1", "x;-1"] {
        assert_eq!(original(cell), cell);
    }
}

#[test]
fn rows_end_with_crlf_and_are_in_quotes_where_it_is_needed() {
    let rows = [
        vec!["a".to_owned(), "b, c".to_owned(), String::new()],
        vec![
            "say \"x\"".to_owned(),
            "two\nlines".to_owned(),
            "é".to_owned(),
        ],
    ];
    assert_eq!(
        table(&rows),
        "a,\"b, c\",\r\n\"say \"\"x\"\"\",\"two\nlines\",é\r\n"
    );
}

#[test]
fn a_row_knows_its_line_whatever_came_before() {
    let text = "\u{feff}a,b\r\n\r\n\"1\n2\",3\n\n\n4,5";
    let row = |line, cells: [&str; 2]| Row {
        line,
        cells: cells.map(str::to_owned).to_vec(),
    };
    let rows: Vec<Row> = Rows::of(text).collect();
    assert_eq!(
        rows,
        [
            row(1, ["a", "b"]),
            row(3, ["1\n2", "3"]),
            row(7, ["4", "5"])
        ]
    );
    assert_eq!(Rows::of("").count(), 0);
    assert_eq!(Rows::of("\r\n\n").count(), 0);
}

#[test]
fn a_quote_that_is_not_closed_is_noticed() {
    assert!(quotes_pair("a,\"b \"\"c\"\"\"\n"));
    assert!(!quotes_pair("a,\"b\n1,2\n"));
}

proptest! {
    #[test]
    fn no_cell_is_a_formula(text in nasty()) {
        let cell = harmless(&text);
        // Whatever separator or quote a program goes by, no piece begins a formula.
        for piece in cell.split([',', ';', '|', '\t', '\r', '\n', '"']).skip(1).chain([&*cell]) {
            let wrong = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
            prop_assert!(!piece.starts_with(wrong), "{:?}", cell);
        }
        prop_assert!(!cell.starts_with(['\t', '\r', '\n']));
    }

    #[test]
    fn any_text_comes_back(text in nasty()) {
        let cell = harmless(&text);
        prop_assert_eq!(original(&cell), &*text);
    }

    #[test]
    fn any_table_comes_back(rows in prop::collection::vec(prop::collection::vec(nasty(), 2..5), 0..6)) {
        // A header comes first, as in all that is exported: at the very beginning a byte order mark is none of the text.
        let whole = [&[vec!["header".to_owned()]], rows.as_slice()].concat();
        let read = cells(&table(&whole));
        let read: Vec<Vec<String>> = read
            .iter()
            .skip(1)
            .map(|row| row.iter().map(|cell| original(cell).into_owned()).collect())
            .collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn any_text_is_read_to_its_end(text in nasty()) {
        let rows: Vec<Row> = Rows::of(&text).collect();
        prop_assert!(rows.iter().all(|row| !row.cells.is_empty()));
        prop_assert!(rows.is_sorted_by_key(|row| row.line));
    }
}
