//! The table of the fixture, compared with a file. After a wanted change: `BLESS=1 cargo test -p bench-harness --test report`.

use std::path::Path;

use bench_harness::report;

use crate::fixture::fixture;

#[test]
fn the_table_is_the_one_in_the_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/table.txt");
    let table = report::table(&fixture());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    assert!(table == expected, "it is now\n{table}");
}

#[test]
fn nothing_in_it_can_steer_a_terminal() {
    let mut outcome = fixture();
    outcome.netbox = "\u{1b}[2J".into();
    for row in &mut outcome.rows {
        row.title = "\u{1b}[31mred\u{7}".into();
    }
    let table = report::table(&outcome);
    assert!(
        table
            .chars()
            .all(|letter| letter == '\n' || !letter.is_control())
    );
}
