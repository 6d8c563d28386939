//! Decides what the world is in which nested types are edited and undone, and what has to hold after every turn.

use super::mirror::Mirror;
use crate::clock::{Duration, Instant};
use crate::ids::{ClientId, LinkId, Origin};
use crate::replica::{Attributes, DeltaOp, Inserted, Kind, NewType, PathSegment, Replica, TypeId, UndoId, Value};
use crate::rng::Rng;
use std::collections::BTreeMap;

/// A replica and its roots.
pub(super) struct Site {
    pub(super) replica: Replica,
    roots: [TypeId; 3],
}

/// What a document holds.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Content {
    map: Value,
    list: Vec<Value>,
    texts: Vec<Vec<DeltaOp>>,
}

impl Site {
    fn new(client: u64) -> Self {
        let mut replica = Replica::new(ClientId(client), 1 << 24);
        let roots = [("map", Kind::Map), ("list", Kind::List), ("text", Kind::Text)];
        let roots = roots.map(|(name, kind)| replica.open(name, kind).unwrap());
        Self { replica, roots }
    }

    /// All types, those that hold others before these.
    fn types(&mut self) -> Vec<(TypeId, Kind)> {
        let [map, list, text] = self.roots;
        let mut found = vec![(map, Kind::Map), (list, Kind::List), (text, Kind::Text)];
        let mut at = 0;
        while let Some((id, kind)) = found.get(at).copied() {
            let places: Vec<PathSegment> = match kind {
                Kind::Map => KEYS.iter().map(|key| PathSegment::Key((*key).to_owned())).collect(),
                Kind::List => (0..self.replica.list_len(id).unwrap()).map(PathSegment::Index).collect(),
                Kind::Text => Vec::new(),
            };
            for place in places {
                for kind in [Kind::Map, Kind::List, Kind::Text] {
                    found.extend(self.replica.open_in(id, &place, kind).unwrap().map(|nested| (nested, kind)));
                }
            }
            at += 1;
        }
        found
    }

    pub(super) fn content(&mut self) -> Content {
        let [map, list, _] = self.roots;
        let (map, list) = (self.replica.map_json(map).unwrap(), self.replica.list_json(list).unwrap());
        let texts = self.types().into_iter().filter(|(_, kind)| *kind == Kind::Text);
        let texts = texts.collect::<Vec<_>>().into_iter().map(|(id, _)| self.replica.text_delta(id).unwrap()).collect();
        Content { map, list, texts }
    }

    /// Edits somewhere, rather in what is nested.
    pub(super) fn edit(&mut self, rng: &mut Rng) {
        let types = self.types();
        let nested = types.len() - self.roots.len();
        let at = if nested > 0 && rng.below(5) > 1 { 3 + below(rng, nested) } else { below(rng, types.len()) };
        let (id, kind) = types[at];
        match kind {
            Kind::Map => self.edit_map(id, rng),
            Kind::List => self.edit_list(id, rng),
            Kind::Text => self.edit_text(id, rng),
        }
    }

    fn edit_map(&mut self, id: TypeId, rng: &mut Rng) {
        let key = KEYS[below(rng, KEYS.len())].to_owned();
        match rng.below(5) {
            0 => self.replica.map_set(id, &key, value(rng)).unwrap(),
            1 | 2 => drop(self.replica.map_delete(id, &key).unwrap()),
            _ => drop(self.replica.create_in(id, &PathSegment::Key(key), nested(rng)).unwrap()),
        }
    }

    fn edit_list(&mut self, id: TypeId, rng: &mut Rng) {
        let len = self.replica.list_len(id).unwrap();
        let at = rng.below(u64::from(len) + 1) as u32;
        match rng.below(5) {
            0 => self.replica.list_insert(id, at, (0..=rng.below(3)).map(|_| value(rng)).collect()).unwrap(),
            1 | 2 if at < len => self.replica.list_delete(id, at, 1 + rng.below(u64::from(len - at)) as u32).unwrap(),
            _ => drop(self.replica.create_in(id, &PathSegment::Index(at), nested(rng)).unwrap()),
        }
    }

    fn edit_text(&mut self, id: TypeId, rng: &mut Rng) {
        let len = self.replica.text_len(id).unwrap();
        let at = rng.below(u64::from(len) + 1) as u32;
        let some = 1 + rng.below(u64::from(len - at).min(3)) as u32;
        match rng.below(6) {
            0 if at < len => self.replica.text_format(id, at, some, bold()).unwrap(),
            1..4 if at < len => self.replica.text_delete(id, at, some).unwrap(),
            _ => self.replica.text_insert(id, at, word(rng), None).unwrap(),
        }
    }
}

/// Who undoes, who edits too, and who only hears of it.
pub(super) struct World {
    pub(super) here: Site,
    pub(super) there: Site,
    listener: Site,
    undos: [UndoId; 2],
    their_undo: UndoId,
    now: Instant,
    /// What the observer of each root here knows.
    mirrors: [Mirror; 3],
    /// Handed out here, not heard of there.
    unheard: Vec<Vec<u8>>,
}

