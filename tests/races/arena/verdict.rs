//! Whether what was answered is what became of it: every 2xx true, and nothing left of anything else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ground::{Scene, Segment};
use super::round::{Ask, Deed};

/// A request, and what it was answered.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) host: usize,
    pub(super) ask: Ask,
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answered {
    pub(super) fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The segments in a 2xx.
    fn told(&self) -> Vec<(u64, Segment)> {
        let list = self.body["results"].as_array();
        match list {
            Some(list) => {
                let list = list.iter().filter_map(|one| Segment::told(&one["segment"]));
                list.collect()
            }
            None => Segment::told(&self.body).into_iter().collect(),
        }
    }

    /// Whether the request means this segment by its id.
    pub(super) fn targets(&self, id: u64) -> bool {
        match &self.ask.deed {
            Deed::Rename(target, _)
            | Deed::Change(target, ..)
            | Deed::Describe(target, _)
            | Deed::Delete(target)
            | Deed::Release(target, _) => *target == id,
            Deed::Make | Deed::MakeAll | Deed::Allocate(_) => false,
        }
    }

    /// The segments that a 2xx says something about.
    pub(super) fn touched(&self) -> BTreeSet<u64> {
        match &self.ask.deed {
            _ if !self.succeeded() => BTreeSet::new(),
            Deed::Delete(id) => BTreeSet::from([*id]),
            _ => self.told().into_iter().map(|(id, _)| id).collect(),
        }
    }
}

/// What a round did to a segment that was there before, by its 2xx.
#[derive(Default)]
struct Fate {
    names: Vec<String>,
    descriptions: Vec<String>,
    given: BTreeSet<String>,
    taken: BTreeSet<String>,
    deleted: bool,
}

/// All that is wrong after a round, one sentence each. `one_each`: whether a cluster that asks twice must get one segment, which
/// hosts that know different things of NetBox can't promise: each may take the one that the other does not know of.
pub(super) fn verdict(
    before: &Scene,
    after: &Scene,
    answers: &[Answered],
    one_each: bool,
) -> Vec<String> {
    let mut wrong = after.wrong.clone();
    wrong.extend(answers.iter().filter_map(refused_badly));
    let mut made: BTreeMap<u64, Segment> = BTreeMap::new();
    let mut fates: BTreeMap<u64, Fate> = BTreeMap::new();
    let mut allocated: BTreeMap<&str, u64> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.succeeded()) {
        let told = answer.told();
        if let Deed::Delete(id) = answer.ask.deed {
            fates.entry(id).or_default().deleted = true;
            continue;
        }
        if told.is_empty() {
            wrong.push(format!("{:?} tells of no segment", answer.ask.deed));
        }
        for (id, segment) in told {
            let fate = || format!("{:?} told of {segment:?}", answer.ask.deed);
            let right = match &answer.ask.deed {
                Deed::Make | Deed::MakeAll => made.insert(id, segment.clone()).is_none(),
                Deed::Rename(target, name) => {
                    fates.entry(id).or_default().names.push(name.clone());
                    id == *target && segment.name == *name
                }
                Deed::Describe(target, text) => {
                    let fate = fates.entry(id).or_default();
                    fate.descriptions.push(text.clone());
                    id == *target && segment.description == *text
                }
                Deed::Change(target, name, text) => {
                    let fate = fates.entry(id).or_default();
                    fate.names.push(name.clone());
                    fate.descriptions.push(text.clone());
                    id == *target && segment.name == *name && segment.description == *text
                }
                Deed::Allocate(cluster) => {
                    fates.entry(id).or_default().given.insert(cluster.clone());
                    let alone = segment.clusters == BTreeSet::from([cluster.clone()]);
                    alone && (*allocated.entry(cluster).or_insert(id) == id || !one_each)
                }
                Deed::Release(target, cluster) => {
                    fates.entry(id).or_default().taken.insert(cluster.clone());
                    id == *target && !segment.clusters.contains(cluster)
                }
                Deed::Delete(_) => true,
            };
            if !right {
                wrong.push(fate());
            }
        }
    }
    for (id, segment) in &made {
        if after.segments.get(id) != Some(segment) {
            let now = after.segments.get(id);
            wrong.push(format!("made {id} {segment:?}, which is {now:?}"));
        }
    }
    let new = after.segments.iter();
    let new = new.filter(|(id, _)| !before.segments.contains_key(id) && !made.contains_key(id));
    wrong.extend(new.map(|(id, segment)| format!("nobody was told of {id} {segment:?}")));
    for (id, then) in &before.segments {
        let fate = fates.remove(id).unwrap_or_default();
        wrong.extend(fate.judge(*id, then, after.segments.get(id)));
    }
    wrong
}

/// A refusal must be one that a race can bring, and leave nothing.
fn refused_badly(answer: &Answered) -> Option<String> {
    let expected = answer.succeeded() || matches!(answer.status, 404 | 409 | 412);
    let left = answer.body["left"].as_array();
    let clean = left.is_none_or(Vec::is_empty);
    (!expected || !clean).then(|| {
        format!(
            "{:?} was answered {} {}",
            answer.ask.deed, answer.status, answer.body
        )
    })
}

impl Fate {
    fn judge(&self, id: u64, then: &Segment, now: Option<&Segment>) -> Option<String> {
        let Some(now) = now else {
            return (!self.deleted).then(|| format!("{id} is gone, and nobody was told so"));
        };
        if self.deleted {
            return Some(format!("{id} is there, though it was said to be deleted"));
        }
        let one_of = |said: &[String], then: &String, now: &String| {
            if said.is_empty() {
                now == then
            } else {
                said.contains(now)
            }
        };
        let clusters: BTreeSet<String> = then.clusters.union(&self.given).cloned().collect();
        let clusters: BTreeSet<String> = clusters.difference(&self.taken).cloned().collect();
        let right = one_of(&self.names, &then.name, &now.name)
            && one_of(&self.descriptions, &then.description, &now.description)
            && now.clusters == clusters
            && self.given.len() <= 1
            && (&now.site, now.vid, now.net) == (&then.site, then.vid, then.net);
        (!right).then(|| format!("{id} was {then:?}, is {now:?}"))
    }
}
