//! The container: parts with their names in a zip file (APPNOTE 6.3, without what is newer than its version 2.0).

use crc32fast::Hasher;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

/// How hard the packer looks for what was there before, 1 to 10. Computing is what an instance has least of: for each of the
/// generated segments, all of the export counted, level 1 takes 61,000 units of wasmtime's fuel and 64 bytes, level 2 took 28,000
/// more and 14 bytes less, level 6 114,000 more and 27 less. The same as CSV takes 27,000 and 79.
const LEVEL: i32 = 1;

const STORED: usize = 0;
const DEFLATED: usize = 8;
/// The version of the format that a reader must know.
const VERSION: usize = 20;
/// 1 January 1980, the first day that the format has. The same rows make the same file, at whatever time.
const DATE: usize = 1 << 5 | 1;
/// The bytes of the header before a part, without the part's name.
const LOCAL: usize = 30;

/// A zip file that is being written.
#[derive(Default)]
pub(super) struct Zip {
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

/// What a zip file says of a part. A file of 4 GiB or more would need another form; no instance holds that much.
struct Part {
    name: &'static str,
    at: usize,
    method: usize,
    checksum: u32,
    packed: usize,
    whole: usize,
}

/// A part that is packed as it comes.
pub(super) struct Packing {
    zip: Zip,
    part: Part,
    checksum: Hasher,
    compressor: CompressorOxide,
}

impl Zip {
    /// Adds a part as it is.
    pub(super) fn store(&mut self, name: &'static str, content: &str) {
        let part = Part {
            name,
            at: self.bytes.len(),
            method: STORED,
            checksum: crc32fast::hash(content.as_bytes()),
            packed: content.len(),
            whole: content.len(),
        };
        part.local(&mut self.bytes);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(content.as_bytes());
        self.parts.push(part);
    }

    /// Begins a part that is packed.
    pub(super) fn pack(mut self, name: &'static str) -> Packing {
        let at = self.bytes.len();
        // What the header says is only known when the part is there.
        self.bytes.resize(at + LOCAL, 0);
        self.bytes.extend_from_slice(name.as_bytes());
        Packing {
            zip: self,
            part: Part {
                name,
                at,
                method: DEFLATED,
                checksum: 0,
                packed: 0,
                whole: 0,
            },
            checksum: Hasher::new(),
            compressor: CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, 0, 0)),
        }
    }

    /// The whole file: the parts, and the directory behind them.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = self.bytes;
        let directory = bytes.len();
        for part in &self.parts {
            bytes.extend_from_slice(b"PK\x01\x02");
            fields(&mut bytes, &[(VERSION, 2)]);
            part.common(&mut bytes);
            // No comment, the first disk, no attributes.
            fields(&mut bytes, &[(0, 8), (0, 2), (part.at, 4)]);
            bytes.extend_from_slice(part.name.as_bytes());
        }
        let (length, count) = (bytes.len() - directory, self.parts.len());
        bytes.extend_from_slice(b"PK\x05\x06");
        // One disk, and no comment.
        let end = [
            (0, 4),
            (count, 2),
            (count, 2),
            (length, 4),
            (directory, 4),
            (0, 2),
        ];
        fields(&mut bytes, &end);
        bytes
    }
}

impl Packing {
    /// Adds a piece of the part.
    pub(super) fn put(&mut self, piece: &str) {
        self.checksum.update(piece.as_bytes());
        self.part.whole += piece.len();
        self.compress(piece, TDEFLFlush::None);
    }

    /// Ends the part.
    pub(super) fn end(mut self) -> Zip {
        self.compress("", TDEFLFlush::Finish);
        let (mut zip, mut part) = (self.zip, self.part);
        let begun = part.at + LOCAL + part.name.len();
        part.checksum = self.checksum.finalize();
        part.packed = zip.bytes.len() - begun;
        let mut header = Vec::with_capacity(LOCAL);
        part.local(&mut header);
        for (place, byte) in zip.bytes.iter_mut().skip(part.at).zip(header) {
            *place = byte;
        }
        zip.parts.push(part);
        zip
    }

    fn compress(&mut self, piece: &str, flush: TDEFLFlush) {
        let bytes = &mut self.zip.bytes;
        // It takes all that it is given as long as its output is taken, which it is.
        let _ = compress_to_output(&mut self.compressor, piece.as_bytes(), flush, |packed| {
            bytes.extend_from_slice(packed);
            true
        });
    }
}

impl Part {
    /// The header before the part, all but its name.
    fn local(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(b"PK\x03\x04");
        self.common(into);
    }

    /// What the header before the part and the directory have in common.
    fn common(&self, into: &mut Vec<u8>) {
        let checksum = usize::try_from(self.checksum).unwrap_or_default();
        // No flags, midnight, nothing behind the name.
        let common = [
            (VERSION, 2),
            (0, 2),
            (self.method, 2),
            (0, 2),
            (DATE, 2),
            (checksum, 4),
            (self.packed, 4),
            (self.whole, 4),
            (self.name.len(), 2),
            (0, 2),
        ];
        fields(into, &common);
    }
}

/// Adds numbers, the lowest byte first, each in as many bytes as is said.
fn fields(into: &mut Vec<u8>, fields: &[(usize, usize)]) {
    for (number, length) in fields {
        for place in 0..*length {
            into.push(number.checked_shr(8 * place as u32).unwrap_or(0) as u8);
        }
    }
}
