//! Reading a request's JSON.

use bytes::Bytes;
use serde_json::Value;

use super::problem::{Kind, Problem};
use super::{Body, Incoming};

/// The JSON body of a request.
pub(super) fn json(call: &Incoming, max_body: usize) -> Result<Value, Problem> {
    let kind = media_type(call);
    if kind != "application/json" && kind != "application/merge-patch+json" {
        return Err(Problem::new(
            Kind::UnsupportedMediaType,
            format!(
                "the body is said to be `{kind}`; send JSON with the header `Content-Type: application/json`"
            ),
        ));
    }
    let bytes = whole(call, max_body)?;
    if bytes.is_empty() {
        return Err(Problem::malformed("there is no body; send a JSON object"));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::malformed(format!("the body is not valid JSON: {error}")))
}

/// The media type of a request's body, without parameters; JSON when nothing is said.
pub(super) fn media_type(call: &Incoming) -> String {
    let kind = call.header("content-type").unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// The body of a request, byte for byte.
pub(super) fn whole(call: &Incoming, max_body: usize) -> Result<&Bytes, Problem> {
    match &call.body {
        Body::Whole(bytes) => Ok(bytes),
        Body::TooLarge => Err(Problem::new(
            Kind::BodyTooLarge,
            format!("a body may have at most {max_body} bytes (setting max_body)"),
        )),
        Body::Broken => Err(Problem::malformed(
            "the body ended before all of it was there",
        )),
    }
}

/// Refuses what a caller could take for carried out: parameters that this version does not know.
pub(super) fn no_extras(call: &Incoming, known: &[&str]) -> Result<(), Problem> {
    if let Some((name, _)) = call
        .parameters()
        .into_iter()
        .find(|(name, _)| !known.contains(&name.as_str()))
    {
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        return Err(Problem::malformed(format!(
            "there is no query parameter `{name}` here; known: {known}"
        )));
    }
    Ok(())
}
