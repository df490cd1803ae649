//! The kinds of problems: what is served, and what the API's description says of them, from one table.

use http::StatusCode;

/// Makes the enum and what is known of each kind.
macro_rules! kinds {
    ($($(#[doc = $remedy:literal])+ $name:ident, $status:ident, $word:literal, $title:literal;)+) => {
        /// A kind of problem. The docstring of each says what a client does about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $remedy])+ $name,)+
        }

        impl Kind {
            /// All of them, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name: the last part of `type`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The status that it goes out with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            /// What it is, in a few words, always the same.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }

            /// What a client does about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($remedy),+),)+
                }
            }
        }
    };
}

kinds! {
    /// The body is no JSON, or a parameter or header is not known: see `detail` and `errors`.
    Malformed, BAD_REQUEST, "malformed", "The request can't be read";
    /// Send a known token.
    Unauthorised, UNAUTHORIZED, "unauthorised", "No valid token";
    /// A webhook's delivery without the right signature, or older than 300 s: check secret and clocks.
    Unsigned, UNAUTHORIZED, "unsigned", "The delivery is not believed";
    /// Use a token with the role that `detail` names.
    Forbidden, FORBIDDEN, "forbidden", "The token may not do this";
    /// Check the path.
    NoSuchPath, NOT_FOUND, "no-such-path", "There is nothing at this path";
    /// Check the id.
    NoSuchSegment, NOT_FOUND, "no-such-segment", "There is no such segment";
    /// The cluster has no segment there: nothing to release.
    NotAllocated, NOT_FOUND, "not-allocated", "There is nothing to release";
    /// Set `webhook_secret`.
    HooksOff, NOT_FOUND, "hooks-off", "Webhooks are not taken";
    /// Use one of `Allow`.
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method-not-allowed", "This path does not take this method";
    /// Send it again after `Retry-After` seconds.
    KeyRunning, CONFLICT, "idempotency-key-running", "The first request with this Idempotency-Key is still running";
    /// Somebody has the addresses, the VLAN id or the name, or the segment is allocated: `errors[].rival` is the segment's id, where it is a segment.
    Conflict, CONFLICT, "conflict", "Something is in the way";
    /// No segment is free: see `detail`, `counts` and `alternatives`.
    NoneFree, CONFLICT, "none-free", "No segment is free";
    /// No addresses or no VLAN id are free: see `detail`.
    NoRoom, CONFLICT, "no-room", "There is no room";
    /// Others were faster each time, or have the VLAN id in work just now: try again after `Retry-After` seconds.
    Outrun, CONFLICT, "outrun", "Others were faster";
    /// This item of a list would have been done, but another one failed: mend that one.
    Withheld, CONFLICT, "withheld", "Another item of the list failed";
    /// Read it again and decide anew.
    Changed, PRECONDITION_FAILED, "changed", "The segment has changed";
    /// At most `max_body` bytes.
    BodyTooLarge, PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large";
    /// Send JSON.
    UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is not JSON";
    /// Mend each of `errors`.
    Invalid, UNPROCESSABLE_ENTITY, "invalid", "The request is not valid";
    /// Use another key for another request.
    KeyReused, UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The Idempotency-Key was used for another request";
    /// NetBox has a rule against it; `detail` has its words.
    NetboxRefused, UNPROCESSABLE_ENTITY, "netbox-refused", "NetBox refused the change";
    /// Send `If-Match` with the segment's `ETag`, or `*`.
    IfMatchRequired, PRECONDITION_REQUIRED, "if-match-required", "A tag is required";
    /// Settings are wrong; `errors` names each.
    Misconfigured, INTERNAL_SERVER_ERROR, "misconfigured", "The service is not set up right";
    /// NetBox does not accept our token, or the host forbids the address: see the deep health check.
    NetboxForbidden, BAD_GATEWAY, "netbox-forbidden", "NetBox does not let us";
    /// NetBox answered with something else than JSON of its API, or an error of its own.
    NetboxUnusable, BAD_GATEWAY, "netbox-unusable", "NetBox's answer can't be used";
    /// Try again after `Retry-After` seconds.
    NetboxUnreachable, SERVICE_UNAVAILABLE, "netbox-unreachable", "NetBox can't be reached";
    /// NetBox is overloaded or sent 429 or 503; nothing was asked of it if `X-NetBox-Calls` is 0; try again after `Retry-After` seconds.
    NetboxBusy, SERVICE_UNAVAILABLE, "netbox-busy", "NetBox is overloaded";
    /// Only with `Idempotency-Key`, and for `/metrics`: try again after `Retry-After` seconds, a write also without the key.
    StoreUnavailable, SERVICE_UNAVAILABLE, "store-unavailable", "The key-value store can't be used";
    /// Tenant or role is missing in NetBox: see the deep health check.
    NetboxUnprepared, SERVICE_UNAVAILABLE, "netbox-unprepared", "NetBox lacks something we need";
    /// No answer within `netbox_timeout`; a write may have been carried out: look first.
    NetboxTimeout, GATEWAY_TIMEOUT, "netbox-timeout", "NetBox did not answer in time";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_kinds_have_one_name_and_each_says_what_to_do() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            let others = &Kind::ALL[at + 1..];
            assert!(others.iter().all(|other| other.word() != kind.word()));
            assert!(!kind.remedy().trim().is_empty());
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
        }
    }
}
