//! The eight models, field by field.

use super::{Choice, Field, Kind, Model, Shape};

const fn name(max: usize) -> Field {
    Field::new(
        "name",
        Shape::Text {
            max,
            blank: false,
            null: false,
            slug: false,
        },
    )
    .required()
    .nested()
}

const SLUG: Field = Field::new(
    "slug",
    Shape::Text {
        max: 100,
        blank: false,
        null: false,
        slug: true,
    },
)
.required()
.nested();

const fn text(name: &'static str, max: usize) -> Field {
    Field::new(
        name,
        Shape::Text {
            max,
            blank: true,
            null: false,
            slug: false,
        },
    )
}

const fn fixed(name: &'static str, json: &'static str) -> Field {
    Field::new(name, Shape::Fixed(json))
}

const ID: Field = Field::new("id", Shape::Id).nested();
const URL: Field = Field::new("url", Shape::Url).nested();
const DISPLAY_URL: Field = Field::new("display_url", Shape::DisplayUrl);
const DISPLAY: Field = Field::new("display", Shape::Display).nested();
const DESCRIPTION: Field = text("description", 200).nested();
const OWNER: Field = fixed("owner", "null");
const COMMENTS: Field = text("comments", usize::MAX);
const TAGS: Field = fixed("tags", "[]");
const CUSTOM_FIELDS: Field = Field::new("custom_fields", Shape::CustomFields);
const CREATED: Field = Field::new("created", Shape::Created);
const LAST_UPDATED: Field = Field::new("last_updated", Shape::LastUpdated);
const TENANT_REF: Field = Field::new("tenant", Shape::Ref(Kind::Tenant));
const ROLE_REF: Field = Field::new("role", Shape::Ref(Kind::Role));
const SCOPE_TYPE: Field = Field::new("scope_type", Shape::ScopeType);
const SCOPE_ID: Field = Field::new("scope_id", Shape::ScopeId);
const SCOPE: Field = Field::new("scope", Shape::Scope);

const PREFIX_STATUS: &[Choice] = &[
    ("active", "Active"),
    ("container", "Container"),
    ("reserved", "Reserved"),
    ("deprecated", "Deprecated"),
];
const VLAN_STATUS: &[Choice] = &[
    ("active", "Active"),
    ("reserved", "Reserved"),
    ("deprecated", "Deprecated"),
];
const CUSTOM_FIELD_TYPE: &[Choice] = &[
    ("text", "Text"),
    ("longtext", "Text (long)"),
    ("integer", "Integer"),
    ("decimal", "Decimal"),
    ("boolean", "Boolean"),
    ("date", "Date"),
    ("datetime", "Date & time"),
    ("url", "URL"),
    ("json", "JSON"),
];

/// `tenancy.tenant`
pub(crate) static TENANT: Model = Model {
    kind: Kind::Tenant,
    path: "/tenancy/tenants/",
    class: "Tenant",
    verbose: "tenant",
    object_type: "tenancy.tenant",
    graphql: "TenantType",
    graphql_field: "tenant",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        name(100),
        SLUG,
        fixed("group", "null"),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        fixed("circuit_count", "0"),
        fixed("device_count", "0"),
        fixed("ipaddress_count", "0"),
        Field::new("prefix_count", Shape::Count(Kind::Prefix, "tenant")),
        fixed("rack_count", "0"),
        fixed("site_count", "0"),
        fixed("virtualmachine_count", "0"),
        Field::new("vlan_count", Shape::Count(Kind::Vlan, "tenant")),
        Field::new("vrf_count", Shape::Count(Kind::Vrf, "tenant")),
        fixed("cluster_count", "0"),
    ],
};

/// `ipam.role`
pub(crate) static ROLE: Model = Model {
    kind: Kind::Role,
    path: "/ipam/roles/",
    class: "Role",
    verbose: "role",
    object_type: "ipam.role",
    graphql: "RoleType",
    graphql_field: "role",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        name(100),
        SLUG,
        Field::new(
            "weight",
            Shape::Int {
                min: 0,
                max: 32767,
                default: 1000,
            },
        ),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        Field::new("prefix_count", Shape::Count(Kind::Prefix, "role")).brief(),
        Field::new("vlan_count", Shape::Count(Kind::Vlan, "role")).brief(),
        fixed("asn_count", "0"),
    ],
};

/// `dcim.sitegroup`
pub(crate) static SITE_GROUP: Model = Model {
    kind: Kind::SiteGroup,
    path: "/dcim/site-groups/",
    class: "SiteGroup",
    verbose: "site group",
    object_type: "dcim.sitegroup",
    graphql: "SiteGroupType",
    graphql_field: "site_group",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        name(100),
        SLUG,
        fixed("parent", "null"),
        DESCRIPTION,
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        fixed("site_count", "0").nested(),
        Field::new("prefix_count", Shape::Count(Kind::Prefix, "scope_id")),
        OWNER,
        COMMENTS,
        fixed("_depth", "0").nested(),
    ],
};

