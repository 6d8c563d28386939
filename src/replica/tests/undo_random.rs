//! Undo among random edits, here and by others, of roots and of what is nested in them: nothing panics, everybody gets
//! the same, and what was undone alone is as it was before.

use super::equivalence::{Edit, Editor, edits};
use super::*;
use crate::clock::{Duration, Instant};
use crate::ids::LinkId;
use proptest::prelude::*;
use std::collections::BTreeMap;
use yrs::updates::decoder::Decode;
use yrs::{Array, ArrayPrelim, Map, MapPrelim, Out, ReadTxn, SharedRef, Text, TextPrelim, Transact, Update, WriteTxn};

/// One thing that happens. Numbers are fitted to what is there.
#[derive(Clone, Debug)]
enum Act {
    Text(Edit),
    ListInsert(u32),
    ListDelete(u32),
    MapSet(u32),
    MapDelete(u32),
    /// An edit within what is nested, by us.
    Nested(u32),
    EndTask(u64),
    Undo(usize),
    Redo(usize),
    Stop(usize),
    Clear(usize),
    Reopen(usize),
    /// An edit of somebody else, who knows all that was delivered.
    Theirs(Their, u32),
    Deliver,
    Fetch,
}

/// What somebody else does.
#[derive(Clone, Copy, Debug)]
enum Their {
    TextInsert,
    TextDelete,
    Format,
    ListInsert,
    ListNest,
    ListDelete,
    MapSet,
    MapNest,
    MapDelete,
    Nested,
}

fn act() -> impl Strategy<Value = Act> {
    let number = || 0..10_000u32;
    let manager = || 0..2usize;
    let theirs = prop::sample::select(vec![
        Their::TextInsert,
        Their::TextDelete,
        Their::Format,
        Their::ListInsert,
        Their::ListNest,
        Their::ListDelete,
        Their::MapSet,
        Their::MapNest,
        Their::MapDelete,
        Their::Nested,
        Their::Nested,
    ]);
    prop_oneof![
        6 => edits(2).prop_map(|edits| edits.into_iter().next().map_or(Act::EndTask(1), Act::Text)),
        2 => number().prop_map(Act::ListInsert),
        2 => number().prop_map(Act::ListDelete),
        2 => number().prop_map(Act::MapSet),
        2 => number().prop_map(Act::MapDelete),
        3 => number().prop_map(Act::Nested),
        3 => (0..1_000u64).prop_map(Act::EndTask),
        6 => manager().prop_map(Act::Undo),
        4 => manager().prop_map(Act::Redo),
        1 => manager().prop_map(Act::Stop),
        1 => manager().prop_map(Act::Clear),
        1 => manager().prop_map(Act::Reopen),
        8 => (theirs, number()).prop_map(|(their, number)| Act::Theirs(their, number)),
        3 => Just(Act::Deliver),
        3 => Just(Act::Fetch),
    ]
}

/// A replica with undo managers, somebody else who edits with yrs alone, and one who only listens to us.
struct World {
    here: Replica,
    ids: [TypeId; 3],
    undos: [UndoId; 2],
    now: Instant,
    there: yrs::Doc,
    listener: Replica,
    /// What our observer knows.
    text: TextModel,
    /// The steps of each manager that its observer knows.
    steps: BTreeMap<(UndoId, bool), Vec<StepId>>,
}

const ROOTS: [(&str, Kind); 3] = [("text", Kind::Text), ("list", Kind::List), ("map", Kind::Map)];

fn open_roots(replica: &mut Replica) -> [TypeId; 3] {
    ROOTS.map(|(name, kind)| replica.open(name, kind).unwrap())
}

impl World {
    fn new() -> Self {
        let mut here = replica(1);
        let ids = open_roots(&mut here);
        ids.into_iter().for_each(|id| here.observe(id).unwrap());
        let undos = [&ids[..], &ids[..1]].map(|scope| here.open_undo(scope, Duration::from_millis(500)).unwrap());
        let mut options = yrs::Options::with_client_id(yrs::ClientID::new(2));
        options.offset_kind = yrs::OffsetKind::Utf16;
        options.cleanup_formatting = false;
        let there = yrs::Doc::with_options(options);
        let mut listener = replica(3);
        open_roots(&mut listener);
        let (text, steps) = (TextModel::default(), BTreeMap::new());
        Self { here, ids, undos, now: Instant::from_millis(1_000), there, listener, text, steps }
    }

