//! How the counts of many instances add up in the key-value store, which has no compare-and-swap.
//!
//! Time is cut into minutes. An instance puts what it counts in a minute under a key of its own, `of/<minute>-<random>`,
//! which nobody else writes, and which it leaves alone once the minute is over. So a while later that key can't change any
//! more, and the sum of all minutes up to one is the same whoever works it out: `sum/<minute>-<written>`. Two who do so at
//! once write the same. What is in a sum is removed when that sum has been there for a minute, so that nobody who did not
//! see it is still adding up its parts.
//!
//! All of this is pure: the service reads and writes the store.

use std::time::Duration;

use super::tally::Tally;
use crate::timestamp::Timestamp;

/// The time that has one key, in microseconds.
const MINUTE: i64 = 60_000_000;
/// A minute is summed up when so many others have begun after it: the second is for slow stores and wrong clocks.
const SETTLED: i64 = 2;
/// How long a sum must have been there until what is in it is removed.
const SEEN: Duration = Duration::from_secs(60);
/// For how long a scrape makes that instances share their counts.
const WANTED: Duration = Duration::from_secs(900);

/// What one instance puts under its keys.
#[derive(Debug)]
pub struct Share {
    random: u64,
    minute: i64,
    /// What was put under the keys of earlier minutes.
    before: Tally,
    /// What was counted when the key of this minute was written last, or may have been.
    sent: Tally,
}

impl Share {
    /// The share of an instance that has counted nothing. Nobody else has this random number.
    #[must_use]
    pub fn new(random: u64) -> Self {
        Self {
            random: random & (u64::MAX >> 1),
            minute: 0,
            before: Tally::default(),
            sent: Tally::default(),
        }
    }

    /// What to put under which name now that this is all that was counted. What can't be put there is lost when the minute
    /// is over: nobody knows whether it is there, and lost is better than counted twice.
    pub fn put(&mut self, now: Timestamp, counted: Tally) -> (String, Tally) {
        let minute = minute(now).max(self.minute);
        if minute > self.minute {
            self.before = self.sent.clone();
            self.minute = minute;
        }
        let part = counted.since(&self.before);
        self.sent = counted;
        (format!("of/{minute:08x}-{:016x}", self.random), part)
    }
}

/// What to read, write and remove to have the sum of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What makes up the next sum: the latest one, and what has settled since.
    pub settled: Vec<String>,
    /// The name of the next sum, when there is to be one.
    pub next: Option<String>,
    /// What to add besides for the sum of all.
    pub open: Vec<String>,
    /// What nobody needs any more.
    pub past: Vec<String>,
}

impl Plan {
    /// By the names that are there.
    #[must_use]
    pub fn new(names: &[&str], now: Timestamp) -> Self {
        let mut plan = Self::default();
        // The latest sum, and the latest that everybody has seen.
        let (mut latest, mut seen) = ((-1, 0), (-1, 0));
        let mut sum = None;
        for name in names {
            if let Some(found) = parse("sum/", name) {
                if found > latest {
                    latest = found;
                    sum = Some((*name).to_owned());
                }
                if found > seen && now.since(Timestamp::from_micros(found.1)) >= SEEN {
                    seen = found;
                }
            }
        }
        plan.settled.extend(sum);
        let settled = minute(now) - SETTLED;
        if settled > latest.0 {
            plan.next = Some(format!("sum/{settled:08x}-{:016x}", now.micros()));
        }
        for name in names {
            let past = parse("sum/", name).is_some_and(|sum| sum < seen);
            let to = match parse("of/", name) {
                _ if past => &mut plan.past,
                Some((minute, _)) if minute <= seen.0 => &mut plan.past,
                Some((minute, _)) if minute <= latest.0 => continue,
                Some((minute, _)) if minute <= settled => &mut plan.settled,
                Some(_) => &mut plan.open,
                None => continue,
            };
            to.push((*name).to_owned());
        }
        plan
    }
}

/// Until when instances share their counts, by the names that are there; `None` when nobody has asked for them.
#[must_use]
pub fn wanted_until<'a>(names: impl Iterator<Item = &'a str>) -> Option<Timestamp> {
    let mut until = None;
    for name in names {
        if let Some((_, at)) = parse("sum/", name) {
            until = until.max(Some(Timestamp::from_micros(at).plus(WANTED)));
        }
    }
    until
}

fn minute(at: Timestamp) -> i64 {
    at.micros().div_euclid(MINUTE)
}

/// The minute in a name, and the number behind it: an instant, or a random number of 63 bits.
fn parse(folder: &str, name: &str) -> Option<(i64, i64)> {
    let (minute, number) = name.strip_prefix(folder)?.split_once('-')?;
    let number_of = |text| i64::from_str_radix(text, 16).ok();
    Some((number_of(minute)?, number_of(number)?))
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
