//! The known name that a mistyped one resembles.

/// Longer names are not compared: no known name comes near their length.
const LONGEST: usize = 32;

/// The one of `known` that `given` resembles most: whatever its case, at most a third of its letters wrong (two at least),
/// or one of the two within the other. None when nothing comes close. Among equals the first of `known`.
#[must_use]
pub fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given: Vec<char> = given
        .chars()
        .take(LONGEST + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if given.is_empty() || given.len() > LONGEST {
        return None;
    }
    let text: String = given.iter().collect();
    let within = |name: &str| text.len() >= 3 && (name.contains(&text) || text.contains(name));
    known
        .iter()
        .map(|name| (distance(&given, &name.chars().collect::<Vec<_>>()), *name))
        .filter(|(steps, name)| *steps <= (name.len() / 3).max(2) || within(name))
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, name)| name)
}

/// How many letters have to be inserted, removed or replaced to make `a` into `b` (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let above = *cell;
            left = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [&str; 4] = ["site", "vlan_id", "epg_name", "description"];

    #[test]
    fn a_typo_finds_the_name_that_was_meant() {
        for (given, meant) in [
            ("sites", "site"),
            ("vlanid", "vlan_id"),
            ("VLAN_ID", "vlan_id"),
            ("vlan", "vlan_id"),
            ("descr", "description"),
            ("epgName", "epg_name"),
        ] {
            assert_eq!(nearest(given, &KNOWN), Some(meant), "{given}");
        }
    }

    #[test]
    fn nothing_is_suggested_for_what_resembles_nothing() {
        for given in ["", "colour", &"site".repeat(1_000)] {
            assert_eq!(nearest(given, &KNOWN), None);
        }
    }

    proptest! {
        #[test]
        fn the_distance_is_symmetric_and_zero_only_for_equals(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(distance(&x, &y), distance(&y, &x));
            prop_assert_eq!(distance(&x, &y) == 0, a == b);
        }

        #[test]
        fn one_letter_more_is_one_step(a in "[abc]{0,6}", letter in proptest::char::range('a', 'z')) {
            let x: Vec<char> = a.chars().collect();
            let mut y = x.clone();
            y.push(letter);
            prop_assert_eq!(distance(&x, &y), 1);
        }

        #[test]
        fn any_text_has_an_answer(given in any::<String>()) {
            let found = nearest(&given, &KNOWN);
            prop_assert!(found.is_none_or(|name| KNOWN.contains(&name)));
        }
    }
}