    fn act(&mut self, act: &Act) {
        let [text, list, map] = self.ids;
        match act {
            Act::Text(edit) => {
                let model = TextModel::of(&self.here.text_delta(text).unwrap());
                Editor::at(model, 0).edit(edit, &mut [(&mut self.here, text)]);
            }
            Act::ListInsert(at) => {
                let len = self.here.list_len(list).unwrap();
                self.here.list_insert(list, at % (len + 1), vec![(*at).into(), "x".into()]).unwrap();
            }
            Act::ListDelete(at) => {
                let len = self.here.list_len(list).unwrap();
                if len > 0 {
                    self.here.list_delete(list, at % len, 1).unwrap();
                }
            }
            Act::MapSet(at) => self.here.map_set(map, key(*at), (*at).into()).unwrap(),
            Act::MapDelete(at) => drop(self.here.map_delete(map, key(*at)).unwrap()),
            Act::Nested(at) => edit_nested_here(&mut self.here, *at),
            Act::EndTask(millis) => self.end_task(*millis),
            Act::Undo(manager) => drop(self.here.undo(self.undos[*manager]).unwrap()),
            Act::Redo(manager) => drop(self.here.redo(self.undos[*manager]).unwrap()),
            Act::Stop(manager) => self.here.stop_capturing(self.undos[*manager]).unwrap(),
            Act::Clear(manager) => self.here.clear_undo(self.undos[*manager]).unwrap(),
            Act::Reopen(manager) => {
                self.here.close_undo(self.undos[*manager]).unwrap();
                let scope = if *manager == 0 { &self.ids[..] } else { &self.ids[..1] };
                self.undos[*manager] = self.here.open_undo(scope, Duration::ZERO).unwrap();
            }
            Act::Theirs(their, at) => edit_there(&self.there, *their, *at),
            Act::Deliver => self.deliver(),
            Act::Fetch => self.fetch(),
        }
        self.follow();
    }

    fn end_task(&mut self, millis: u64) {
        self.here.note_time(self.now);
        self.here.commit();
        self.here.end_task();
        self.now = self.now + Duration::from_millis(millis);
        self.here.note_time(self.now);
    }

    fn deliver(&mut self) {
        self.here.commit();
        while let Some(Committed { update, .. }) = self.here.poll_committed() {
            let mut txn = self.there.transact_mut();
            txn.apply_update(Update::decode_v1(&update).unwrap()).unwrap();
            drop(txn);
            let applied = self.listener.apply(&update, LinkId::SERVER).unwrap();
            assert_eq!((applied.outcome, applied.refused.len()), (Outcome::Ready, 0));
        }
    }

    /// What is there comes here, after all of ours went there: else it would build on what the listener lacks.
    fn fetch(&mut self) {
        self.deliver();
        let known = yrs::StateVector::decode_v1(&self.here.state_vector()).unwrap();
        let update = self.there.transact().encode_state_as_update_v1(&known);
        let applied = self.here.apply(&update, LinkId::SERVER).unwrap();
        assert_eq!(applied.refused, []);
        // Others hear of it as the server would say it.
        while let Some(Committed { update, .. }) = self.here.poll_committed() {
            self.listener.apply(&update, LinkId(7)).unwrap();
        }
    }

    fn follow(&mut self) {
        while let Some(change) = self.here.poll_change() {
            if change.target == self.ids[0]
                && change.path.is_empty()
                && let ChangeKind::Text(delta) = &change.kind
            {
                self.text.apply(delta);
            }
        }
        while let Some(UndoEvent { manager, stack, change }) = self.here.poll_undo_event() {
            let steps = self.steps.entry((manager, stack == UndoStack::Undo)).or_default();
            match change {
                UndoChange::Added(step) => steps.push(step),
                UndoChange::Extended(step) => assert_eq!(steps.last(), Some(&step)),
                UndoChange::Popped(step) => assert_eq!(steps.pop(), Some(step)),
                UndoChange::Cleared => assert!(!std::mem::take(steps).is_empty()),
            }
        }
    }

