//! Whether two who did the same work left the same, and whether a real NetBox got the same calls as the double.

use super::ground::State;
use super::measure::Measured;
use super::outcome::{Check, Finding, Row};
use super::scenario::Scenario;
use super::subject::Seen;

/// How many differences are told.
const TOLD: usize = 3;

/// What differs between the component's result and another's, a sentence each. Ids do not count; who got which segment does not where
/// that is up to the subject.
pub(super) fn differences(
    scenario: &Scenario,
    component: &Measured,
    other: &Measured,
) -> Vec<String> {
    let mut found = Vec::new();
    let (one, two) = (
        leveled(scenario, &component.state),
        leveled(scenario, &other.state),
    );
    found.extend(of_lists("in NetBox", &one.0, &two.0));
    if one.1 != two.1 {
        found.push(format!(
            "clusters with a segment: {:?} by the component, {:?} here",
            one.1, two.1
        ));
    }
    if component.state.idle_vlans != other.state.idle_vlans {
        found.push(format!(
            "VLANs without a segment: {:?} by the component, {:?} here",
            component.state.idle_vlans, other.state.idle_vlans
        ));
    }
    let sorted = |seen: &[Seen]| {
        let mut seen: Vec<Seen> = seen
            .iter()
            .map(|seen| Seen {
                id: 0,
                ..seen.clone()
            })
            .collect();
        seen.sort();
        seen
    };
    found.extend(of_lists(
        "in the answer",
        &sorted(&component.seen),
        &sorted(&other.seen),
    ));
    found
}

/// The segments, and the clusters, with the two taken apart where who gets what is up to the subject.
fn leveled(scenario: &Scenario, state: &State) -> (Vec<Seen>, Vec<String>) {
    if !scenario.gives_by_chance() {
        return (state.segments.clone(), Vec::new());
    }
    let mut segments = state.segments.clone();
    let mut clusters = Vec::new();
    for segment in &mut segments {
        let names = std::mem::take(&mut segment.clusters);
        clusters.extend(
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty()),
        );
    }
    segments.sort();
    clusters.sort();
    (segments, clusters)
}

fn of_lists(place: &str, component: &[Seen], other: &[Seen]) -> Vec<String> {
    let told = |seen: &Seen| {
        let clusters = if seen.clusters.is_empty() {
            "free"
        } else {
            &seen.clusters
        };
        format!(
            "{} {} VLAN {} {} ({clusters})",
            seen.vrf, seen.segment, seen.vlan_id, seen.epg_name
        )
    };
    let missing = component.iter().filter(|seen| !other.contains(seen));
    let missing = missing.map(|seen| format!("{place}, missing here: {}", told(seen)));
    let extra = other.iter().filter(|seen| !component.contains(seen));
    let extra = extra.map(|seen| format!("{place}, only here: {}", told(seen)));
    missing.chain(extra).collect()
}

/// The finding about a rival's result.
pub(super) fn same_result(
    scenario: &Scenario,
    component: &Measured,
    other: &Measured,
    known: Option<&String>,
) -> Option<Finding> {
    if component.row.failure.is_some() || other.row.failure.is_some() {
        return None;
    }
    let found = differences(scenario, component, other);
    let mut check = Check::at_most("same-result", 0.0, found.len() as f64);
    let mut text = found
        .iter()
        .take(TOLD)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if found.len() > TOLD {
        text.push_str(&format!("; and {} more", found.len() - TOLD));
    }
    if let (false, Some(reason)) = (check.met, known) {
        check.met = true;
        text = format!("known: {reason} ({text})");
    }
    Some(Finding {
        about: format!("{} by {}", scenario.key(), other.row.subject),
        check,
        text,
    })
}

/// The findings about a row at a real NetBox beside the same at the double.
pub(super) fn same_calls(key: &str, double: &Row, real: &Row) -> Vec<Finding> {
    let pairs = [
        ("same-calls", double.figures.calls, real.figures.calls),
        ("same-depth", double.figures.depth, real.figures.depth),
    ];
    let finding = |(what, at_double, at_real): (&str, usize, usize)| {
        let met = at_double == at_real && double.failure.is_none() && real.failure.is_none();
        Finding {
            about: key.to_owned(),
            check: Check {
                what: what.to_owned(),
                target: at_double as f64,
                found: at_real as f64,
                met,
            },
            text: if met {
                String::new()
            } else {
                format!("{at_double} at the double, {at_real} at the real NetBox")
            },
        }
    };
    pairs.into_iter().map(finding).collect()
}
