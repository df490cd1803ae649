//! An example of each kind of problem, made by what makes the problems that are served.

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};

use super::super::problem::{Kind, Problem};
use crate::netbox::NetboxError;
use crate::segment::{Rule, SegmentId, Violation};
use crate::service::ServiceError;
use crate::service::error::{Obstacle, Shortage};
use crate::settings::{Mistake, Role};

/// A request, in words, as errors of NetBox name it.
const CREATE: &str = "create VLAN";

/// All of them, by the word of their kind.
pub(super) fn all() -> Map<String, Value> {
    let of = |kind: &Kind| {
        let mut value = problem(*kind).value();
        value["instance"] = path(*kind).into();
        value["request_id"] = "94a5a2e0-a691-4ee6-b826-9e65e0e4596a".into();
        let remedy = kind.remedy().trim();
        (
            kind.word().to_owned(),
            json!({"description": remedy, "value": value}),
        )
    };
    Kind::ALL.iter().map(of).collect()
}

/// What was asked for.
const fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::NoSuchPath => "/api/segment",
        Kind::NoSuchSegment | Kind::Changed | Kind::IfMatchRequired => "/api/segments/101",
        Kind::Unsigned | Kind::HooksOff => "/api/hooks/netbox",
        Kind::MethodNotAllowed => "/api/stats",
        Kind::NoneFree => "/api/allocate-vlan",
        Kind::NotAllocated => "/api/release-vlan",
        Kind::NoRoom => "/api/segments/provision",
        Kind::Withheld | Kind::BodyTooLarge => "/api/segments/bulk",
        _ => "/api/segments",
    }
}

/// A problem of this kind, as it may come.
pub(super) fn problem(kind: Kind) -> Problem {
    let netbox = |error: NetboxError| Problem::from(ServiceError::from(error));
    match kind {
        Kind::Malformed => Problem::parameters(vec![Violation::new(
            "?vlan",
            Rule::UnknownParameter {
                name: "vlan".to_owned(),
                nearest: Some("vlan_id"),
            },
        )]),
        Kind::Unauthorised => Problem::unauthorised("the token is not known"),
        Kind::Unsigned => {
            Problem::unsigned("there is no X-Hook-Signature header; give NetBox's webhook a secret")
        }
        Kind::Forbidden => Problem::forbidden("dashboard", Role::Read, Role::Write),
        Kind::NoSuchPath => Problem::no_such_path(path(kind)),
        Kind::NoSuchSegment => ServiceError::NoSuchSegment(SegmentId(101)).into(),
        Kind::NotAllocated => ServiceError::NotAllocated {
            cluster: "shop".to_owned(),
            site: "site1".to_owned(),
            vrf: "Network1".to_owned(),
        }
        .into(),
        Kind::HooksOff => Problem::hooks_off(),
        Kind::MethodNotAllowed => Problem::method(&Method::POST, &[Method::GET]),
        Kind::KeyRunning => Problem::key_running(),
        Kind::Conflict => ServiceError::Conflict(vec![overlap()]).into(),
        Kind::NoneFree => ServiceError::NoneFree(Box::new(shortage())).into(),
        Kind::NoRoom => ServiceError::NoRoom(
            "no /24 is free in VRF `Network1` inside the prefixes of site `site1` (172.20.0.0/16)"
                .to_owned(),
        )
        .into(),
        Kind::Outrun => {
            ServiceError::Busy("others took each segment that was chosen".to_owned()).into()
        }
        Kind::Withheld => ServiceError::Withheld.into(),
        Kind::Changed => ServiceError::Changed(SegmentId(101)).into(),
        Kind::BodyTooLarge => Problem::new(
            kind,
            "a body may have at most 1048576 bytes (setting max_body)",
        ),
        Kind::UnsupportedMediaType => Problem::new(
            kind,
            "the body is said to be `text/plain`; send JSON with the header `Content-Type: application/json`",
        ),
        Kind::Invalid => Problem::invalid(mistakes()),
        Kind::KeyReused => Problem::key_reused(),
        Kind::NetboxRefused => netbox(NetboxError::Refused {
            operation: CREATE,
            detail: "name: VLAN names begin with EPG_.".to_owned(),
        }),
        Kind::IfMatchRequired => Problem::no_if_match(),
        Kind::Misconfigured => Problem::misconfigured(&[Mistake {
            setting: "auth",
            detail: "it is neither".to_owned(),
            expected: "on or off".to_owned(),
        }]),
        Kind::NetboxForbidden => netbox(NetboxError::Forbidden {
            operation: CREATE,
            detail: "You do not have permission to perform this action.".to_owned(),
        }),
        Kind::NetboxUnusable => netbox(NetboxError::Unusable {
            operation: CREATE,
            status: 500,
            detail: "it is no JSON".to_owned(),
        }),
        Kind::NetboxUnreachable => {
            netbox(NetboxError::Unreachable("connection refused".to_owned()))
        }
        Kind::NetboxBusy => netbox(NetboxError::Held {
            retry_after: Duration::from_secs(20),
        }),
        Kind::StoreUnavailable => Problem::store_unavailable("the key-value store can't be read"),
        Kind::NetboxUnprepared => {
            ServiceError::Unprepared("NetBox has no tenant with the slug `segments`".to_owned())
                .into()
        }
        Kind::NetboxTimeout => netbox(NetboxError::TimedOut {
            operation: CREATE,
            after: Duration::from_secs(10),
        }),
    }
}

fn mistakes() -> Vec<Violation> {
    vec![
        Violation::new(
            "/vlan_id",
            Rule::Type {
                found: "a string",
                right: "a whole number from 1 to 4094, without quotes or a decimal point",
            },
        ),
        Violation::new(
            "/site",
            Rule::UnknownName {
                noun: "site",
                name: "sitex".to_owned(),
                known: ["site1", "site2"].map(str::to_owned).into(),
            },
        ),
    ]
}

fn overlap() -> Obstacle {
    Obstacle {
        code: "overlap",
        pointer: "/segment",
        rival: Some(SegmentId(7)),
        detail: "172.20.0.0/24 overlaps 172.20.0.0/23 of segment 7 in VRF \"Network1\".".to_owned(),
        expected: "addresses that no segment of the VRF has".to_owned(),
    }
}

fn shortage() -> Shortage {
    Shortage {
        detail: "no segment is free at site `site1` in VRF `Network1`: 11 there, 10 allocated, 1 free but not as wanted"
            .to_owned(),
        total: 11,
        allocated: 10,
        unsuitable: 1,
        alternatives: vec![("site1".to_owned(), "Network2".to_owned(), 4)],
    }
}
