//! How operations of one sort are described.

use serde_json::{Value, json};

use super::super::export::Form;
use super::super::problem::Kind;
use super::operations::{Answer, Class, Content, Operation, Sent};
use crate::segment::Filter;

const READ: &[&str] = &["Cache-Status", "Age", "Cache-Control"];
const READ_ONE: &[&str] = &["ETag", "Cache-Status", "Age", "Cache-Control"];
const READ_LIST: &[&str] = &[
    "X-Total-Count",
    "Link",
    "Cache-Status",
    "Age",
    "Cache-Control",
];
const MADE: &[&str] = &["Location", "ETag", "Idempotency-Replayed"];
const CHANGED: &[&str] = &["ETag", "Idempotency-Replayed"];
pub(super) const REPLAYED: &[&str] = &["Idempotency-Replayed"];
pub(super) const JSON: &[&str] = &["application/json"];
pub(super) const JSON_OR_CSV: &[&str] = &["application/json", CSV];
/// The media type of a list as CSV.
pub(super) const CSV: &str = "text/csv";
pub(super) const PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

/// What can be in the way of a change of a segment.
pub(super) const IN_THE_WAY: &[Kind] = &[
    Kind::NoSuchSegment,
    Kind::Conflict,
    Kind::Outrun,
    Kind::Changed,
    Kind::NetboxRefused,
    Kind::IfMatchRequired,
];
/// The same where addresses and names stay: nobody else can have them.
pub(super) const IN_THE_WAY_OF_CLUSTERS: &[Kind] = &[
    Kind::NoSuchSegment,
    Kind::Outrun,
    Kind::Changed,
    Kind::NetboxRefused,
    Kind::IfMatchRequired,
];
/// What can be in the way of a new segment.
pub(super) const IN_THE_WAY_OF_NEW: &[Kind] = &[
    Kind::Conflict,
    Kind::Outrun,
    Kind::NetboxRefused,
    Kind::NetboxUnprepared,
];

pub(super) const fn json_answer(
    status: u16,
    what: &'static str,
    schema: &'static str,
    headers: &'static [&'static str],
) -> Answer {
    Answer {
        status,
        what,
        content: Content::Json(schema),
        headers,
    }
}

pub(super) const fn nothing(
    status: u16,
    what: &'static str,
    headers: &'static [&'static str],
) -> Answer {
    Answer {
        status,
        what,
        content: Content::Nothing,
        headers,
    }
}

pub(super) fn draft() -> Value {
    json!({"site": "site1", "vrf": "Network1", "vlan_id": 3000, "epg_name": "EPG_TOUR", "segment": "172.20.0.0/24", "dhcp": true})
}

pub(super) fn place() -> Value {
    json!({"cluster_name": "shop", "site": "site1", "vrf": "Network1"})
}

pub(super) fn list(
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: &'static [&'static str],
) -> Operation {
    Operation {
        id,
        tag: "segments",
        summary,
        description,
        parameters,
        body: None,
        answers: vec![json_answer(
            200,
            "The list, or a page of it.",
            "Segments",
            READ_LIST,
        )],
        own: &[],
        class: Class::Read,
    }
}

pub(super) fn get() -> Operation {
    Operation {
        id: "getSegment",
        tag: "segments",
        summary: "Get a segment",
        description: "An id that is not known is looked for at NetBox before 404 goes out, unless that was done in the last 5 seconds.",
        parameters: &["if_none_match"],
        body: None,
        answers: vec![
            json_answer(200, "The segment.", "Segment", READ_ONE),
            nothing(304, "It has one of the tags of If-None-Match.", READ_ONE),
        ],
        own: &[Kind::NoSuchSegment],
        class: Class::Read,
    }
}

