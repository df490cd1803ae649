//! What `record --scenario` and `replay --scenario` have in common.

use std::path::{Path, PathBuf};

use bench_harness::har::Har;
use bench_harness::har::scenario::Plan;
use ipnet::Ipv4Net;

/// Where the scenario works.
#[derive(Debug, clap::Args)]
pub(crate) struct Scenario {
    /// With --scenario: the built component.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "target/wasm32-wasip2/release/segment_edge.wasm"
    )]
    pub(super) wasm: PathBuf,
    /// With --scenario: the site to work at, by slug; the first one without it.
    #[arg(long, value_name = "SLUG", requires = "scenario")]
    site: Option<String>,
    /// With --scenario: the VRF to work in, by name; the first one without it.
    #[arg(long, value_name = "NAME", requires = "scenario")]
    vrf: Option<String>,
    /// With --scenario: the addresses of its three segments, a quarter each.
    #[arg(long, value_name = "CIDR", default_value_t = Plan::default().range)]
    range: Ipv4Net,
    /// With --scenario: the first of its three VLAN ids.
    #[arg(long, value_name = "ID", default_value_t = Plan::default().first_vlan)]
    first_vlan: u16,
    /// With --scenario: a variable of the component, such as tenant=ours; may be given many times.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = super::serve::pair, requires = "scenario")]
    variables: Vec<(String, String)>,
}

impl Scenario {
    pub(super) fn plan(&self) -> Plan {
        Plan {
            site: self.site.clone(),
            vrf: self.vrf.clone(),
            range: self.range,
            first_vlan: self.first_vlan,
            variables: self.variables.iter().cloned().collect(),
        }
    }
}

/// Where the component's own answers are: `FILE.edge.har` for `FILE.har`.
pub(super) fn answers_of(recording: &Path) -> PathBuf {
    recording.with_extension("edge.har")
}

/// The plan of the run whose answers these are.
pub(super) fn plan_of(answers: &Har) -> Option<Plan> {
    serde_json::from_value(answers.log.scenario.clone()?).ok()
}
