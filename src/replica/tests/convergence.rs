//! Replicas that exchange what they commit hold the same in the end, and so do those who only watch the changes.

use super::equivalence::{Edit, Editor, apply_list, edits};
use super::*;
use crate::ids::LinkId;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

/// A replica with somebody who knows it only from its changes.
struct Peer {
    replica: Replica,
    ids: [TypeId; 3],
    outbox: VecDeque<Committed>,
    text: TextModel,
    list: Vec<Value>,
    map: BTreeMap<String, Value>,
}

impl Peer {
    fn new(client: u64) -> Self {
        let mut replica = replica(client);
        let kinds = [("text", Kind::Text), ("list", Kind::List), ("map", Kind::Map)];
        let ids = kinds.map(|(name, kind)| replica.open(name, kind).unwrap());
        ids.into_iter().for_each(|id| replica.observe(id).unwrap());
        let (text, list, map) = (TextModel::default(), Vec::new(), BTreeMap::new());
        Self { replica, ids, outbox: VecDeque::new(), text, list, map }
    }

    fn edit(&mut self, edit: &Edit, salt: usize) {
        let [text, list, map] = self.ids;
        let model = TextModel::of(&self.replica.text_delta(text).unwrap());
        Editor::at(model, salt).edit(edit, &mut [(&mut self.replica, text)]);
        let len = self.replica.list_len(list).unwrap();
        match salt % 5 {
            0 => self.replica.list_insert(list, salt as u32 % (len + 1), vec![Value::from(salt as u32)]).unwrap(),
            1 if len > 0 => self.replica.list_delete(list, salt as u32 % len, 1).unwrap(),
            2 => self.replica.map_set(map, ["a", "b", "c"][salt % 3], Value::from(salt as u32)).unwrap(),
            3 => drop(self.replica.map_delete(map, ["a", "b", "c"][salt % 3]).unwrap()),
            _ => {}
        }
    }

    /// Puts what it has committed itself into the outbox, and tells its observer.
    fn settle(&mut self) {
        self.replica.commit();
        let committed = std::iter::from_fn(|| self.replica.poll_committed());
        self.outbox.extend(committed.filter(|committed| committed.origin == Origin::Local));
        while let Some(change) = self.replica.poll_change() {
            match &change.kind {
                ChangeKind::Text(delta) => self.text.apply(delta),
                ChangeKind::List(_) => apply_list(&mut self.list, &change.kind),
                ChangeKind::Map(keys) => keys.iter().for_each(|change| apply_key(&mut self.map, change)),
            }
        }
    }

    fn check(&mut self) {
        let [text, list, map] = self.ids;
        let content = self.replica.text_delta(text).unwrap();
        assert_eq!(self.replica.text_len(text).unwrap() as usize, self.text.places.len());
        assert_eq!(TextModel::of(&content), self.text);
        assert_eq!(self.replica.list_json(list).unwrap(), self.list);
        assert_eq!(self.replica.map_entries(map).unwrap(), Vec::from_iter(self.map.clone()));
    }
}

fn apply_key(map: &mut BTreeMap<String, Value>, (key, change): &(String, KeyChange)) {
    let (old, value) = match change.clone() {
        KeyChange::Add { value } => (None, Some(value)),
        KeyChange::Update { old, value } => (Some(old), Some(value)),
        KeyChange::Delete { old } => (Some(old), None),
    };
    assert_eq!(map.remove(key), old, "the old value of '{key}'");
    map.extend(value.map(|value| (key.clone(), value)));
}

fn pass_on(from: &mut Peer, to: &mut Peer, at_most: usize) {
    for _ in 0..at_most {
        let Some(Committed { update, .. }) = from.outbox.pop_front() else { return };
        to.replica.apply(&update, LinkId::SERVER).unwrap();
        to.settle();
    }
}

