//! The page loads nothing, runs nothing, and shows text as text.

use bench_harness::report;
use regex::Regex;

use crate::fixture::fixture;

#[test]
fn nothing_is_loaded_and_no_script_runs() {
    let page = report::html(&fixture());
    let policy = "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"";
    assert!(page.contains(policy));
    for loading in [
        "http://", "https://", "url(", "@import", "<script", "<link", "<iframe", "<object",
        "<embed", "<base", "srcset",
    ] {
        assert!(!page.contains(loading), "{loading}");
    }
    let elsewhere = Regex::new(r#"<[^>]*\s(src|href|xlink:href|action|data)="[^#]"#).unwrap();
    assert!(
        elsewhere.find(&page).is_none(),
        "{:?}",
        elsewhere.find(&page)
    );
    let handler = Regex::new(r"<[^>]*\son[a-z]+=").unwrap();
    assert!(handler.find(&page).is_none(), "{:?}", handler.find(&page));
}

#[test]
fn every_text_of_an_outcome_is_text_on_the_page() {
    let evil = "</style></svg>\"'><img src=http://evil.example/ onerror=alert(1)>&";
    let mut outcome = fixture();
    outcome.at = evil.into();
    outcome.netbox = evil.into();
    outcome.component.sha256 = evil.into();
    for row in &mut outcome.rows {
        row.title = evil.into();
        row.scenario = evil.into();
        row.failure = row.failure.as_ref().map(|_| evil.into());
        if let Some(original) = &mut row.original {
            original.claimed = Some(evil.into());
            original.measured = Some(evil.into());
        }
        for check in &mut row.checks {
            check.what = evil.into();
            check.met = false;
        }
        for span in &mut row.timeline {
            span.method = evil.into();
            span.route = evil.into();
        }
    }
    let other = outcome
        .rows
        .iter_mut()
        .find(|row| row.subject == "pynetbox");
    other.unwrap().subject = evil.into();
    let page = report::html(&outcome);
    assert!(!page.contains("<img"));
    assert_eq!(
        page.matches("</style>").count(),
        1,
        "only that of the page itself"
    );
    assert!(page.contains("&lt;/style&gt;&lt;/svg&gt;&quot;"));
}

#[test]
fn every_picture_says_what_it_shows_and_every_table_what_it_holds() {
    let page = report::html(&fixture());
    let pictures = page.matches("<svg").count();
    assert!(pictures > 20, "{pictures}");
    let told = Regex::new(r#"<svg[^>]* role="img" aria-label="[^"]+""#).unwrap();
    assert_eq!(told.find_iter(&page).count(), pictures);
    let articles = page.matches("<article>").count();
    let captions = page.matches("<caption>").count();
    // The tables of missed targets stand under a heading of their own, and are labelled.
    assert_eq!(page.matches("<table").count(), captions + articles);
}
