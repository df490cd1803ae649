//! The description.

use serde::{Deserialize, Serialize};

use super::text::text_value;
use super::{Rule, TextKind};

/// The free text of a segment: up to 500 characters, none of them a control character (so: one line).
///
/// Spaces at either end are dropped, because NetBox drops them too when it stores the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

text_value!(Description);

impl Description {
    /// The description written in `text`.
    ///
    /// # Errors
    /// Every rule of [`TextKind::Description`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        let broken = TextKind::Description.check(text);
        if broken.is_empty() {
            Ok(Self(text.trim().to_owned()))
        } else {
            Err(broken)
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_hundred_characters_are_counted_not_bytes() {
        assert!(Description::parse(&"ü".repeat(500)).is_ok());
        assert_eq!(
            Description::parse(&"ü".repeat(501)).unwrap_err()[0].code(),
            "description-length"
        );
    }

    #[test]
    fn a_line_break_is_a_control_character() {
        let broken = Description::parse("one\ntwo\u{7f}").unwrap_err();
        assert_eq!(broken[0].code(), "description-characters");
        assert!(
            broken[0].detail().contains("U+000A, U+007F"),
            "{}",
            broken[0].detail()
        );
    }

    #[test]
    fn spaces_at_either_end_are_dropped() {
        assert_eq!(Description::parse("  rack 4 ").unwrap().as_str(), "rack 4");
        assert!(Description::parse("   ").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn parsing_what_is_displayed_gives_the_same_text(text in any::<String>()) {
            if let Ok(description) = Description::parse(&text) {
                prop_assert_eq!(Description::parse(description.as_str()).unwrap(), description);
            }
        }
    }
}
