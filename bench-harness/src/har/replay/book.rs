//! What is recorded and what has come so far.

use std::collections::{HashMap, VecDeque};

use anyhow::Context as _;
use wiremock::{Request, ResponseTemplate};

use super::answer;
use super::key::Key;
use super::mismatch::Mismatch;
use super::nearest::Nearest;
use super::{Mode, ReplayOptions};
use crate::har::model::Har;

/// What is recorded and what has come so far.
pub(super) struct Book {
    har: Har,
    options: ReplayOptions,
    keys: Vec<Key>,
    /// Recorded calls that have not come yet, by what they are matched on, in recorded order.
    waiting: HashMap<Key, VecDeque<usize>>,
    /// The last recorded call of each kind.
    last: HashMap<Key, usize>,
    unexpected: Vec<(Key, Option<String>)>,
    answered: usize,
}

impl Book {
    /// Nothing has come yet.
    pub(super) fn open(har: Har, options: ReplayOptions) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        let (mut waiting, mut last) = (HashMap::<Key, VecDeque<usize>>::new(), HashMap::new());
        for (index, entry) in har.log.entries.iter().enumerate() {
            answer::check(&entry.response)
                .with_context(|| format!("recorded call {} can't be played back", index + 1))?;
            let key = Key::recorded(&entry.request);
            waiting.entry(key.clone()).or_default().push_back(index);
            last.insert(key.clone(), index);
            keys.push(key);
        }
        Ok(Self {
            har,
            options,
            keys,
            waiting,
            last,
            unexpected: Vec::new(),
            answered: 0,
        })
    }

    /// How many calls were answered as recorded.
    pub(super) fn answered(&self) -> usize {
        self.answered
    }

    pub(super) fn mismatches(&self) -> Vec<Mismatch> {
        if self.options.mode == Mode::Loose {
            return Vec::new();
        }
        let unexpected = self.unexpected.iter();
        let unexpected = unexpected.map(|(key, nearest)| Mismatch::Unexpected {
            call: key.to_string(),
            nearest: nearest.clone(),
        });
        let mut missing: Vec<usize> = self.waiting.values().flatten().copied().collect();
        missing.sort_unstable();
        let missing = missing.into_iter().map(|index| {
            let key = &self.keys[index];
            // A call to another path says nothing about why this one did not come.
            let came = self.unexpected.iter().map(|(came, _)| came);
            let came: Vec<&Key> = came.filter(|came| came.path == key.path).collect();
            let nearest = Nearest::of(key, came.iter().copied());
            Mismatch::Missing {
                number: index + 1,
                call: key.to_string(),
                nearest: nearest.map(|near| format!("{}: {}", came[near.index], near.swapped())),
            }
        });
        unexpected.chain(missing).collect()
    }

    /// The recorded call that comes nearest, preferably one that has not come yet.
    fn nearest(&self, key: &Key) -> Option<String> {
        if self.last.contains_key(key) {
            let times = self.keys.iter().filter(|recorded| *recorded == key).count();
            return Some(format!(
                "the same call, which was recorded {times} times and came once more"
            ));
        }
        let nearest = Nearest::of(key, self.keys.iter())?;
        let recorded = &self.keys[nearest.index];
        Some(format!(
            "recorded call {}, {recorded}: {}",
            nearest.index + 1,
            nearest.words()
        ))
    }

    pub(super) fn answer(&mut self, request: &Request) -> ResponseTemplate {
        let key = Key::of(request);
        let next = self.waiting.get_mut(&key).and_then(VecDeque::pop_front);
        if self.waiting.get(&key).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(&key);
        }
        let again = || match self.options.mode {
            Mode::Loose => self.last.get(&key).copied(),
            Mode::Strict => None,
        };
        if let Some(index) = next.or_else(again) {
            self.answered += 1;
            let entry = &self.har.log.entries[index];
            let delay = self.options.latency.of(entry.time);
            return answer::recorded(&entry.response, request, delay);
        }
        let nearest = self.nearest(&key);
        let words = nearest
            .clone()
            .unwrap_or_else(|| "nothing is recorded".to_owned());
        let status = match self.options.mode {
            Mode::Strict => 501,
            Mode::Loose => 404,
        };
        let refusal = answer::not_recorded(status, &key.to_string(), &words);
        self.unexpected.push((key, nearest));
        refusal
    }
}
