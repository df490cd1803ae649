//! The bytes in the key-value store: postcard, with a version and a checksum, cut into chunks.
//!
//! A store may cut values, lose some or hand out another version's: what does not check out is as if it were not there.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sheet::Sheet;

/// The most bytes in one value. Akamai's and Fermyon's stores take 1 MB; the rest is room for their own framing.
pub const CHUNK: usize = 900_000;

/// Raised whenever the encoded form changes, so that an old store is read anew rather than wrongly.
const VERSION: u8 = 4;
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
    postcard::from_bytes(checked(bytes)?).ok()
}

/// A snapshot in bytes: version, CRC-32 of all that follows, the length of the front (four bytes), the front, the sheet as it
/// is. The bytes are never in one piece, for a large sheet is held once already.
#[derive(Debug)]
pub struct Encoded {
    front: Vec<u8>,
    sheet: Sheet,
}

impl Encoded {
    /// The bytes of a front and a sheet; `None` when the front has no such form.
    #[must_use]
    pub fn new<T: Serialize>(front: &T, sheet: Sheet) -> Option<Self> {
        let body = postcard::to_allocvec(front).ok()?;
        let length = u32::try_from(body.len()).ok()?.to_le_bytes();
        let mut checksum = crc32fast::Hasher::new();
        for part in [&length, body.as_slice(), sheet.bytes()] {
            checksum.update(part);
        }
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&checksum.finalize().to_le_bytes());
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&body);
        Some(Self {
            front: bytes,
            sheet,
        })
    }

    /// How many chunks there are.
    #[must_use]
    pub fn chunk_count(&self) -> usize {
        (self.front.len() + self.sheet.bytes().len()).div_ceil(CHUNK)
    }

    /// The chunks, in order.
    pub fn chunks(&self) -> impl Iterator<Item = Vec<u8>> {
        let (front, sheet) = (self.front.as_slice(), self.sheet.bytes());
        (0..self.chunk_count()).map(move |n| {
            let (from, to) = (n * CHUNK, (n + 1) * CHUNK);
            let of_front = front.get(from..to.min(front.len())).unwrap_or_default();
            let cut = |at: usize| at.saturating_sub(front.len()).min(sheet.len());
            let of_sheet = sheet.get(cut(from)..cut(to)).unwrap_or_default();
            [of_front, of_sheet].concat()
        })
    }
}

/// Reads the front of what [`Encoded`] made, and says where the sheet begins; `None` when the bytes are anything else.
#[must_use]
pub fn decode_front<T: DeserializeOwned>(bytes: &[u8]) -> Option<(T, usize)> {
    let body = checked(bytes)?;
    let (length, rest) = body.split_at_checked(4)?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let front = postcard::from_bytes(rest.get(..length)?).ok()?;
    Some((front, HEADER + 4 + length))
}

/// The body of bytes of this version that are as they were written.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (header, body) = bytes.split_at_checked(HEADER)?;
    let (version, checksum) = header.split_first()?;
    (*version == VERSION && checksum == crc32fast::hash(body).to_le_bytes()).then_some(body)
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
