//! Where in the bytes of a sheet things lie.
//!
//! Eight numbers (`u32`, little-endian as all others) come first: how many VLANs, prefixes, entries of each of the five
//! orders, and bytes of text there are. Then the rows, the orders and the texts, without gaps.

/// Bytes of a VLAN's row.
pub(super) const VLAN: usize = 42;
/// Bytes of a prefix's row.
pub(super) const PREFIX: usize = 102;
/// How many numbers come first.
pub(super) const COUNTS: usize = 8;

/// Things of one size, one after another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    at: usize,
    size: usize,
    pub(super) count: usize,
}

impl Run {
    /// Where the `n`th begins.
    pub(super) fn item(self, n: usize) -> usize {
        self.at + n * self.size
    }
}

/// Where things lie.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    pub(super) start: usize,
    pub(super) vlans: Run,
    pub(super) prefixes: Run,
    /// VLANs by group and VLAN id.
    pub(super) by_group: Run,
    /// Prefixes by VLAN.
    pub(super) by_user: Run,
    /// Segments by VRF, site group and VLAN id.
    pub(super) by_place: Run,
    /// Segments by VRF and network.
    pub(super) by_network: Run,
    /// Prefixes that make no segment, though they should.
    pub(super) odd: Run,
    pub(super) texts: usize,
}

impl Layout {
    /// Reads the numbers; `None` when what they say is not what is there.
    pub(super) fn read(bytes: &[u8], start: usize) -> Option<Self> {
        let mut at = start.checked_add(COUNTS * 4)?;
        let mut counts = [0_usize; COUNTS];
        for (n, count) in counts.iter_mut().enumerate() {
            let number = bytes.get(start + n * 4..start + n * 4 + 4)?;
            *count = usize::try_from(u32::from_le_bytes(number.try_into().ok()?)).ok()?;
        }
        let [
            vlans,
            prefixes,
            by_group,
            by_user,
            by_place,
            by_network,
            odd,
            text,
        ] = counts;
        let mut run = |size: usize, count: usize| {
            let run = Run { at, size, count };
            at = at.checked_add(size.checked_mul(count)?)?;
            Some(run)
        };
        let layout = Self {
            start,
            vlans: run(VLAN, vlans)?,
            prefixes: run(PREFIX, prefixes)?,
            by_group: run(4, by_group)?,
            by_user: run(4, by_user)?,
            by_place: run(4, by_place)?,
            by_network: run(4, by_network)?,
            odd: run(4, odd)?,
            texts: 0,
        };
        let layout = Self {
            texts: at,
            ..layout
        };
        (at.checked_add(text)? == bytes.len()).then_some(layout)
    }
}
