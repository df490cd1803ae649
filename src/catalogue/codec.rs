//! The bytes in the key-value store: postcard, with a version and a checksum, cut into chunks.
//!
//! A store may cut values, lose some or hand out another version's: what does not check out is as if it were not there.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes in one value. Akamai's and Fermyon's stores take 1 MB; the rest is room for their own framing.
pub const CHUNK: usize = 900_000;

/// Raised whenever the encoded form changes, so that an old store is read anew rather than wrongly.
const VERSION: u8 = 2;
const HEADER: usize = 5;

/// Encodes a value: version, CRC-32 of the body (little-endian), body.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    let body = postcard::to_allocvec(value).ok()?;
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    Some(bytes)
}

/// Decodes what [`encode`] made; `None` when it is anything else.
#[must_use]
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (header, body) = bytes.split_at_checked(HEADER)?;
    let (version, checksum) = header.split_first()?;
    if *version != VERSION || checksum != crc32fast::hash(body).to_le_bytes() {
        return None;
    }
    postcard::from_bytes(body).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_cut_short_is_not_read() {
        let bytes = encode(&vec!["a".to_owned(), "b".to_owned()]).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(decode::<Vec<String>>(&bytes[..end]), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(values in proptest::collection::vec(".{0,20}", 0..20)) {
            let bytes = encode(&values).unwrap();
            prop_assert_eq!(decode::<Vec<String>>(&bytes), Some(values));
        }

        #[test]
        fn one_wrong_byte_is_noticed(values in proptest::collection::vec(".{1,20}", 1..5), at: prop::sample::Index, flip in 1_u8..) {
            let mut bytes = encode(&values).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_eq!(decode::<Vec<String>>(&bytes), None);
        }
    }
}
