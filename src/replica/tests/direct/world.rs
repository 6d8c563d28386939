//! People who edit one text, here and elsewhere: what is written directly here can be written by yrs as well.

use super::super::*;
use crate::clock::Duration;
use crate::replica::direct::Map;

pub(super) const ME: u64 = 50;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Mine(Edit),
    Commit,
    /// Another one edits, who has heard of everything or not.
    Theirs(usize, Edit),
    /// Who hears what the other has done so far.
    Hear(usize),
    /// As one change.
    HearAtOnce(usize),
    /// Of all who have edited, as one change.
    HearAllAtOnce,
    Tell(usize),
    /// The others among themselves.
    Gossip,
    /// Another one edits when all have heard of everything, and all hear of it.
    Turn(usize, Edit),
    Undo,
    Redo,
    EndTask,
    /// Forgets what is known of where everything stands, as if the text had only just come.
    Forget,
    /// Looks at what is edited while there is nothing else to do.
    LookAhead,
}

#[derive(Clone, Debug)]
pub(super) enum Edit {
    Type {
        at: usize,
        text: &'static str,
    },
    /// At the place of the last edit of this one.
    Continue {
        text: &'static str,
    },
    Back {
        len: u32,
    },
    Delete {
        at: usize,
        len: u32,
    },
    Unformatted {
        at: usize,
        text: &'static str,
    },
    Bold {
        at: usize,
        len: u32,
    },
    Embed {
        at: usize,
    },
    /// In a text within a map.
    Nested(&'static str),
}

/// One of those who edit, with a cursor.
pub(super) struct Person {
    pub(super) replica: Replica,
    pub(super) text: TypeId,
    cursor: u32,
}

impl Person {
    pub(super) fn new(client: u64) -> Self {
        let mut replica = replica(client);
        let text = replica.open("text", Kind::Text).unwrap();
        Self { replica, text, cursor: 0 }
    }

    /// Does it if it can be done; returns what came of it.
    pub(super) fn edit(&mut self, edit: &Edit) -> Result<(), EditError> {
        let len = self.replica.text_len(self.text).unwrap();
        let fit = |at: usize| (at % (len as usize + 1)) as u32;
        let (replica, text) = (&mut self.replica, self.text);
        let units = |text: &str| text.encode_utf16().count() as u32;
        match *edit {
            Edit::Type { at, text: typed } => {
                replica.text_insert(text, fit(at), typed, None)?;
                self.cursor = fit(at) + units(typed);
            }
            Edit::Continue { text: typed } => {
                let at = self.cursor.min(len);
                replica.text_insert(text, at, typed, None)?;
                self.cursor = at + units(typed);
            }
            Edit::Back { len: back } => {
                let start = self.cursor.min(len).saturating_sub(back);
                replica.text_delete(text, start, self.cursor.min(len) - start)?;
                self.cursor = start;
            }
            Edit::Delete { at, len: deleted } => {
                replica.text_delete(text, fit(at), deleted.min(len - fit(at)))?;
                self.cursor = fit(at);
            }
            Edit::Unformatted { at, text: typed } => {
                replica.text_insert(text, fit(at), typed, Some(attributes([])))?;
            }
            Edit::Bold { at, len: formatted } => {
                replica.text_format(text, fit(at), formatted.min(len - fit(at)), bold())?;
            }
            Edit::Embed { at } => {
                let value = Inserted::Embed(object([("image", "a.png".into())]));
                let retain = DeltaOp::Retain { len: fit(at), attributes: None };
                replica.text_apply_delta(text, vec![retain, DeltaOp::Insert { value, attributes: None }])?;
            }
            Edit::Nested(typed) => {
                let map = replica.open("map", Kind::Map)?;
                let at = PathSegment::Key("text".to_owned());
                let nested = match replica.open_in(map, &at, Kind::Text)? {
                    Some(nested) => nested,
                    None => replica.create_in(map, &at, NewType::Text(vec![insert("nested", None)]))?,
                };
                let len = replica.text_len(nested)?;
                replica.text_insert(nested, len / 2, typed, None)?;
                replica.text_delete(nested, 0, 1.min(len))?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, updates: &[Vec<u8>]) {
        for update in updates {
            self.replica.apply(update, LinkId::SERVER).unwrap();
        }
    }

    /// As [`Self::hear`], as one change.
    fn hear_at_once(&mut self, updates: &[Vec<u8>]) {
        for update in updates {
            self.replica.collect(update, LinkId::SERVER).unwrap();
        }
        self.replica.commit();
    }

    fn committed(&mut self) -> Vec<Committed> {
        std::iter::from_fn(|| self.replica.poll_committed()).collect()
    }
}

/// Who edits here, others, and what was told by each and heard of by each.
pub(super) struct World {
    way: Way,
    me: Person,
    undo: UndoId,
    others: Vec<Person>,
    told: Vec<(Vec<Vec<u8>>, usize)>,
    mine: (Vec<Vec<u8>>, Vec<usize>),
}

/// How edits are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// As updates, where that can be.
    Direct,
    /// All by yrs.
    ByIndex,
}

/// What can be seen of a step.
#[derive(PartialEq, Debug)]
pub(super) struct Seen {
    done: Result<(), EditError>,
    changes: Vec<Change>,
    undone: Vec<UndoEvent>,
    len: u32,
}

impl World {
    pub(super) fn new(way: Way, others: &[u64]) -> Self {
        let mut me = Person::new(ME);
        me.replica.observe(me.text).unwrap();
        let undo = me.replica.open_undo(&[me.text], Duration::from_millis(0)).unwrap();
        Self {
            way,
            me,
            undo,
            others: others.iter().map(|client| Person::new(*client)).collect(),
            told: vec![(Vec::new(), 0); others.len()],
            mine: (Vec::new(), vec![0; others.len()]),
        }
    }

