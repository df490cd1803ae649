//! The id of a segment.

use serde::{Deserialize, Serialize};

use super::Rule;

/// The id of a segment, which is the id of its prefix in NetBox. In the API it is a string of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(pub u64);

impl SegmentId {
    /// The id written in `text`: decimal digits only, no sign, no leading zero (so: from 1, as NetBox counts).
    ///
    /// # Errors
    /// [`Rule::SegmentId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        text.parse()
            .ok()
            .filter(|_| plain)
            .map(Self)
            .ok_or_else(|| Rule::SegmentId {
                given: text.to_owned(),
            })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for SegmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_digits_are_an_id() {
        assert_eq!(
            SegmentId::parse("18446744073709551615"),
            Ok(SegmentId(u64::MAX))
        );
        for wrong in [
            "",
            "0",
            "007",
            "+7",
            "-7",
            "7.0",
            " 7",
            "7 ",
            "seven",
            "18446744073709551616",
        ] {
            assert!(SegmentId::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_what_is_displayed_gives_the_same_id(id in 1..=u64::MAX) {
            prop_assert_eq!(SegmentId::parse(&SegmentId(id).to_string()), Ok(SegmentId(id)));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in any::<String>()) {
            if let Ok(id) = SegmentId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
