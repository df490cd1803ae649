//! What the text values share: their limits, the strict check, and the code every such newtype needs.

use std::fmt::Write as _;

use super::Rule;

/// The kinds of text a segment holds, with the limits of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// The slug of a site group.
    Site,
    /// The name of a VRF.
    Vrf,
    /// The name of an endpoint group, which is the name of its VLAN.
    EpgName,
    /// The name of one cluster.
    ClusterName,
    /// The free text of a segment.
    Description,
}

impl TextKind {
    /// What to call it in a message.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Vrf => "VRF name",
            Self::EpgName => "EPG name",
            Self::ClusterName => "cluster name",
            Self::Description => "description",
        }
    }

    /// The fewest characters it may have.
    #[must_use]
    pub const fn min(self) -> usize {
        match self {
            Self::Description => 0,
            _ => 1,
        }
    }

    /// The most characters it may have. NetBox holds 64 for the name of a VLAN and 100 for the name or slug of a site
    /// group or VRF; the others are this service's own contract.
    #[must_use]
    pub const fn max(self) -> usize {
        match self {
            Self::EpgName => 64,
            Self::Site | Self::Vrf | Self::ClusterName => 100,
            Self::Description => 500,
        }
    }

    /// The characters it may have, in words.
    #[must_use]
    pub const fn characters(self) -> &'static str {
        match self {
            Self::Site => "ASCII letters, digits, `_` and `-`",
            Self::Vrf | Self::Description => "any characters but control characters",
            Self::EpgName => "ASCII letters, digits, `_`, `-`, `.`, `/` and spaces inside",
            Self::ClusterName => "ASCII letters, digits, `_`, `-` and `.`",
        }
    }

    fn allows(self, character: char) -> bool {
        match self {
            Self::Vrf | Self::Description => !character.is_control(),
            Self::Site => character.is_ascii_alphanumeric() || "_-".contains(character),
            Self::EpgName => character.is_ascii_alphanumeric() || "_-./ ".contains(character),
            Self::ClusterName => character.is_ascii_alphanumeric() || "_-.".contains(character),
        }
    }

    const fn spaces_inside_only(self) -> bool {
        matches!(self, Self::EpgName | Self::Vrf)
    }

    /// Every rule that `text` breaks as a value of this kind.
    pub(super) fn check(self, text: &str) -> Vec<Rule> {
        let mut broken = Vec::new();
        let length = text.chars().count();
        if length < self.min() || length > self.max() {
            broken.push(Rule::Length {
                kind: self,
                shown: quoted(text),
                length,
            });
        }
        let mut wrong: Vec<char> = Vec::new();
        for character in text.chars().filter(|c| !self.allows(*c)) {
            if !wrong.contains(&character) {
                wrong.push(character);
            }
            if wrong.len() == MOST_CHARACTERS_NAMED {
                break;
            }
        }
        if !wrong.is_empty() {
            broken.push(Rule::Characters {
                kind: self,
                shown: quoted(text),
                wrong,
            });
        }
        if self.spaces_inside_only() && (text.starts_with(' ') || text.ends_with(' ')) {
            broken.push(Rule::EdgeSpace {
                kind: self,
                shown: quoted(text),
            });
        }
        broken
    }
}

/// A message names no more wrong characters than this.
const MOST_CHARACTERS_NAMED: usize = 8;

/// A message quotes no more of a caller's text than this.
const MOST_QUOTED: usize = 80;

/// `text` in quotes, control characters escaped, cut when it is long: fit for a message.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (at, character) in text.chars().enumerate() {
        if at == MOST_QUOTED {
            shown.push('…');
            break;
        }
        if character.is_control() {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown.push('"');
    shown
}

/// What every text newtype needs besides its own `parse`.
macro_rules! text_value {
    ($name:ident) => {
        impl $name {
            /// The value as it is held already, taken as it is: data made by others must still be readable.
            pub fn stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(super) use text_value;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_cut_and_shows_no_control_character() {
        assert_eq!(quoted("a\nb"), "\"a\\u{a}b\"");
        let long = quoted(&"x".repeat(5_000));
        assert_eq!(long.chars().count(), MOST_QUOTED + 3);
        assert!(long.ends_with("…\""));
    }

    #[test]
    fn every_fault_of_a_text_is_found_at_once() {
        let text = format!(" {}€", "x".repeat(64));
        let codes: Vec<_> = TextKind::EpgName
            .check(&text)
            .iter()
            .map(Rule::code)
            .collect();
        assert_eq!(
            codes,
            [
                "epg-name-length",
                "epg-name-characters",
                "epg-name-edge-space"
            ]
        );
    }
}
