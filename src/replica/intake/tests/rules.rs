//! What goes in, what waits and what is refused, one rule at a time.

use super::*;
use crate::replica::{Inconsistency, Outcome, Ranges, Unsupported};

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);

/// An update of one client without deletions.
fn update(client: u8, clock: u8, blocks: &[&[u8]]) -> Vec<u8> {
    [&[1, u8::try_from(blocks.len()).unwrap(), client, clock], &blocks.concat()[..], &[0]].concat()
}

/// An update that only deletes.
fn deletion(client: u8, clock: u8, len: u8) -> Vec<u8> {
    vec![0, 1, client, 1, clock, len]
}

/// "ab" at the start of the root `text`.
const AB: &[u8] = b"\x04\x01\x04text\x02ab";
/// A value of the root `list`.
const ONE: &[u8] = b"\x08\x01\x04list\x01\x7d\x01";
/// A gap of two.
const GAP: &[u8] = &[10, 2];

/// A character to the right of an element.
fn after(client: u8, clock: u8) -> Vec<u8> {
    vec![0x84, client, clock, 1, b'c']
}

fn inconsistency(refused: Result<Offer, Refusal>) -> Inconsistency {
    match refused {
        Err(Refusal::Inconsistent { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

fn text(replica: &Guarded) -> String {
    let mut txn = replica.doc.try_transact_mut().unwrap();
    txn.get_or_insert_text("text").get_string(&txn)
}

#[test]
fn an_early_update_waits_for_what_it_builds_on() {
    let mut replica = Guarded::new(9);
    let early = replica.offer(&update(2, 0, &[&after(1, 1)])).unwrap();
    assert_eq!((early.outcome, replica.applied.len(), early.evidence.structs), (Outcome::Held, 0, vec![(B, 0..1)]));
    assert!(replica.intake.is_waiting());
    let complete = replica.offer(&update(1, 0, &[AB])).unwrap();
    assert_eq!(complete.outcome, Outcome::Ready);
    assert_eq!(replica.applied.len(), 1, "what had waited goes in together with what it waited for");
    assert_eq!(replica.applied[0].ranges.structs, [(A, 0..2), (B, 0..1)]);
    assert!(!replica.intake.is_waiting());
    assert_eq!(text(&replica), "abc");
}

/// The `mergeUpdates` of Yjs loses blocks of updates in another order.
#[test]
fn what_comes_together_is_written_with_the_higher_client_first() {
    let mut replica = Guarded::new(9);
    replica.collect(&update(1, 0, &[AB])).unwrap();
    replica.collect(&update(2, 0, &[&after(1, 1)])).unwrap();
    let [ready] = &replica.apply()[..] else { panic!("all of it is one update") };
    assert_eq!(ready.update, [&[2, 1, 2, 0], &after(1, 1)[..], &[1, 1, 0], AB, &[0]].concat());
    assert_eq!(ready.ranges.structs, [(A, 0..2), (B, 0..1)]);
}

#[test]
fn a_deletion_waits_for_what_it_deletes_and_the_rest_of_its_update_does_not() {
    let mut replica = Guarded::new(9);
    let mut insert_and_delete = update(1, 0, &[AB]);
    insert_and_delete.pop();
    insert_and_delete.extend([2, 1, 1, 0, 1, 2, 1, 0, 1]);
    assert_eq!(replica.offer(&insert_and_delete).unwrap().outcome, Outcome::Held);
    assert_eq!(text(&replica), "b");
    replica.offer(&update(2, 0, &[&after(1, 1)])).unwrap();
    assert_eq!(text(&replica), "b");
    assert!(!replica.intake.is_waiting());
}

#[test]
fn what_stands_before_a_gap_goes_in_and_what_stands_behind_it_waits() {
    let mut replica = Guarded::new(9);
    let with_gap = update(1, 0, &[AB, GAP, &after(1, 1)]);
    let offer = replica.offer(&with_gap).unwrap();
    assert_eq!(offer.outcome, Outcome::Held);
    assert_eq!(offer.evidence.structs, [(A, 0..2), (A, 4..5)]);
    assert_eq!(replica.applied[0].ranges, Ranges { structs: vec![(A, 0..2)], deletes: vec![] });
    assert_eq!(text(&replica), "ab");
    let whole = update(1, 0, &[AB, b"\x84\x01\x01\x02de", &after(1, 1)]);
    assert_eq!(replica.offer(&whole).unwrap().outcome, Outcome::Ready);
    assert!(!replica.intake.is_waiting());
    assert_eq!(replica.offer(&with_gap).unwrap().outcome, Outcome::Known);
    assert_eq!(text(&replica), "abcde");
}

#[test]
fn one_part_that_never_completes_does_not_hold_up_the_others() {
    let mut replica = Guarded::new(9);
    let sections = [&[2, 1, 3, 0][..], &after(77, 5), &[1, 2, 0], &after(1, 1), &[0]].concat();
    assert_eq!(replica.offer(&sections).unwrap().outcome, Outcome::Held);
    assert_eq!(replica.offer(&update(1, 0, &[AB])).unwrap().outcome, Outcome::Ready);
    assert_eq!(text(&replica), "abc");
    assert!(replica.intake.is_waiting());
}

#[test]
fn what_is_held_twice_is_applied_once() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(2, 0, &[&after(1, 1)])).unwrap();
    let bytes = replica.intake.held_bytes();
    assert_eq!(replica.offer(&update(2, 0, &[&after(1, 1)])).unwrap().outcome, Outcome::Held);
    assert_eq!(replica.intake.held_bytes(), bytes);
    replica.offer(&update(1, 0, &[AB])).unwrap();
    assert_eq!(text(&replica), "abc");
}

#[test]
fn more_than_the_limit_is_not_held() {
    let mut replica = Guarded::with_limit(9, 100);
    replica.offer(&update(2, 0, &[&after(1, 1)])).unwrap();
    let refused = replica.offer(&update(3, 0, &[&after(1, 1)])).unwrap_err();
    assert_eq!(refused.code(), "too-much-held");
    let partly = replica.offer(&update(1, 0, &[AB, GAP, &after(1, 1)])).unwrap();
    assert_eq!((partly.outcome, partly.refused.len()), (Outcome::Held, 1));
    assert!(!replica.intake.is_waiting());
    assert_eq!(text(&replica), "abc");
}

#[test]
fn blocks_that_build_on_each_other_in_a_circle_are_refused() {
    let mut replica = Guarded::new(9);
    let circle: Vec<u8> = [&[2, 1, 1, 0][..], &after(2, 0), &[1, 2, 0], &after(1, 0), &[0]].concat();
    assert_eq!(inconsistency(replica.offer(&circle)), Inconsistency::Cycle);
    assert_eq!(inconsistency(replica.offer(&update(1, 0, &[&after(1, 0)]))), Inconsistency::Cycle);
    assert_eq!(inconsistency(replica.offer(&update(1, 0, &[&after(1, 7)]))), Inconsistency::Cycle);
    assert!(!replica.intake.is_waiting());
}

#[test]
fn blocks_of_several_clients_may_build_on_each_other_in_turns() {
    let mut replica = Guarded::new(9);
    let turns = [&[2, 2, 1, 0][..], AB, &after(2, 0), &[2, 2, 0], &after(1, 1), &after(1, 2), &[0]].concat();
    assert_eq!(replica.offer(&turns).unwrap().outcome, Outcome::Ready);
    assert_eq!(text(&replica), "abccc");
}

#[test]
fn neighbours_have_to_stand_in_the_same_place() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[AB, ONE])).unwrap();
    let between = update(2, 0, &[&[0xC4, 1, 1, 1, 2, 1, b'x']]);
    assert_eq!(inconsistency(replica.offer(&between)), Inconsistency::MixedPlaces);
    let two_keys = update(
        2,
        0,
        &[b"\x28\x01\x03map\x01a\x01\x7d\x01", b"\x28\x01\x03map\x01b\x01\x7d\x01", &[0xC8, 2, 0, 2, 1, 1, 125, 1]],
    );
    assert_eq!(inconsistency(replica.offer(&two_keys)), Inconsistency::MixedPlaces);
}

