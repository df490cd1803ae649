//! What a caller wants changed about a segment.

use serde_json::Value;

use super::body::{self, Body, ReadOnly};
use super::{
    Cidr, Clusters, Description, Draft, EpgName, Rule, Segment, SiteSlug, Violation, VlanId,
    VrfName,
};

/// A partial change: what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The site to move to.
    pub site: Option<SiteSlug>,
    /// The VRF to move to.
    pub vrf: Option<VrfName>,
    /// The new VLAN id.
    pub vlan_id: Option<VlanId>,
    /// The new EPG name.
    pub epg_name: Option<EpgName>,
    /// The new network.
    pub cidr: Option<Cidr>,
    /// Whether addresses are handed out by DHCP from now on.
    pub dhcp: Option<bool>,
    /// The new free text.
    pub description: Option<Description>,
    /// The clusters it is allocated to from now on.
    pub clusters: Option<Clusters>,
}

impl Change {
    /// The change in the body of a PATCH, a JSON merge patch (RFC 7396): a member that is not there stays as it is; `null`
    /// gives `dhcp`, `description` and `cluster_name` their default (false, empty, none) and is a mistake for the others.
    ///
    /// `id`, `allocated_at`, `released` and `released_at` are ignored, whatever they hold, so that a client may send back
    /// what a GET gave it. At least one of the other fields must be there.
    ///
    /// # Errors
    /// Every mistake of the body at once.
    pub fn parse(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut body = Body::of(value)?;
        let change = Self {
            site: body.changed(&body::SITE),
            vlan_id: body.changed(&body::VLAN_ID),
            epg_name: body.changed(&body::EPG_NAME),
            cidr: body.changed(&body::SEGMENT),
            vrf: body.changed(&body::VRF),
            dhcp: body.cleared(&body::DHCP),
            description: body.cleared(&body::DESCRIPTION),
            clusters: body.cleared(&body::CLUSTERS),
        };
        if !body.names_a_writable_field() {
            body.push(Rule::NothingToChange);
        }
        let violations = body.finish(ReadOnly::Ignore);
        if violations.is_empty() {
            Ok(change)
        } else {
            Err(violations)
        }
    }

    /// The change that makes a segment what `draft` says, whatever it was.
    #[must_use]
    pub fn from_put(draft: Draft) -> Self {
        Self {
            site: Some(draft.site),
            vrf: Some(draft.vrf),
            vlan_id: Some(draft.vlan_id),
            epg_name: Some(draft.epg_name),
            cidr: Some(draft.cidr),
            dhcp: Some(draft.dhcp),
            description: Some(draft.description),
            clusters: Some(draft.clusters),
        }
    }

    /// The state wanted for `segment`.
    #[must_use]
    pub fn apply(&self, segment: &Segment) -> Draft {
        let (change, held) = (self.clone(), Draft::from(segment));
        Draft {
            site: change.site.unwrap_or(held.site),
            vrf: change.vrf.unwrap_or(held.vrf),
            vlan_id: change.vlan_id.unwrap_or(held.vlan_id),
            epg_name: change.epg_name.unwrap_or(held.epg_name),
            cidr: change.cidr.unwrap_or(held.cidr),
            dhcp: change.dhcp.unwrap_or(held.dhcp),
            description: change.description.unwrap_or(held.description),
            clusters: change.clusters.unwrap_or(held.clusters),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::segment::Diff;
    use crate::segment::testing::{any_json, any_segment, segment};

    fn mistakes(value: &Value) -> Vec<(String, &'static str)> {
        let violations = Change::parse(value).unwrap_err();
        violations
            .into_iter()
            .map(|violation| (violation.pointer, violation.rule.code()))
            .collect()
    }

    #[test]
    fn only_what_is_named_changes() {
        let before = segment(1, "site1", "Network1", 100, "web", "10.0.0.0/24");
        let change = Change::parse(&json!({"epg_name": "db"})).unwrap();
        let wanted = change.apply(&before);
        assert_eq!(
            wanted,
            Draft {
                epg_name: EpgName::stored("db"),
                ..Draft::from(&before)
            }
        );
    }

    #[test]
    fn null_clears_what_may_be_empty_and_nothing_else() {
        let mut before = segment(1, "site1", "Network1", 100, "web", "10.0.0.0/24");
        before.clusters = Clusters::stored("a,b");
        before.description = Description::stored("x");
        before.dhcp = true;
        let change =
            Change::parse(&json!({"cluster_name": null, "description": null, "dhcp": null}))
                .unwrap();
        let wanted = change.apply(&before);
        assert!(wanted.clusters.is_empty() && wanted.description.is_empty() && !wanted.dhcp);
        for name in ["site", "vlan_id", "epg_name", "segment", "vrf"] {
            assert_eq!(
                mistakes(&json!({ name: null })),
                [(format!("/{name}"), "not-null")]
            );
        }
    }

    #[test]
    fn a_patch_must_name_something_to_change() {
        assert_eq!(mistakes(&json!({})), [(String::new(), "nothing-to-change")]);
        assert_eq!(
            mistakes(&json!({"id": "7", "released": true})),
            [(String::new(), "nothing-to-change")]
        );
    }

    #[test]
    fn every_mistake_of_a_patch_is_reported_at_once() {
        let found =
            mistakes(&json!({"vlan_id": "7", "segment": "10.0.0.0", "site_": "x", "id": 5}));
        let found: Vec<_> = found
            .iter()
            .map(|(pointer, code)| (pointer.as_str(), *code))
            .collect();
        assert_eq!(
            found,
            [
                ("/vlan_id", "type"),
                ("/segment", "cidr-syntax"),
                ("/site_", "unknown-field")
            ]
        );
    }

    proptest! {
        #[test]
        fn a_put_replaces_everything(before in any_segment(), wanted in any_segment()) {
            let wanted = Draft::from(&wanted);
            prop_assert_eq!(Change::from_put(wanted.clone()).apply(&before), wanted);
        }

        #[test]
        fn a_patch_of_what_a_get_gave_changes_nothing(segment in any_segment()) {
            let echo = serde_json::to_value(segment.view()).unwrap();
            let wanted = Change::parse(&echo).unwrap().apply(&segment);
            prop_assert!(Diff::between(&segment, &wanted).is_empty());
        }

        #[test]
        fn any_json_is_a_change_or_has_mistakes(value in any_json()) {
            match Change::parse(&value) {
                Ok(change) => prop_assert_ne!(change, Change::default()),
                Err(violations) => prop_assert!(!violations.is_empty()),
            }
        }
    }
}
