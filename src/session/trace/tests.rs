//! Tests of what is remembered.

use super::*;
use proptest::prelude::*;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn noted(kinds: &[Kind]) -> Trace {
    let mut trace = Trace::new();
    for (number, kind) in kinds.iter().enumerate() {
        trace.note(*kind, DocId(0), [super::number(number), 0, 0], at(number as u64));
    }
    trace
}

#[test]
fn the_list_of_kinds_is_in_the_order_of_the_kinds() {
    let places: Vec<usize> = Kind::ALL.iter().map(|kind| *kind as usize).collect();
    assert_eq!(places, (0..Kind::ALL.len()).collect::<Vec<_>>());
}

#[test]
fn the_word_of_a_phase_is_the_phase() {
    for phase in Phase::ALL {
        let mut trace = Trace::new();
        for reason in [None].into_iter().chain(StatusReason::codes().map(Some)) {
            trace.note_phase(DocId(0), Stand { phase: *phase, reason }, [0, 0], at(1));
        }
        for (number, entry) in trace.read().entries.iter().enumerate() {
            assert_eq!((entry.word(), entry.numbers[0] as usize), (Some(phase.name()), number));
        }
    }
}

#[test]
fn many_messages_do_not_push_out_how_it_came_to_be_connected() {
    let mut kinds = vec![Kind::Session, Kind::Document, Kind::Connect, Kind::Open, Kind::Opened];
    kinds.resize(10_000, Kind::In);
    let traced = noted(&kinds).read();
    assert_eq!(traced.entries.len(), 5 + FREQUENT);
    assert_eq!(traced.entries.iter().take(5).map(|entry| entry.kind).collect::<Vec<_>>(), kinds[..5]);
    assert_eq!((traced.complete_from, traced.count), (5, 10_000));
}

#[test]
fn a_fact_is_about_the_last_message_that_came_and_about_nothing_else() {
    let mut trace = Trace::new();
    for _ in 0..=FREQUENT {
        trace.note_cargo(Kind::In, Cargo::Garbage, DocId(0), 7, at(1));
        trace.note_fact(Fact::NEWS);
        trace.note_fact(Fact::PROVEN);
    }
    trace.note(Kind::Timeout, DocId(0), [0; 3], at(2));
    trace.note_fact(Fact::REFUSED);
    let entries = trace.read().entries;
    let (last, messages) = entries.split_last().unwrap();
    assert_eq!(last.numbers, [0; 3]);
    assert!(messages.iter().all(|entry| entry.numbers == [7, 3, 0] && entry.word() == Some("garbage")));
}

#[test]
fn a_close_is_told_with_the_delay_that_was_asked_for_and_without_words() {
    let mut trace = Trace::new();
    for reason in ["", "retry-after: 2, secret", "retry-after-ms: 0"] {
        trace.note_closed(SocketId(3), &CloseInfo { code: 1013, reason: reason.to_owned() }, at(1));
    }
    let numbers: Vec<_> = trace.read().entries.iter().map(|entry| entry.numbers).collect();
    assert_eq!(numbers, [[3, 1013, 0], [3, 1013, 2001], [3, 1013, 1]]);
}

proptest! {
    #[test]
    fn entries_come_in_their_order_and_from_some_point_on_none_is_missing(
        kinds in prop::collection::vec(prop::sample::select(Kind::ALL.to_vec()), 0..600),
    ) {
        let traced = noted(&kinds).read();
        let numbers: Vec<usize> = traced.entries.iter().map(|entry| entry.numbers[0] as usize).collect();
        prop_assert!(numbers.is_sorted());
        prop_assert!(numbers.len() <= RARE + FREQUENT);
        let complete = &numbers[traced.complete_from..];
        prop_assert_eq!(complete, &(kinds.len() - complete.len()..kinds.len()).collect::<Vec<_>>()[..]);
        prop_assert!(kinds.len() > RARE || numbers.len() == kinds.len());
    }
}