#[test]
fn a_block_may_begin_with_what_is_known() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[AB])).unwrap();
    replica.offer(&update(1, 0, &[b"\x04\x01\x04text\x04abxy"])).unwrap();
    assert_eq!(text(&replica), "abxy");
    let moved = update(1, 0, &[b"\x04\x01\x05other\x06abxyzz"]);
    assert_eq!(inconsistency(replica.offer(&moved)), Inconsistency::MixedPlaces);
}

#[test]
fn only_shared_types_have_children() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[AB])).unwrap();
    let child = update(2, 0, &[&[0x04, 0, 1, 0, 1, b'x']]);
    assert_eq!(inconsistency(replica.offer(&child)), Inconsistency::ParentIsNoType);
}

#[test]
fn a_nested_type_takes_only_its_own_content() {
    let mut replica = Guarded::new(9);
    let list_in_list = b"\x07\x01\x04list\x00";
    replica.offer(&update(1, 0, &[list_in_list])).unwrap();
    assert_eq!(inconsistency(replica.offer(&update(2, 0, &[&[0x04, 0, 1, 0, 1, b'x']]))), Inconsistency::WrongContent);
    assert_eq!(replica.offer(&update(2, 0, &[&[0x08, 0, 1, 0, 1, 125, 1]])).unwrap().outcome, Outcome::Ready);
}

