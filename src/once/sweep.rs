//! What to clear away: a store forgets nothing by itself, and some take only a thousand keys.

use std::time::Duration;

use super::names::Names;
use crate::timestamp::Timestamp;

/// How long an answer is kept: a day.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is younger than this stays even when there is too much: it may still be running, and retries come soon.
const YOUNG: Duration = Duration::from_secs(10 * 60);

/// The most that one request clears away.
const AT_ONCE: usize = 32;

/// Which of the store's keys to delete now: those past their day, and the oldest of those that are more than `most`.
#[must_use]
pub fn overdue(names: &Names, keys: &[String], now: Timestamp, most: usize) -> Vec<String> {
    let mut ours: Vec<(Timestamp, &String)> = keys
        .iter()
        .filter_map(|name| Some((names.begun(name)?, name)))
        .collect();
    let surplus = ours.len().saturating_sub(most);
    ours.sort_unstable();
    ours.into_iter()
        .enumerate()
        .filter(|(n, (begun, _))| {
            let age = now.since(*begun);
            age > KEPT || (*n < surplus && age > YOUNG)
        })
        .map(|(_, (_, name))| name.clone())
        .take(AT_ONCE)
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalogue::Shelf;
    use crate::once::{Caller, Key};

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_micros(hours * 3_600_000_000)
    }

    fn keys(names: &Names, hours: impl IntoIterator<Item = i64>) -> Vec<String> {
        let folder = names.folder(Caller::Anybody, &Key::parse(b"k").unwrap());
        hours
            .into_iter()
            .map(|h| names.name(folder, at(h), 1))
            .collect()
    }

    #[test]
    fn what_is_past_its_day_goes() {
        let names = Names::beside(&Shelf::new(&[]));
        let mut all = keys(&names, [1, 30, 5, 29]);
        all.push("somebody/else".to_owned());
        let gone = overdue(&names, &all, at(30), 100);
        assert_eq!(gone, keys(&names, [1, 5]));
    }

    #[test]
    fn of_too_many_the_oldest_go_but_never_the_young() {
        let names = Names::beside(&Shelf::new(&[]));
        let all = keys(&names, [30, 27, 28, 29]);
        assert_eq!(overdue(&names, &all, at(30), 2), keys(&names, [27, 28]));
        assert_eq!(overdue(&names, &all, at(30), 0), keys(&names, [27, 28, 29]));
        assert!(overdue(&names, &all, at(30), 4).is_empty());
    }

    #[test]
    fn one_request_never_clears_away_everything() {
        let names = Names::beside(&Shelf::new(&[]));
        let all = keys(&names, 0..1_000);
        assert_eq!(overdue(&names, &all, at(2_000), 100).len(), AT_ONCE);
    }
}
