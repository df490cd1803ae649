//! What each route does with each method.

use http::Method;
use serde_json::{Value, json};

use super::super::export::Form;
use super::super::problem::Kind;
use super::super::route::Route;
use super::table::{
    IN_THE_WAY, IN_THE_WAY_OF_CLUSTERS, IN_THE_WAY_OF_NEW, JSON, JSON_OR_CSV, PATCH, REPLAYED,
    create, delete, done, draft, export, get, give, health, hook, json_answer, list, many, metrics,
    one, openapi, place, provision, reconcile, reference,
};
use crate::segment::LIST_PARAMETERS;

/// What is sent.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub media: &'static [&'static str],
    pub schema: &'static str,
    pub example: fn() -> Value,
}

/// What an answer holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Nothing,
    Json(&'static str),
    /// A text of this media type.
    Text(&'static str),
    /// A file of this media type that is no text.
    File(&'static str),
}

/// An answer when all is well.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub status: u16,
    pub what: &'static str,
    pub content: Content,
    pub headers: &'static [&'static str],
}

/// One route with one method.
pub(super) struct Operation {
    pub id: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub parameters: &'static [&'static str],
    pub body: Option<Sent>,
    pub answers: Vec<Answer>,
    /// The kinds of problems besides those that every one of its class has.
    pub own: &'static [Kind],
    /// What it has to do with NetBox, tokens and bodies.
    pub class: Class,
}

/// What an operation has to do with NetBox, tokens and bodies, and so what can go wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// From the catalogue, which may have to be read first.
    Read,
    /// To NetBox.
    Write,
    /// Nothing but our settings, and a token perhaps.
    Open,
    /// Nothing but our settings, and no token.
    Public,
    /// A signature in the place of a token.
    Signed,
}

const NETBOX: [Kind; 5] = [
    Kind::NetboxForbidden,
    Kind::NetboxUnusable,
    Kind::NetboxUnreachable,
    Kind::NetboxBusy,
    Kind::NetboxTimeout,
];

impl Operation {
    /// All kinds of problems that it can answer with, by status.
    pub(super) fn problems(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Malformed, Kind::Misconfigured];
        if !matches!(self.class, Class::Signed | Class::Public) {
            kinds.push(Kind::Unauthorised);
        }
        if matches!(self.class, Class::Read | Class::Write) {
            kinds.extend(NETBOX);
        }
        if self.class == Class::Write {
            kinds.extend([
                Kind::Forbidden,
                Kind::KeyRunning,
                Kind::KeyReused,
                Kind::StoreUnavailable,
            ]);
        }
        if self.body.is_some() {
            kinds.push(Kind::BodyTooLarge);
        }
        if self.body.is_some() && self.class == Class::Write {
            kinds.extend([Kind::UnsupportedMediaType, Kind::Invalid]);
        }
        kinds.extend(self.own);
        Kind::ALL
            .iter()
            .copied()
            .filter(|kind| kinds.contains(kind))
            .collect()
    }
}