    /// Does a step; returns what can be seen of it, and what is told to others, which are the same bytes only as long as
    /// nothing was undone: yrs brings back what was deleted in no order at all.
    pub(super) fn step(&mut self, step: &Step) -> (Seen, Vec<Committed>) {
        if self.way == Way::ByIndex {
            for person in self.others.iter_mut().chain([&mut self.me]) {
                for id in person.replica.roots.texts() {
                    person.replica.text_mut(id).unwrap().map.learn(None);
                }
            }
        }
        let done = self.act(step);
        let committed = self.me.committed();
        self.mine.0.extend(local(&committed));
        let changes = std::iter::from_fn(|| self.me.replica.poll_change()).collect();
        let undone = std::iter::from_fn(|| self.me.replica.poll_undo_event()).collect();
        (Seen { done, changes, undone, len: self.me.replica.text_len(self.me.text).unwrap() }, committed)
    }

    fn act(&mut self, step: &Step) -> Result<(), EditError> {
        match step {
            Step::Mine(edit) => return self.me.edit(edit),
            Step::Commit => self.me.replica.commit(),
            Step::Theirs(who, edit) => {
                let who = who % self.others.len();
                // Whatever cannot be done is not done.
                let _ = self.others[who].edit(edit);
                self.others[who].replica.commit();
                let committed = self.others[who].committed();
                self.told[who].0.extend(local(&committed));
            }
            Step::Hear(who) => {
                let (told, heard) = &mut self.told[who % self.others.len()];
                self.me.hear(&told[std::mem::replace(heard, told.len())..]);
            }
            Step::HearAtOnce(who) => {
                let (told, heard) = &mut self.told[who % self.others.len()];
                self.me.hear_at_once(&told[std::mem::replace(heard, told.len())..]);
            }
            Step::HearAllAtOnce => {
                let news =
                    |(told, heard): &mut (Vec<Vec<u8>>, usize)| told[std::mem::replace(heard, told.len())..].to_vec();
                let news: Vec<Vec<u8>> = self.told.iter_mut().flat_map(news).collect();
                self.me.hear_at_once(&news);
            }
            Step::Tell(who) => {
                let who = who % self.others.len();
                let heard = std::mem::replace(&mut self.mine.1[who], self.mine.0.len());
                self.others[who].hear(&self.mine.0[heard..]);
                let _ = self.others[who].committed();
            }
            Step::Gossip => {
                for (told, _) in &self.told {
                    self.others.iter_mut().for_each(|other| other.hear(told));
                }
                self.others.iter_mut().for_each(|other| drop(other.committed()));
            }
            Step::Turn(who, edit) => {
                let all = (0..self.others.len()).map(Step::Tell);
                let turn = [Step::Theirs(*who, edit.clone()), Step::Gossip, Step::Hear(*who)];
                self.me.replica.commit();
                let committed = self.me.committed();
                self.mine.0.extend(local(&committed));
                all.chain(turn).try_for_each(|step| self.act(&step))?;
            }
            Step::Undo => drop(self.me.replica.undo(self.undo)?),
            Step::Redo => drop(self.me.replica.redo(self.undo)?),
            Step::EndTask => self.me.replica.end_task(),
            Step::LookAhead => self.me.replica.look_ahead_from(1),
            Step::Forget => {
                self.me.replica.commit();
                self.me.replica.text_mut(self.me.text)?.map = Map::new();
            }
        }
        Ok(())
    }

    /// Has everybody hear of everything; returns the content, which all have, and how much of everybody is in it. Into which
    /// blocks yrs has cut that may differ: it joins what it can whenever it looks.
    pub(super) fn end(mut self) -> (Vec<DeltaOp>, Vec<u8>) {
        self.step(&Step::Commit);
        self.step(&Step::Gossip);
        for who in 0..self.others.len() {
            self.step(&Step::Hear(who));
            self.step(&Step::Tell(who));
        }
        let content = self.me.replica.text_delta(self.me.text).unwrap();
        for person in &mut self.others {
            assert_eq!(person.replica.text_delta(person.text).unwrap(), content);
        }
        (content, self.me.replica.state_vector())
    }
}

pub(super) fn local(committed: &[Committed]) -> impl Iterator<Item = Vec<u8>> {
    committed.iter().filter(|change| change.origin == Origin::Local).map(|change| change.update.clone())
}