    /// Everybody has everything, and it is the same.
    fn check(&mut self) {
        self.end_task(0);
        self.fetch();
        self.follow();
        let mut loaded = replica(9);
        let ids = open_roots(&mut loaded);
        let whole = self.there.transact().encode_state_as_update_v1(&yrs::StateVector::default());
        assert_eq!(loaded.apply(&whole, LinkId::SERVER).unwrap().refused, []);
        let expected = contents(&mut self.here, self.ids);
        assert_eq!(contents(&mut loaded, ids), expected, "there");
        assert_eq!(contents(&mut self.listener, ids), expected, "who listens");
        let mut copy = replica(10);
        let ids = open_roots(&mut copy);
        copy.apply(&self.here.encode_since(None).unwrap(), LinkId::DISK).unwrap();
        assert_eq!(contents(&mut copy, ids), expected, "as it is stored");
        assert_eq!(expected.0, self.text, "who watches the changes");
        assert_eq!(self.here.text_len(self.ids[0]).unwrap() as usize, self.text.places.len());
        let known = self.here.doc.transact().state_vector();
        assert_eq!(self.here.own_clock(), known.get(&yrs::ClientID::new(1)), "the gate knows what yrs does");
        for ((id, is_undo), steps) in &self.steps {
            let stack = if *is_undo { UndoStack::Undo } else { UndoStack::Redo };
            if self.undos.contains(id) {
                assert_eq!(self.here.has_step(*id, stack).unwrap(), !steps.is_empty());
            }
        }
    }
}

fn contents(replica: &mut Replica, [text, list, map]: [TypeId; 3]) -> (TextModel, Vec<Value>, Value) {
    let delta = replica.text_delta(text).unwrap();
    (TextModel::of(&delta), replica.list_json(list).unwrap(), replica.map_json(map).unwrap())
}

fn key(at: u32) -> &'static str {
    ["a", "b", "c"][at as usize % 3]
}

/// The nested types of the roots, and those in them.
fn nested(txn: &yrs::TransactionMut) -> Vec<Out> {
    let (list, map) = (txn.get_array("list").unwrap(), txn.get_map("map").unwrap());
    let mut found: Vec<Out> = list.iter(txn).chain(map.iter(txn).map(|(_, item)| item)).collect();
    let mut at = 0;
    while let Some(out) = found.get(at).cloned() {
        match out {
            Out::YMap(map) => found.extend(map.iter(txn).map(|(_, item)| item)),
            Out::YArray(list) => found.extend(list.iter(txn)),
            _ => {}
        }
        at += 1;
    }
    found.retain(|out| matches!(out, Out::YMap(_) | Out::YArray(_) | Out::YText(_)));
    // A map has no order.
    found.sort_by_key(|out| match out {
        Out::YMap(map) => format!("{:?}", map.hook().id()),
        Out::YArray(list) => format!("{:?}", list.hook().id()),
        Out::YText(text) => format!("{:?}", text.hook().id()),
        _ => String::new(),
    });
    found
}

fn edit_nested(txn: &mut yrs::TransactionMut, at: u32) {
    let nested = nested(txn);
    let number = at / 7;
    match nested.get(at as usize % nested.len().max(1)) {
        Some(Out::YMap(map)) => match number % 4 {
            0 => drop(map.remove(txn, key(number))),
            1 => drop(map.insert(txn, key(number), MapPrelim::from([("in", 1)]))),
            2 => drop(map.insert(txn, key(number), TextPrelim::new("deep"))),
            _ => drop(map.insert(txn, key(number), number)),
        },
        Some(Out::YArray(list)) => {
            let len = list.len(txn);
            match number % 3 {
                0 if len > 0 => list.remove(txn, number % len),
                1 => drop(list.insert(txn, number % (len + 1), MapPrelim::from([("in", 2)]))),
                _ => drop(list.insert(txn, number % (len + 1), number)),
            }
        }
        Some(Out::YText(text)) => {
            let len = text.len(txn);
            match number % 3 {
                0 if len > 0 => text.remove_range(txn, number % len, 1),
                1 if len > 0 => text.format(txn, number % len, 1, bold()),
                _ => text.insert(txn, number % (len + 1), "ne"),
            }
        }
        _ => {}
    }
}

/// As a commit does, for edits that are not made through roots.
fn edit_nested_here(replica: &mut Replica, at: u32) {
    replica.commit();
    let mut txn = replica.doc.try_transact_mut_with(LOCAL).unwrap();
    replica.undos.prepare_commit();
    edit_nested(&mut txn, at);
    txn.commit();
    let update = txn.has_changes().then(|| txn.encode_update_v1());
    drop(txn);
    update.into_iter().for_each(|update| replica.note_own(update));
    replica.undos.follow_commit();
    replica.queue_changes(Origin::Local);
}