/// What `route` does with `method`; `None` for what is no part of the API.
pub(super) fn of(route: Route, method: &Method) -> Option<Operation> {
    Some(match (route, method) {
        (Route::Segments, &Method::POST) => create(),
        (Route::Segments, _) => list(
            "listSegments",
            "List segments",
            "Those that meet all conditions, in the order of their ids.",
            &LIST_PARAMETERS,
        ),
        (Route::Search, _) => list(
            "searchSegments",
            "Search segments",
            "The list, with `q` required.",
            &[
                "q_required",
                "site",
                "vrf",
                "allocated",
                "vlan_id",
                "cluster_name",
                "limit",
                "cursor",
            ],
        ),
        (Route::Segment(_), &Method::PUT) => one(
            "replaceSegment",
            "Replace a segment",
            "It becomes what the body says; optional fields that are left out get their defaults.",
            Sent {
                media: JSON,
                schema: "WholeSegment",
                example: draft,
            },
            IN_THE_WAY,
        ),
        (Route::Segment(_), &Method::PATCH) => one(
            "changeSegment",
            "Change a segment",
            "A JSON merge patch (RFC 7396). `null` clears `dhcp`, `description` and `cluster_name`, and is refused for the others.",
            Sent {
                media: PATCH,
                schema: "Change",
                example: || json!({"epg_name": "EPG_NEW"}),
            },
            IN_THE_WAY,
        ),
        (Route::Clusters(_), _) => one(
            "setClusters",
            "Set the clusters of a segment",
            "The segment is used by these clusters and by no others.",
            Sent {
                media: JSON,
                schema: "Clusters",
                example: || json!({"clusters": ["shop", "billing"]}),
            },
            IN_THE_WAY_OF_CLUSTERS,
        ),
        (Route::Segment(_), &Method::DELETE) => delete(),
        (Route::Segment(_), _) => get(),
        (Route::Bulk, &Method::POST) => many(
            "createSegments",
            "Create up to 500 segments",
            Sent {
                media: JSON_OR_CSV,
                schema: "NewSegments",
                example: || json!([draft()]),
            },
            vec![
                json_answer(200, "A dry run: what would be done.", "Done", REPLAYED),
                json_answer(201, "All were made.", "Done", REPLAYED),
                json_answer(
                    207,
                    "Some were made (`atomic=false`): each entry has its status.",
                    "Done",
                    REPLAYED,
                ),
            ],
            IN_THE_WAY_OF_NEW,
        ),
        (Route::Bulk, &Method::PATCH) => many(
            "changeSegments",
            "Change up to 500 segments",
            Sent {
                media: PATCH,
                schema: "Changes",
                example: || json!([{"id": "103", "epg_name": "EPG_NEW"}]),
            },
            done(),
            IN_THE_WAY,
        ),
        (Route::Bulk, _) => many(
            "deleteSegments",
            "Delete up to 500 segments",
            Sent {
                media: JSON,
                schema: "Ids",
                example: || json!(["104", {"id": "105", "if_match": "*"}]),
            },
            done(),
            IN_THE_WAY,
        ),
        (Route::Provision, _) => provision(),
        (Route::Allocate, _) => give(
            "allocate",
            "Allocate a segment to a cluster",
            "Gives a free segment of a site and VRF to a cluster; the same cluster, site and VRF again gets the same one. One, or a list of up to 500.",
            Sent {
                media: JSON,
                schema: "Allocations",
                example: place,
            },
            &[Kind::NoneFree, Kind::Outrun, Kind::NetboxRefused],
        ),
        (Route::Release, _) => give(
            "release",
            "Release a segment from a cluster",
            "Other clusters on it stay; when the last one leaves, it is free. One, or a list of up to 500.",
            Sent {
                media: JSON,
                schema: "Releases",
                example: place,
            },
            &[
                Kind::NotAllocated,
                Kind::Conflict,
                Kind::Outrun,
                Kind::Changed,
                Kind::NetboxRefused,
                Kind::NoSuchSegment,
            ],
        ),
        (Route::Reconcile, _) => reconcile(),
        (Route::Sites, _) => reference(
            "listSites",
            "List sites",
            "The slugs of all site groups, in order.",
            "Sites",
        ),
        (Route::Vrfs, _) => reference(
            "listVrfs",
            "List VRFs",
            "The names of all VRFs, in order, each once.",
            "Vrfs",
        ),
        (Route::Stats, _) => reference(
            "getStats",
            "Count segments",
            "How many there are and how many are in use, over all and by site and VRF.",
            "Stats",
        ),
        (Route::Health, _) => health(),
        (Route::Hook, _) => hook(),
        (Route::OpenApi, _) => openapi(),
        (Route::ExportSegments(Form::Csv), _) => export(
            Form::Csv,
            "exportSegments",
            "Export segments as CSV",
            "The list as a file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it, which the import takes away.",
        ),
        (Route::ExportSegments(Form::Excel), _) => export(
            Form::Excel,
            "exportSegmentsToExcel",
            "Export segments as an Excel workbook",
            "The list as a sheet with the columns of the CSV file (Office Open XML). Texts are text, whatever they begin with; `vlan_id` is a number, `dhcp` and `released` are booleans.",
        ),
        (Route::ExportStats(Form::Csv), _) => export(
            Form::Csv,
            "exportStats",
            "Export counts as CSV",
            "One row for all, one for each site and VRF.",
        ),
        (Route::ExportStats(Form::Excel), _) => export(
            Form::Excel,
            "exportStatsToExcel",
            "Export counts as an Excel workbook",
            "One row for all, one for each site and VRF.",
        ),
        (Route::Metrics, _) => metrics(),
        (Route::Page(_), _) => return None,
    })
}
