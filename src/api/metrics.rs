//! `GET /metrics`: figures for Prometheus.

use http::{StatusCode, header};

use super::Incoming;
use super::body::no_extras;
use super::problem::Problem;
use super::reply::Reply;
use crate::metrics::text::MEDIA_TYPE;
use crate::service::Service;

/// `GET /metrics`
pub(super) async fn metrics(service: &Service, call: &Incoming) -> Result<Reply, Problem> {
    no_extras(call, &[])?;
    let figures = service.figures().await;
    let figures = figures.map_err(|error| Problem::no_figures(&error.to_string()))?;
    let reply = Reply::typed(StatusCode::OK, MEDIA_TYPE, figures.text().into());
    Ok(reply.with(header::CACHE_CONTROL, "no-store"))
}
