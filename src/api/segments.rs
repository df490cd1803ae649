//! The handlers of single segments.

use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::Incoming;
use super::body::{json, no_extras};
use super::problem::Problem;
use super::reply::Reply;
use crate::netbox::Trail;
use crate::segment::{Change, Draft, SegmentId, SegmentView, Violation};
use crate::service::{Service, Tagged};

/// A segment with a sentence about what was done.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    segment: SegmentView<'a>,
    message: &'static str,
}

fn tagged(status: StatusCode, found: &Tagged) -> Reply {
    Reply::json(status, &found.segment.view()).with(header::ETAG, &found.etag)
}

/// The problem with a wrong body: what is wrong by itself, and what is wrong by what NetBox has.
async fn all_mistakes(
    service: &Service,
    trail: &Trail,
    body: &Value,
    mut mistakes: Vec<Violation>,
) -> Problem {
    mistakes.extend(service.further_mistakes(trail, body).await);
    Problem::invalid(mistakes)
}

/// `GET /api/segments/{id}`
pub(super) async fn get(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let (found, sourced) = service.get(trail, id).await?;
    let known = call.header("if-none-match").unwrap_or_default();
    // Weak comparison (RFC 9110, section 13.1.2): a `W/` before a tag does not matter.
    let same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == found.etag;
    if known.split(',').map(str::trim).any(same) {
        let reply = Reply::empty(StatusCode::NOT_MODIFIED).with(header::ETAG, &found.etag);
        return Ok(reply.sourced(&sourced));
    }
    Ok(tagged(StatusCode::OK, &found).sourced(&sourced))
}

/// `POST /api/segments`
pub(super) async fn create(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let body = json(call, service.settings().max_body)?;
    let draft = match Draft::parse(&body) {
        Ok(draft) => draft,
        Err(mistakes) => return Err(all_mistakes(service, trail, &body, mistakes).await),
    };
    let made = service.create(trail, draft).await?;
    let told = Told {
        segment: made.segment.view(),
        message: "Segment created",
    };
    let address = format!("/api/segments/{}", made.segment.id);
    Ok(Reply::json(StatusCode::CREATED, &told)
        .with(header::LOCATION, &address)
        .with(header::ETAG, &made.etag))
}

/// `PUT /api/segments/{id}`: the segment becomes what the body says.
pub(super) async fn replace(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let body = json(call, service.settings().max_body)?;
    let draft = match Draft::parse_put(&body) {
        Ok(draft) => draft,
        Err(mistakes) => return Err(all_mistakes(service, trail, &body, mistakes).await),
    };
    let changed = service
        .update(trail, id, &Change::from_put(draft), call.header("if-match"))
        .await?;
    Ok(tagged(StatusCode::OK, &changed))
}

/// `PATCH /api/segments/{id}`: what the body names changes (RFC 7396).
pub(super) async fn change(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let body = json(call, service.settings().max_body)?;
    let change = match Change::parse(&body) {
        Ok(change) => change,
        Err(mistakes) => return Err(all_mistakes(service, trail, &body, mistakes).await),
    };
    let changed = service
        .update(trail, id, &change, call.header("if-match"))
        .await?;
    Ok(tagged(StatusCode::OK, &changed))
}

/// `DELETE /api/segments/{id}`
pub(super) async fn delete(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let deleted = service.delete(trail, id, call.header("if-match")).await?;
    if deleted.left.is_empty() {
        return Ok(Reply::empty(StatusCode::NO_CONTENT));
    }
    let told = json!({
        "id": id.to_string(),
        "message": "Segment deleted; something that nobody uses is left in NetBox",
        "left": deleted.left,
    });
    Ok(Reply::json(StatusCode::OK, &told))
}
