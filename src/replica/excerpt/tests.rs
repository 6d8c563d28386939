//! Whether parts of updates can be taken in one after the other, and what is left out takes what builds on it along.

use super::*;
use crate::ids::{ClientId, Clock, LinkId};
use crate::replica::tests::{bold, deliver, replica};
use crate::replica::{Kind, Outcome, Ranges};
use proptest::prelude::*;
use std::ops::Range;

const NONE: &IdRanges = &IdRanges::new();
const NOTHING: Barred<'_> = Barred { elements: NONE, deletions: NONE };

fn ranges(ranges: &[(u64, Range<Clock>)]) -> IdRanges {
    ranges.iter().map(|(client, range)| (ClientId(*client), range.clone())).collect()
}

/// Everything that is in a replica.
fn everything(of: &Replica) -> (IdRanges, IdRanges) {
    (of.clocks().map(|(client, clock)| (client, 0..clock)).collect(), of.deletions().clone())
}

/// What a replica says in the root in which the tests write.
fn said(by: &mut Replica) -> String {
    let text = by.open("text", Kind::Text).unwrap();
    let (map, list) = (by.open("map", Kind::Map).unwrap(), by.open("list", Kind::List).unwrap());
    let mut entries = by.map_entries(map).unwrap();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    format!("{:?} {entries:?} {:?}", by.text_delta(text).unwrap(), by.list_json(list).unwrap())
}

/// Edits of several people, each of whom has what the others have done now and then.
fn edited(steps: &[(usize, u8, u32, u32)]) -> Replica {
    let mut people = [replica(1), replica(2), replica(3)];
    for (who, what, at, len) in steps {
        let by = &mut people[*who];
        let text = by.open("text", Kind::Text).unwrap();
        let (map, list) = (by.open("map", Kind::Map).unwrap(), by.open("list", Kind::List).unwrap());
        let units: Vec<u16> = by.text_string(text).unwrap().encode_utf16().collect();
        let whole = |at: u32| {
            let at = (at as usize).min(units.len());
            Clock::try_from(at - usize::from(units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit))))
                .unwrap()
        };
        let (from, to) = (whole(*at), whole(at + len));
        match what {
            0 => by.text_insert(text, from, &"ab😀é".repeat(*len as usize), None).unwrap(),
            1 => by.text_delete(text, from, to - from).unwrap(),
            2 => by.text_format(text, from, to - from, bold()).unwrap(),
            3 => by.map_set(map, &at.to_string(), i64::from(*len).into()).unwrap(),
            4 => {
                let at = (*at).min(by.list_len(list).unwrap());
                by.list_insert(list, at, (0..*len).map(|value| i64::from(value).into()).collect()).unwrap();
            }
            5 => {
                let at = (*at).min(by.list_len(list).unwrap());
                let len = (*len).min(by.list_len(list).unwrap() - at);
                by.list_delete(list, at, len).unwrap();
            }
            _ => {
                by.commit();
                let update = by.encode_since(None).unwrap();
                people[(*who + 1) % 3].apply(&update, LinkId::SERVER).unwrap();
            }
        }
        people[*who].commit();
    }
    let [mut one, mut two, mut three] = people;
    for other in [&mut two, &mut three] {
        one.apply(&other.encode_since(None).unwrap(), LinkId::SERVER).unwrap();
    }
    one
}

fn steps() -> impl Strategy<Value = Vec<(usize, u8, u32, u32)>> {
    prop::collection::vec((0..3_usize, 0..8_u8, 0..30_u32, 1..6_u32), 1..30)
}

/// What is left of `wanted` without what an excerpt holds.
fn rest(of: &IdRanges, excerpt: &[(ClientId, Range<Clock>)]) -> IdRanges {
    let mut rest = of.clone();
    excerpt.iter().for_each(|(client, range)| rest.remove(*client, range.clone()));
    rest
}

