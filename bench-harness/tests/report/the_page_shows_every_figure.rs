//! No row, and no figure of it, is left out.

use bench_harness::report;
use bench_harness::verify::Outcome;
use regex::Regex;

use crate::fixture::fixture;

/// A row of the table of all figures, as texts.
fn lines(page: &str) -> Vec<Vec<String>> {
    let section = page.split("id=\"figures\"").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    let (line, cell) = (
        Regex::new("(?s)<tr>(.*?)</tr>").unwrap(),
        Regex::new("(?s)<td[^>]*>(.*?)</td>").unwrap(),
    );
    let text = |cell: regex::Captures<'_>| cell[1].to_owned();
    let lines = line.captures_iter(section);
    let lines = lines.map(|line| cell.captures_iter(&line[1]).map(text).collect::<Vec<_>>());
    lines.filter(|cells| !cells.is_empty()).collect()
}

#[test]
fn the_table_of_all_figures_has_every_row() {
    let outcome = fixture();
    let lines = lines(&report::html(&outcome));
    assert_eq!(lines.len(), outcome.rows.len());
    for row in &outcome.rows {
        let by = match row.instances {
            1 => row.subject.clone(),
            many => format!("{}, {many} instances", row.subject),
        };
        let added = format!("+{} ms", row.added_ms);
        let figures = &row.figures;
        let whole = [figures.calls, figures.depth, figures.peak_in_flight].map(|n| n.to_string());
        let found = lines.iter().any(|cells| {
            cells[0] == by
                && cells[1] == added
                && match row.failure {
                    Some(_) => {
                        cells[2] == "the original answers 200 &amp; does &quot;nothing&quot;"
                    }
                    None => cells[2..5] == whole && cells[10] == figures.requests.to_string(),
                }
        });
        assert!(found, "{} by {by}, {added}", row.title);
    }
}

#[test]
fn figures_are_written_in_their_units() {
    let lines = lines(&report::html(&fixture()));
    let row = lines
        .iter()
        .find(|cells| cells[0] == "segment-edge" && cells[1] == "+50 ms" && cells[2] == "30");
    let expected = [
        "segment-edge",
        "+50 ms",
        "30",
        "30",
        "1",
        "37.0 kB",
        "1,576 ms",
        "1,500 ms",
        "× 1.05",
        "0 %",
        "10",
        "10.5 M",
        "3.2 MiB",
        "2 met",
    ];
    assert_eq!(row.unwrap(), &expected);
}

#[test]
fn missed_targets_come_first_with_what_was_asked_and_found() {
    let page = report::html(&fixture());
    assert!(page.contains("<strong>3 of 37 targets missed</strong>"));
    let (missed, calls) = (page.find("id=\"missed\""), page.find("id=\"calls\""));
    assert!(missed.unwrap() < calls.unwrap());
    for text in [
        "calls at most 3<",
        "<td class=\"n bad\">4</td>",
        "hit-rate at least 50.0 %",
        "25.0 points",
        "requests-per-second at least 20,000",
        "<td class=\"n bad\">12,345</td>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

fn is_there(page: &str, section: &str) -> bool {
    let tag = format!("<section[^>]* id=\"{section}\"");
    Regex::new(&tag).unwrap().is_match(page)
}

#[test]
fn every_section_is_there_and_none_without_data() {
    let page = report::html(&fixture());
    for section in [
        "missed",
        "calls",
        "latency",
        "timelines",
        "reads",
        "growth",
        "guest",
        "spread",
        "figures",
        "words",
    ] {
        assert!(is_there(&page, section), "{section}");
    }
    for text in [
        "201 to 250, 1",
        "70 (49)",
        "12,345",
        "23,456",
        "0.31 ms",
        "0.87 ms",
        "100,000",
        "69.6 MiB",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let empty = Outcome {
        rows: Vec::new(),
        growth: Vec::new(),
        reads: None,
        findings: Vec::new(),
        ..fixture()
    };
    let page = report::html(&empty);
    assert!(page.contains("No targets were checked."));
    for section in [
        "missed",
        "latency",
        "timelines",
        "reads",
        "growth",
        "guest",
        "spread",
    ] {
        assert!(!is_there(&page, section), "{section}");
        assert!(!page.contains(&format!("href=\"#{section}\"")), "{section}");
    }
}
