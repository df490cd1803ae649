//! A waterfall for each scenario: segment-edge beside the tuned original.

use maud::{Markup, html};

use super::text;
use super::view::Group;
use super::waterfall;
use crate::verify::Row;

pub(super) fn section(groups: &[Group<'_>]) -> Markup {
    let pairs: Vec<(&Group<'_>, Vec<&Row>)> = groups
        .iter()
        .map(|group| {
            let rows = ["segment-edge", "tuned"].map(|subject| group.slowest(subject));
            (group, rows.into_iter().flatten().collect())
        })
        .filter(|(_, rows): &(_, Vec<&Row>)| rows.iter().any(|row| !row.timeline.is_empty()))
        .collect();
    html! {
        @if !pairs.is_empty() {
            section #timelines aria-labelledby="timelines-title" {
                h2 #timelines-title { "Timelines of calls" }
                p {
                    "Every call to NetBox, from its first byte to its answer, at the highest latency measured; both pictures of a scenario have one scale. "
                    "What lies below one another at one place was under way at once. "
                    span.key { i.read {} " reads" } " " span.key { i.write {} " writes" } " " span.key { i.failed {} " refused or failed" }
                }
                @for (place, (group, rows)) in pairs.iter().enumerate() {
                    details open[place < 4] {
                        summary {
                            (group.first.title) " "
                            small {
                                (text::setting(group.first))
                                @for row in rows { " · " (row.subject) " " (text::calls(&row.figures)) }
                            }
                        }
                        div.grid {
                            @let length = waterfall::length(rows);
                            @for row in rows { (waterfall::figure(row, length)) }
                        }
                    }
                }
            }
        }
    }
}
