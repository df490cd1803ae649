//! A segment of which only the size and the name are said: addresses and VLAN id are found.

use serde_json::Value;

use super::body::{self, Body, Field, ReadOnly};
use super::{ClusterName, Description, EpgName, Rule, SiteSlug, Violation, VlanId, VrfName};

const FIELDS: [&str; 9] = [
    "site",
    "vrf",
    "prefix_length",
    "epg_name",
    "cluster_name",
    "vlan_range",
    "dhcp",
    "description",
    "restore",
];
const RANGE: &str = "a string: two VLAN ids from 1 to 4094, the lower first, such as \"100-199\"";

/// VLAN ids that may be taken, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VlanRange {
    /// The lowest.
    pub from: VlanId,
    /// The highest.
    pub to: VlanId,
}

impl VlanRange {
    /// The range in a text such as `100-199`.
    ///
    /// # Errors
    /// [`Rule::Choice`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let ends = text.split_once('-').and_then(|(from, to)| {
            let from = VlanId::parse(from.trim()).ok()?;
            Some((from, VlanId::parse(to.trim()).ok()?))
        });
        match ends {
            Some((from, to)) if from <= to => Ok(Self { from, to }),
            _ => Err(Rule::Choice {
                given: text.to_owned(),
                right: RANGE,
            }),
        }
    }
}

/// That somebody wants a segment, wherever there is room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provision {
    /// At which site.
    pub site: SiteSlug,
    /// In which VRF.
    pub vrf: VrfName,
    /// How large.
    pub prefix_length: u8,
    /// Under which name.
    pub epg_name: EpgName,
    /// For whom, if it is to be allocated at once.
    pub cluster: Option<ClusterName>,
    /// Which VLAN ids may be taken; all of them when not said.
    pub vlan_range: Option<VlanRange>,
    /// Whether addresses are handed out by DHCP; false when not said.
    pub dhcp: bool,
    /// Free text; empty when not said.
    pub description: Description,
    /// Whether the addresses and the VLAN id that the name had before are taken, while they are free.
    pub restore: bool,
}

const VLAN_RANGE: Field<VlanRange> = Field {
    name: "vlan_range",
    right: RANGE,
    read: |v| {
        v.as_str()
            .map(|text| VlanRange::parse(text).map_err(|rule| vec![rule]))
    },
};

const RESTORE: Field<bool> = Field {
    name: "restore",
    right: "true or false",
    read: |v| v.as_bool().map(Ok),
};

impl Provision {
    /// The wish in the body of a POST.
    ///
    /// # Errors
    /// Every mistake of the body at once.
    pub fn parse(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut body = Body::with(value, &FIELDS)?;
        let site = body.required(&body::SITE);
        let vrf = body.required(&body::VRF);
        let prefix_length = body.required(&body::PREFIX_LENGTH);
        let epg_name = body.required(&body::EPG_NAME);
        let cluster = body.perhaps(&body::CLUSTER);
        let vlan_range = body.perhaps(&VLAN_RANGE);
        let dhcp = body.perhaps(&body::DHCP).unwrap_or_default();
        let description = body.perhaps(&body::DESCRIPTION).unwrap_or_default();
        let restore = body.perhaps(&RESTORE).unwrap_or_default();
        let violations = body.finish(ReadOnly::Refuse);
        match (site, vrf, prefix_length, epg_name) {
            (Some(site), Some(vrf), Some(prefix_length), Some(epg_name))
                if violations.is_empty() =>
            {
                Ok(Self {
                    site,
                    vrf,
                    prefix_length,
                    epg_name,
                    cluster,
                    vlan_range,
                    dhcp,
                    description,
                    restore,
                })
            }
            _ => Err(violations),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_range_has_two_vlan_ids_in_their_order() {
        let range = VlanRange::parse("100-199").unwrap();
        assert_eq!((range.from.get(), range.to.get()), (100, 199));
        assert!(VlanRange::parse("7-7").is_ok());
        for wrong in ["", "5", "9-5", "0-5", "1-4095", "a-b", "1-2-3", "-5"] {
            assert!(VlanRange::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_mistake_of_a_wish_is_told_at_once() {
        let body = json!({"site": "", "prefix_length": "24", "epg_name": "x", "vlan_range": [1, 2], "restore": "yes", "segment": "10.0.0.0/24"});
        let mistakes = Provision::parse(&body).unwrap_err();
        let mut found: Vec<&str> = mistakes.iter().map(|m| m.pointer.as_str()).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                "/prefix_length",
                "/restore",
                "/segment",
                "/site",
                "/vlan_range",
                "/vrf"
            ]
        );
    }
}
