//! What reading a request body needs, whatever the method: typed members, and every mistake collected.

use serde_json::{Map, Value};

use super::{
    Cidr, ClusterName, Clusters, Description, EpgName, Rule, SiteSlug, Violation, VlanId, VrfName,
    nearest,
};

/// The fields a caller may set.
pub const WRITABLE: [&str; 8] = [
    "site",
    "vlan_id",
    "epg_name",
    "segment",
    "vrf",
    "dhcp",
    "description",
    "cluster_name",
];

/// The fields the service sets itself, which a client may send back as it got them.
const READ_ONLY: [&str; 4] = ["id", "allocated_at", "released", "released_at"];

/// Names that others use, too far from ours for a likeness of letters.
const SYNONYMS: [(&str, &str); 6] = [
    ("cidr", "segment"),
    ("clusters", "cluster_name"),
    ("network", "segment"),
    ("prefix", "segment"),
    ("subnet", "segment"),
    ("vid", "vlan_id"),
];

/// A body names no more unknown fields than this one by one.
const MOST_UNKNOWN: usize = 20;

/// What to do with the fields the service sets itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadOnly {
    /// A mistake: nothing was read that could be sent back.
    Refuse,
    /// Ignored, whatever they hold: a client sends back what it got.
    Ignore,
}

/// A value of the right type, parsed.
pub(super) type Parsed<T> = Result<T, Vec<Rule>>;

/// How a field is read: what would be right, in words, and the reader itself.
pub(super) struct Field<T> {
    pub name: &'static str,
    pub right: &'static str,
    pub read: fn(&Value) -> Option<Parsed<T>>,
}

pub(super) const SITE: Field<SiteSlug> = Field {
    name: "site",
    right: "a string: the slug of a site",
    read: |v| v.as_str().map(SiteSlug::parse),
};
pub(super) const VLAN_ID: Field<VlanId> = Field {
    name: "vlan_id",
    right: "a whole number from 1 to 4094, without quotes or a decimal point",
    read: read_vlan_id,
};
pub(super) const EPG_NAME: Field<EpgName> = Field {
    name: "epg_name",
    right: "a string: the name of the EPG",
    read: |v| v.as_str().map(EpgName::parse),
};
pub(super) const SEGMENT: Field<Cidr> = Field {
    name: "segment",
    right: "a string: a network, such as \"10.0.0.0/24\"",
    read: |v| {
        v.as_str()
            .map(|text| Cidr::parse(text).map_err(|rule| vec![rule]))
    },
};
pub(super) const VRF: Field<VrfName> = Field {
    name: "vrf",
    right: "a string: the name of a VRF",
    read: |v| v.as_str().map(VrfName::parse),
};
pub(super) const DHCP: Field<bool> = Field {
    name: "dhcp",
    right: "true or false",
    read: |v| v.as_bool().map(Ok),
};
pub(super) const DESCRIPTION: Field<Description> = Field {
    name: "description",
    right: "a string, or null",
    read: |v| v.as_str().map(Description::parse),
};
pub(super) const CLUSTERS: Field<Clusters> = Field {
    name: "cluster_name",
    right: "a string: cluster names separated by commas, or null",
    read: |v| v.as_str().map(Clusters::parse),
};

pub(super) const CLUSTER: Field<ClusterName> = Field {
    name: "cluster_name",
    right: "a string: the name of one cluster",
    read: |v| v.as_str().map(ClusterName::parse),
};

/// A prefix length; whether it may be used is for the address policy.
pub(super) const PREFIX_LENGTH: Field<u8> = Field {
    name: "prefix_length",
    right: LENGTH,
    read: |v| {
        let given = || Rule::Choice {
            given: v.to_string(),
            right: LENGTH,
        };
        let number = v.is_i64() || v.is_u64();
        let length = v.as_u64().and_then(|n| u8::try_from(n).ok());
        number.then(|| {
            length
                .filter(|n| (1..=128).contains(n))
                .ok_or_else(|| vec![given()])
        })
    },
};
const LENGTH: &str = "a whole number from 1 to 128, such as 24";

fn read_vlan_id(value: &Value) -> Option<Parsed<VlanId>> {
    if let Some(vid) = value.as_u64() {
        return Some(VlanId::new(vid).map_err(|rule| vec![rule]));
    }
    // A negative number has the right type and the wrong size.
    value.as_i64().map(|vid| {
        Err(vec![Rule::VlanIdRange {
            given: vid.to_string(),
        }])
    })
}

/// What a member holds.
enum Member<T> {
    Absent,
    Null,
    Wrong,
    Is(T),
}

/// A body being read.
pub(super) struct Body<'a> {
    members: &'a Map<String, Value>,
    fields: &'static [&'static str],
    violations: Vec<Violation>,
}

impl<'a> Body<'a> {
    /// Takes a segment apart; a value that is no object is the only mistake then.
    pub(super) fn of(value: &'a Value) -> Result<Self, Vec<Violation>> {
        Self::with(value, &WRITABLE)
    }