/// As [`pass_on`], as one change.
fn pass_on_together(from: &mut Peer, to: &mut Peer, at_most: usize) {
    for Committed { update, .. } in from.outbox.drain(..at_most.min(from.outbox.len())) {
        to.replica.collect(&update, LinkId::SERVER).unwrap();
    }
    to.settle();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn two_replicas_converge_and_their_observers_know_it(
        edits in edits(40),
        salts in prop::collection::vec(0..10_000usize, 40),
    ) {
        let (mut one, mut two) = (Peer::new(1), Peer::new(2));
        for (edit, salt) in edits.iter().zip(salts) {
            let editing = if salt % 2 == 0 { &mut one } else { &mut two };
            editing.edit(edit, salt / 2);
            if salt % 3 == 0 {
                editing.settle();
            }
            match salt % 11 {
                0 => pass_on(&mut one, &mut two, salt % 4),
                1 => pass_on(&mut two, &mut one, salt % 4),
                2 => pass_on_together(&mut one, &mut two, salt % 9),
                3 => pass_on_together(&mut two, &mut one, salt % 9),
                _ => {}
            }
        }
        one.settle();
        two.settle();
        pass_on(&mut one, &mut two, usize::MAX);
        pass_on(&mut two, &mut one, usize::MAX);
        one.check();
        two.check();
        prop_assert_eq!(&one.text, &two.text);
        prop_assert_eq!(&one.list, &two.list);
        prop_assert_eq!(&one.map, &two.map);
        prop_assert_eq!(one.replica.own_clock(), clock_in(&two.replica.state_vector(), 1));
    }

    #[test]
    fn a_late_replica_gets_everything_at_once_or_merged(edits in edits(30), salts in prop::collection::vec(0..10_000usize, 30)) {
        let mut one = Peer::new(1);
        for (edit, salt) in edits.iter().zip(salts) {
            one.edit(edit, salt);
            one.settle();
        }
        let whole = one.replica.encode_since(None).unwrap();
        let updates: Vec<Vec<u8>> = one.outbox.iter().map(|committed| committed.update.clone()).collect();
        for update in [whole, merge_updates(updates.iter().map(Vec::as_slice)).unwrap()] {
            let mut late = Peer::new(2);
            late.replica.apply(&update, LinkId::SERVER).unwrap();
            late.settle();
            late.check();
            prop_assert_eq!(&late.text, &one.text);
            prop_assert_eq!(&late.list, &one.list);
        }
    }
}

fn clock_in(state_vector: &[u8], client: u64) -> Clock {
    let entries = decode_state_vector(state_vector).unwrap();
    entries.into_iter().find(|(of, _)| *of == ClientId(client)).map_or(0, |(_, clock)| clock)
}

#[test]
fn only_what_is_missing_is_encoded() {
    let (mut one, mut two) = (replica(1), replica(2));
    let text = one.open("text", Kind::Text).unwrap();
    one.text_insert(text, 0, "first", None).unwrap();
    one.commit();
    deliver(&mut one, &mut two);
    one.text_insert(text, 5, " second", None).unwrap();
    let missing = one.encode_since(Some(&two.state_vector())).unwrap();
    assert!(missing.windows(6).any(|bytes| bytes == b"second") && !missing.windows(5).any(|bytes| bytes == b"first"));
    two.apply(&missing, LinkId::SERVER).unwrap();
    let text = two.open("text", Kind::Text).unwrap();
    assert_eq!(two.text_string(text).unwrap(), "first second");
    assert!(one.encode_since(Some(&[9])).is_err());
}

