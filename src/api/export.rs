//! The handlers that give out files.
//!
//! The rows are written once for all formats. A file goes out in one piece with its length: Spin holds back the end of a body
//! that it does not know the length of.

mod form;

use super::Incoming;
use super::body::no_extras;
use super::problem::Problem;
use super::reply::Reply;
use crate::netbox::Trail;
use crate::segment::{Counts, Filter, SegmentView};
use crate::service::Service;
pub(crate) use form::Form;
use form::Table;

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

/// How wide they are in a workbook, in characters.
const WIDTHS: [u8; 12] = [10, 14, 9, 30, 20, 16, 8, 40, 24, 34, 10, 34];

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

/// How wide they are in a workbook, in characters.
const COUNT_WIDTHS: [u8; 7] = [8, 24, 10, 10, 10, 10, 12];

/// `GET /api/export/segments/csv` and `/excel`
pub(super) async fn segments(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    form: Form,
) -> Result<Reply, Problem> {
    let filter = filter(call)?;
    let (file, sourced) = service
        .over(trail, &filter, |each| {
            form.written("Segments", &COLUMNS, &WIDTHS, &|to| {
                each(&mut |segment| row(to, segment));
            })
        })
        .await?;
    Ok(reply(service, form, "segments", file).sourced(&sourced))
}

/// `GET /api/export/stats/csv` and `/excel`
pub(super) async fn stats(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    form: Form,
) -> Result<Reply, Problem> {
    let filter = filter(call)?;
    let (stats, sourced) = service.stats(trail, &filter).await?;
    let all = Counts {
        total: stats.total_segments,
        allocated: stats.allocated,
        available: stats.available,
    };
    let file = form.written("Stats", &COUNTS, &COUNT_WIDTHS, &|to| {
        counted(to, "all", "", &all, Some(stats.released));
        for (site, counts) in &stats.by_site {
            counted(to, "site", site.as_str(), counts, None);
        }
        for (vrf, counts) in &stats.by_vrf {
            counted(to, "vrf", vrf.as_str(), counts, None);
        }
    });
    Ok(reply(service, form, "stats", file).sourced(&sourced))
}

/// The filter of a list, but no page: a file has all of it.
fn filter(call: &Incoming) -> Result<Filter, Problem> {
    no_extras(call, &Filter::PARAMETERS)?;
    Filter::parse(call.parameters()).map_err(Problem::parameters)
}

/// The answer with a file that is named after what it holds and today's date, UTC.
fn reply(service: &Service, form: Form, what: &str, file: Vec<u8>) -> Reply {
    let now = service.host().now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    let name = format!("{what}-{date}.{}", form.ending());
    Reply::file(form.media_type(), &name, file)
}

pub(super) fn row(to: &mut dyn Table, segment: &SegmentView<'_>) {
    to.text_of(&segment.id);
    to.text(segment.site.as_str());
    to.number_of(&segment.vlan_id);
    to.text(segment.epg_name);
    to.text_of(&segment.cidr);
    to.text(segment.vrf.as_str());
    to.truth(segment.dhcp);
    to.text(segment.description);
    to.text_of(&segment.clusters);
    to.text(segment.allocated_at.unwrap_or_default());
    to.truth(segment.released);
    to.text(segment.released_at.unwrap_or_default());
    to.end();
}

fn counted(to: &mut dyn Table, scope: &str, name: &str, counts: &Counts, released: Option<usize>) {
    to.text(scope);
    to.text(name);
    for count in [counts.total, counts.allocated, counts.available] {
        to.number_of(&count);
    }
    match released {
        Some(released) => to.number_of(&released),
        None => to.text(""),
    }
    let tenths = tenths(counts.allocated, counts.total);
    to.number_of(&format_args!("{}.{}", tenths / 10, tenths % 10));
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
