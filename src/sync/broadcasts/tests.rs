//! What of a stream of announcements is news, whatever of it is lost, overtaken or repeated.

use super::*;
use proptest::prelude::*;

const ADA: ClientId = ClientId(1);
const BOB: ClientId = ClientId(2);

fn at(millis: u64) -> Instant {
    Instant::from_millis(1_000_000 + millis)
}

/// What Ada announces at this time, having told `told` events before and one now.
fn announce(ada: &mut Broadcasts, event: usize, now: Instant) -> String {
    ada.push(event.to_string(), now);
    ada.announce(None, now).unwrap()
}

fn hear(bob: &mut Broadcasts, state: &str, hearing: Hearing, now: Instant) {
    bob.hear(ADA, &events::split(state).unwrap().events, hearing, now);
}

fn heard(bob: &mut Broadcasts) -> Vec<usize> {
    std::iter::from_fn(|| bob.poll())
        .map(|told| {
            assert_eq!(told.from, ADA);
            told.event.parse().unwrap()
        })
        .collect()
}

fn came(now: Instant) -> Broadcasts {
    let mut bob = Broadcasts::default();
    bob.handle_came(now);
    bob
}

#[test]
fn an_event_that_is_repeated_is_heard_once() {
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    let first = announce(&mut ada, 1, at(5));
    let second = announce(&mut ada, 2, at(6));
    for state in [&first, &first, &second, &first, &second] {
        hear(&mut bob, state, Hearing::Live, at(7));
    }
    assert_eq!(heard(&mut bob), [1, 2]);
}

#[test]
fn an_announcement_that_was_never_seen_is_made_up_for_by_the_next() {
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    hear(&mut bob, &announce(&mut ada, 1, at(0)), Hearing::Live, at(0));
    let _lost = announce(&mut ada, 2, at(10));
    hear(&mut bob, &announce(&mut ada, 3, at(20)), Hearing::Live, at(20));
    assert_eq!(heard(&mut bob), [1, 2, 3]);
}

#[test]
fn who_has_been_here_for_a_while_misses_nothing_of_somebody_never_heard_before() {
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    let _lost = announce(&mut ada, 1, at(9_000));
    hear(&mut bob, &announce(&mut ada, 2, at(9_010)), Hearing::Live, at(9_020));
    assert_eq!(heard(&mut bob), [1, 2]);
}

#[test]
fn a_newcomer_is_told_what_is_said_from_then_on() {
    let mut ada = Broadcasts::default();
    let before = announce(&mut ada, 1, at(0));

    let mut told_by_the_server = came(at(100));
    hear(&mut told_by_the_server, &before, Hearing::Past, at(150));
    let mut told_by_nobody = came(at(100));
    let repeated = ada.announce(None, at(500)).unwrap();
    hear(&mut told_by_nobody, &repeated, Hearing::Live, at(550));
    let mut not_told = came(at(100));
    let mut told_by_a_third = came(at(100));
    hear(&mut told_by_a_third, &before, Hearing::Retold, at(150));

    let after = announce(&mut ada, 2, at(600));
    for newcomer in [&mut told_by_the_server, &mut told_by_nobody, &mut not_told, &mut told_by_a_third] {
        hear(newcomer, &after, Hearing::Live, at(650));
        assert_eq!(heard(newcomer), [2]);
    }
}

#[test]
fn a_newcomer_is_told_an_event_whose_announcement_was_overtaken_or_lost() {
    for last in [1, 2] {
        let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
        let states = [0, 1, 2].map(|event| announce(&mut ada, event, at(100 + event as u64)));
        hear(&mut bob, &states[last], Hearing::Live, at(150));
        assert_eq!(heard(&mut bob), (0..=last).collect::<Vec<_>>());
    }
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    let _lost = announce(&mut ada, 1, at(100));
    let cursor_moved = ada.announce(Some("{\"cursor\":1}"), at(200)).unwrap();
    hear(&mut bob, &cursor_moved, Hearing::Live, at(250));
    assert_eq!(heard(&mut bob), [1]);
}

#[test]
fn a_newcomer_that_saw_the_sender_without_events_is_told_all_that_follow() {
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    bob.hear_nothing(ADA);
    let _passed_over_by_the_server = announce(&mut ada, 1, at(100));
    hear(&mut bob, &announce(&mut ada, 2, at(100)), Hearing::Live, at(150));
    bob.hear_nothing(ADA);
    hear(&mut bob, &announce(&mut ada, 3, at(200)), Hearing::Live, at(250));
    assert_eq!(heard(&mut bob), [1, 2, 3]);
}

