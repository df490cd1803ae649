//! How many segments there are, and how many are in use.

use serde::Serialize;

use super::{SegmentView, SiteSlug, VrfName};
use crate::sorted::{self, Map};

/// The segments of one site or VRF, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Those with a cluster.
    pub allocated: usize,
    /// Those without.
    pub available: usize,
}

impl Counts {
    fn add(&mut self, segment: &SegmentView<'_>) {
        self.total += 1;
        if segment.is_allocated() {
            self.allocated += 1;
        } else {
            self.available += 1;
        }
    }
}

/// The segments counted, over all and by site and VRF, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// All segments.
    pub total_segments: usize,
    /// Those with a cluster.
    pub allocated: usize,
    /// Those without, given back or never used.
    pub available: usize,
    /// Those that are marked as given back.
    pub released: usize,
    /// Allocated ones as a percentage of all, to one decimal; 0 when there are none.
    pub utilization: f64,
    /// By site. Spellings that differ in case only are one site, under the first that was met.
    #[serde(serialize_with = "sorted::as_object")]
    pub by_site: Map<SiteSlug, Counts>,
    /// By VRF.
    #[serde(serialize_with = "sorted::as_object")]
    pub by_vrf: Map<VrfName, Counts>,
}

impl Stats {
    /// Counts `segments`.
    pub fn of<'a>(segments: impl IntoIterator<Item = SegmentView<'a>>) -> Self {
        let (mut stats, mut all) = (Self::default(), Counts::default());
        for segment in segments {
            all.add(&segment);
            stats.released += usize::from(segment.released);
            stats
                .by_site
                .entry(segment.site.clone())
                .or_default()
                .add(&segment);
            stats
                .by_vrf
                .entry(segment.vrf.clone())
                .or_default()
                .add(&segment);
        }
        stats.total_segments = all.total;
        stats.allocated = all.allocated;
        stats.available = all.available;
        stats.utilization = percent(all.allocated, all.total);
        stats
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    // Counts are far below 2^53, up to which f64 is exact.
    #[allow(clippy::cast_precision_loss)]
    let share = part as f64 / whole as f64;
    (share * 1_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::segment::testing::{any_segment, segment};
    use crate::segment::{Clusters, Segment};

    #[test]
    fn no_segments_are_zero_of_everything() {
        assert_eq!(
            serde_json::to_string(&Stats::of([])).unwrap(),
            r#"{"total_segments":0,"allocated":0,"available":0,"released":0,"utilization":0.0,"by_site":{},"by_vrf":{}}"#
        );
    }

    #[test]
    fn segments_are_counted_by_site_and_vrf_in_order() {
        let mut segments = [
            segment(1, "site2", "B", 1, "a", "10.0.0.0/24"),
            segment(2, "Site1", "A", 2, "b", "10.0.1.0/24"),
            segment(3, "site1", "B", 3, "c", "10.0.2.0/24"),
        ];
        segments[0].clusters = Clusters::stored("x");
        segments[1].released = true;
        assert_eq!(
            serde_json::to_string(&Stats::of(segments.iter().map(Segment::view))).unwrap(),
            r#"{"total_segments":3,"allocated":1,"available":2,"released":1,"utilization":33.3,"by_site":{"Site1":{"total":2,"allocated":0,"available":2},"site2":{"total":1,"allocated":1,"available":0}},"by_vrf":{"A":{"total":1,"allocated":0,"available":1},"B":{"total":2,"allocated":1,"available":1}}}"#
        );
    }

    #[test]
    fn the_percentage_is_rounded_to_one_decimal() {
        for (part, whole, shown) in [
            (2, 3, 66.7),
            (1, 3, 33.3),
            (3, 3, 100.0),
            (1, 16, 6.3),
            (0, 9, 0.0),
        ] {
            assert!(
                (percent(part, whole) - shown).abs() < 1e-9,
                "{part} of {whole}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_parts_add_up(segments in prop::collection::vec(any_segment(), 0..30)) {
            let stats = Stats::of(segments.iter().map(Segment::view));
            prop_assert_eq!(stats.total_segments, segments.len());
            prop_assert_eq!(stats.allocated + stats.available, stats.total_segments);
            prop_assert_eq!(stats.by_site.values().map(|c| c.total).sum::<usize>(), stats.total_segments);
            prop_assert_eq!(stats.by_vrf.values().map(|c| c.allocated).sum::<usize>(), stats.allocated);
            prop_assert_eq!(stats.by_vrf.values().map(|c| c.available).sum::<usize>(), stats.available);
        }
    }
}
