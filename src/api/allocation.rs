//! The handlers that give segments to clusters and take them back, that find room for new ones, and that mend.

use http::{StatusCode, header};
use serde_json::json;

use super::Incoming;
use super::body::json;
use super::bulk::{carried_out, forecast_one, items, shown};
use super::options::Options;
use super::problem::Problem;
use super::reply::Reply;
use super::segments::Told;
use crate::netbox::Trail;
use crate::segment::{Allocation, Provision, Release, Rule, Violation};
use crate::service::allocate::Allocated;
use crate::service::{Atomicity, Service};

fn allocated(given: &Allocated) -> &'static str {
    if given.before {
        "The cluster has this segment already"
    } else {
        "Segment allocated"
    }
}

/// `POST /api/allocate-vlan`: one allocation, or a list of them.
pub(super) async fn allocate(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_list(call)?;
    let body = json(call, service.settings().max_body)?;
    if !body.is_array() {
        let wanted = Allocation::parse(&body).map_err(Problem::invalid)?;
        if options.dry_run {
            let would = service.would_allocate(trail, vec![wanted]).await?;
            return forecast_one(would);
        }
        let given = service
            .allocate_all(trail, vec![wanted], Atomicity::Each)
            .await?;
        let given = given.into_iter().collect::<Result<Vec<_>, _>>()?;
        let Some(given) = given.first() else {
            return Err(Problem::malformed("there is nothing to allocate"));
        };
        let told = Told::of(&given.found, allocated(given));
        return Ok(Reply::json(StatusCode::OK, &told).with(header::ETAG, &given.found.etag));
    }
    let mut wanted: Vec<Result<Allocation, Problem>> = Vec::new();
    let mut seen: Vec<Allocation> = Vec::new();
    for item in items(&body, "an allocation, or a list of them")? {
        let parsed = Allocation::parse(&item).and_then(|wanted| {
            let same = |other: &Allocation| {
                other.cluster == wanted.cluster
                    && other.site == wanted.site
                    && other.vrf == wanted.vrf
            };
            if seen.iter().any(same) {
                let given = format!("Cluster {} at this place", wanted.cluster);
                return Err(vec![Violation::of_member(
                    "cluster_name",
                    Rule::Repeated { given },
                )]);
            }
            seen.push(wanted.clone());
            Ok(wanted)
        });
        wanted.push(parsed.map_err(Problem::invalid));
    }
    let would = async |wanted| service.would_allocate(trail, wanted).await;
    let give = async |wanted| service.allocate_all(trail, wanted, options.atomicity).await;
    let show = |_, given: Allocated| {
        let mut value = shown(&given.found);
        value["message"] = allocated(&given).into();
        value
    };
    carried_out(options, wanted, &[], StatusCode::OK, would, give, show).await
}

/// `POST /api/release-vlan`: one release, or a list of them.
pub(super) async fn release(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_list(call)?;
    let body = json(call, service.settings().max_body)?;
    if !body.is_array() {
        let given_back = vec![Release::parse(&body).map_err(Problem::invalid)?];
        if options.dry_run {
            let would = service.would_release(trail, given_back).await?;
            return forecast_one(would);
        }
        let free = service
            .release_all(trail, given_back, Atomicity::Each)
            .await?;
        let free = free.into_iter().collect::<Result<Vec<_>, _>>()?;
        let Some(free) = free.first() else {
            return Err(Problem::malformed("there is nothing to release"));
        };
        let told = Told::of(free, "Segment released");
        return Ok(Reply::json(StatusCode::OK, &told).with(header::ETAG, &free.etag));
    }
    let given_back = items(&body, "a release, or a list of them")?;
    let given_back: Vec<Result<Release, Problem>> = given_back
        .iter()
        .map(|item| Release::parse(item).map_err(Problem::invalid))
        .collect();
    let would = async |released| service.would_release(trail, released).await;
    let take = async |released| {
        service
            .release_all(trail, released, options.atomicity)
            .await
    };
    let show = |_, free| shown(&free);
    carried_out(options, given_back, &[], StatusCode::OK, would, take, show).await
}

/// `POST /api/segments/provision`
pub(super) async fn provision(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_one(call)?;
    let body = json(call, service.settings().max_body)?;
    let wanted = Provision::parse(&body).map_err(Problem::invalid)?;
    if options.dry_run {
        return forecast_one(vec![service.would_provision(trail, &wanted).await]);
    }
    let made = service.provision(trail, &wanted).await?;
    let message = if made.restored {
        "Segment restored"
    } else {
        "Segment provisioned"
    };
    let told = Told::of(&made.found, message);
    let address = format!("/api/segments/{}", made.found.segment.id);
    Ok(Reply::json(StatusCode::CREATED, &told)
        .with(header::LOCATION, &address)
        .with(header::ETAG, &made.found.etag))
}

/// `POST /api/reconcile`: finishes what killed writers have left.
pub(super) async fn reconcile(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let options = Options::of_reconcile(call)?;
    let healed = service.reconcile(trail, options.force).await?;
    let (open, abandoned) = service.open_intents().await;
    let body = json!({
        "finished": healed.iter().filter(|h| h.finished).count(),
        "intents": healed,
        "still_open": open,
        "abandoned": abandoned,
    });
    Ok(Reply::json(StatusCode::OK, &body))
}
