//! What a document was can be read, compared and restored, whatever has happened since.

use super::equivalence::{Edit, Editor, edits};
use super::*;
use crate::replica::compose::compose;
use proptest::prelude::*;
use yrs::{
    Array, ArrayPrelim, Doc, In, Map, MapPrelim, MapRef, ReadTxn, Text, TextPrelim, Transact, WriteTxn,
    XmlElementPrelim,
};

const TEXT: TypeId = TypeId(0);
const LIST: TypeId = TypeId(1);
const MAP: TypeId = TypeId(2);

fn opened(client: u64) -> Replica {
    let mut replica = replica(client);
    for (name, kind, id) in [("text", Kind::Text, TEXT), ("list", Kind::List, LIST), ("map", Kind::Map, MAP)] {
        assert_eq!(replica.open(name, kind), Ok(id));
    }
    replica
}

/// Everything that the three roots hold.
fn all(replica: &mut Replica) -> (TextModel, Vec<Value>, Value) {
    let text = TextModel::of(&replica.text_delta(TEXT).unwrap());
    (text, replica.list_json(LIST).unwrap(), replica.map_json(MAP).unwrap())
}

fn past(snapshot: &[u8]) -> (TextModel, Vec<Value>, Value) {
    let mut past = Past::load(snapshot).unwrap();
    let replica = past.replica();
    for (name, kind, id) in [("text", Kind::Text, TEXT), ("list", Kind::List, LIST), ("map", Kind::Map, MAP)] {
        assert_eq!(replica.open(name, kind), Ok(id));
    }
    all(replica)
}

fn apply(replica: &mut Replica, edit: &Edit, salt: usize) {
    let model = TextModel::of(&replica.text_delta(TEXT).unwrap());
    Editor::at(model, salt).edit(edit, &mut [(&mut *replica, TEXT)]);
    let len = replica.list_len(LIST).unwrap();
    match salt % 5 {
        0 => replica.list_insert(LIST, salt as u32 % (len + 1), vec![Value::from(salt as u32); 2]).unwrap(),
        1 if len > 0 => replica.list_delete(LIST, salt as u32 % len, 1).unwrap(),
        2 => replica.map_set(MAP, ["a", "b", "c"][salt % 3], Value::from(salt as u32)).unwrap(),
        3 => drop(replica.map_delete(MAP, ["a", "b", "c"][salt % 3]).unwrap()),
        _ => {}
    }
    replica.commit();
}

fn exchange(one: &mut Replica, two: &mut Replica) {
    let update = one.encode_since(Some(&two.state_vector())).unwrap();
    two.apply(&update, LinkId::SERVER).unwrap();
    let update = two.encode_since(Some(&one.state_vector())).unwrap();
    one.apply(&update, LinkId::SERVER).unwrap();
}

