//! Paging through a list.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use super::{Rule, SegmentId, Violation};

/// The most segments a page may have.
pub const MAX_LIMIT: usize = 1_000;

/// Which part of a list is wanted: without a limit, the whole of it.
///
/// A list is in the order of the ids. A page begins after the last id of the one before, and not at a position; so what
/// comes and goes between two pages neither repeats nor hides anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The most segments wanted, up to [`MAX_LIMIT`].
    pub limit: Option<NonZeroUsize>,
    /// Only what comes after this id, which itself may be gone.
    pub after: Option<SegmentId>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// The segments of the page, in the order of their ids.
    pub items: Vec<T>,
    /// How many segments the whole list has.
    pub total: usize,
    /// The page that follows, when there is more.
    pub next: Option<Page>,
}

impl Page {
    /// The query parameters of a page.
    pub const PARAMETERS: [&'static str; 2] = ["limit", "cursor"];

    /// The page in the query parameters `pairs`, decoded. Other parameters are left to [`super::Filter::parse`].
    ///
    /// # Errors
    /// `limit` or `cursor` when it is empty, given twice or unusable; the pointer of each is `?` and its name.
    pub fn parse<I, K, V>(pairs: I) -> Result<Self, Vec<Violation>>
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut page = Self::default();
        let mut violations = Vec::new();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in pairs {
            let Some(known) = Self::PARAMETERS
                .into_iter()
                .find(|known| *known == name.as_ref())
            else {
                continue;
            };
            let outcome = if seen.contains(&known) {
                Err(Rule::ParameterRepeated)
            } else {
                page.set(known, value.as_ref())
            };
            seen.push(known);
            if let Err(rule) = outcome {
                violations.push(Violation::of_parameter(known, rule));
            }
        }
        if violations.is_empty() {
            Ok(page)
        } else {
            Err(violations)
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Rule> {
        let wrong = |right| Rule::ParameterValue {
            given: value.to_owned(),
            right,
        };
        if value.is_empty() {
            return Err(Rule::ParameterEmpty);
        }
        if name == "limit" {
            let plain = value.bytes().all(|b| b.is_ascii_digit());
            let limit = value
                .parse()
                .ok()
                .filter(|limit: &NonZeroUsize| plain && limit.get() <= MAX_LIMIT);
            self.limit = Some(limit.ok_or_else(|| wrong("a whole number from 1 to 1000"))?);
        } else {
            self.after = Some(
                decode(value)
                    .ok_or_else(|| wrong("the cursor of an answer, as it was given, or none"))?,
            );
        }
        Ok(())
    }

    /// The cursor that leads to this page; none for the first. Opaque to callers.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.after.map(encode)
    }

    /// Cuts this page out of `items`, which come in the order of their ids. Only the page is kept, however long the list.
    pub fn cut<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        id: impl Fn(&T) -> SegmentId,
    ) -> Slice<T> {
        let (mut page, mut total, mut more) = (Vec::new(), 0, false);
        for item in items {
            total += 1;
            if self.after.is_some_and(|after| id(&item) <= after) {
                continue;
            }
            if self.limit.is_some_and(|limit| page.len() == limit.get()) {
                more = true;
                continue;
            }
            page.push(item);
        }
        let last = page.last().filter(|_| more).map(id);
        let next = last.map(|last| Self {
            limit: self.limit,
            after: Some(last),
        });
        Slice {
            items: page,
            total,
            next,
        }
    }
}

/// What a cursor says before it is written in hexadecimal. The version lets a later form be told apart.
const PREFIX: &str = "1:";

fn encode(after: SegmentId) -> String {
    let mut cursor = String::new();
    for byte in format!("{PREFIX}{after}").bytes() {
        // Writing to a String cannot fail.
        let _ = write!(cursor, "{byte:02x}");
    }
    cursor
}

fn decode(cursor: &str) -> Option<SegmentId> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = cursor.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let bytes: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect::<Option<_>>()?;
    SegmentId::parse(std::str::from_utf8(&bytes).ok()?.strip_prefix(PREFIX)?).ok()
}

#[cfg(test)]
mod tests;
