//! What was found to differ, each thing once.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::known::{Known, KnownDifference};

/// Where in an answer something differs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The id of the segment, when it is a segment that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The path of the field: a member of the segment such as `epg_name`, a JSON pointer into the body such as `/by_site/a/total`,
    /// or `status`, `order` or `segment` (the segment as a whole).
    pub field: String,
}

impl Place {
    pub(super) fn field(field: impl Into<String>) -> Self {
        Self {
            segment: None,
            field: field.into(),
        }
    }

    pub(super) fn of(segment: &str, field: impl Into<String>) -> Self {
        Self {
            segment: Some(segment.to_owned()),
            field: field.into(),
        }
    }
}

/// Two answers that differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The question, such as `GET /api/segments?site=a`.
    pub route: String,
    /// Where in the answer.
    #[serde(flatten)]
    pub place: Place,
    /// What the left service says; none when it says nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Value>,
    /// What the right one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<Value>,
    /// In how many answers the same was met.
    pub answers: usize,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    differences: Vec<Difference>,
    /// Where in `differences` a segment's field is.
    seen: HashMap<(Place, String), usize>,
    known: BTreeMap<Known, KnownDifference>,
}

impl Findings {
    /// Two values that differ; `known` says whether that is as it should be.
    pub(super) fn add(
        &mut self,
        route: &str,
        place: Place,
        (left, right): (Option<&Value>, Option<&Value>),
        known: Option<Known>,
    ) {
        let difference = Difference {
            route: route.to_owned(),
            place,
            left: left.cloned(),
            right: right.cloned(),
            answers: 1,
        };
        match known {
            Some(known) => self.expected(known, difference),
            None => self.unexplained(difference),
        }
    }

    fn expected(&mut self, known: Known, example: Difference) {
        let entry = self.known.entry(known).or_insert_with(|| KnownDifference {
            known,
            reason: known.reason().to_owned(),
            count: 0,
            example,
        });
        entry.count += 1;
    }

    /// A segment's field that differs does so in every answer with that segment: told once.
    fn unexplained(&mut self, difference: Difference) {
        if difference.place.segment.is_some() {
            let values = format!("{:?} {:?}", difference.left, difference.right);
            let key = (difference.place.clone(), values);
            if let Some(at) = self.seen.get(&key).copied() {
                if let Some(told) = self.differences.get_mut(at) {
                    told.answers += 1;
                }
                return;
            }
            self.seen.insert(key, self.differences.len());
        }
        self.differences.push(difference);
    }

    /// The unexplained ones in the order they were met, and the known ones.
    pub(super) fn end(self) -> (Vec<Difference>, Vec<KnownDifference>) {
        (self.differences, self.known.into_values().collect())
    }
}
