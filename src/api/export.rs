//! The handlers that give out files.
//!
//! A file goes out in one piece with its length: Spin holds back the end of a body that it does not know the length of.

use super::Incoming;
use super::body::no_extras;
use super::problem::Problem;
use super::reply::Reply;
use crate::csv::{Writer, written};
use crate::netbox::Trail;
use crate::segment::{Counts, Filter, SegmentView};
use crate::service::Service;

/// The media type, with the parameters of RFC 4180, section 3.
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// The columns of the segments: the fields of the API in their order. New ones come at the end.
pub(super) const COLUMNS: [&str; 12] = [
    "id",
    "site",
    "vlan_id",
    "epg_name",
    "segment",
    "vrf",
    "dhcp",
    "description",
    "cluster_name",
    "allocated_at",
    "released",
    "released_at",
];

/// The columns of the statistics. New ones come at the end.
const COUNTS: [&str; 7] = [
    "scope",
    "name",
    "total",
    "allocated",
    "available",
    "released",
    "utilization",
];

/// `GET /api/export/segments/csv`
pub(super) async fn segments(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let filter = filter(call)?;
    let (file, sourced) = service
        .over(trail, &filter, |each| {
            written(&|to| {
                header(to, &COLUMNS);
                each(&mut |segment| row(to, segment));
            })
        })
        .await?;
    Ok(Reply::file(CSV, &named(service, "segments"), file).sourced(&sourced))
}

/// `GET /api/export/stats/csv`
pub(super) async fn stats(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let filter = filter(call)?;
    let (stats, sourced) = service.stats(trail, &filter).await?;
    let all = Counts {
        total: stats.total_segments,
        allocated: stats.allocated,
        available: stats.available,
    };
    let file = written(&|to| {
        header(to, &COUNTS);
        counted(to, "all", "", &all, Some(stats.released));
        for (site, counts) in &stats.by_site {
            counted(to, "site", site.as_str(), counts, None);
        }
        for (vrf, counts) in &stats.by_vrf {
            counted(to, "vrf", vrf.as_str(), counts, None);
        }
    });
    Ok(Reply::file(CSV, &named(service, "stats"), file).sourced(&sourced))
}

/// The filter of a list, but no page: a file has all of it.
fn filter(call: &Incoming) -> Result<Filter, Problem> {
    let known = ["site", "vrf", "allocated", "vlan_id", "cluster_name", "q"];
    no_extras(call, &known)?;
    Filter::parse(call.parameters()).map_err(Problem::parameters)
}

/// A file's name with today's date, UTC.
fn named(service: &Service, what: &str) -> String {
    let now = service.host().now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    format!("{what}-{date}.csv")
}

pub(super) fn header(to: &mut Writer<'_>, columns: &[&str]) {
    columns.iter().for_each(|name| to.cell(name));
    to.end();
}

pub(super) fn row(to: &mut Writer<'_>, segment: &SegmentView<'_>) {
    to.cell_of(&segment.id);
    to.cell(segment.site.as_str());
    to.cell_of(&segment.vlan_id);
    to.cell(segment.epg_name);
    to.cell_of(&segment.cidr);
    to.cell(segment.vrf.as_str());
    to.cell(word(segment.dhcp));
    to.cell(segment.description);
    to.cell_of(&segment.clusters);
    to.cell(segment.allocated_at.unwrap_or_default());
    to.cell(word(segment.released));
    to.cell(segment.released_at.unwrap_or_default());
    to.end();
}

fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

fn counted(to: &mut Writer<'_>, scope: &str, name: &str, counts: &Counts, released: Option<usize>) {
    to.cell(scope);
    to.cell(name);
    for count in [counts.total, counts.allocated, counts.available] {
        to.cell_of(&count);
    }
    match released {
        Some(released) => to.cell_of(&released),
        None => to.cell(""),
    }
    let tenths = tenths(counts.allocated, counts.total);
    to.cell_of(&format_args!("{}.{}", tenths / 10, tenths % 10));
    to.end();
}

/// A share in tenths of a percent, rounded; 0 of nothing is 0. Whole numbers, for the code that prints fractions is large.
fn tenths(part: usize, whole: usize) -> usize {
    (part * 2_000 + whole).checked_div(whole * 2).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_as_the_statistics_do() {
        for (part, whole, shown) in [
            (2, 3, 667),
            (1, 3, 333),
            (3, 3, 1000),
            (1, 16, 63),
            (0, 9, 0),
        ] {
            assert_eq!(tenths(part, whole), shown, "{part} of {whole}");
        }
        assert_eq!(tenths(0, 0), 0);
    }
}
