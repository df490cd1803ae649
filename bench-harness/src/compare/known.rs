//! The differences between the two programs that are known, and why they are there.

use serde::{Deserialize, Serialize};

use super::findings::Difference;

/// A difference that is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// `_id` and `id`.
    IdName,
    /// By VLAN id, and by id.
    Order,
    /// What `released` means.
    Released,
    /// The time of the answer.
    AllocatedAt,
    /// Never told before.
    ReleasedAt,
    /// Spaces within a list of clusters.
    ClusterSpelling,
    /// A prefix without a VLAN.
    NoVlan,
    /// A filter that the Python service does not have.
    NoFilter,
    /// What a number, a network or a pattern finds.
    Search,
    /// Which sites there are.
    Sites,
    /// The form of the statistics.
    StatsForm,
    /// What counts as allocated in the statistics.
    StatsCount,
    /// The body of the health check.
    Health,
    /// The body of a refusal.
    Problem,
    /// A time or version that changes by itself.
    Volatile,
}

impl Known {
    /// Why the two differ, in a sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::IdName => {
                "the id is `_id` in the Python service and `id` in segment-edge; its value is the same"
            }
            Self::Order => {
                "the Python service orders lists by VLAN id, segment-edge by id; rows are compared by id"
            }
            Self::Released => {
                "the Python service says whether the prefix is `active`; segment-edge, whether it was allocated and given back"
            }
            Self::AllocatedAt => {
                "the Python service gives the time of its answer; segment-edge what NetBox has, or null"
            }
            Self::ReleasedAt => {
                "the Python service never has a time; segment-edge what NetBox has, or null"
            }
            Self::ClusterSpelling => {
                "segment-edge leaves out spaces, empty names and repeats among cluster names"
            }
            Self::NoVlan => {
                "segment-edge does not list a prefix without a VLAN; its deep health check names such prefixes"
            }
            Self::NoFilter => {
                "the Python service ignores this filter and gives its whole list; what should be found was chosen from that"
            }
            Self::Search => {
                "segment-edge takes an address or network for what it contains, looks for digits within numbers, and takes no text for a pattern"
            }
            Self::Sites => {
                "the Python service knows the sites of its setting SITES, segment-edge all site groups of NetBox"
            }
            Self::StatsForm => {
                "the Python service has a list by site with a utilisation each; segment-edge one object with totals, by_site and by_vrf"
            }
            Self::StatsCount => {
                "the Python service does not count a segment with a cluster whose prefix is `active` as allocated, and counts prefixes without a VLAN; each agrees with its own list"
            }
            Self::Health => {
                "the bodies have nothing in common; both say that all is well, or the status would differ"
            }
            Self::Problem => {
                "the Python service refuses with `detail` alone, segment-edge with application/problem+json"
            }
            Self::Volatile => "it is another one in each answer, or in each version of a program",
        }
    }
}

/// A known difference, and how often it was met.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownDifference {
    /// Which.
    pub known: Known,
    /// Why.
    pub reason: String,
    /// In how many places of answers.
    pub count: usize,
    /// The first of them.
    pub example: Difference,
}
