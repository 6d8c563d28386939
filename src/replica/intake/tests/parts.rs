//! What is let in at once and written in parts: each part is what a document may be, and all of them are the whole.

use super::honest::{Session, seen, steps};
use super::*;
use crate::replica::IdRanges;
use proptest::prelude::*;
use yrs::merge_updates_v1;

/// A document that takes parts of this size.
fn in_parts(portion: usize) -> Guarded {
    Guarded::with_limits(77, 1 << 20, portion)
}

/// What was inserted and what was deleted, by all of these.
fn named(parts: &[Ready]) -> (IdRanges, IdRanges) {
    let structs = parts.iter().flat_map(|part| part.ranges.structs.clone()).collect();
    (structs, parts.iter().flat_map(|part| part.ranges.deletes.clone()).collect())
}

/// Applies one part. That yrs lacks nothing for it is looked at there.
fn write_part(guarded: &mut Guarded) -> Option<Ready> {
    let ready = guarded.intake.poll_ready()?;
    guarded.apply_one(&ready);
    Some(ready)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_parts_of_an_update_are_the_update(
        steps in steps(60),
        seed in any::<u64>(),
        portion in 1..12_usize,
        known in 0..100_usize,
        is_merged in any::<bool>(),
    ) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let (mut whole, mut parts) = (in_parts(usize::MAX), in_parts(portion));
        for update in session.log.iter().take(known * session.log.len() / 100) {
            whole.offer(update).unwrap();
            parts.offer(update).unwrap();
        }
        // What was merged holds what was deleted later; a state tells only that it was there.
        let update = match merge_updates_v1(&session.log) {
            Ok(merged) if is_merged => merged,
            _ => session.replicas[0].state(),
        };
        prop_assert_eq!(parts.collect(&update), whole.offer(&update));
        let mut written = Vec::new();
        while let Some(ready) = write_part(&mut parts) {
            prop_assert!(!ready.ranges.is_empty());
            written.push(ready);
        }
        prop_assert_eq!(parts.apply(), []);
        prop_assert_eq!(seen(&mut parts), seen(&mut whole));
        prop_assert_eq!(named(&written), named(&whole.applied));
        prop_assert_eq!(parts.collect(&update).unwrap().outcome, crate::replica::Outcome::Known);
        let mut late = in_parts(1);
        late.offer(&parts.state()).unwrap();
        prop_assert_eq!(seen(&mut late), seen(&mut whole));
    }

    #[test]
    fn edits_between_two_parts_are_edits_of_a_document(
        steps in steps(40),
        seed in any::<u64>(),
        portion in 1..6_usize,
        edits in proptest::collection::vec((any::<u8>(), any::<u16>(), any::<u8>()), 0..20),
    ) {
        let mut session = Session::run(&steps, seed);
        session.deliver_all();
        let state = session.replicas[0].state();
        let (mut parts, mut other) = (in_parts(portion), Guarded::new(78));
        other.offer(&state).unwrap();
        parts.collect(&state).unwrap();
        for (what, place, len) in edits {
            write_part(&mut parts);
            let edit = |txn: &mut TransactionMut<'_>| honest::edit(txn, what, u32::from(place), u32::from(len));
            if let Some(update) = parts.edit(edit) {
                other.offer(&update).unwrap();
            }
        }
        parts.apply();
        prop_assert_eq!(seen(&mut parts), seen(&mut other));
    }
}

#[test]
fn what_cannot_wait_is_one_part() {
    let mut session = with_content(1);
    let state = session.state();
    for link in [LinkId::APPLICATION, LinkId::TAB] {
        let mut guarded = in_parts(1);
        guarded.intake.offer(&state, link).unwrap();
        assert!(!guarded.intake.is_far_ahead());
        assert_eq!(guarded.apply().len(), 1);
        assert_eq!(guarded.read(), session.read());
    }
}

#[test]
fn a_deletion_of_much_is_cut_and_a_part_never_empty() {
    let mut author = Guarded::new(1);
    let write = author.edit(|txn| roots(txn).0.insert(txn, 0, &"x".repeat(1000))).unwrap();
    let delete = author.edit(|txn| roots(txn).0.remove_range(txn, 0, 900)).unwrap();
    let mut guarded = in_parts(10);
    guarded.offer(&write).unwrap();
    guarded.offer(&delete).unwrap();
    assert!(guarded.applied.len() > 1);
    assert_eq!(named(&guarded.applied).1.len(), 900);
    assert_eq!(guarded.read(), author.read());
}

/// A character of a client in the text, at its start or right of the first one of another client.
fn character(client: u64, clock: u8, behind: Option<u64>) -> Vec<u8> {
    let byte = |value: u64| u8::try_from(value).unwrap();
    let var = |value: u64| [byte(value & 0x7F | 0x80), byte(value >> 7)];
    let place = match behind {
        Some(other) => [&[0x84][..], &var(other), &[0]].concat(),
        None => b"\x04\x01\x04text".to_vec(),
    };
    [&[1, 1][..], &var(client), &[clock], &place, &[1, b'a' + byte(client % 26), 0]].concat()
}

/// How many parts come of updates that are written together, and that they say what each does by itself.
fn parts_of(updates: &[Vec<u8>]) -> usize {
    let (mut together, mut singly) = (Guarded::new(77), Guarded::new(78));
    for update in updates {
        together.collect(update).unwrap();
        singly.offer(update).unwrap();
    }
    let parts = together.apply().len();
    assert_eq!(together.read(), singly.read());
    parts
}

#[test]
fn however_many_do_not_know_each_other_they_are_one_part() {
    let strangers: Vec<_> = (1..=1500).map(|client| character(client, 0, None)).collect();
    assert_eq!(parts_of(&strangers), 1);
}

#[test]
fn of_too_many_clients_none_builds_on_another_one_in_the_same_part() {
    let strangers = (1..=1100).map(|client| character(client, 0, None));
    let row = (1101..=1300).map(|client| character(client, 0, Some(client - 1)));
    assert_eq!(parts_of(&strangers.clone().chain(row).collect::<Vec<_>>()), 2);
    assert_eq!(parts_of(&strangers.chain([character(1, 1, Some(1100))]).collect::<Vec<_>>()), 2);
}