/// `ipam.vrf`
pub(crate) static VRF: Model = Model {
    kind: Kind::Vrf,
    path: "/ipam/vrfs/",
    class: "VRF",
    verbose: "VRF",
    object_type: "ipam.vrf",
    graphql: "VRFType",
    graphql_field: "vrf",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        name(100),
        Field::new(
            "rd",
            Shape::Text {
                max: 21,
                blank: true,
                null: true,
                slug: false,
            },
        )
        .nested(),
        TENANT_REF,
        Field::new("enforce_unique", Shape::Bool(true)),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        fixed("import_targets", "[]"),
        fixed("export_targets", "[]"),
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        fixed("ipaddress_count", "0"),
        Field::new("prefix_count", Shape::Count(Kind::Prefix, "vrf")).brief(),
    ],
};

/// `ipam.vlangroup`
pub(crate) static VLAN_GROUP: Model = Model {
    kind: Kind::VlanGroup,
    path: "/ipam/vlan-groups/",
    class: "VLANGroup",
    verbose: "VLAN group",
    object_type: "ipam.vlangroup",
    graphql: "VLANGroupType",
    graphql_field: "vlan_group",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        name(100),
        SLUG,
        SCOPE_TYPE,
        SCOPE_ID,
        SCOPE,
        Field::new("vid_ranges", Shape::Ranges),
        Field::new("total_vlan_ids", Shape::TotalVids),
        TENANT_REF,
        DESCRIPTION,
        OWNER,
        COMMENTS,
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        Field::new("vlan_count", Shape::Count(Kind::Vlan, "group")).brief(),
        Field::new("utilization", Shape::Utilization),
    ],
};

/// `ipam.vlan`
pub(crate) static VLAN: Model = Model {
    kind: Kind::Vlan,
    path: "/ipam/vlans/",
    class: "VLAN",
    verbose: "VLAN",
    object_type: "ipam.vlan",
    graphql: "VLANType",
    graphql_field: "vlan",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        fixed("site", "null"),
        Field::new("group", Shape::Ref(Kind::VlanGroup)),
        Field::new(
            "vid",
            Shape::Int {
                min: 1,
                max: 4094,
                default: 0,
            },
        )
        .required()
        .nested(),
        name(64),
        TENANT_REF,
        Field::new("status", Shape::Choice(VLAN_STATUS)),
        ROLE_REF,
        DESCRIPTION,
        fixed("qinq_role", "null"),
        fixed("qinq_svlan", "null"),
        OWNER,
        COMMENTS,
        fixed("l2vpn_termination", "null"),
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        Field::new("prefix_count", Shape::Count(Kind::Prefix, "vlan")),
    ],
};

/// `ipam.prefix`
pub(crate) static PREFIX: Model = Model {
    kind: Kind::Prefix,
    path: "/ipam/prefixes/",
    class: "Prefix",
    verbose: "prefix",
    object_type: "ipam.prefix",
    graphql: "PrefixType",
    graphql_field: "prefix",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        Field::new("family", Shape::Family).nested(),
        Field::new("prefix", Shape::Net).required().nested(),
        Field::new("vrf", Shape::Ref(Kind::Vrf)),
        SCOPE_TYPE,
        SCOPE_ID,
        SCOPE,
        TENANT_REF,
        Field::new("vlan", Shape::Ref(Kind::Vlan)),
        Field::new("status", Shape::Choice(PREFIX_STATUS)),
        ROLE_REF,
        Field::new("is_pool", Shape::Bool(false)),
        Field::new("mark_utilized", Shape::Bool(false)),
        DESCRIPTION,
        OWNER,
        COMMENTS,
        TAGS,
        CUSTOM_FIELDS,
        CREATED,
        LAST_UPDATED,
        Field::new("children", Shape::Children),
        Field::new("_depth", Shape::Depth).nested(),
    ],
};

/// `extras.customfield`
pub(crate) static CUSTOM_FIELD: Model = Model {
    kind: Kind::CustomField,
    path: "/extras/custom-fields/",
    class: "CustomField",
    verbose: "custom field",
    object_type: "extras.customfield",
    graphql: "",
    graphql_field: "",
    fields: &[
        ID,
        URL,
        DISPLAY_URL,
        DISPLAY,
        Field::new("object_types", Shape::Json("[]")).required(),
        Field::new("type", Shape::Choice(CUSTOM_FIELD_TYPE)).required(),
        fixed("related_object_type", "null"),
        text("data_type", 20),
        name(50),
        text("label", 50),
        text("group_name", 50),
        DESCRIPTION,
        Field::new("required", Shape::Bool(false)),
        Field::new("unique", Shape::Bool(false)),
        fixed("search_weight", "1000"),
        fixed("filter_logic", r#"{"value":"loose","label":"Loose"}"#),
        fixed("ui_visible", r#"{"value":"always","label":"Always"}"#),
        fixed("ui_editable", r#"{"value":"yes","label":"Yes"}"#),
        fixed("is_cloneable", "false"),
        fixed("nulls_first", "true"),
        Field::new("default", Shape::Json("null")),
        fixed("related_object_filter", "null"),
        fixed("weight", "100"),
        fixed("validation_minimum", "null"),
        fixed("validation_maximum", "null"),
        fixed("validation_regex", "\"\""),
        fixed("validation_schema", "null"),
        fixed("choice_set", "null"),
        fixed("status", r#"{"value":"active","label":"Active"}"#),
        OWNER,
        COMMENTS,
        CREATED,
        LAST_UPDATED,
    ],
};