#[test]
fn of_several_elements_under_a_key_only_the_last_stays() {
    // Four values under one key of the root `map`, and one that is put behind the second, which cuts them in two.
    let four: &[u8] = b"\x28\x01\x03map\x01k\x04\x7d\x01\x7d\x02\x7d\x03\x7d\x04";
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[four])).unwrap();
    replica.offer(&update(2, 0, &[&[0x88, 1, 1, 1, 125, 5]])).unwrap();
    let deleted = |clock| replica.intake.is_deleted(crate::replica::gate::Id { client: A, clock });
    assert_eq!([0, 1, 2, 3].map(deleted), [true, true, true, false]);
    let mut txn = replica.doc.try_transact_mut().unwrap();
    assert_eq!(txn.get_or_insert_map("map").get(&txn, "k").map(|value| value.to_json(&txn)), Some(Any::from(5)));
}

#[test]
fn several_values_of_a_key_that_were_deleted_go_in_as_they_are() {
    // Yjs without garbage collection makes one block of values that were replaced one after the other.
    let mut four = update(1, 0, &[b"\x28\x01\x03map\x01k\x02\x7d\x01\x7d\x02", b"\xA8\x01\x01\x01\x7d\x03"]);
    four.pop();
    four.extend([1, 1, 1, 0, 2]);
    let mut replica = Guarded::new(9);
    replica.offer(&four).unwrap();
    assert_eq!(replica.applied[0].update, four);
}

#[test]
fn a_root_is_what_it_holds_first_or_is_opened_as() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[AB])).unwrap();
    let value = update(2, 0, &[b"\x08\x01\x04text\x01\x7d\x01"]);
    let mixed = Refusal::Unsupported(Unsupported::MixedRoot { name: "text".to_owned() });
    assert_eq!(replica.offer(&value), Err(mixed));
    assert!(replica.intake.declare_root("text", Kind::List).is_err());
    replica.intake.declare_root("text", Kind::Text).unwrap();
    replica.intake.declare_root("list", Kind::Map).unwrap();
    assert!(replica.intake.declare_root("list", Kind::List).is_err());
    assert!(replica.offer(&update(2, 0, &[ONE])).is_err());
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let mut replica = Guarded::new(9);
    // Good blocks of new roots and types first, then one that contradicts them.
    let refused = update(
        1,
        0,
        &[AB, ONE, b"\x07\x01\x04more\x01", b"\x28\x00\x01\x03\x01k\x01\x7d\x01", &[0xC4, 1, 1, 1, 2, 1, b'x']],
    );
    assert_eq!(inconsistency(replica.offer(&refused)), Inconsistency::MixedPlaces);
    assert_eq!(replica.intake.clock(A), 0);
    assert_eq!(replica.intake.clocks().count(), 0);
    replica.intake.declare_root("text", Kind::List).unwrap();
    assert_eq!(replica.offer(&update(1, 0, &[b"\x08\x01\x04text\x01\x7d\x01"])).unwrap().outcome, Outcome::Ready);
}

