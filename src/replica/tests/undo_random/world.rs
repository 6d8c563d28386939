//! Decides what the world is in which random edits are undone, and what has to hold in it.

use super::super::equivalence::Editor;
use super::super::*;
use super::Act;
use super::theirs::{edit_nested, edit_there, key};
use crate::clock::{Duration, Instant};
use crate::ids::LinkId;
use std::collections::BTreeMap;
use yrs::updates::decoder::Decode;
use yrs::{ReadTxn, Transact, Update};

/// A replica with undo managers, somebody else who edits with yrs alone, and one who only listens to us.
pub(super) struct World {
    pub(super) here: Replica,
    pub(super) ids: [TypeId; 3],
    pub(super) undos: [UndoId; 2],
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
    pub(super) fn new() -> Self {
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

    pub(super) fn act(&mut self, act: &Act) {
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

    pub(super) fn follow(&mut self) {
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
    pub(super) fn check(&mut self) {
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

pub(super) fn contents(replica: &mut Replica, [text, list, map]: [TypeId; 3]) -> (TextModel, Vec<Value>, Value) {
    let delta = replica.text_delta(text).unwrap();
    (TextModel::of(&delta), replica.list_json(list).unwrap(), replica.map_json(map).unwrap())
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
