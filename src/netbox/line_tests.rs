#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn lost() -> u32 {
    u32::MAX
}

#[test]
fn a_lone_item_goes_at_once_and_alone() {
    let mut line: Line<u32, u32> = Line::new(50);
    let tickets = line.join([7]);
    assert_eq!(line.start(), Some(vec![7]));
    line.done(vec![70], lost);
    assert_eq!(line.take(&tickets), Some(vec![70]));
    assert_eq!(line.start(), None);
}

#[test]
fn what_arrives_during_a_call_goes_together_in_the_next_one() {
    let mut line: Line<u32, u32> = Line::new(50);
    line.join([1]);
    line.start().unwrap();
    let second = line.join([2]);
    let third = line.join([3]);
    assert_eq!(line.start(), None);
    line.done(vec![10], lost);
    assert_eq!(line.start(), Some(vec![2, 3]));
    line.done(vec![20, 30], lost);
    assert_eq!(line.take(&third), Some(vec![30]));
    assert_eq!(line.take(&second), Some(vec![20]));
}

#[test]
fn a_call_that_ends_without_answers_gives_each_item_one() {
    let mut line: Line<u32, u32> = Line::new(50);
    let tickets = line.join([1, 2]);
    line.start().unwrap();
    line.done(Vec::new(), lost);
    assert_eq!(line.take(&tickets), Some(vec![u32::MAX, u32::MAX]));
}

#[test]
fn who_left_before_the_call_is_not_sent() {
    let mut line: Line<u32, u32> = Line::new(50);
    line.join([1]);
    line.start().unwrap();
    let gone = line.join([2]);
    line.join([3]);
    line.leave(&gone);
    line.done(vec![10], lost);
    assert_eq!(line.start(), Some(vec![3]));
}

/// What may happen to a line.
#[derive(Clone, Debug)]
enum Step {
    Join(usize),
    Start,
    Done,
    Leave(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..8_usize).prop_map(Step::Join),
        3 => Just(Step::Start),
        3 => Just(Step::Done),
        1 => any::<prop::sample::Index>().prop_map(Step::Leave),
    ]
}

proptest! {
    /// Nobody starves, nobody gets another's answer, no call is too large, order is kept, nothing is sent twice.
    #[test]
    fn whatever_happens_everybody_gets_the_own_answer_in_turn(most in 1..6_usize, steps in prop::collection::vec(step(), 0..80)) {
        let mut line: Line<u32, u32> = Line::new(most);
        let mut next = 0_u32;
        let mut callers: Vec<(Vec<Ticket>, Vec<u32>)> = Vec::new();
        let mut under_way: Option<Vec<u32>> = None;
        let mut sent = Vec::new();
        let mut left: Vec<u32> = Vec::new();
        for step in steps {
            match step {
                Step::Join(count) => {
                    let items: Vec<u32> = (next..).take(count).collect();
                    next += u32::try_from(count).unwrap();
                    callers.push((line.join(items.clone()), items));
                }
                Step::Start => match (line.start(), &under_way) {
                    (Some(batch), None) => {
                        prop_assert!(!batch.is_empty() && batch.len() <= most);
                        sent.extend(batch.iter().copied());
                        under_way = Some(batch);
                    }
                    (None, _) => {}
                    (Some(_), Some(_)) => prop_assert!(false, "two calls at once"),
                },
                Step::Done => if let Some(batch) = under_way.take() {
                    line.done(batch.iter().map(|item| item * 10).collect(), lost);
                },
                Step::Leave(which) => if !callers.is_empty() {
                    let (tickets, items) = callers.remove(which.index(callers.len()));
                    line.leave(&tickets);
                    left.extend(items);
                },
            }
        }
        // However it stands, as many calls as the line is long answer everybody who is still there.
        for _ in 0..=next {
            if let Some(batch) = under_way.take().or_else(|| line.start()) {
                if !sent.ends_with(&batch) {
                    sent.extend(batch.iter().copied());
                }
                line.done(batch.iter().map(|item| item * 10).collect(), lost);
            }
        }
        for (tickets, items) in callers {
            let expected: Vec<u32> = items.iter().map(|item| item * 10).collect();
            prop_assert_eq!(line.take(&tickets), Some(expected));
        }
        prop_assert!(sent.windows(2).all(|pair| pair[0] < pair[1]), "out of turn, or twice: {sent:?}");
        for item in (0..next).filter(|item| !left.contains(item)) {
            prop_assert!(sent.contains(&item), "{item} was never sent");
        }
        prop_assert!(line.waiting.is_empty() && line.under_way.is_empty());
    }
}
