//! The VLAN id.

use serde::{Deserialize, Serialize};

use super::Rule;

/// A VLAN id that may carry traffic: 1 to 4094.
///
/// IEEE 802.1Q has twelve bits for it and reserves 0 (priority tag only) and 4095 (implementation use). NetBox holds the
/// same range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct VlanId(u16);

impl VlanId {
    /// The smallest id.
    pub const MIN: Self = Self(1);
    /// The largest id.
    pub const MAX: Self = Self(4094);

    /// The VLAN id `vid`.
    ///
    /// # Errors
    /// [`Rule::VlanIdRange`] outside 1 to 4094.
    pub fn new(vid: u64) -> Result<Self, Rule> {
        match u16::try_from(vid) {
            Ok(small) if (Self::MIN.0..=Self::MAX.0).contains(&small) => Ok(Self(small)),
            _ => Err(Rule::VlanIdRange {
                given: vid.to_string(),
            }),
        }
    }

    /// The VLAN id written in `text`: decimal digits without leading zeros.
    ///
    /// # Errors
    /// [`Rule::VlanIdRange`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let wrong = || Rule::VlanIdRange {
            given: text.to_owned(),
        };
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let vid: u64 = text.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
        Self::new(vid)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for VlanId {
    type Error = Rule;

    fn try_from(vid: u16) -> Result<Self, Rule> {
        Self::new(u64::from(vid))
    }
}

impl From<VlanId> for u16 {
    fn from(vlan_id: VlanId) -> Self {
        vlan_id.0
    }
}

impl std::fmt::Display for VlanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_reserved_ids_are_refused_and_the_ones_beside_them_taken() {
        for wrong in [0, 4095, 4096, u64::from(u16::MAX) + 2, u64::MAX] {
            assert_eq!(
                VlanId::new(wrong).unwrap_err().code(),
                "vlan-id-range",
                "{wrong}"
            );
        }
        assert_eq!(VlanId::new(1).unwrap(), VlanId::MIN);
        assert_eq!(VlanId::new(4094).unwrap(), VlanId::MAX);
    }

    #[test]
    fn a_text_with_a_sign_a_space_or_a_leading_zero_is_refused() {
        for wrong in ["", "+1", "-1", " 1", "1 ", "01", "1.0", "0x1", "١"] {
            assert!(VlanId::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_reserved_id_cannot_come_in_through_json() {
        assert!(serde_json::from_str::<VlanId>("4095").is_err());
        assert_eq!(serde_json::from_str::<VlanId>("7").unwrap().get(), 7);
    }

    proptest! {
        #[test]
        fn parsing_what_is_displayed_gives_the_same_id(vid in 1u64..=4094) {
            let id = VlanId::new(vid).unwrap();
            prop_assert_eq!(VlanId::parse(&id.to_string()), Ok(id));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in any::<String>()) {
            if let Ok(id) = VlanId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
