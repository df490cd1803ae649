//! What lies under a name: that a request runs, or how it was answered.

use serde::{Deserialize, Serialize};

use super::key::Request;
use crate::catalogue::codec::{self, CHUNK};
use crate::timestamp::Timestamp;

/// What is kept besides the body: room that it must leave.
const ROOM: usize = 16_000;

/// An answer, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// The status code.
    pub status: u16,
    /// The headers of this answer alone, the media type of its body included.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// The body of an answer, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It had so many bytes, more than a store takes in one value.
    TooLarge(u64),
}

impl Body {
    /// This body, or how long it is when no store would take it.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        if bytes.len() > CHUNK - ROOM {
            Self::TooLarge(bytes.len() as u64)
        } else {
            Self::Whole(bytes)
        }
    }
}

/// What lies under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The request is being carried out, or about to be; unless renewed, it counts as given up from `until` on.
    Running {
        /// The request.
        request: Request,
        /// The end of its lease.
        until: Timestamp,
    },
    /// The request was answered.
    Answered {
        /// The request.
        request: Request,
        /// The answer.
        kept: Kept,
    },
}

impl Record {
    /// The value for the store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Numbers, texts and bytes always have an encoded form.
        codec::encode(self).unwrap_or_default()
    }

    /// Reads a value; `None` when it is something else, or another version's.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        codec::decode(bytes)
    }
}

/// Whether an answer is final, so that the same request would get it again. What is about the caller's right or about the moment is
/// not, nor is a failure of ours or of NetBox: a repeated request then deserves another try.
#[must_use]
pub fn is_final(status: u16) -> bool {
    match status {
        401 | 403 | 408 | 425 | 429 => false,
        status => (200..300).contains(&status) || (400..500).contains(&status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_moment_is_not_kept() {
        for kept in [200, 201, 204, 400, 404, 409, 412, 422, 428] {
            assert!(is_final(kept), "{kept}");
        }
        for not in [304, 401, 403, 408, 425, 429, 500, 502, 503, 504] {
            assert!(!is_final(not), "{not}");
        }
    }

    #[test]
    fn whatever_is_kept_fits_into_a_value() {
        let kept = |size: usize| Kept {
            status: 201,
            headers: vec![("location".to_owned(), "x".repeat(2_000))],
            body: Body::of(vec![b'x'; size]),
        };
        let encoded = |size: usize| {
            let request = Request::new("POST", "/", "", b"");
            let record = Record::Answered {
                request,
                kept: kept(size),
            };
            assert_eq!(Record::decode(&record.encode()), Some(record.clone()));
            record.encode().len()
        };
        assert!(encoded(CHUNK - ROOM) <= CHUNK);
        assert_eq!(kept(CHUNK).body, Body::TooLarge(CHUNK as u64));
        assert!(encoded(CHUNK) < ROOM);
    }
}