/// Snapshots of two that edit at once, sometimes meet, and sometimes go back.
fn lives(edits: &[Edit], salts: &[usize]) -> ([Replica; 2], Vec<Vec<u8>>) {
    let mut replicas = [opened(1), opened(2)];
    let mut snapshots = vec![replicas[0].snapshot()];
    for (edit, salt) in edits.iter().zip(salts) {
        apply(&mut replicas[salt % 2], edit, salt / 2);
        let [one, two] = &mut replicas;
        match salt % 13 {
            0 => exchange(one, two),
            1..=3 => snapshots.push(replicas[salt % 2].snapshot()),
            4 => replicas[salt % 2].restore_all(&snapshots[salt % snapshots.len()]).unwrap(),
            _ => {}
        }
    }
    snapshots.extend(replicas.iter_mut().map(Replica::snapshot));
    (replicas, snapshots)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_diff_turns_any_state_of_a_text_into_any_other(
        edits in edits(30),
        salts in prop::collection::vec(0..10_000usize, 30),
    ) {
        let ([mut one, _], snapshots) = lives(&edits, &salts);
        let states: Vec<TextModel> = snapshots.iter().map(|snapshot| past(snapshot).0).collect();
        for (from, start) in snapshots.iter().zip(&states) {
            for (to, end) in snapshots.iter().zip(&states) {
                let mut model = start.clone();
                let delta = one.text_diff(TEXT, from, Some(to)).unwrap();
                model.apply(&delta);
                prop_assert_eq!(&model, end, "{:?}", delta);
                if start == end {
                    prop_assert_eq!(delta, vec![]);
                }
            }
            let mut model = start.clone();
            model.apply(&one.text_diff(TEXT, from, None).unwrap());
            prop_assert_eq!(&model, &all(&mut one).0);
        }
    }

    #[test]
    fn what_is_restored_is_what_was_and_restoring_it_again_changes_nothing(
        edits in edits(30),
        salts in prop::collection::vec(0..10_000usize, 30),
    ) {
        let ([mut one, mut two], snapshots) = lives(&edits, &salts);
        for snapshot in &snapshots {
            one.restore_all(snapshot).unwrap();
            prop_assert_eq!(all(&mut one), past(snapshot));
            while one.poll_committed().is_some() {}
            one.restore_all(snapshot).unwrap();
            prop_assert_eq!(one.poll_committed(), None);
        }
        exchange(&mut one, &mut two);
        exchange(&mut one, &mut two);
        prop_assert_eq!(all(&mut one), all(&mut two));
        prop_assert_eq!(one.text_len(TEXT).unwrap() as usize, all(&mut one).0.places.len());
        apply(&mut one, &Edit::Insert { at: super::equivalence::At::Anywhere(7), text: "x", attributes: None }, 4);
    }

    #[test]
    fn what_two_edits_did_is_what_each_did_after_the_other(edits in edits(20), salts in prop::collection::vec(0..10_000usize, 20)) {
        let ([mut one, _], snapshots) = lives(&edits, &salts);
        for three in snapshots.windows(3) {
            let first = one.text_diff(TEXT, &three[0], Some(&three[1])).unwrap();
            let second = one.text_diff(TEXT, &three[1], Some(&three[2])).unwrap();
            let mut model = past(&three[0]).0;
            model.apply(&compose(first, second));
            prop_assert_eq!(model, past(&three[2]).0);
        }
    }

    #[test]
    fn damaged_and_hostile_snapshots_are_refused_or_read(edits in edits(8), salts in prop::collection::vec(0..10_000usize, 8), at: usize, byte: u8) {
        let ([mut one, _], snapshots) = lives(&edits, &salts);
        let good = snapshots.last().unwrap();
        let mut damaged = good.clone();
        let place = at % damaged.len();
        damaged[place] = byte;
        // Whoever writes bytes of their own makes the sum fit as well.
        let hostile = resealed(&damaged);
        let before = all(&mut one);
        for bytes in [&damaged, &hostile] {
            let refused = Past::load(bytes).is_err();
            let results = [
                one.text_diff(TEXT, bytes, None).map(drop),
                one.text_diff(TEXT, good, Some(bytes)).map(drop),
                one.restore(LIST, bytes),
                one.restore_all(bytes),
            ];
            if refused {
                prop_assert!(results.iter().all(|result| matches!(result, Err(EditError::BadSnapshot(_)))), "{:?}", results);
                prop_assert_eq!(&all(&mut one), &before);
            }
        }
        one.text_insert(TEXT, 0, "still usable", None).unwrap();
        one.commit();
    }
}

