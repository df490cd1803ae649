//! What every call is checked for before its work, and the small answers.

use super::Place;
use crate::netbox::auth::Access;
use crate::netbox::call::{Call, USER};
use crate::netbox::json::Object;
use crate::netbox::reply::Reply;

/// Refuses a call for its `Accept` version (406), its token (403) or its method (405), in NetBox's order.
pub(super) fn refuse(call: &Call, place: &Place) -> Option<Reply> {
    if let Some(accept) = call.header("accept")
        && let Some((_, version)) = accept.split_once("version=")
        && !version.trim().starts_with(call.release.api())
    {
        return Some(Reply::detail(406, "Invalid version in \"Accept\" header."));
    }
    let reads = matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    match call.access {
        Err(text) => {
            let text = text.unwrap_or("Authentication credentials were not provided.");
            return Some(Reply::detail(403, text));
        }
        Ok(Access::Nothing) if !matches!(place, Place::Status | Place::AuthCheck | Place::Root) => {
            return Some(Reply::forbidden());
        }
        Ok(Access::ReadOnly) if !reads => return Some(Reply::forbidden()),
        Ok(_) => {}
    }
    let allowed: &[&str] = match place {
        Place::List(_) => &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        Place::One(..) => &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
        _ => &["GET", "HEAD"],
    };
    if allowed.contains(&call.method.as_str()) {
        None
    } else {
        Some(Reply::detail(
            405,
            &format!("Method \"{}\" not allowed.", call.method),
        ))
    }
}

/// `GET /api/status/` (recording 001).
pub(super) fn status(call: &Call) -> Reply {
    let full = call.release.full();
    let body = concat!(
        r#"{"django-version":"6.1.2","hostname":"vm","installed_apps":{"django_filters":"26.2","django_prometheus":"2.4.0","#,
        r#""django_rq":"4.2.0","django_tables2":"3.0.1","drf_spectacular":"0.30.0","drf_spectacular_sidecar":"2026.10.1","#,
        r#""mptt":"0.18.0","rest_framework":"3.18.0","social_django":"6.1.0","taggit":"6.1.0","timezone_field":"7.2.2"},"#,
        r#""netbox-version":"4.7.3","netbox-full-version":"4.7.3","plugins":{},"python-version":"3.12.1","rq-workers-running":0}"#
    );
    Reply::json(200, body.replace("4.7.3", full))
}

/// `GET /api/authentication-check/` (recordings 002 and 003).
pub(super) fn authentication_check(call: &Call) -> Reply {
    let mut body = String::new();
    let mut object = Object::new(&mut body);
    object.raw("id", "1");
    object.text("url", &format!("{}/api/users/users/1/", call.base));
    object.text("display_url", &format!("{}/users/users/1/", call.base));
    for name in ["display", "username"] {
        object.text(name, USER);
    }
    for name in ["first_name", "last_name", "email"] {
        object.text(name, "");
    }
    object.raw("is_active", "true");
    object.text("date_joined", "2026-11-23T07:54:22.074307Z");
    object.raw("last_login", "null");
    object.raw("groups", "[]");
    object.raw("permissions", "[]");
    object.end();
    Reply::json(200, body)
}

/// `GET /api/`: the applications.
pub(super) fn root(call: &Call) -> Reply {
    let mut body = String::new();
    let mut object = Object::new(&mut body);
    for app in ["core", "dcim", "extras", "ipam", "tenancy", "status"] {
        object.text(app, &format!("{}/api/{app}/", call.base));
    }
    object.end();
    Reply::json(200, body)
}
