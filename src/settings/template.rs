//! How VLAN groups are named.

use std::fmt;

/// A pattern for VLAN group names with `{vrf}` and `{site}` or `{Site}` in it.
///
/// `{site}` is the site group's slug, `{Site}` its name, both as NetBox writes them. Names are always made of NetBox's own
/// forms, so that the way a caller writes a site can't make a second group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupTemplate(String);

/// The name of a VLAN group has at most 100 characters in NetBox.
const LONGEST: usize = 100;

impl GroupTemplate {
    /// Reads the setting `vlan_group_template`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.to_owned();
        for known in ["{vrf}", "{site}", "{Site}"] {
            rest = rest.replace(known, "");
        }
        if rest.contains(['{', '}']) {
            return Err("it has a placeholder other than {vrf}, {site} and {Site}".to_owned());
        }
        if !text.contains("{vrf}") || !(text.contains("{site}") || text.contains("{Site}")) {
            return Err("groups of different VRFs or sites would have the same name".to_owned());
        }
        if rest.chars().count() > LONGEST / 2 || rest.chars().any(char::is_control) {
            return Err("it is too long, or has control characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name of the group of a VRF and a site group.
    #[must_use]
    pub fn name(&self, vrf: &str, site_slug: &str, site_name: &str) -> String {
        // One pass, so that a VRF named `{site}` stays what it is.
        let mut name = String::new();
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find('{') {
            name.push_str(&rest[..at]);
            rest = &rest[at..];
            for (placeholder, value) in
                [("{vrf}", vrf), ("{site}", site_slug), ("{Site}", site_name)]
            {
                if let Some(after) = rest.strip_prefix(placeholder) {
                    name.push_str(value);
                    rest = after;
                    break;
                }
            }
        }
        name.push_str(rest);
        name
    }

    /// A slug for a group of this name, as NetBox's own form makes it: lower case, with `-` for what a slug can't have.
    #[must_use]
    pub fn slug(name: &str) -> String {
        let mut slug = String::with_capacity(name.len());
        for c in name.chars() {
            match c {
                'a'..='z' | '0'..='9' | '_' => slug.push(c),
                'A'..='Z' => slug.push(c.to_ascii_lowercase()),
                _ if slug.ends_with('-') || slug.is_empty() => {}
                _ => slug.push('-'),
            }
        }
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() {
            "group".to_owned()
        } else {
            slug.to_owned()
        }
    }
}

impl fmt::Display for GroupTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_names_the_recorded_groups() {
        let template = GroupTemplate::parse("{vrf}-ClickCluster-{Site}").unwrap();
        let name = template.name("Network1", "site1", "Site1");
        assert_eq!(name, "Network1-ClickCluster-Site1");
        assert_eq!(GroupTemplate::slug(&name), "network1-clickcluster-site1");
    }

    #[test]
    fn a_template_that_would_mix_sites_is_refused() {
        assert!(GroupTemplate::parse("{vrf}-groups").is_err());
        assert!(GroupTemplate::parse("{site}").is_err());
        assert!(GroupTemplate::parse("{vrf}-{site}-{rd}").is_err());
    }

    #[test]
    fn a_vrf_named_like_a_placeholder_stays_what_it_is() {
        let template = GroupTemplate::parse("{vrf}/{site}").unwrap();
        assert_eq!(template.name("{site}", "a", "A"), "{site}/a");
    }

    proptest! {
        #[test]
        fn a_slug_has_only_what_netbox_allows(name in ".{0,60}") {
            let slug = GroupTemplate::slug(&name);
            prop_assert!(!slug.is_empty());
            prop_assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'));
        }
    }
}