/// The bytes with the sum that belongs to them.
fn resealed(bytes: &[u8]) -> Vec<u8> {
    let body = bytes.get(9..).unwrap_or_default();
    let sum = body.iter().fold(0x811C_9DC5_u32, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    [b"\xD5SYN\x01", sum.to_le_bytes().as_slice(), body].concat()
}

/// Has a client of Yjs edit what `replica` holds.
fn with_yrs(replica: &mut Replica, edit: impl FnOnce(&mut yrs::TransactionMut)) {
    let doc = Doc::with_client_id(99);
    let mut txn = doc.transact_mut();
    let update = replica.encode_since(None).unwrap();
    txn.apply_update(yrs::updates::decoder::Decode::decode_v1(&update).unwrap()).unwrap();
    edit(&mut txn);
    let update = txn.encode_state_as_update_v1(&yrs::StateVector::default());
    replica.apply(&update, LinkId::SERVER).unwrap();
}

fn nested(txn: &impl ReadTxn, key: &str) -> MapRef {
    match txn.get_map("map").unwrap().get(txn, key).unwrap() {
        yrs::Out::YMap(map) => map,
        other => panic!("not a map: {other:?}"),
    }
}

#[test]
fn nested_types_that_are_still_there_are_edited_and_those_that_are_gone_are_made_again() {
    let mut one = opened(1);
    with_yrs(&mut one, |txn| {
        let map = txn.get_or_insert_map("map");
        let kept = map.insert(txn, "kept", MapPrelim::default());
        kept.insert(txn, "title", "first");
        kept.insert(txn, "body", TextPrelim::new("hello world"));
        let gone = map.insert(txn, "gone", ArrayPrelim::from(["x"]));
        let text = gone.insert(txn, 1, TextPrelim::new("bold"));
        text.format(txn, 0, 4, bold());
        let list = txn.get_or_insert_array("list");
        list.insert(txn, 0, MapPrelim::from([("done", false)]));
        list.insert(txn, 1, "plain");
        list.insert(txn, 2, In::from("last"));
    });
    let before = all(&mut one);
    let snapshot = one.snapshot();

    with_yrs(&mut one, |txn| {
        let kept = nested(txn, "kept");
        kept.insert(txn, "title", "second");
        let Some(yrs::Out::YText(body)) = kept.get(txn, "body") else { panic!("no text") };
        body.remove_range(txn, 0, 6);
        txn.get_map("map").unwrap().remove(txn, "gone");
        txn.get_map("map").unwrap().insert(txn, "new", 1);
        let list = txn.get_array("list").unwrap();
        let Some(yrs::Out::YMap(item)) = list.get(txn, 0) else { panic!("no map") };
        item.insert(txn, "done", true);
        list.remove(txn, 1);
        list.insert(txn, 0, "new");
    });
    while one.poll_committed().is_some() {}
    one.restore_all(&snapshot).unwrap();
    assert_eq!(all(&mut one), before);
    let restored = one.poll_committed().unwrap();
    assert_eq!((restored.origin, one.poll_committed()), (Origin::Local, None));

    // Who has the nested text open sees the word come back, and no other text.
    with_yrs(&mut one, |txn| {
        let kept = nested(txn, "kept");
        let Some(yrs::Out::YText(_)) = kept.get(txn, "body") else { panic!("no text") };
        let Some(yrs::Out::YArray(again)) = txn.get_map("map").unwrap().get(txn, "gone") else { panic!("no list") };
        let Some(yrs::Out::YText(text)) = again.get(txn, 1) else { panic!("no text") };
        assert_eq!(text.diff(txn, drop)[0].attributes, Some(Box::new(bold())));
        assert_eq!(txn.get_array("list").unwrap().len(txn), 3);
    });
    one.restore_all(&snapshot).unwrap();
    assert_eq!(one.poll_committed(), None, "nothing differs");
}

#[test]
fn what_cannot_be_written_is_left_alone() {
    let mut one = opened(1);
    with_yrs(&mut one, |txn| {
        let map = txn.get_or_insert_map("map");
        map.insert(txn, "xml", XmlElementPrelim::empty("p"));
        map.insert(txn, "value", 1);
    });
    let snapshot = one.snapshot();
    one.map_set(MAP, "value", 2.into()).unwrap();
    one.restore_all(&snapshot).unwrap();
    let restored = object([("value", 1.into()), ("xml", "<p></p>".into())]);
    assert_eq!(one.map_json(MAP).unwrap(), restored);
    one.map_delete(MAP, "xml").unwrap();
    one.restore_all(&snapshot).unwrap();
    assert_eq!(one.map_json(MAP).unwrap(), object([("value", 1.into())]));
}

#[test]
fn a_snapshot_opens_the_roots_that_it_knows_of() {
    let mut one = opened(1);
    one.text_insert(TEXT, 0, "text", None).unwrap();
    one.map_set(MAP, "a", 1.into()).unwrap();
    let snapshot = one.snapshot();
    one.text_delete(TEXT, 0, 4).unwrap();
    one.map_delete(MAP, "a").unwrap();
    let update = one.encode_since(None).unwrap();

    let mut other = replica(2);
    other.apply(&update, LinkId::SERVER).unwrap();
    other.restore_all(&snapshot).unwrap();
    let text = other.open("text", Kind::Text).unwrap();
    assert_eq!(other.text_string(text).unwrap(), "text");
    let map = other.open("map", Kind::Map).unwrap();
    assert_eq!(other.map_get(map, "a").unwrap(), Some(1.into()));
}

#[test]
fn a_root_of_another_kind_is_refused_and_nothing_changes() {
    let mut past = replica(1);
    let text = past.open("list", Kind::Text).unwrap();
    past.text_insert(text, 0, "a text", None).unwrap();
    let snapshot = past.snapshot();
    let mut here = opened(2);
    here.list_insert(LIST, 0, vec![1.into()]).unwrap();
    for refused in [here.restore(LIST, &snapshot), here.restore_all(&snapshot)] {
        assert!(matches!(refused, Err(EditError::WrongKind { .. })), "{refused:?}");
    }
    assert_eq!(here.list_json(LIST).unwrap(), [1.into()]);
    assert_eq!(here.restore(TypeId(9), &snapshot), Err(EditError::UnknownType(TypeId(9))));
}

#[test]
fn a_deleted_word_is_all_that_a_diff_tells_and_all_that_comes_back() {
    let mut one = opened(1);
    one.observe(TEXT).unwrap();
    one.text_insert(TEXT, 0, "one two three", None).unwrap();
    one.commit();
    let snapshot = one.snapshot();
    one.text_delete(TEXT, 4, 4).unwrap();
    one.text_format(TEXT, 0, 3, bold()).unwrap();
    let retain = |len, attributes| DeltaOp::Retain { len, attributes };
    let diff = vec![retain(3, Some(bold())), retain(1, None), DeltaOp::Delete { len: 4 }];
    assert_eq!(one.text_diff(TEXT, &snapshot, None).unwrap(), diff);
    while one.poll_committed().is_some() {}

    one.restore(TEXT, &snapshot).unwrap();
    let committed = one.poll_committed().unwrap();
    let written = committed.ranges.structs.iter().map(|(_, range)| range.end - range.start).sum::<u32>();
    assert!((4..=6).contains(&written), "four letters, and marks of the formatting at most: {written}");
    assert_eq!(one.text_diff(TEXT, &snapshot, None).unwrap(), []);
}

#[test]
fn a_root_that_a_hostile_snapshot_names_twice_is_restored_once() {
    let mut one = opened(1);
    one.list_insert(LIST, 0, vec![1.into(); 9]).unwrap();
    let snapshot = one.snapshot();
    one.list_delete(LIST, 0, 5).unwrap();
    let mut hostile = snapshot[..9].to_vec();
    hostile.extend(b"\x03\x04\x00list\x03\x04\x00list");
    hostile.extend(&snapshot[9..]);
    one.restore_all(&resealed(&hostile)).unwrap();
    assert_eq!(one.list_json(LIST).unwrap(), vec![Value::from(1); 9]);
}

#[test]
fn a_nested_text_is_compared_and_restored_by_its_handle() {
    let mut one = opened(1);
    let empty = one.snapshot();
    let entry = |key: &str| PathSegment::Key(key.to_owned());
    let card = one.create_in(MAP, &entry("card"), NewType::Map(vec![])).unwrap();
    let body = one.create_in(card, &entry("body"), NewType::Text(vec![insert("one two", None)])).unwrap();
    let snapshot = one.snapshot();
    one.text_delete(body, 0, 4).unwrap();
    one.map_set(card, "title", "new".into()).unwrap();

    assert_eq!(one.text_diff(body, &snapshot, None).unwrap(), [DeltaOp::Delete { len: 4 }]);
    assert_eq!(one.text_diff(body, &empty, Some(&snapshot)).unwrap(), [insert("one two", None)]);
    one.restore(body, &snapshot).unwrap();
    assert_eq!(one.text_string(body).unwrap(), "one two");
    assert_eq!(one.map_get(card, "title").unwrap(), Some("new".into()), "the rest is left alone");
    assert_eq!(one.restore(body, &empty), Err(EditError::BadSnapshot(BadSnapshot::Absent)));

    // What is deleted by restoring is deleted for those who hold a handle; what comes back is another one.
    one.restore_all(&empty).unwrap();
    assert_eq!(one.text_string(body), Err(EditError::Deleted));
    assert_eq!(one.text_diff(body, &snapshot, None), Err(EditError::Deleted));
    one.restore(MAP, &snapshot).unwrap();
    let card = one.open_in(MAP, &entry("card"), Kind::Map).unwrap().unwrap();
    let again = one.open_in(card, &entry("body"), Kind::Text).unwrap().unwrap();
    assert_eq!(one.text_string(again).unwrap(), "one two");
    one.text_insert(again, 7, " three", None).unwrap();
    one.commit();
}
