//! A broken rule together with the place where it is broken.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Rule;

/// One mistake of a caller: where, which rule, what is wrong and what would be right.
///
/// Serialises as `{"pointer","rule","detail","expected"}`, the rule by its code: an entry of `errors` in a problem
/// document (RFC 9457, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The place: a JSON pointer into the body (RFC 6901), such as `/vlan_id`, empty for the whole body; or `?` and a
    /// name for a query parameter.
    pub pointer: String,
    /// The rule.
    pub rule: Rule,
    /// What is wrong.
    pub detail: String,
    /// What would be right.
    pub expected: String,
}

impl Violation {
    /// `rule`, broken at `pointer`.
    #[must_use]
    pub fn new(pointer: impl Into<String>, rule: Rule) -> Self {
        Self {
            pointer: pointer.into(),
            detail: rule.detail(),
            expected: rule.expected(),
            rule,
        }
    }

    /// `rule`, broken by the member `name` of the body, whatever characters the name has.
    #[must_use]
    pub fn of_member(name: &str, rule: Rule) -> Self {
        // RFC 6901, section 3: `~` first, or the `~` of `~1` would be escaped again.
        Self::new(
            format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            rule,
        )
    }

    /// `rule`, broken by the query parameter `name`.
    #[must_use]
    pub fn of_parameter(name: &str, rule: Rule) -> Self {
        Self::new(format!("?{name}"), rule)
    }

    /// The same mistake seen from outside: a body that is item 3 of a list is `under("/3")`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() {
            "the body"
        } else {
            &self.pointer
        };
        write!(
            f,
            "{place}: {} Right would be: {}.",
            self.detail, self.expected
        )
    }
}

impl std::error::Error for Violation {}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Violation", 4)?;
        object.serialize_field("pointer", &self.pointer)?;
        object.serialize_field("rule", self.rule.code())?;
        object.serialize_field("detail", &self.detail)?;
        object.serialize_field("expected", &self.expected)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::segment::VlanId;

    #[test]
    fn a_violation_serialises_with_the_code_of_its_rule() {
        let violation = Violation::new("/vlan_id", VlanId::new(4095).unwrap_err());
        assert_eq!(
            serde_json::to_string(&violation).unwrap(),
            r#"{"pointer":"/vlan_id","rule":"vlan-id-range","detail":"4095 is not a VLAN id.","expected":"a whole number from 1 to 4094 (IEEE 802.1Q reserves 0 and 4095)"}"#
        );
    }

    #[test]
    fn a_member_name_is_escaped_as_a_json_pointer_wants_it() {
        let name = "a/b~c~1";
        let pointer = Violation::of_member(name, Rule::NothingToChange).pointer;
        assert_eq!(pointer, "/a~1b~0c~01");
        let body = serde_json::json!({ name: 5 });
        assert_eq!(body.pointer(&pointer), Some(&serde_json::json!(5)));
    }

    #[test]
    fn a_violation_of_an_item_points_into_the_list() {
        let violation = Violation::new("/site", Rule::ReadOnly { name: "id" }).under("/3");
        assert_eq!(violation.pointer, "/3/site");
    }
}
