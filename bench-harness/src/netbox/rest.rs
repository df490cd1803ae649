//! The REST API: which path and method leads where.

mod bulk;
mod check;
mod fields;
mod filters;
mod list;
mod lookup;
mod misc;
mod object_changes;
mod paging;
mod query;
mod related;
mod serialise;
mod write;

use super::call::Call;
use super::reply::Reply;
use super::schema::{Kind, Model};
use super::state::State;

pub(crate) use lookup::net_or_host;
pub(crate) use serialise::{custom_fields, total_vids};

/// Where a path of the API leads.
enum Place {
    List(&'static Model),
    One(&'static Model, u64),
    Changes(Option<u64>),
    Status,
    AuthCheck,
    Root,
}

fn place(path: &str) -> Option<Place> {
    let path = path.strip_prefix("/api")?;
    match path {
        "/" => return Some(Place::Root),
        "/status/" => return Some(Place::Status),
        "/authentication-check/" => return Some(Place::AuthCheck),
        "/core/object-changes/" => return Some(Place::Changes(None)),
        _ => {}
    }
    if let Some(rest) = path.strip_prefix("/core/object-changes/") {
        return Some(Place::Changes(rest.strip_suffix('/')?.parse().ok()));
    }
    for kind in Kind::ALL {
        let model = kind.model();
        if let Some(rest) = path.strip_prefix(model.path) {
            if rest.is_empty() {
                return Some(Place::List(model));
            }
            let id = rest.strip_suffix('/')?.parse().ok()?;
            return Some(Place::One(model, id));
        }
    }
    None
}

/// Answers one REST call.
pub(crate) async fn answer(state: &State, call: &Call) -> Reply {
    let Some(place) = place(&call.path) else {
        // Django adds the last slash for a GET when that makes a known path; anything else is a page that is not there.
        let slashed = format!("{}/", call.path);
        if matches!(call.method.as_str(), "GET" | "HEAD") && self::place(&slashed).is_some() {
            let query = call
                .query
                .as_ref()
                .map(|query| format!("?{query}"))
                .unwrap_or_default();
            let mut reply = Reply::text(301, "text/html; charset=utf-8", "");
            reply.headers.push(("Location".into(), slashed + &query));
            return reply;
        }
        return Reply::not_found_page();
    };
    if let Some(refused) = misc::refuse(call, &place) {
        return refused;
    }
    match place {
        Place::Root => misc::root(call),
        Place::Status => misc::status(call),
        Place::AuthCheck => misc::authentication_check(call),
        Place::Changes(id) => object_changes::read(&state.db(), call, id),
        Place::List(model) => match call.method.as_str() {
            "GET" | "HEAD" => list::read(&state.db(), call, model),
            "POST" => write::create(state, call, model).await,
            "PATCH" | "PUT" => bulk::update(state, call, model),
            _ => bulk::delete(state, call, model),
        },
        Place::One(model, id) => match call.method.as_str() {
            "GET" | "HEAD" => list::read_one(&state.db(), call, model, id),
            "PATCH" | "PUT" => write::update(state, call, model, id).await,
            _ => write::delete(state, call, model, id),
        },
    }
}
