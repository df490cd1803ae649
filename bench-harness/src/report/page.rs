//! The page as a whole.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{calls, costs, figures, growth, latency, missed, spread, summary, timelines, view};
use crate::verify::Outcome;

/// Nothing is loaded, from anywhere, and no script runs, even if something slipped through the escaping.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(super) fn page(outcome: &Outcome) -> Markup {
    let groups = view::groups(outcome);
    let sections = [
        ("missed", "Missed", missed::section(outcome)),
        ("calls", "Calls", calls::section(&groups)),
        ("latency", "Time", latency::section(&groups)),
        ("timelines", "Timelines", timelines::section(&groups)),
        ("reads", "Warm reads", costs::reads(outcome.reads.as_ref())),
        ("growth", "Size", growth::section(outcome)),
        ("guest", "Fuel and memory", costs::guest(&groups)),
        ("spread", "Spread", spread::section(&groups)),
        ("figures", "All figures", figures::section(&groups)),
        ("words", "Words", words()),
    ];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "segment-edge, measured" }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                main {
                    (summary::header(outcome, &groups))
                    (contents(&sections))
                    @for (_, _, section) in &sections { (section) }
                }
            }
        }
    }
}

/// Links to those sections that are there.
fn contents(sections: &[(&str, &str, Markup)]) -> Markup {
    let there = sections
        .iter()
        .filter(|(_, _, section)| !section.0.is_empty());
    html! {
        nav aria-label="Sections" {
            ul { @for (id, name, _) in there { li { a href={ "#" (id) } { (name) } } } }
        }
    }
}

fn words() -> Markup {
    let words = [
        (
            "call",
            "A request to NetBox. What is counted is what NetBox’s side of the wire received.",
        ),
        (
            "depth",
            "The longest chain of calls each of which began after the one before had ended: the round trips somebody waited for.",
        ),
        (
            "floor",
            "Depth × the latency added to each call. Nobody who needs these calls can be faster.",
        ),
        (
            "warm, cold",
            "Whether the subject knew the segments at the beginning, or had just started.",
        ),
        (
            "hits",
            "The share of the requests that were answered without any call to NetBox.",
        ),
        (
            "naive",
            "The service that segment-edge replaces, as it was first: look-ups before each write, one call after another.",
        ),
        (
            "tuned",
            "The same service as it was last: a cache that each write empties, and look-ups at once.",
        ),
        (
            "pynetbox",
            "A script as a user would write it with the Python package pynetbox.",
        ),
    ];
    html! {
        section #words aria-labelledby="words-title" {
            h2 #words-title { "Words" }
            dl.words { @for (word, meaning) in words { div { dt { (word) } dd { (meaning) } } } }
        }
    }
}