/// The place that is at `at`, or in front of the surrogate pair that it lies in.
fn boundary(text: &yrs::TextRef, txn: &yrs::TransactionMut, at: u32) -> u32 {
    let mut before = 0;
    for piece in text.diff(txn, drop) {
        let Out::Any(Value::String(characters)) = piece.insert else {
            before += 1;
            continue;
        };
        if characters.encode_utf16().nth(at.wrapping_sub(before) as usize).is_some_and(|unit| unit & 0xFC00 == 0xDC00) {
            return at - 1;
        }
        before += characters.encode_utf16().count() as u32;
    }
    at
}

fn edit_there(doc: &yrs::Doc, their: Their, at: u32) {
    let mut txn = doc.transact_mut();
    let txn = &mut txn;
    let (text, list, map) =
        (txn.get_or_insert_text("text"), txn.get_or_insert_array("list"), txn.get_or_insert_map("map"));
    let (text_len, list_len) = (text.len(txn), list.len(txn));
    match their {
        Their::TextInsert => text.insert(txn, boundary(&text, txn, at % (text_len + 1)), "their"),
        Their::TextDelete if text_len > 0 => {
            let (start, end) =
                (boundary(&text, txn, at % text_len), boundary(&text, txn, text_len.min(at % text_len + 3)));
            text.remove_range(txn, start, end - start);
        }
        Their::Format if text_len > 0 => {
            let start = boundary(&text, txn, at % text_len);
            text.format(txn, start, text_len - start, bold());
        }
        Their::ListInsert => drop(list.insert(txn, at % (list_len + 1), at)),
        Their::ListNest if at.is_multiple_of(2) => {
            list.insert(txn, at % (list_len + 1), TextPrelim::new("nested"));
        }
        Their::ListNest => drop(list.insert(txn, at % (list_len + 1), MapPrelim::from([("a", "value")]))),
        Their::ListDelete if list_len > 0 => list.remove(txn, at % list_len),
        Their::MapSet => drop(map.insert(txn, key(at), at)),
        Their::MapNest if at.is_multiple_of(2) => drop(map.insert(txn, key(at), ArrayPrelim::from([1, 2, 3]))),
        Their::MapNest => drop(map.insert(txn, key(at), MapPrelim::from([("b", "value")]))),
        Their::MapDelete => drop(map.remove(txn, key(at))),
        Their::Nested => edit_nested(txn, at),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn undo_among_edits_of_others_breaks_nothing(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::new();
        acts.iter().for_each(|act| world.act(act));
        world.check();
    }

    #[test]
    fn undoing_everything_gives_what_was_before_and_redoing_it_what_was_after(
        before in prop::collection::vec(act(), 0..20),
        acts in prop::collection::vec(act(), 1..30),
    ) {
        let mut world = World::new();
        // yrs does not bring back all of a nested type in which something was edited before it was deleted.
        let is_flat = |act: &&Act| !matches!(act, Act::Theirs(Their::ListNest | Their::MapNest, _));
        before.iter().filter(is_flat).for_each(|act| world.act(act));
        world.act(&Act::Fetch);
        world.act(&Act::Clear(0));
        world.act(&Act::Clear(1));
        let first = contents(&mut world.here, world.ids);
        for act in &acts {
            // Nobody else edits, and only one manager undoes. As with Yjs, the deletion of a key stays when it was set
            // several times in the step that followed.
            match act {
                Act::Theirs(..) | Act::Clear(_) | Act::Reopen(_) | Act::MapDelete(_) => {}
                Act::Undo(_) => world.act(&Act::Undo(0)),
                Act::Redo(_) => world.act(&Act::Redo(0)),
                other => world.act(other),
            }
        }
        while world.here.redo(world.undos[0]).unwrap() {}
        let last = contents(&mut world.here, world.ids);
        while world.here.undo(world.undos[0]).unwrap() {}
        prop_assert_eq!(contents(&mut world.here, world.ids), first);
        while world.here.redo(world.undos[0]).unwrap() {}
        prop_assert_eq!(contents(&mut world.here, world.ids), last);
        world.follow();
        world.check();
    }
}
