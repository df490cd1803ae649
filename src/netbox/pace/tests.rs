#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const LONG: Duration = Duration::from_secs(30);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn pace(most: usize) -> Pace {
    Pace::new(most, None, LONG)
}

/// A newcomer asks; one that may not go leaves again.
fn ask(pace: &mut Pace, now: Duration) -> Decision {
    let ticket = pace.join();
    let decision = pace.ask(now, ticket);
    pace.leave(ticket);
    decision
}

fn go(pace: &mut Pace, now: Duration) -> Leave {
    match ask(pace, now) {
        Decision::Go(leave) => leave,
        other => panic!("{other:?}"),
    }
}

/// One call after another is overloaded until calls are refused; returns when that was.
fn drown(pace: &mut Pace, mut now: Duration) -> Duration {
    loop {
        match ask(pace, now) {
            Decision::Go(leave) => pace.done(now, leave, Outcome::Overloaded(None)),
            Decision::Wait(pause) => now += pause.unwrap(),
            Decision::Refuse(_) => return now,
        }
    }
}

#[test]
fn as_many_go_at_once_as_allowed_and_the_next_waits() {
    let mut pace = pace(2);
    let first = go(&mut pace, ms(0));
    let _second = go(&mut pace, ms(0));
    assert!(matches!(ask(&mut pace, ms(0)), Decision::Wait(None)));
    pace.done(ms(1), first, Outcome::Answered);
    go(&mut pace, ms(1));
}

#[test]
fn who_came_first_goes_first() {
    let mut pace = pace(1);
    let busy = go(&mut pace, ms(0));
    let (first, second) = (pace.join(), pace.join());
    pace.done(ms(1), busy, Outcome::Answered);
    assert!(matches!(pace.ask(ms(1), second), Decision::Wait(None)));
    assert!(matches!(pace.ask(ms(1), first), Decision::Go(_)));
}

#[test]
fn one_that_gave_up_lets_the_next_go() {
    let mut pace = pace(1);
    let (first, second) = (pace.join(), pace.join());
    pace.leave(first);
    assert!(matches!(pace.ask(ms(1), second), Decision::Go(_)));
}

#[test]
fn an_overload_halves_the_calls_at_once_and_good_answers_bring_them_back_slowly() {
    let mut pace = pace(4);
    let leave = go(&mut pace, ms(0));
    pace.done(ms(10), leave, Outcome::Overloaded(None));
    assert_eq!(pace.at_once(), 2);
    let mut answers = 0;
    while pace.at_once() < 4 {
        let leave = go(&mut pace, ms(1_000));
        pace.done(ms(1_000), leave, Outcome::Answered);
        answers += 1;
    }
    assert!((10..40).contains(&answers), "{answers}");
}

#[test]
fn calls_that_failed_together_slow_down_once() {
    let mut pace = pace(4);
    let calls: Vec<Leave> = (0..4).map(|_| go(&mut pace, ms(0))).collect();
    for leave in calls {
        pace.done(ms(10), leave, Outcome::Overloaded(None));
    }
    assert_eq!(pace.at_once(), 2);
}

#[test]
fn however_many_are_turned_back_together_netbox_is_not_drowning() {
    let mut pace = pace(20);
    let calls: Vec<Leave> = (0..20).map(|_| go(&mut pace, ms(0))).collect();
    for leave in calls {
        pace.done(ms(10), leave, Outcome::Overloaded(None));
    }
    assert!(!pace.refuses(ms(10)));
}

#[test]
fn retry_after_holds_every_call_back() {
    let mut pace = pace(4);
    let leave = go(&mut pace, ms(0));
    pace.done(ms(10), leave, Outcome::Overloaded(Some(ms(2_000))));
    match ask(&mut pace, ms(500)) {
        Decision::Wait(Some(pause)) => assert_eq!(pause, ms(1_510)),
        other => panic!("{other:?}"),
    }
    go(&mut pace, ms(2_010));
}

#[test]
fn a_retry_after_longer_than_anybody_waits_refuses_calls_for_that_time() {
    let mut pace = pace(4);
    let leave = go(&mut pace, ms(0));
    pace.done(ms(0), leave, Outcome::Overloaded(Some(LONG)));
    assert!(pace.refuses(ms(29_000)));
    match ask(&mut pace, ms(29_000)) {
        Decision::Refuse(pause) => assert_eq!(pause, ms(1_000)),
        other => panic!("{other:?}"),
    }
    go(&mut pace, LONG);
}