proptest! {
    #[test]
    fn part_after_part_makes_the_whole_and_nothing_has_to_wait(steps in steps(), limit in 1..9_u64) {
        let mut whole = edited(&steps);
        let mut copy = replica(9);
        let (mut elements, mut deletions) = everything(&whole);
        while let Some(Excerpt { update, ranges }) = whole.encode_first(&elements, &deletions, NOTHING, limit) {
            let count = ranges.structs.iter().map(|(_, range)| u64::from(range.end - range.start)).sum::<u64>();
            prop_assert!(count <= limit.max(2), "{count} elements");
            let applied = copy.apply(&update, LinkId::SERVER).unwrap();
            prop_assert_ne!(applied.outcome, Outcome::Held);
            prop_assert_eq!(applied.evidence, ranges.clone());
            elements = rest(&elements, &ranges.structs);
            deletions = rest(&deletions, &ranges.deletes);
        }
        prop_assert!(elements.is_empty() && deletions.is_empty());
        // What nobody named is deleted wherever it comes together, and not by a change.
        prop_assert_eq!(said(&mut copy), said(&mut whole));
    }

    #[test]
    fn whoever_gets_all_but_some_needs_nothing_of_that(steps in steps(), client in 1..4_u64, from in 0..40_u32) {
        let mut whole = edited(&steps);
        let all = whole.encode_since(None).unwrap();
        let mut barred = ranges(&[(client, from..from + 1)]);
        let mut copy = replica(9);
        if let Some(excerpt) = leave_out(&all, &mut barred, &IdRanges::default()) {
            prop_assert_ne!(copy.apply(&excerpt.update, LinkId::SERVER).unwrap().outcome, Outcome::Held);
        }
        prop_assert!(copy.clock(ClientId(client)) <= from);
        let missing: IdRanges =
            whole.clocks().map(|(client, clock)| (client, copy.clock(client)..clock)).filter(|(_, range)| !range.is_empty()).collect();
        prop_assert!(missing.iter().all(|(client, range)| barred.first(client).is_some_and(|first| first <= range.start)));
        // The rest goes the other way: it is all that builds on what was left out.
        let (elements, deletions) = (missing, whole.deletions().clone());
        let nothing = whole.encode_first(&elements, &IdRanges::default(), Barred { elements: &barred, deletions: &deletions }, 99);
        prop_assert_eq!(nothing, None);
    }
}

#[test]
fn one_character_is_the_least() {
    let mut one = replica(1);
    let text = one.open("text", Kind::Text).unwrap();
    one.text_insert(text, 0, "a😀b", None).unwrap();
    one.commit();
    let ends = |limit, from: Clock, one: &mut Replica| {
        let excerpt = one.encode_first(&ranges(&[(1, from..4)]), &IdRanges::default(), NOTHING, limit).unwrap();
        excerpt.ranges.structs[0].1.end
    };
    assert_eq!(
        [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1)].map(|(limit, from)| ends(limit, from, &mut one)),
        [1, 1, 3, 3, 3]
    );
}

#[test]
fn deletions_of_what_is_known_are_parts_too() {
    let mut one = replica(1);
    let text = one.open("text", Kind::Text).unwrap();
    one.text_insert(text, 0, "abcdef", None).unwrap();
    one.commit();
    one.text_delete(text, 1, 4).unwrap();
    one.commit();
    let deletions = one.deletions().clone();
    let excerpt = one.encode_first(&IdRanges::default(), &deletions, NOTHING, 3).unwrap();
    assert_eq!(excerpt.ranges, Ranges { structs: vec![], deletes: vec![(ClientId(1), 1..4)] });
    let barred = ranges(&[(1, 2..3)]);
    let barred = Barred { elements: &IdRanges::default(), deletions: &barred };
    let excerpt = one.encode_first(&IdRanges::default(), &deletions, barred, 9).unwrap();
    assert_eq!(excerpt.ranges.deletes, [(ClientId(1), 1..2), (ClientId(1), 3..5)]);
}

#[test]
fn what_another_has_put_next_to_what_is_left_out_is_left_out_too() {
    let (mut one, mut two) = (replica(1), replica(2));
    let [first, second] = [&mut one, &mut two].map(|by| by.open("text", Kind::Text).unwrap());
    one.text_insert(first, 0, "abc", None).unwrap();
    one.commit();
    deliver(&mut one, &mut two);
    two.text_insert(second, 0, "apart", None).unwrap();
    two.commit();
    two.text_insert(second, 8, "beside", None).unwrap();
    two.commit();
    let mut barred = ranges(&[(1, 2..3)]);
    let update = two.encode_since(None).unwrap();
    let excerpt = leave_out(&update, &mut barred, &IdRanges::default()).unwrap();
    assert_eq!(excerpt.ranges.structs, [(ClientId(2), 0..5), (ClientId(1), 0..2)]);
    assert_eq!(barred, ranges(&[(1, 2..3), (2, 5..11)]));
    // What comes later and builds on that is left out by it.
    two.poll_committed();
    two.text_insert(second, 14, "!", None).unwrap();
    two.commit();
    let later = std::iter::from_fn(|| two.poll_committed()).last().unwrap();
    assert_eq!(leave_out(&later.update, &mut barred, &IdRanges::default()), None);
}
