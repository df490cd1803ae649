//! The key, whose it is, and what makes two requests the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most characters of a key.
pub const LONGEST: usize = 255;

/// What a key must be, in words.
pub const RULE: &str = "1 to 255 visible ASCII characters, no spaces";

/// The value of `Idempotency-Key`: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Reads a header's value; `None` when it is no key.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let right = (1..=LONGEST).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic);
        let text = std::str::from_utf8(value).ok().filter(|_| right)?;
        Some(Self(text.to_owned()))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// Whose key it is: the same key of another caller is another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Anybody, since no tokens are asked for.
    Anybody,
    /// The holder of the token of this name.
    Token(&'a str),
}

/// What makes two requests the same: the SHA-256 of method, path, query and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request([u8; 32]);

impl Request {
    /// The request with this method, path, query and body.
    #[must_use]
    pub fn new(method: &str, path: &str, query: &str, body: &[u8]) -> Self {
        let parts = [method.as_bytes(), path.as_bytes(), query.as_bytes(), body];
        Self(digest(&parts))
    }
}

/// A hash of several texts, in which none can be mistaken for a part of another.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_at_most_255_characters() {
        for right in [
            "a",
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
            "\"quoted\"",
            "~!",
        ] {
            assert!(Key::parse(right.as_bytes()).is_some(), "{right}");
        }
        assert!(Key::parse("k".repeat(255).as_bytes()).is_some());
        assert!(Key::parse("k".repeat(256).as_bytes()).is_none());
        for wrong in ["", "a b", "tab\t", "schlüssel", "\u{7f}"] {
            assert!(Key::parse(wrong.as_bytes()).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_moved_from_one_part_to_the_next_makes_another_request() {
        let request = |path: &str, query: &str| Request::new("POST", path, query, b"{}");
        assert_eq!(request("/a", "b"), request("/a", "b"));
        assert_ne!(request("/a", "b"), request("/ab", ""));
        assert_ne!(request("/a", "b"), Request::new("PUT", "/a", "b", b"{}"));
        assert_ne!(request("/a", "b"), Request::new("POST", "/a", "b", b"{ }"));
    }
}
