//! Files that are served as they are. They lie packed in the component, and go out packed to whoever takes them so.

use bytes::Bytes;
use http::{StatusCode, header};

use super::Incoming;
use super::reply::Reply;

/// The gzip header of a file without a name (RFC 1952, section 2.3), and what follows the data: checksum and length.
const HEADER: usize = 10;
const TRAILER: usize = 8;

/// A file, packed by `build.rs`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packed(&'static [u8]);

/// The file of this name, as `build.rs` has packed it.
macro_rules! packed {
    ($name:literal) => {
        $crate::api::packed::Packed::new(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/",
            $name,
            ".gz"
        )))
    };
}
pub(super) use packed;

impl Packed {
    pub(super) const fn new(gzip: &'static [u8]) -> Self {
        Self(gzip)
    }

    /// Changes with the file: its checksum and length, as they stand at the end of what is packed. Weak, since it is the same
    /// for the packed file and the whole one (RFC 9110, section 8.8.3.3).
    pub(super) fn etag(&self) -> String {
        let trailer = self.0.last_chunk::<TRAILER>();
        let number = u64::from_le_bytes(trailer.copied().unwrap_or_default());
        format!("W/\"{number:x}\"")
    }

    /// The answer with it, as something of this media type.
    pub(super) fn reply(&self, media_type: &'static str, call: &Incoming) -> Reply {
        let ok = StatusCode::OK;
        let reply = if takes_gzip(call.header("accept-encoding").unwrap_or_default()) {
            let reply = Reply::typed(ok, media_type, Bytes::from_static(self.0));
            reply.with(header::CONTENT_ENCODING, "gzip")
        } else {
            Reply::typed(ok, media_type, self.whole().into())
        };
        reply.with(header::VARY, "Accept-Encoding")
    }

    /// As it was before it was packed.
    pub(super) fn whole(&self) -> Vec<u8> {
        let data = self.0.get(HEADER..self.0.len().saturating_sub(TRAILER));
        // What the build has packed can be unpacked; a test does.
        miniz_oxide::inflate::decompress_to_vec(data.unwrap_or_default()).unwrap_or_default()
    }
}

/// Whether gzip is among the codings, and not excluded by a weight of zero (RFC 9110, section 12.5.3).
fn takes_gzip(codings: &str) -> bool {
    codings.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().trim_start_matches("q=");
        let none = !weight.is_empty() && weight.bytes().all(|b| matches!(b, b'0' | b'.'));
        name.trim().eq_ignore_ascii_case("gzip") && !none
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_goes_to_whoever_takes_it() {
        for yes in ["gzip", "deflate, GZIP", "br;q=1.0, gzip;q=0.8", "gzip;q=1"] {
            assert!(takes_gzip(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip;q=0.000", "x-gzip"] {
            assert!(!takes_gzip(no), "{no}");
        }
    }

    #[test]
    fn what_was_packed_is_unpacked_as_it_was() {
        let whole = packed!("openapi.json").whole();
        assert!(
            whole == include_bytes!("openapi.json"),
            "{} bytes",
            whole.len()
        );
    }
}
