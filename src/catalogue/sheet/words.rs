//! The texts of a sheet's segments in lower case, one after another, so that one pass through memory finds a word in all of
//! them.

use memchr::memmem::Finder;

use super::{PrefixRow, Sheet};

/// What stands behind each text. No byte of UTF-8 is like it, so nothing that is searched for goes across it.
const END: u8 = 0xFF;

/// A text for each prefix of a sheet.
#[derive(Debug, Default)]
struct Column {
    text: Vec<u8>,
    /// Where each row's text ends, its [`END`] included.
    ends: Vec<u32>,
}

/// The texts that searches look into.
#[derive(Debug, Default)]
pub struct Words {
    /// EPG name, description and cluster names.
    words: Column,
    /// VLAN id and network.
    numbers: Column,
}

impl Column {
    fn push(&mut self, text: &str) {
        if text.is_ascii() {
            let lower = text.bytes().map(|byte| byte.to_ascii_lowercase());
            self.text.extend(lower);
        } else {
            self.text.extend_from_slice(text.to_lowercase().as_bytes());
        }
        self.text.push(END);
    }

    fn end_row(&mut self) {
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The numbers of the rows that have `needle`, in order.
    fn rows_with(&self, needle: &str) -> Vec<usize> {
        let finder = Finder::new(needle.as_bytes());
        let (mut rows, mut from) = (Vec::new(), 0);
        while let Some(at) = self.text.get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + at;
            let before = |end: &u32| usize::try_from(*end).is_ok_and(|end| end <= at);
            let first = rows.last().map_or(0, |row| row + 1);
            let ends = self.ends.get(first..).unwrap_or_default();
            // Rows that match are often near one another, so the next ones are tried before halving.
            let near = ends.iter().take(8).position(|end| !before(end));
            let row = first + near.unwrap_or_else(|| ends.partition_point(before));
            let Some(end) = self.ends.get(row) else { break };
            rows.push(row);
            from = usize::try_from(*end).unwrap_or(usize::MAX);
        }
        rows
    }
}

impl Words {
    /// The texts of this sheet.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Self {
        let mut words = Self::default();
        for row in sheet.prefixes() {
            if let Some(vlan) = row.vlan_row().filter(|_| row.is_segment()) {
                words.words.push(vlan.name());
                words.words.push(row.comments());
                for name in row.cluster().split(',') {
                    words.words.push(name);
                }
                words.numbers.push(&vlan.vid().to_string());
                if let Some(cidr) = row.cidr() {
                    words.numbers.push(&cidr.to_string());
                }
            }
            words.words.end_row();
            words.numbers.end_row();
        }
        words
    }

    /// The segments of `sheet` that have `needle`, which is in lower case, in their EPG name, description or a cluster name; with
    /// `in_numbers` also in their VLAN id or network. By id.
    pub fn find<'a>(
        &self,
        sheet: &'a Sheet,
        needle: &str,
        in_numbers: bool,
    ) -> impl Iterator<Item = PrefixRow<'a>> + use<'a> {
        let mut rows = self.words.rows_with(needle);
        if in_numbers {
            rows.extend(self.numbers.rows_with(needle));
            rows.sort_unstable();
            rows.dedup();
        }
        rows.into_iter().map(|row| sheet.prefix_row(row))
    }
}