#[test]
fn what_a_link_brings_is_committed_under_its_name_and_only_once() {
    let (mut one, mut two) = (replica(1), replica(2));
    let list = one.open("list", Kind::List).unwrap();
    one.list_insert(list, 0, vec![1.into(), 2.into()]).unwrap();
    one.list_delete(list, 0, 1).unwrap();
    one.list_insert(list, 0, vec![3.into()]).unwrap();
    one.commit();
    let sent = one.poll_committed().unwrap();
    assert_eq!(sent.ranges.structs, [(ClientId(1), 0..2)]);
    for _ in 0..2 {
        two.apply(&sent.update, LinkId(7)).unwrap();
    }
    assert_eq!(two.poll_committed(), Some(Committed { origin: Origin::Link(LinkId(7)), ..sent }));
    assert_eq!(two.poll_committed(), None, "what was known is not passed on");
}

#[test]
fn what_is_collected_is_one_change_and_is_passed_on_as_one() {
    let (mut one, mut two) = (replica(1), replica(2));
    let text = one.open("text", Kind::Text).unwrap();
    for (index, typed) in ["t", "y", "p", "😀", "d"].into_iter().enumerate() {
        one.text_insert(text, index as u32 + u32::from(index > 3), typed, None).unwrap();
        one.commit();
    }
    one.text_delete(text, 0, 1).unwrap();
    one.commit();
    let text = two.open("text", Kind::Text).unwrap();
    two.observe(text).unwrap();
    while let Some(Committed { update, .. }) = one.poll_committed() {
        assert_eq!(two.collect(&update, LinkId::SERVER).unwrap().outcome, Outcome::Ready);
    }
    assert_eq!((two.poll_change(), two.poll_committed()), (None, None));
    two.commit();
    let Change { origin, kind, .. } = two.poll_change().unwrap();
    assert_eq!((origin, kind), (Origin::Link(LinkId::SERVER), ChangeKind::Text(vec![insert("yp😀d", None)])));
    let committed = two.poll_committed().unwrap();
    let ranges = Ranges { structs: vec![(ClientId(1), 0..6)], deletes: vec![(ClientId(1), 0..1)] };
    assert_eq!(committed.ranges, ranges);
    assert_eq!((two.poll_change(), two.poll_committed()), (None, None));
    let mut three = replica(3);
    three.apply(&committed.update, LinkId::SERVER).unwrap();
    assert_eq!(three.encode_since(None), two.encode_since(None));
}

#[test]
fn what_is_collected_in_our_name_is_not_held_up_for_an_edit_of_ours() {
    let (mut one, mut two) = (replica(1), replica(1));
    let text = one.open("text", Kind::Text).unwrap();
    one.text_insert(text, 0, "abc", None).unwrap();
    one.commit();
    let text = two.open("text", Kind::Text).unwrap();
    two.collect(&one.poll_committed().unwrap().update, LinkId::SERVER).unwrap();
    two.text_insert(text, 0, "x", None).unwrap();
    two.commit();
    assert_eq!((two.own_clock(), two.text_string(text).unwrap()), (4, "xabc".to_owned()));
}

#[test]
fn an_early_change_waits_and_goes_in_with_what_it_builds_on() {
    let (mut one, mut two) = (replica(1), replica(2));
    let text = one.open("text", Kind::Text).unwrap();
    one.text_insert(text, 0, "a", None).unwrap();
    one.commit();
    let first = one.poll_committed().unwrap();
    one.text_insert(text, 1, "b", None).unwrap();
    one.commit();
    let early = one.poll_committed().unwrap();
    assert_eq!(two.apply(&early.update, LinkId::SERVER).unwrap().outcome, Outcome::Held);
    assert_eq!((two.is_waiting(), two.encode_since(None).unwrap()), (true, vec![0, 0]));
    two.apply(&first.update, LinkId(7)).unwrap();
    let text = two.open("text", Kind::Text).unwrap();
    assert_eq!((two.is_waiting(), two.text_string(text).unwrap()), (false, "ab".to_owned()));
    let origins = [two.poll_committed().unwrap().origin, two.poll_committed().unwrap().origin];
    assert_eq!(origins, [Origin::Link(LinkId(7)), Origin::Link(LinkId::SERVER)], "each keeps its own");
}
