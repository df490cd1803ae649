//! What the double keeps: one table of models and their fields, in the order NetBox 4.7.3 serialises them (recordings 004 to 014).

mod models;

pub(super) use models::{CUSTOM_FIELD, PREFIX, ROLE, SITE_GROUP, TENANT, VLAN, VLAN_GROUP, VRF};

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `tenancy.tenant`
    Tenant,
    /// `ipam.role`
    Role,
    /// `dcim.sitegroup`
    SiteGroup,
    /// `ipam.vrf`
    Vrf,
    /// `ipam.vlangroup`
    VlanGroup,
    /// `ipam.vlan`
    Vlan,
    /// `ipam.prefix`
    Prefix,
    /// `extras.customfield`
    CustomField,
}

impl Kind {
    /// Every kind, in the order the data set makes them.
    pub const ALL: [Kind; 8] = [
        Kind::Tenant,
        Kind::Role,
        Kind::SiteGroup,
        Kind::Vrf,
        Kind::VlanGroup,
        Kind::Vlan,
        Kind::Prefix,
        Kind::CustomField,
    ];

    /// The description of this kind.
    #[must_use]
    pub const fn model(self) -> &'static Model {
        match self {
            Kind::Tenant => &TENANT,
            Kind::Role => &ROLE,
            Kind::SiteGroup => &SITE_GROUP,
            Kind::Vrf => &VRF,
            Kind::VlanGroup => &VLAN_GROUP,
            Kind::Vlan => &VLAN,
            Kind::Prefix => &PREFIX,
            Kind::CustomField => &CUSTOM_FIELD,
        }
    }
}

/// How NetBox names and serves one kind of object.
#[derive(Debug)]
pub struct Model {
    /// The kind described.
    pub kind: Kind,
    /// The path below the root, both of the API (after `/api`) and of the user interface: `/ipam/prefixes/`.
    pub path: &'static str,
    /// The name in `No … matches the given query.`
    pub class: &'static str,
    /// The name in messages, as in `VLAN group with this Name already exists.`
    pub verbose: &'static str,
    /// The type in the change log and in scopes: `ipam.prefix`.
    pub object_type: &'static str,
    /// The GraphQL type; empty when the double does not serve it in GraphQL.
    pub graphql: &'static str,
    /// The GraphQL list field without `_list`.
    pub graphql_field: &'static str,
    /// The fields in the order of NetBox's answers.
    pub fields: &'static [Field],
}

impl Model {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a model.
#[derive(Debug)]
pub struct Field {
    /// Its name in REST.
    pub name: &'static str,
    /// What it holds and how it is checked.
    pub shape: Shape,
    /// Whether a create must name it.
    pub required: bool,
    /// Whether `brief=true` shows it.
    pub brief: bool,
    /// Whether it is shown where another object refers to this one.
    pub nested: bool,
}

impl Field {
    pub(crate) const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            shape,
            required: false,
            brief: false,
            nested: false,
        }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn brief(mut self) -> Self {
        self.brief = true;
        self
    }

    pub(crate) const fn nested(mut self) -> Self {
        self.brief = true;
        self.nested = true;
        self
    }

    /// Whether the value is kept in the row, as opposed to being worked out when it is read.
    #[must_use]
    pub const fn stored(&self) -> bool {
        matches!(
            self.shape,
            Shape::Text { .. }
                | Shape::Int { .. }
                | Shape::Bool(_)
                | Shape::Choice(_)
                | Shape::Ref(_)
                | Shape::ScopeType
                | Shape::ScopeId
                | Shape::Net
                | Shape::CustomFields
                | Shape::Ranges
                | Shape::Json(_)
        )
    }
}

/// A value and label of a choice field.
pub(super) type Choice = (&'static str, &'static str);

/// What a field holds.
#[derive(Debug)]
pub enum Shape {
    /// The row's number.
    Id,
    /// The address in the API.
    Url,
    /// The address in the user interface.
    DisplayUrl,
    /// The name a person reads.
    Display,
    /// When the row was made.
    Created,
    /// When the row was last written.
    LastUpdated,
    /// IPv4 or IPv6, of a prefix.
    Family,
    /// Text of at most `max` characters; `blank` when it may be empty, `null` when it may be absent.
    Text {
        /// The most characters taken.
        max: usize,
        /// Whether the empty text is taken.
        blank: bool,
        /// Whether null is taken (and is the default).
        null: bool,
        /// Whether only letters, digits, `-` and `_` are taken.
        slug: bool,
    },
    /// A whole number within bounds.
    Int {
        /// The least value taken.
        min: i64,
        /// The greatest value taken.
        max: i64,
        /// The value when none is given.
        default: i64,
    },
    /// True or false, with its default.
    Bool(bool),
    /// One of a few values; the first is the default.
    Choice(&'static [Choice]),
    /// Another object.
    Ref(Kind),
    /// The type of the scope, such as `dcim.sitegroup`.
    ScopeType,
    /// The number of the scope.
    ScopeId,
    /// The scope itself, shown only.
    Scope,
    /// A prefix in CIDR form.
    Net,
    /// The values of the custom fields of this model.
    CustomFields,
    /// Ranges of VLAN ids, as `[[1, 4094]]`.
    Ranges,
    /// Any JSON, with its default.
    Json(&'static str),
    /// Always this JSON.
    Fixed(&'static str),
    /// How many rows of another kind refer to this one in the named field.
    Count(Kind, &'static str),
    /// Prefixes inside this one.
    Children,
    /// Prefixes around this one.
    Depth,
    /// VLAN ids in the group's ranges.
    TotalVids,
    /// The share of the group's VLAN ids in use, as text in per cent.
    Utilization,
}
