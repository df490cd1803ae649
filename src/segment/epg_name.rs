//! The EPG name.

use serde::{Deserialize, Serialize};

use super::text::text_value;
use super::{Rule, TextKind};

/// The name of an endpoint group: 1 to 64 ASCII letters, digits, `_`, `-`, `.`, `/`, and spaces inside.
///
/// It is the name of the segment's VLAN, for which NetBox holds 64 characters. Compared exactly, as NetBox does for VLAN
/// names in a group: `Web` and `web` are two names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpgName(String);

text_value!(EpgName);

impl EpgName {
    /// The name written in `text`.
    ///
    /// # Errors
    /// Every rule of [`TextKind::EpgName`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        let broken = TextKind::EpgName.check(text);
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
    fn sixty_four_characters_are_a_name_and_sixty_five_are_not() {
        assert!(EpgName::parse(&"x".repeat(64)).is_ok());
        assert_eq!(
            EpgName::parse(&"x".repeat(65)).unwrap_err()[0].code(),
            "epg-name-length"
        );
        assert_eq!(EpgName::parse("").unwrap_err()[0].code(), "epg-name-length");
    }

    #[test]
    fn a_space_is_allowed_inside_only() {
        assert!(EpgName::parse("web front/end_1.a-b").is_ok());
        for wrong in [" web", "web ", " "] {
            assert_eq!(
                EpgName::parse(wrong).unwrap_err()[0].code(),
                "epg-name-edge-space",
                "{wrong:?}"
            );
        }
        assert_eq!(
            EpgName::parse("a\tb").unwrap_err()[0].code(),
            "epg-name-characters"
        );
        assert_eq!(
            EpgName::parse("größe").unwrap_err()[0].code(),
            "epg-name-characters"
        );
    }

    #[test]
    fn a_name_made_by_others_is_readable_though_it_breaks_the_rules() {
        assert_eq!(EpgName::stored("Größe (alt)").to_string(), "Größe (alt)");
    }

    proptest! {
        #[test]
        fn a_name_of_the_allowed_form_is_kept_as_it_is(text in "[A-Za-z0-9_./-]([A-Za-z0-9_./ -]{0,62}[A-Za-z0-9_./-])?") {
            prop_assert_eq!(EpgName::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_kept_or_refused(text in any::<String>()) {
            if let Ok(name) = EpgName::parse(&text) {
                prop_assert_eq!(name.as_str(), &text);
            }
        }
    }
}
