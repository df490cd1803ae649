//! `POST /api/hooks/netbox`: deliveries of NetBox's webhooks, signed and not older than a few minutes.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha512;

use super::Incoming;
use super::body::{self, no_extras};
use super::problem::Problem;
use super::reply::Reply;
use crate::netbox::Trail;
use crate::service::Service;
use crate::service::hooks::News;
use crate::timestamp::Timestamp;

/// How far the time in a delivery may be from ours, either way. NetBox signs no time but the one in the body.
const WINDOW: Duration = Duration::from_secs(300);
/// The length of an HMAC-SHA512 in bytes.
const SIGNATURE: usize = 64;

/// A delivery as NetBox 4.7 writes it.
#[derive(Deserialize)]
struct Delivery {
    event: String,
    timestamp: String,
    object_type: String,
    data: Value,
}

/// `POST /api/hooks/netbox`
pub(super) async fn netbox(
    service: &Service,
    trail: &Trail,
    call: &Incoming,
) -> Result<Reply, Problem> {
    let settings = service.settings();
    let Some(secret) = &settings.webhook_secret else {
        return Err(Problem::hooks_off());
    };
    let bytes = body::whole(call, settings.max_body)?;
    let signature = call.header("x-hook-signature").ok_or_else(|| {
        Problem::unsigned("there is no X-Hook-Signature header; give NetBox's webhook a secret")
    })?;
    if !signed(secret.reveal(), bytes, signature) {
        return Err(Problem::unsigned(
            "X-Hook-Signature is not the HMAC-SHA512 of the body with our secret; give NetBox's webhook the secret that the \
             setting webhook_secret has",
        ));
    }
    no_extras(call, &[])?;
    let delivery: Delivery = serde_json::from_slice(bytes).map_err(|error| {
        Problem::malformed(format!(
            "the body is no delivery of a NetBox webhook: {error}"
        ))
    })?;
    let sent = Timestamp::parse(&delivery.timestamp)
        .ok_or_else(|| Problem::malformed("`timestamp` is not an RFC 3339 time"))?;
    if !recent(sent, service.host().now()) {
        return Err(Problem::unsigned(
            "`timestamp` is more than 300 s from our time: it was kept back, or sent again, or a clock is wrong",
        ));
    }
    let deleted = match delivery.event.as_str() {
        "created" | "updated" => false,
        "deleted" => true,
        other => {
            return Err(Problem::malformed(format!(
                "`event` is `{other}`; created, updated and deleted are known"
            )));
        }
    };
    let report = json!({"object_type": delivery.object_type, "event": delivery.event, "id": delivery.data["id"]});
    let heard = service
        .hear(
            trail,
            News {
                object_type: delivery.object_type,
                deleted,
                data: delivery.data,
            },
        )
        .await;
    let mut report = report;
    report["done"] = json!(heard);
    Ok(Reply::json(StatusCode::ACCEPTED, &report))
}

/// Whether this is the signature of the body. Takes the same time wherever the two differ.
fn signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let (Some(signature), Ok(mut mac)) = (
        unhex(signature),
        Hmac::<Sha512>::new_from_slice(secret.as_bytes()),
    ) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

fn unhex(text: &str) -> Option<[u8; SIGNATURE]> {
    let digits = text.trim().as_bytes();
    if digits.len() != 2 * SIGNATURE {
        return None;
    }
    let mut bytes = [0; SIGNATURE];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(bytes)
}

fn recent(sent: Timestamp, now: Timestamp) -> bool {
    now.since(sent).max(sent.since(now)) <= WINDOW
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::netbox::delta::Kind;
    use crate::netbox::hook;
    use crate::netbox::read::Ours;
    use proptest::prelude::*;

    /// What NetBox 4.7.3 sent, with a secret made for the recording.
    fn recorded() -> Vec<(String, String)> {
        let text = include_str!("../../tests/fixtures/netbox-4.7.3/webhook-deliveries.json");
        let recording: Value = serde_json::from_str(text).unwrap();
        let of = |d: &Value| {
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            (
                text(&d["headers"]["X-Hook-Signature"]),
                text(&d["body_text"]),
            )
        };
        recording["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect()
    }

    #[test]
    fn the_recorded_deliveries_are_signed_with_their_secret_and_no_other() {
        for (signature, body) in recorded() {
            assert!(signed("example-secret", body.as_bytes(), &signature));
            assert!(!signed("another-secret", body.as_bytes(), &signature));
            assert!(!signed("example-secret", b"{}", &signature));
        }
    }

    #[test]
    fn the_recorded_deliveries_are_read() {
        let ours = Ours {
            tenant: "redbull".to_owned(),
            role: "data".to_owned(),
        };
        let events: Vec<String> = recorded()
            .iter()
            .map(|(_, body)| {
                let delivery: Delivery = serde_json::from_str(body).unwrap();
                assert!(Timestamp::parse(&delivery.timestamp).is_some());
                let kind = Kind::parse(&delivery.object_type).unwrap();
                let delivered = hook::read(kind, delivery.data.clone(), &ours).unwrap();
                assert!(!delivered.ours, "it has no tenant");
                let mut of_ours = delivery.data;
                of_ours["tenant"] = json!({"id": 1, "slug": "redbull"});
                assert!(hook::read(kind, of_ours.clone(), &ours).unwrap().ours);
                of_ours.as_object_mut().unwrap().remove("group");
                assert_eq!(hook::read(kind, of_ours, &ours), None, "cut short");
                delivery.event
            })
            .collect();
        assert_eq!(events, ["created", "updated", "deleted"]);
    }

    #[test]
    fn a_delivery_counts_for_five_minutes_either_way() {
        let at = |s: i64| Timestamp::from_micros(s * 1_000_000);
        for sent in [700, 1_000, 1_300] {
            assert!(recent(at(sent), at(1_000)));
        }
        for sent in [0, 699, 1_301, i64::MAX / 2_000_000] {
            assert!(!recent(at(sent), at(1_000)));
        }
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_signature(text in ".{0,200}") {
            prop_assert!(!signed("secret", b"body", &text));
        }
    }
}
