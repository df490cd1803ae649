//! Where in NetBox the scenario works.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// The EPG names of the scenario begin with this; by it and [`DESCRIPTION`] its objects are known.
pub const NAMES: &str = "SE-RECORDING-";
/// The description of the scenario's segments.
pub const DESCRIPTION: &str = "made by bench-harness record --scenario; may be deleted";
/// How many segments it makes.
pub(super) const SEGMENTS: usize = 3;

/// Where the scenario works. The same plan asks the same questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The site's slug; `None`: the first that the component knows.
    pub site: Option<String>,
    /// The VRF's name; `None`: the first that the component knows.
    pub vrf: Option<String>,
    /// The addresses of its segments: each takes a quarter.
    pub range: Ipv4Net,
    /// The first of its three VLAN ids.
    pub first_vlan: u16,
    /// Settings of the component, beside NetBox's address, the token and the lifetime of its catalogue.
    pub variables: BTreeMap<String, String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            site: None,
            vrf: None,
            // Set aside for tests of network devices (RFC 2544): nobody's.
            range: Ipv4Net::new_assert([198, 18, 0, 0].into(), 24),
            first_vlan: 4001,
            variables: BTreeMap::new(),
        }
    }
}

impl Plan {
    /// The addresses of its segments.
    ///
    /// # Errors
    /// When a quarter of the range is no network that the component takes (/16 to /29), or the VLAN ids end above 4094.
    pub fn segments(&self) -> anyhow::Result<Vec<(u16, Ipv4Net)>> {
        let length = self.range.prefix_len() + 2;
        anyhow::ensure!(
            (16..=29).contains(&length),
            "the range {} is of the wrong size: expected /14 to /27, of which each segment takes a quarter",
            self.range
        );
        let last = self.first_vlan.checked_add(2).filter(|last| *last <= 4094);
        anyhow::ensure!(
            self.first_vlan >= 1 && last.is_some(),
            "{} is no first VLAN id: expected 1 to 4092, as the two after it are used too",
            self.first_vlan
        );
        let networks = self.range.trunc().subnets(length)?;
        Ok((self.first_vlan..).zip(networks).take(SEGMENTS).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_segments_lie_side_by_side_in_the_range() {
        let segments = Plan::default().segments().unwrap();
        let shown: Vec<String> = segments
            .iter()
            .map(|(vid, net)| format!("{vid} {net}"))
            .collect();
        assert_eq!(
            shown,
            [
                "4001 198.18.0.0/26",
                "4002 198.18.0.64/26",
                "4003 198.18.0.128/26"
            ]
        );
    }

    #[test]
    fn a_range_or_vlan_that_does_not_do_is_named() {
        let plan = |range: &str, first_vlan| Plan {
            range: range.parse().unwrap(),
            first_vlan,
            ..Plan::default()
        };
        for (range, vlan, word) in [
            ("10.0.0.0/28", 1, "/28"),
            ("10.0.0.0/8", 1, "/8"),
            ("10.0.0.0/24", 4093, "4093"),
            ("10.0.0.0/24", 0, "0 "),
        ] {
            let error = plan(range, vlan).segments().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