pub(super) fn create() -> Operation {
    Operation {
        id: "createSegment",
        tag: "segments",
        summary: "Create a segment",
        description: "The VLAN, its group if there is none, and the prefix, or nothing.",
        parameters: &["dry_run", "idempotency_key"],
        body: Some(Sent {
            media: JSON,
            schema: "NewSegment",
            example: draft,
        }),
        answers: vec![
            json_answer(200, "A dry run: what would be done.", "Forecast", REPLAYED),
            json_answer(201, "It was made.", "Made", MADE),
        ],
        own: IN_THE_WAY_OF_NEW,
        class: Class::Write,
    }
}

pub(super) fn one(
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    body: Sent,
    own: &'static [Kind],
) -> Operation {
    Operation {
        id,
        tag: "segments",
        summary,
        description,
        parameters: &["dry_run", "if_match", "idempotency_key"],
        body: Some(body),
        answers: vec![json_answer(
            200,
            "The segment as it is now; or, of a dry run, what would be done.",
            "Changed",
            CHANGED,
        )],
        own,
        class: Class::Write,
    }
}

pub(super) fn delete() -> Operation {
    Operation {
        id: "deleteSegment",
        tag: "segments",
        summary: "Delete a segment",
        description: "The VLAN goes too, unless another prefix is on it. An allocated segment is refused with 409.",
        parameters: &["dry_run", "if_match", "idempotency_key"],
        body: None,
        answers: vec![
            json_answer(
                200,
                "It is gone, and something that nobody uses is left; or a dry run.",
                "Deleted",
                REPLAYED,
            ),
            nothing(204, "It is gone.", REPLAYED),
        ],
        own: IN_THE_WAY,
        class: Class::Write,
    }
}

pub(super) fn done() -> Vec<Answer> {
    vec![
        json_answer(
            200,
            "All was done; or, of a dry run, what would be.",
            "Done",
            REPLAYED,
        ),
        json_answer(
            207,
            "Some was done (`atomic=false`): each entry has its status.",
            "Done",
            REPLAYED,
        ),
    ]
}

pub(super) fn many(
    id: &'static str,
    summary: &'static str,
    body: Sent,
    answers: Vec<Answer>,
    own: &'static [Kind],
) -> Operation {
    Operation {
        id,
        tag: "lists",
        summary,
        description: "All or none, every bad item named by its index; or each for itself with `atomic=false`.",
        parameters: &["atomic", "dry_run", "idempotency_key"],
        body: Some(body),
        answers,
        own,
        class: Class::Write,
    }
}

pub(super) fn give(
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    body: Sent,
    own: &'static [Kind],
) -> Operation {
    Operation {
        id,
        tag: "allocation",
        summary,
        description,
        parameters: &["atomic", "dry_run", "idempotency_key"],
        body: Some(body),
        answers: vec![
            json_answer(
                200,
                "The segment; of a list, each answer; of a dry run, what would be done.",
                "Given",
                CHANGED,
            ),
            json_answer(
                207,
                "Of a list, some was done (`atomic=false`): each entry has its status.",
                "Results",
                REPLAYED,
            ),
        ],
        own,
        class: Class::Write,
    }
}

pub(super) fn provision() -> Operation {
    Operation {
        id: "provision",
        tag: "allocation",
        summary: "Make a segment where there is room",
        description: "The next free prefix inside the site's prefixes and the next free VLAN id of the group, as one unit.",
        parameters: &["dry_run", "idempotency_key"],
        body: Some(Sent {
            media: JSON,
            schema: "Provision",
            example: || json!({"site": "site1", "vrf": "Network1", "prefix_length": 24, "epg_name": "EPG_NEW"}),
        }),
        answers: vec![
            json_answer(200, "A dry run: what would be done.", "Forecast", REPLAYED),
            json_answer(201, "It was made.", "Made", MADE),
        ],
        own: &[
            Kind::NoRoom,
            Kind::Conflict,
            Kind::Outrun,
            Kind::NetboxRefused,
            Kind::NetboxUnprepared,
        ],
        class: Class::Write,
    }
}