#[test]
fn however_long_netbox_asks_for_one_call_finds_out_after_a_minute() {
    let mut pace = pace(4);
    let leave = go(&mut pace, ms(0));
    let day = Duration::from_secs(86_400);
    pace.done(ms(0), leave, Outcome::Overloaded(Some(day)));
    assert!(matches!(ask(&mut pace, ms(59_999)), Decision::Refuse(_)));
    go(&mut pace, ms(60_000));
}

#[test]
fn a_drowning_netbox_is_left_alone_and_then_asked_once() {
    let mut pace = pace(4);
    let closed = drown(&mut pace, ms(0));
    assert!(closed < ms(4_000), "the pauses before add up to {closed:?}");
    let open = closed + FIRST_BREAK;
    let probe = go(&mut pace, open);
    assert!(matches!(ask(&mut pace, open), Decision::Wait(Some(_))));
    assert!(matches!(
        ask(&mut pace, open + ms(1_500)),
        Decision::Refuse(_)
    ));
    pace.done(open + ms(1_600), probe, Outcome::Answered);
    go(&mut pace, open + ms(1_600));
}

#[test]
fn each_probe_that_fails_doubles_the_time_until_the_next() {
    let mut pace = pace(4);
    let mut now = drown(&mut pace, ms(0)) + FIRST_BREAK;
    for seconds in [10, 20, 30, 30] {
        let probe = go(&mut pace, now);
        pace.done(now, probe, Outcome::Overloaded(None));
        match ask(&mut pace, now) {
            Decision::Refuse(pause) => assert_eq!(pause, Duration::from_secs(seconds)),
            other => panic!("{other:?}"),
        }
        now += Duration::from_secs(seconds);
    }
}

#[test]
fn a_probe_that_says_nothing_is_followed_by_another() {
    let mut pace = pace(4);
    let now = drown(&mut pace, ms(0)) + FIRST_BREAK;
    let probe = go(&mut pace, now);
    pace.done(now, probe, Outcome::Unclear);
    go(&mut pace, now);
}

#[test]
fn a_late_answer_from_before_does_not_end_the_refusal() {
    let mut pace = pace(9);
    let late = go(&mut pace, ms(0));
    let leave = go(&mut pace, ms(0));
    pace.done(ms(1), leave, Outcome::Overloaded(Some(LONG)));
    pace.done(ms(2), late, Outcome::Answered);
    assert!(pace.refuses(ms(2)));
}

#[test]
fn work_begun_goes_on_while_others_are_refused_and_its_success_lets_them_in() {
    let mut pace = pace(4);
    let now = drown(&mut pace, ms(0)) + ms(1);
    let ticket = pace.join();
    let leave = pace.insist(now, ticket);
    pace.done(now + ms(1), leave, Outcome::Answered);
    go(&mut pace, now + ms(1));
}

#[test]
fn a_fixed_rate_spreads_the_calls() {
    let limit = RateLimit::parse("10/s burst 2").unwrap();
    let mut pace = Pace::new(4, Some(limit), LONG);
    go(&mut pace, ms(0));
    go(&mut pace, ms(0));
    match ask(&mut pace, ms(0)) {
        Decision::Wait(Some(pause)) => assert_eq!(pause, ms(100)),
        other => panic!("{other:?}"),
    }
    go(&mut pace, ms(100));
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => Just(Outcome::Answered),
        1 => Just(Outcome::Unclear),
        2 => Just(Outcome::Overloaded(None)),
        1 => (0_u64..90).prop_map(|s| Outcome::Overloaded(Some(Duration::from_secs(s)))),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_calls_stay_within_bounds_and_go_again_in_the_end(
        most in 1_usize..8,
        steps in proptest::collection::vec((0_u64..3_000, any::<bool>(), outcomes()), 1..200),
    ) {
        let mut pace = pace(most);
        let mut now = ms(0);
        let mut under_way: VecDeque<Leave> = VecDeque::new();
        for (pause, finish, outcome) in steps {
            now += ms(pause);
            let refused = pace.refuses(now);
            if finish && let Some(leave) = under_way.pop_front() {
                pace.done(now, leave, outcome);
            } else if let Decision::Go(leave) = ask(&mut pace, now) {
                prop_assert!(!refused);
                under_way.push_back(leave);
                prop_assert!(under_way.len() <= pace.at_once());
            }
            prop_assert!((1..=most).contains(&pace.at_once()));
        }
        for leave in under_way {
            pace.done(now, leave, Outcome::Unclear);
        }
        now += LONGEST_ASKED;
        for _ in 0..200 {
            let leave = go(&mut pace, now);
            now += ms(1);
            pace.done(now, leave, Outcome::Answered);
        }
        prop_assert_eq!(pace.at_once(), most);
    }
}
