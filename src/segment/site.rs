//! The site.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::text::text_value;
use super::{Rule, TextKind};

/// The slug of a site group.
///
/// The text is kept as it was given, NetBox's own spelling being the canonical one, but two slugs that differ in ASCII
/// case only are one site: equality, order and hash do not regard case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteSlug(String);

text_value!(SiteSlug);

impl SiteSlug {
    /// The slug written in `text`: 1 to 100 ASCII letters, digits, `_` and `-`, as NetBox's slugs are.
    ///
    /// # Errors
    /// Every rule of [`TextKind::Site`] that it breaks.
    pub fn parse(text: &str) -> Result<Self, Vec<Rule>> {
        let broken = TextKind::Site.check(text);
        if broken.is_empty() {
            Ok(Self(text.to_owned()))
        } else {
            Err(broken)
        }
    }

    /// Whether `text` names this site, whatever its case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }

    /// The slug in lower case: the form for map keys and settings.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for SiteSlug {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for SiteSlug {}

impl PartialOrd for SiteSlug {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SiteSlug {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for SiteSlug {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        // Ends the text, so that a slug followed by another value cannot hash as a longer slug.
        state.write_u8(0xff);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::{BTreeSet, HashSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_spellings_of_a_slug_are_one_site_and_each_keeps_its_text() {
        let (canonical, given) = (SiteSlug::stored("Site1"), SiteSlug::parse("sITE1").unwrap());
        assert_eq!(canonical, given);
        assert!(canonical.matches("SITE1"));
        assert_eq!(
            (canonical.as_str(), given.key().as_str()),
            ("Site1", "site1")
        );
        assert_eq!(HashSet::from([canonical.clone(), given.clone()]).len(), 1);
        assert_eq!(BTreeSet::from([canonical, given]).len(), 1);
    }

    #[test]
    fn a_slug_has_no_spaces_and_no_dots() {
        assert_eq!(
            SiteSlug::parse("site 1").unwrap_err()[0].code(),
            "site-characters"
        );
        assert_eq!(SiteSlug::parse("").unwrap_err()[0].code(), "site-length");
    }

    proptest! {
        #[test]
        fn order_and_equality_agree(a in "[aAbB]{0,3}", b in "[aAbB]{0,3}") {
            let (a, b) = (SiteSlug::stored(a), SiteSlug::stored(b));
            prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
            prop_assert_eq!(a.cmp(&b), a.key().cmp(&b.key()));
        }

        #[test]
        fn any_text_is_kept_or_refused(text in any::<String>()) {
            if let Ok(site) = SiteSlug::parse(&text) {
                prop_assert_eq!(site.to_string(), text);
            }
        }
    }
}
