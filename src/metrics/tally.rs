//! Counts by series.

/// The bytes of a series and its count.
const PAIR: usize = 12;

/// What is counted. The numbers are in the store: none may change its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Requests, by route, method and status.
    Requests = 0,
    /// NetBox calls, by route and class.
    Calls = 1,
    /// NetBox calls, by how long they took.
    Duration = 2,
    /// How long all NetBox calls took together, in microseconds.
    DurationSum = 3,
    /// Reads, by source.
    Reads = 4,
    /// NetBox calls that write, by how many objects they carry.
    Objects = 5,
    /// How many objects all these calls carried.
    ObjectsSum = 6,
}

/// One series: a family in the upper 4 bits, then labels of 8, 8 and 12 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series(u32);

impl Series {
    /// A series of a family, by its labels. Of the third the lower 12 bits count.
    #[must_use]
    pub fn new(family: Family, first: u8, second: u8, third: u16) -> Self {
        let labels = u32::from(first) << 20 | u32::from(second) << 12 | u32::from(third & 0xfff);
        Self((family as u32) << 28 | labels)
    }

    /// Whether it is of this family.
    #[must_use]
    pub fn is_of(self, family: Family) -> bool {
        self.0 >> 28 == family as u32
    }

    /// Its labels.
    #[must_use]
    pub fn labels(self) -> (usize, usize, u32) {
        let byte = |shift: u32| (self.0 >> shift & 0xff) as usize;
        (byte(20), byte(12), self.0 & 0xfff)
    }
}

/// Counts by series, in the order of their labels. They are few, so that looking through all of them costs less than a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(Vec<(Series, u64)>);

impl Tally {
    /// Counts.
    pub fn add(&mut self, series: Series, by: u64) {
        let mut at = 0;
        for (known, count) in &mut self.0 {
            if *known == series {
                *count = count.saturating_add(by);
                return;
            }
            at += usize::from(*known < series);
        }
        self.0.insert(at, (series, by));
    }

    /// What is here beyond an earlier state.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let more = |(series, count): &(Series, u64)| {
            let more = count.saturating_sub(earlier.get(*series));
            (more > 0).then_some((*series, more))
        };
        Self(self.0.iter().filter_map(more).collect())
    }

    /// The count of one series; zero when nothing was counted.
    #[must_use]
    pub fn get(&self, series: Series) -> u64 {
        let found = self.0.iter().find(|(known, _)| *known == series);
        found.map_or(0, |(_, count)| *count)
    }

    /// The series of a family, in the order of their labels.
    pub fn family(&self, family: Family) -> impl Iterator<Item = (Series, u64)> {
        let all = self.0.iter().copied();
        all.filter(move |(series, _)| series.is_of(family))
    }

    /// All of it in bytes: pairs of four and eight, little-endian. Codecs for any type take more code than this.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * PAIR);
        for (series, count) in &self.0 {
            bytes.extend_from_slice(&series.0.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes
    }

    /// Adds what [`Tally::bytes`] made of another one; what is no whole pair is left out.
    pub fn merge_bytes(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(PAIR) {
            if let ([a, b, c, d], Some(count)) = (&pair[..4], pair.last_chunk()) {
                let series = Series(u32::from_le_bytes([*a, *b, *c, *d]));
                self.add(series, u64::from_le_bytes(*count));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_keeps_its_labels() {
        let series = Series::new(Family::ObjectsSum, 255, 7, 599);
        assert_eq!(series.labels(), (255, 7, 599));
        assert!(series.is_of(Family::ObjectsSum) && !series.is_of(Family::Objects));
    }

    #[test]
    fn what_came_since_and_what_was_before_is_all() {
        let (one, other) = (
            Series::new(Family::Reads, 0, 0, 0),
            Series::new(Family::Reads, 3, 0, 0),
        );
        let mut before = Tally::default();
        before.add(one, 2);
        let mut now = before.clone();
        now.add(one, 3);
        now.add(other, 1);
        let mut since = now.since(&before);
        assert_eq!((since.get(one), since.get(other)), (3, 1));
        since.merge_bytes(&before.bytes());
        since.merge_bytes(&[1, 2, 3]);
        assert_eq!(since, now);
        assert_eq!(now.since(&now), Tally::default());
    }
}
