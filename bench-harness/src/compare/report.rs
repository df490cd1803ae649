//! What came of a comparison, as text and as JSON.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::findings::Difference;
use super::known::KnownDifference;
use super::service::{Kind, Service};

/// How many differences the text names.
const TOLD: usize = 50;
/// How much of a value the text shows, in characters.
const SHOWN: usize = 120;

/// Which of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// That of `--left`.
    Left,
    /// That of `--right`.
    Right,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// One of the services.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Party {
    /// Its address.
    pub url: String,
    /// Which program it is.
    pub kind: Kind,
    /// How many segments it lists.
    pub segments: usize,
}

impl Party {
    pub(super) fn new(service: &Service, segments: usize) -> Self {
        Self {
            url: service.url().to_owned(),
            kind: service.kind(),
            segments,
        }
    }

    fn line(&self) -> String {
        let kind = match self.kind {
            Kind::SegmentEdge => "segment-edge",
            Kind::Python => "the Python service",
        };
        format!("{}, {kind}, {} segments", self.url, self.segments)
    }
}

/// What came of a comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The one.
    pub left: Party,
    /// The other.
    pub right: Party,
    /// How many questions each was asked.
    pub questions: usize,
    /// Whose list was another one at the end: somebody wrote meanwhile, or a cache ran out.
    pub changed: Vec<Side>,
    /// What differs without a known reason.
    pub differences: Vec<Difference>,
    /// What differs as it should.
    pub known: Vec<KnownDifference>,
}

impl Report {
    /// Whether every difference is a known one.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _written = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        writeln!(text, "left   {}", self.left.line())?;
        writeln!(text, "right  {}", self.right.line())?;
        writeln!(
            text,
            "asked  {} questions of each, all by GET",
            self.questions
        )?;
        if !self.known.is_empty() {
            writeln!(text, "\nknown differences, as they should be:")?;
        }
        for known in &self.known {
            let name = serde_json::to_value(known.known).unwrap_or_default();
            let name = name.as_str().unwrap_or_default();
            writeln!(text, "  {name} ({}): {}", known.count, known.reason)?;
        }
        if !self.differences.is_empty() {
            writeln!(text, "\ndifferences without a known reason:")?;
        }
        for difference in self.differences.iter().take(TOLD) {
            writeln!(text, "  {}", line(difference))?;
        }
        if let Some(more @ 1..) = self.differences.len().checked_sub(TOLD) {
            writeln!(text, "  and {more} more; --json FILE has all of them")?;
        }
        for side in &self.changed {
            writeln!(
                text,
                "\nthe {side} list changed meanwhile: compare again when nobody writes and the caches are as old as NetBox's last change"
            )?;
        }
        match self.differences.len() {
            0 => writeln!(text, "\nno difference without a known reason"),
            1 => writeln!(text, "\n1 difference without a known reason"),
            count => writeln!(text, "\n{count} differences without a known reason"),
        }
    }
}

fn line(difference: &Difference) -> String {
    let place = &difference.place;
    let what = match (&place.segment, place.field.as_str()) {
        (Some(id), "segment") => format!("segment {id}"),
        (Some(id), field) => format!("{field} of segment {id}"),
        (None, field) => field.to_owned(),
    };
    let more = match difference.answers {
        0 | 1 => String::new(),
        2 => ", and in one more answer".to_owned(),
        answers => format!(", and in {} more answers", answers - 1),
    };
    let (left, right) = (
        value(difference.left.as_ref()),
        value(difference.right.as_ref()),
    );
    format!(
        "{}: {what}: left {left}, right {right}{more}",
        difference.route
    )
}

fn value(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