impl World {
    pub(super) fn new() -> Self {
        let [mut here, mut there, listener] = [1, 2, 3].map(Site::new);
        let undos = [&here.roots[..], &here.roots[..1]];
        let undos = undos.map(|scope| here.replica.open_undo(scope, Duration::ZERO).unwrap());
        let their_undo = there.replica.open_undo(&there.roots, Duration::ZERO).unwrap();
        here.roots.into_iter().for_each(|root| here.replica.observe(root).unwrap());
        let mirrors = [Mirror::Map(BTreeMap::new()), Mirror::List(Vec::new()), Mirror::Text(String::new())];
        let now = Instant::from_millis(1_000);
        here.replica.note_time(now);
        Self { here, there, listener, undos, their_undo, now, mirrors, unheard: Vec::new() }
    }

    pub(super) fn end_step(&mut self) {
        self.here.replica.commit();
        self.here.replica.end_task();
        self.now = self.now + Duration::from_millis(1);
        self.here.replica.note_time(self.now);
    }

    /// What was done here goes to who listens at once, and to who edits when it hears of it.
    fn tell(&mut self) {
        self.here.replica.commit();
        while let Some(committed) = self.here.replica.poll_committed() {
            let applied = self.listener.replica.apply(&committed.update, LinkId::SERVER).unwrap();
            assert_eq!(applied.refused, []);
            if committed.origin == Origin::Local {
                self.unheard.push(committed.update);
            }
        }
    }

    pub(super) fn hear(&mut self) {
        self.tell();
        for update in std::mem::take(&mut self.unheard) {
            assert_eq!(self.there.replica.apply(&update, LinkId::SERVER).unwrap().refused, []);
        }
    }

    pub(super) fn fetch(&mut self) {
        let known = self.here.replica.state_vector();
        let theirs = self.there.replica.encode_since(Some(&known)).unwrap();
        assert_eq!(self.here.replica.apply(&theirs, LinkId::SERVER).unwrap().refused, []);
        self.tell();
    }

    /// What is here, which is what others see, and what is stored.
    pub(super) fn check(&mut self) -> Result<Content, String> {
        self.tell();
        let mut stored = Site::new(4);
        let whole = self.here.replica.encode_since(None).unwrap();
        assert_eq!(stored.replica.apply(&whole, LinkId::DISK).unwrap().refused, []);
        let (content, heard, stored) = (self.here.content(), self.listener.content(), stored.content());
        if heard != stored {
            return Err(format!("heard {heard:?}, stored {stored:?}, here {content:?}"));
        }
        if heard != content {
            return Err(format!("others see {heard:?}, here is {content:?}"));
        }
        self.watch();
        let [map, list, text] = self.here.roots;
        let text = self.here.replica.text_string(text).unwrap();
        let list = Value::from(self.here.replica.list_json(list).unwrap());
        let map = self.here.replica.map_json(map).unwrap();
        let seen = [&map, &list, &text.into()].map(Mirror::of);
        if seen != self.mirrors {
            return Err(format!("{:?} is told, here is {seen:?}", self.mirrors));
        }
        Ok(content)
    }

    fn watch(&mut self) {
        while let Some(change) = self.here.replica.poll_change() {
            let root = self.here.roots.iter().position(|root| *root == change.target).unwrap();
            self.mirrors[root].apply(&change);
        }
    }

    pub(super) fn turn(&mut self, turn: Turn, manager: usize) -> bool {
        match turn {
            Turn::Undo => self.here.replica.undo(self.undos[manager]).unwrap(),
            Turn::Redo => self.here.replica.redo(self.undos[manager]).unwrap(),
        }
    }

    /// Somebody else undoes what they did.
    pub(super) fn turn_theirs(&mut self, rng: &mut Rng) {
        self.there.replica.commit();
        self.there.replica.end_task();
        if rng.below(3) > 0 {
            self.there.replica.undo(self.their_undo).unwrap();
        } else {
            self.there.replica.redo(self.their_undo).unwrap();
        }
    }

    /// Turns as long as there is something to turn.
    pub(super) fn turn_all(&mut self, turn: Turn) -> Result<Content, String> {
        while self.turn(turn, 0) {
            self.check().map_err(|problem| format!("{turn:?}: {problem}"))?;
        }
        self.check()
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Turn {
    Undo,
    Redo,
}

/// Whether somebody else edits at the same time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Company {
    Alone,
    Together,
}

fn nested(rng: &mut Rng) -> NewType {
    match rng.below(4) {
        0 => NewType::Map((0..rng.below(3)).map(|at| (KEYS[at as usize].to_owned(), value(rng))).collect()),
        1 => NewType::List((0..rng.below(4)).map(|_| value(rng)).collect()),
        _ => {
            let text = Inserted::Text(word(rng).to_owned());
            NewType::Text(vec![DeltaOp::Insert { value: text, attributes: (rng.below(4) == 0).then(bold) }])
        }
    }
}

fn value(rng: &mut Rng) -> Value {
    (rng.below(1_000) as u32).into()
}

fn word(rng: &mut Rng) -> &'static str {
    ["new", "a", "deep", "xy"][below(rng, 4)]
}

fn bold() -> Attributes {
    [("bold".into(), true.into())].into_iter().collect()
}

fn below(rng: &mut Rng, len: usize) -> usize {
    rng.below(len as u64) as usize
}

const KEYS: [&str; 3] = ["a", "b", "c"];
