//! The VRF name.

use serde::{Deserialize, Serialize};

use super::text::text_value;
use super::{Rule, TextKind};

/// The name of a VRF, compared exactly. NetBox holds up to 100 characters and does not keep names unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VrfName(String);

text_value!(VrfName);

impl VrfName {
    /// The name written in `text`: 1 to 100 characters, no control characters, no space at either end.
    ///
    /// # Errors
    /// Every rule of [`TextKind::Vrf`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        let broken = TextKind::Vrf.check(text);
        if broken.is_empty() {
            Ok(Self(text.to_owned()))
        } else {
            Err(broken)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_spellings_of_a_name_are_two_vrfs() {
        assert_ne!(
            VrfName::parse("Network1").unwrap(),
            VrfName::parse("network1").unwrap()
        );
    }

    #[test]
    fn an_empty_a_padded_and_an_overlong_name_are_refused() {
        assert_eq!(VrfName::parse("").unwrap_err()[0].code(), "vrf-length");
        assert_eq!(
            VrfName::parse("a ").unwrap_err()[0].code(),
            "vrf-edge-space"
        );
        assert_eq!(
            VrfName::parse(&"v".repeat(101)).unwrap_err()[0].code(),
            "vrf-length"
        );
        assert_eq!(
            VrfName::parse("a\0").unwrap_err()[0].code(),
            "vrf-characters"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_kept_or_refused(text in any::<String>()) {
            if let Ok(name) = VrfName::parse(&text) {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
