//! The handlers that list, count and examine.

use http::header::{self, HeaderName};
use http::{StatusCode, Uri};
use serde_json::json;

use super::Incoming;
use super::body::no_extras;
use super::packed::{Packed, packed};
use super::problem::Problem;
use super::reply::Reply;
use crate::netbox::Trail;
use crate::segment::{Filter, Page, Rule, Violation, parse_list};
use crate::service::Service;

/// The description of the API.
const DESCRIPTION: Packed = packed!("openapi.json");

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// `GET /api/segments`
pub(super) async fn segments(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let (filter, page) = parse_list(&call.parameters()).map_err(Problem::parameters)?;
    list(service, trail, call, &filter, &page).await
}

/// `GET /api/segments/search`: the list, but `q` must be there.
pub(super) async fn search(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let (filter, page) = parse_list(&call.parameters()).map_err(Problem::parameters)?;
    if filter.q.is_none() {
        let right = "a part of a name, an address, or a prefix in CIDR notation";
        let missing = Violation::of_parameter("q", Rule::Required { right });
        return Err(Problem::parameters(vec![missing]));
    }
    list(service, trail, call, &filter, &page).await
}

async fn list(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
    filter: &Filter,
    page: &Page,
) -> Result<Reply, Problem> {
    let (listed, sourced) = service.list(trail, filter, page).await?;
    let mut reply = Reply::bytes(StatusCode::OK, listed.json)
        .with(TOTAL, &listed.total.to_string())
        .sourced(&sourced);
    if let Some(cursor) = listed.next.and_then(|next| next.cursor()) {
        let link = format!("<{}>; rel=\"next\"", next_address(call, &cursor));
        reply = reply.with(header::LINK, &link);
    }
    Ok(reply)
}

/// The address of the next page: this one's, with another cursor. Relative, since a proxy may stand before us (RFC 8288).
fn next_address(call: &Incoming, cursor: &str) -> String {
    let kept = call
        .parameters()
        .into_iter()
        .filter(|(name, _)| name != "cursor");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("cursor", cursor)
        .finish();
    let address = format!("{}?{query}", call.path);
    // Whatever the path was, only what is a valid address goes into a header.
    address
        .parse::<Uri>()
        .map_or_else(|_| format!("?{query}"), |uri| uri.to_string())
}

/// `GET /api/sites`
pub(super) async fn sites(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let (sites, sourced) = service.sites(trail).await?;
    Ok(Reply::json(StatusCode::OK, &json!({ "sites": sites })).sourced(&sourced))
}

/// `GET /api/vrfs`
pub(super) async fn vrfs(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let (vrfs, sourced) = service.vrfs(trail).await?;
    Ok(Reply::json(StatusCode::OK, &json!({ "vrfs": vrfs })).sourced(&sourced))
}

/// `GET /api/stats`
pub(super) async fn stats(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let (stats, sourced) = service.stats(trail, &Filter::default()).await?;
    Ok(Reply::json(StatusCode::OK, &stats).sourced(&sourced))
}

/// `GET /api/openapi.json`: the description of the API.
pub(super) fn openapi(call: &Incoming) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    Ok(DESCRIPTION
        .reply("application/json", call)
        .with(header::CACHE_CONTROL, "no-cache"))
}

/// `GET /api/health`: that we are alive; with `deep=true`, whether all that we need is there.
pub(super) async fn health(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let version = env!("CARGO_PKG_VERSION");
    no_extras(call, &["deep"])?;
    match call.parameters().first().map(|(_, value)| value.as_str()) {
        None | Some("false") => Ok(Reply::json(
            StatusCode::OK,
            &json!({"status": "ok", "version": version}),
        )),
        Some("true") => {
            let checks = service.examine(trail).await;
            let healthy = checks.iter().all(|check| check.ok);
            let (status, word) = if healthy {
                (StatusCode::OK, "ok")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "failing")
            };
            let report = json!({"status": word, "version": version, "checks": checks});
            Ok(Reply::json(status, &report).with(header::CACHE_CONTROL, "no-store"))
        }
        Some(_) => Err(Problem::malformed("`deep` is either true or false")),
    }
}