#[test]
fn a_held_update_that_turns_out_wrong_is_dropped_and_reported() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(2, 0, &[&[0x04, 0, 1, 1, 1, b'x']])).unwrap();
    let offer = replica.offer(&update(1, 0, &[AB])).unwrap();
    let what = Inconsistency::ParentIsNoType;
    assert_eq!(offer.refused, [(LinkId::SERVER, Refusal::Inconsistent { what, client: B, clock: 0 })]);
    assert!(!replica.intake.is_waiting());
}

#[test]
fn shared_types_nest_to_a_limit() {
    let mut replica = Guarded::new(9);
    let mut blocks = vec![b"\x07\x01\x04list\x00".to_vec()];
    blocks.extend((0..127).map(|parent| vec![0x07, 0, 1, parent, 0]));
    let deepest = [&[1, 0x80, 1, 1, 0][..], &blocks.concat(), &[0]].concat();
    assert_eq!(replica.offer(&deepest).unwrap().outcome, Outcome::Ready);
    let deeper = update(2, 0, &[&[0x07, 0, 1, 127, 0]]);
    assert_eq!(replica.offer(&deeper), Err(Refusal::Unsupported(Unsupported::DeepNesting)));
}

#[test]
fn a_deletion_that_is_known_is_not_applied_again() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[AB])).unwrap();
    assert_eq!(replica.offer(&deletion(1, 0, 1)).unwrap().outcome, Outcome::Ready);
    assert_eq!(replica.offer(&deletion(1, 0, 1)).unwrap().outcome, Outcome::Known);
    assert_eq!(replica.offer(&deletion(1, 0, 2)).unwrap().outcome, Outcome::Ready);
    assert_eq!(text(&replica), "");
}

#[test]
fn children_of_what_was_collected_are_collected() {
    let mut replica = Guarded::new(9);
    replica.offer(&update(1, 0, &[&[0, 2]])).unwrap();
    let child = update(2, 0, &[&[0x08, 0, 1, 1, 1, 125, 1], &[0x88, 2, 0, 1, 125, 2]]);
    assert_eq!(replica.offer(&child).unwrap().outcome, Outcome::Ready);
    assert_eq!(replica.intake.clock(B), 2);
}
/// One character of each of many clients, each right of that of the client before.
fn row_of_clients(count: u64) -> Vec<u8> {
    let low_bits = |value: u64| u8::try_from(value & 0x7F).unwrap();
    let var = |value: u64| match value {
        0..0x80 => vec![low_bits(value)],
        _ => vec![low_bits(value) | 0x80, low_bits(value >> 7) | 0x80, low_bits(value >> 14)],
    };
    let mut row = var(count);
    for client in (2..=count).rev() {
        row.extend([vec![1], var(client), vec![0, 0x84], var(client - 1), vec![0, 1, b'x']].concat());
    }
    [row, b"\x01\x01\x00\x04\x01\x04text\x01a".to_vec(), vec![1, 1, 1, 0, 1]].concat()
}

#[test]
fn a_document_of_many_clients_goes_in_by_parts() {
    let row = row_of_clients(32_000);
    let mut replica = Guarded::new(99_999);
    let offer = replica.offer(&row).unwrap();
    assert_eq!((offer.outcome, replica.applied.len()), (Outcome::Ready, 32));
    assert_eq!(text(&replica), "x".repeat(31_999));
    assert_eq!(replica.offer(&row).unwrap().outcome, Outcome::Known);
}