    /// Takes a body with these fields apart.
    pub(super) fn with(
        value: &'a Value,
        fields: &'static [&'static str],
    ) -> Result<Self, Vec<Violation>> {
        match value {
            Value::Object(members) => Ok(Self {
                members,
                fields,
                violations: Vec::new(),
            }),
            other => Err(vec![Violation::new(
                "",
                Rule::NotAnObject {
                    found: type_of(other),
                },
            )]),
        }
    }

    /// A field that must be there.
    pub(super) fn required<T>(&mut self, field: &Field<T>) -> Option<T> {
        match self.member(field) {
            Member::Is(value) => Some(value),
            Member::Wrong => None,
            Member::Null => self.wrong(field, Rule::NotNull { right: field.right }),
            Member::Absent => self.wrong(field, Rule::Required { right: field.right }),
        }
    }

    /// A field that may be left out, or `null`, which is the same.
    pub(super) fn optional<T: Default>(&mut self, field: &Field<T>) -> Option<T> {
        match self.member(field) {
            Member::Is(value) => Some(value),
            Member::Wrong => None,
            Member::Null | Member::Absent => Some(T::default()),
        }
    }

    /// A field that may be left out, or `null`, which is the same, and has no default.
    pub(super) fn perhaps<T>(&mut self, field: &Field<T>) -> Option<T> {
        match self.member(field) {
            Member::Is(value) => Some(value),
            Member::Wrong | Member::Null | Member::Absent => None,
        }
    }

    /// A field of a patch that a segment cannot be without.
    pub(super) fn changed<T>(&mut self, field: &Field<T>) -> Option<T> {
        match self.member(field) {
            Member::Is(value) => Some(value),
            Member::Wrong | Member::Absent => None,
            Member::Null => self.wrong(field, Rule::NotNull { right: field.right }),
        }
    }

    /// A field of a patch that `null` clears (RFC 7396).
    pub(super) fn cleared<T: Default>(&mut self, field: &Field<T>) -> Option<T> {
        match self.member(field) {
            Member::Is(value) => Some(value),
            Member::Wrong | Member::Absent => None,
            Member::Null => Some(T::default()),
        }
    }

    /// Whether any field is named that a caller may set.
    pub(super) fn names_a_writable_field(&self) -> bool {
        WRITABLE.iter().any(|name| self.members.contains_key(*name))
    }

    /// Adds a mistake of the body as a whole.
    pub(super) fn push(&mut self, rule: Rule) {
        self.violations.push(Violation::new("", rule));
    }

    /// Looks at the fields that nobody asked for, and gives every mistake found.
    pub(super) fn finish(mut self, mode: ReadOnly) -> Vec<Violation> {
        let mut unknown = 0;
        for name in self.members.keys() {
            if self.fields.contains(&name.as_str()) {
                continue;
            }
            let read_only = READ_ONLY.into_iter().filter(|_| self.fields == WRITABLE);
            if let Some(name) = read_only.into_iter().find(|known| known == name) {
                if mode == ReadOnly::Refuse {
                    self.violations
                        .push(Violation::of_member(name, Rule::ReadOnly { name }));
                }
                continue;
            }
            unknown += 1;
            if unknown <= MOST_UNKNOWN {
                let rule = Rule::UnknownField {
                    name: name.clone(),
                    nearest: meant(name, self.fields),
                    fields: self.fields,
                };
                self.violations.push(Violation::of_member(name, rule));
            }
        }
        if unknown > MOST_UNKNOWN {
            self.push(Rule::UnknownFields {
                more: unknown - MOST_UNKNOWN,
            });
        }
        self.violations
    }

    fn member<T>(&mut self, field: &Field<T>) -> Member<T> {
        let value = match self.members.get(field.name) {
            None => return Member::Absent,
            Some(Value::Null) => return Member::Null,
            Some(value) => value,
        };
        let rules = match (field.read)(value) {
            Some(Ok(value)) => return Member::Is(value),
            Some(Err(rules)) => rules,
            None => vec![Rule::Type {
                found: type_of(value),
                right: field.right,
            }],
        };
        self.violations.extend(
            rules
                .into_iter()
                .map(|rule| Violation::of_member(field.name, rule)),
        );
        Member::Wrong
    }

    fn wrong<T, N>(&mut self, field: &Field<T>, rule: Rule) -> Option<N> {
        self.violations.push(Violation::of_member(field.name, rule));
        None
    }
}

fn meant(name: &str, fields: &'static [&'static str]) -> Option<&'static str> {
    let synonym = SYNONYMS
        .into_iter()
        .find(|(other, known)| name.eq_ignore_ascii_case(other) && fields.contains(known));
    synonym
        .map(|(_, known)| known)
        .or_else(|| nearest(name, fields))
}

/// The JSON type of `value`, in words.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => {
            "a number with a fraction or an exponent, or too large"
        }
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