pub(super) fn reconcile() -> Operation {
    Operation {
        id: "reconcile",
        tag: "operation",
        summary: "Finish what killed writers have left",
        description: "Takes the role `admin`. The next write does the same for a few of them.",
        parameters: &["force", "idempotency_key"],
        body: None,
        answers: vec![json_answer(
            200,
            "What was found and done.",
            "Reconciled",
            REPLAYED,
        )],
        own: &[],
        class: Class::Write,
    }
}

pub(super) fn reference(
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    schema: &'static str,
) -> Operation {
    let answers = match schema {
        "Sites" => vec![json_answer(200, "All of them.", "Sites", READ)],
        "Vrfs" => vec![json_answer(200, "All of them.", "Vrfs", READ)],
        _ => vec![json_answer(200, "The counts.", "Stats", READ)],
    };
    Operation {
        id,
        tag: "reference",
        summary,
        description,
        parameters: &[],
        body: None,
        answers,
        own: &[],
        class: Class::Read,
    }
}

pub(super) fn health() -> Operation {
    Operation {
        id: "health",
        tag: "operation",
        summary: "Say that we are alive",
        description: "Takes no token without a query. With `deep=true` NetBox, the token's rights and the objects that are needed are looked at.",
        parameters: &["deep"],
        body: None,
        answers: vec![
            json_answer(200, "All is well.", "Health", &["Cache-Control"]),
            json_answer(
                503,
                "Something fails: each check with its remedy.",
                "Health",
                &["Cache-Control"],
            ),
        ],
        own: &[],
        class: Class::Open,
    }
}

pub(super) fn hook() -> Operation {
    Operation {
        id: "hearNetbox",
        tag: "operation",
        summary: "Take a delivery of a NetBox webhook",
        description: "Signed with the setting `webhook_secret`. Changes that others make are seen at once.",
        parameters: &[],
        body: Some(Sent {
            media: JSON,
            schema: "Delivery",
            example: || json!({"event": "updated", "timestamp": "2026-11-23T12:00:00Z", "object_type": "ipam.prefix", "data": {"id": 7}}),
        }),
        answers: vec![json_answer(202, "What was done about it.", "Heard", &[])],
        own: &[Kind::Unsigned, Kind::HooksOff],
        class: Class::Signed,
    }
}

pub(super) fn openapi() -> Operation {
    Operation {
        id: "getDescription",
        tag: "operation",
        summary: "Describe this API",
        description: "This document.",
        parameters: &[],
        body: None,
        answers: vec![json_answer(
            200,
            "OpenAPI 3.1.",
            "Description",
            &["Cache-Control"],
        )],
        own: &[],
        class: Class::Public,
    }
}

pub(super) fn export(
    form: Form,
    id: &'static str,
    summary: &'static str,
    description: &'static str,
) -> Operation {
    Operation {
        id,
        tag: "reference",
        summary,
        description,
        parameters: &Filter::PARAMETERS,
        body: None,
        answers: vec![Answer {
            status: 200,
            what: "The file, with a header line.",
            content: match form {
                Form::Csv => Content::Text(form.media_type()),
                Form::Excel => Content::File(form.media_type()),
            },
            headers: &[
                "Content-Disposition",
                "Cache-Status",
                "Age",
                "Cache-Control",
            ],
        }],
        own: &[],
        class: Class::Read,
    }
}

pub(super) fn metrics() -> Operation {
    Operation {
        id: "getMetrics",
        tag: "operation",
        summary: "Figures for Prometheus",
        description: "Of all instances on the key-value store, added up. No NetBox call.",
        parameters: &[],
        body: None,
        answers: vec![Answer {
            status: 200,
            what: "The text format, version 0.0.4.",
            content: Content::Text(crate::metrics::text::MEDIA_TYPE),
            headers: &["Cache-Control"],
        }],
        own: &[Kind::StoreUnavailable],
        class: Class::Open,
    }
}
