//! The handlers of single segments.

use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::Incoming;
use super::body::{json, no_extras};
use super::bulk::forecast_one;
use super::options::Options;
use super::problem::Problem;
use super::reply::Reply;
use crate::netbox::Trail;
use crate::segment::{Change, Draft, SegmentId, SegmentView, Violation, clusters_of};
use crate::service::delete::Doomed;
use crate::service::update::{Alteration, Wish};
use crate::service::{Service, Tagged};

/// A segment with a sentence about what was done.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    #[serde(flatten)]
    segment: SegmentView<'a>,
    message: &'static str,
}

impl<'a> Told<'a> {
    pub(super) fn of(found: &'a Tagged, message: &'static str) -> Self {
        let segment = found.segment.view();
        Self { segment, message }
    }
}

fn tagged(status: StatusCode, found: &Tagged) -> Reply {
    Reply::json(status, &found.segment.view()).with(header::ETAG, &found.etag)
}

/// The tags that the segment must have one of. The setting `require_if_match` makes them required.
pub(super) fn guarded(service: &Service, tags: Option<String>) -> Result<Option<String>, Problem> {
    if tags.is_none() && service.settings().require_if_match {
        return Err(Problem::no_if_match());
    }
    Ok(tags)
}

fn guard(service: &Service, call: &Incoming) -> Result<Option<String>, Problem> {
    let given = call.header("if-match").map(str::to_owned);
    if given.is_none() && call.headers.contains_key(header::IF_MATCH) {
        return Err(Problem::malformed(
            "the header If-Match has other characters than visible ASCII; right would be an ETag that a segment was answered with, or *",
        ));
    }
    guarded(service, given)
}

/// What a body says. When it is wrong, the problem names what is wrong by itself and what is wrong by what NetBox has.
async fn sound<T>(
    service: &Service,
    trail: &Trail,
    body: &Value,
    parsed: Result<T, Vec<Violation>>,
) -> Result<T, Problem> {
    match parsed {
        Ok(parsed) => Ok(parsed),
        Err(mut mistakes) => {
            mistakes.extend(service.further_mistakes(trail, body).await);
            Err(Problem::invalid(mistakes))
        }
    }
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
    let options = Options::of_one(call)?;
    let body = json(call, service.settings().max_body)?;
    let draft = sound(service, trail, &body, Draft::parse(&body)).await?;
    if options.dry_run {
        let would = service.would_create(trail, vec![draft]).await?;
        return forecast_one(would);
    }
    let made = service.create(trail, draft).await?;
    let told = Told::of(&made, "Segment created");
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
    let options = Options::of_one(call)?;
    let body = json(call, service.settings().max_body)?;
    let draft = sound(service, trail, &body, Draft::parse_put(&body)).await?;
    carry_out(service, trail, call, id, Change::from_put(draft), options).await
}

/// `PATCH /api/segments/{id}`: what the body names changes (RFC 7396).
pub(super) async fn change(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    let options = Options::of_one(call)?;
    let body = json(call, service.settings().max_body)?;
    let change = sound(service, trail, &body, Change::parse(&body)).await?;
    carry_out(service, trail, call, id, change, options).await
}

/// `PUT /api/segments/{id}/clusters`: the segment is used by these clusters and by no others.
pub(super) async fn clusters(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    let options = Options::of_one(call)?;
    let body = json(call, service.settings().max_body)?;
    let change = Change {
        clusters: Some(clusters_of(&body).map_err(Problem::invalid)?),
        ..Change::default()
    };
    carry_out(service, trail, call, id, change, options).await
}

async fn carry_out(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
    change: Change,
    options: Options,
) -> Result<Reply, Problem> {
    let wish = Wish {
        id,
        change: Alteration::Change(Box::new(change)),
        expected: guard(service, call)?,
    };
    if options.dry_run {
        let would = service.would_update(trail, vec![wish]).await?;
        return forecast_one(would);
    }
    let changed = service.update(trail, wish).await?;
    Ok(tagged(StatusCode::OK, &changed))
}

/// `DELETE /api/segments/{id}`
pub(super) async fn delete(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    id: SegmentId,
) -> Result<Reply, Problem> {
    let options = Options::of_one(call)?;
    let expected = guard(service, call)?;
    if options.dry_run {
        let doomed = vec![Doomed { id, expected }];
        let would = service.would_delete(trail, doomed).await?;
        return forecast_one(would);
    }
    let deleted = service.delete(trail, Doomed { id, expected }).await?;
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
