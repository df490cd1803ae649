//! A write with an `Idempotency-Key` is carried out once.
//!
//! The form is that of draft-ietf-httpapi-idempotency-key-header: 400 for what is no key, 422 for a key that was used for another
//! request, 409 while the first is running.

use http::Method;

use super::problem::Problem;
use super::reply::Reply;
use super::{Body, Incoming};
use crate::netbox::Trail;
use crate::once::{Caller, Key, Once, Refusal, Request, Verdict, key, record};

const HEADER: &str = "idempotency-key";

/// Carries out `work`, the answer to `call`; or gives the answer of the first request with its key.
pub(super) async fn carried_out(
    once: &Once,
    trail: &Trail,
    method: &Method,
    call: &Incoming,
    token: Option<&str>,
    work: impl Future<Output = Result<Reply, Problem>>,
) -> Result<Reply, Problem> {
    let Some(key) = key(method, call)? else {
        return work.await;
    };
    // What did not come whole is refused, and that changes nothing.
    let Body::Whole(body) = &call.body else {
        return work.await;
    };
    let caller = token.map_or(Caller::Anybody, Caller::Token);
    let path = call.path.strip_suffix('/').unwrap_or(&call.path);
    let request = Request::new(method.as_str(), path, &call.query, body);
    let turn = match once.claim(caller, &key, request).await {
        Ok(Verdict::Run(turn)) => turn,
        Ok(Verdict::Again(kept)) => return Ok(Reply::again(kept)),
        Ok(Verdict::Refuse(refusal)) => return Err(refused(refusal)),
        Err(_) => return Err(Problem::store_unavailable("it failed")),
    };
    let reply = turn.during(work).await.unwrap_or_else(Reply::from);
    // Who is told to come back later is to be heard then.
    if !record::is_final(reply.status().as_u16()) || reply.is_passing() {
        turn.give_up().await;
        return Ok(reply);
    }
    let (reply, kept) = reply.keep(trail, call);
    turn.keep(kept).await;
    Ok(reply)
}

/// The key of a request, if it has one.
fn key(method: &Method, call: &Incoming) -> Result<Option<Key>, Problem> {
    let mut values = call.headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if *method == Method::GET {
        return Err(Problem::malformed(
            "the header Idempotency-Key is for POST, PUT, PATCH and DELETE; a read can be repeated without: leave it out",
        ));
    }
    if values.next().is_some() {
        return Err(wrong("is there more than once"));
    }
    match Key::parse(value.as_bytes()) {
        Some(key) => Ok(Some(key)),
        None => Err(wrong("has a value that is no key")),
    }
}

fn wrong(what: &str) -> Problem {
    let rule = key::RULE;
    Problem::malformed(format!(
        "the header Idempotency-Key {what}; right would be one value of {rule}"
    ))
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Running => Problem::key_running(),
        Refusal::Reused => Problem::key_reused(),
        Refusal::Unreadable => {
            Problem::store_unavailable("what it has for this Idempotency-Key can't be read")
        }
    }
}