#[test]
fn who_comes_back_is_not_told_again() {
    let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
    let first = announce(&mut ada, 1, at(0));
    hear(&mut bob, &first, Hearing::Live, at(0));
    bob.handle_came(at(500));
    hear(&mut bob, &first, Hearing::Past, at(600));
    hear(&mut bob, &announce(&mut ada, 2, at(700)), Hearing::Live, at(700));
    assert_eq!(heard(&mut bob), [1, 2]);
}

#[test]
fn an_event_is_repeated_for_two_seconds_and_the_state_ends_with_the_last() {
    let mut ada = Broadcasts::default();
    announce(&mut ada, 1, at(0));
    announce(&mut ada, 2, at(1_500));
    assert!(!ada.expire(at(2_000)));
    let state = ada.announce(Some("{}"), at(2_000)).unwrap();
    assert_eq!(events::split(&state).unwrap().events.events, ["2"]);
    assert_eq!(ada.timeout(), Some(at(3_500)));
    assert!(ada.expire(at(3_500)) && ada.is_empty() && ada.timeout().is_none());
    assert_eq!(ada.announce(Some("{}"), at(3_500)).as_deref(), Some("{}"));
}

#[test]
fn many_and_large_events_take_the_place_of_older_ones() {
    let mut ada = Broadcasts::default();
    let told = |state: &str| events::split(state).unwrap().events.events.len();
    let counts: Vec<usize> = (0..20).map(|event| told(&announce(&mut ada, event, at(0)))).collect();
    assert_eq!(counts.last(), Some(&MAX_EVENTS));
    let large = "1".repeat(MAX_BYTES - 100);
    assert!(is_fit(&large) && !is_fit(&"1".repeat(MAX_BYTES + 1)));
    ada.push(large, at(1));
    assert!(ada.announce(None, at(1)).is_some_and(|state| state.len() < MAX_BYTES + 200 && told(&state) > 1));
}

#[test]
fn the_senders_that_are_remembered_are_bounded() {
    let mut bob = came(at(0));
    for id in 0..MAX_SENDERS as u64 + 10 {
        let told = Events { first: 0, fresh: 0, events: vec!["1"] };
        bob.hear(ClientId(id), &told, Hearing::Live, at(9_000));
    }
    assert_eq!(bob.heard.len(), MAX_SENDERS);
}

#[test]
fn numbers_without_sense_change_nothing_for_others() {
    let mut bob = came(at(0));
    let nonsense = Events { first: 7, fresh: (1 << 53) - 1, events: vec!["1", "2"] };
    bob.hear(BOB, &nonsense, Hearing::Live, at(1));
    let mut ada = Broadcasts::default();
    hear(&mut bob, &announce(&mut ada, 1, at(2)), Hearing::Live, at(2));
    assert_eq!(heard(&mut bob), [1]);
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    IsLost,
    ComesTwice,
    IsOvertaken,
}

proptest! {
    /// Presence drops what was overtaken; a lost announcement is made up for while it is young. What is left is told in
    /// order, once, and whole if nothing was lost for longer than an event is kept.
    #[test]
    fn everything_is_heard_once_and_in_order(
        steps in prop::collection::vec((0_u64..900, prop_oneof![
            4 => Just(Fate::Arrives),
            1 => Just(Fate::IsLost),
            1 => Just(Fate::ComesTwice),
            1 => Just(Fate::IsOvertaken),
        ]), 1..40),
    ) {
        let (mut ada, mut bob) = (Broadcasts::default(), came(at(0)));
        let mut now = 10_000;
        let mut heard_of = Vec::new();
        let mut missed = Vec::new();
        let mut lost: Vec<(usize, u64)> = Vec::new();
        for (event, (pause, fate)) in steps.into_iter().enumerate() {
            now += pause;
            let state = announce(&mut ada, event, at(now));
            if matches!(fate, Fate::IsLost | Fate::IsOvertaken) {
                lost.push((event, now));
                continue;
            }
            missed.extend(lost.drain(..).filter(|(_, told)| told + 2_000 <= now).map(|(event, _)| event));
            for _ in 0..=usize::from(matches!(fate, Fate::ComesTwice)) {
                hear(&mut bob, &state, Hearing::Live, at(now));
            }
            heard_of.extend(heard(&mut bob));
            let expected: Vec<usize> = (0..=event).filter(|event| !missed.contains(event)).collect();
            prop_assert!(heard_of == expected || expected.len() > MAX_EVENTS, "{:?} {:?}", heard_of, expected);
            prop_assert!(heard_of.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
