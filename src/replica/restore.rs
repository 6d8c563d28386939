//! Decides how what differs from the past is written: into the types that are still there, and as copies of those that
//! are not.

use super::align::Step;
use super::content::Content;
use super::delta::{DeltaOp, Inserted};
use super::history::States;
use super::nested::Empty;
use super::value::Value;
use crate::sorted::SortedMap;
use yrs::{Array, ArrayRef, Map, MapRef, Out, Text, TextRef, TransactionMut};

/// A restoration on its way.
pub(super) struct Restoring<'a, 'doc> {
    pub(super) states: &'a States,
    pub(super) txn: &'a mut TransactionMut<'doc>,
}

impl Restoring<'_, '_> {
    /// Makes `live`, which holds `now`, hold what it held `then`. What is foreign is left as it is.
    pub(super) fn restore(&mut self, live: &Out, now: &Content, then: &Content) {
        match (live, now, then) {
            (Out::YText(live), Content::Text(id, now), Content::Text(_, then)) => {
                write_delta(live, self.txn, self.states.text_delta(id, now, then));
            }
            (Out::YMap(live), Content::Map(_, now), Content::Map(_, then)) => self.restore_map(live, now, then),
            (Out::YArray(live), Content::List(id, now), Content::List(_, then)) => {
                let steps = self.states.list_steps(id, now, then);
                self.restore_list(live, now, then, &steps);
            }
            _ => {}
        }
    }

    fn restore_map(&mut self, live: &MapRef, now: &SortedMap<String, Content>, then: &SortedMap<String, Content>) {
        for (key, _) in now.iter().filter(|(key, _)| !then.contains_key(*key)) {
            live.remove(self.txn, key);
        }
        for (key, value) in then.iter() {
            match now.get(key) {
                Some(present) if present.is_type(value) => {
                    if let Some(nested) = live.get(self.txn, key) {
                        self.restore(&nested, present, value);
                    }
                }
                Some(present) if present.is_same(value) => {}
                _ => self.set(live, key, value),
            }
        }
    }

    fn restore_list(&mut self, live: &ArrayRef, now: &[Content], then: &[Content], steps: &[Step]) {
        let mut index = 0;
        let (mut now, mut then) = (now.iter(), then.iter());
        for step in steps {
            match *step {
                Step::Keep(len) => {
                    for (present, past) in now.by_ref().zip(then.by_ref()).take(size(len)) {
                        if present.is_type(past)
                            && let Some(nested) = live.get(self.txn, index)
                        {
                            self.restore(&nested, present, past);
                        }
                        index += 1;
                    }
                }
                Step::Add(len) => index += self.insert(live, index, then.by_ref().take(size(len))),
                Step::Drop(len) => {
                    live.remove_range(self.txn, index, len);
                    now.by_ref().take(size(len)).for_each(drop);
                }
            }
        }
    }

    fn set(&mut self, live: &MapRef, key: &str, value: &Content) {
        if let Content::Plain(value) = value {
            live.insert(self.txn, key, value.clone());
        } else if let Some(kind) = value.kind() {
            let made = live.insert(self.txn, key, Empty(kind));
            self.fill(&made, value);
        }
    }

    /// Inserts copies of items; returns how many it were.
    fn insert<'i>(&mut self, live: &ArrayRef, at: u32, items: impl Iterator<Item = &'i Content>) -> u32 {
        let mut index = at;
        let mut plain = Vec::new();
        for item in items {
            if let Content::Plain(value) = item {
                plain.push(value.clone());
                continue;
            }
            index += insert_plain(live, self.txn, index, std::mem::take(&mut plain));
            if let Some(kind) = item.kind() {
                let made = live.insert(self.txn, index, Empty(kind));
                self.fill(&made, item);
                index += 1;
            }
        }
        index += insert_plain(live, self.txn, index, plain);
        index - at
    }

    /// Gives a type that was just made its content.
    fn fill(&mut self, live: &Out, content: &Content) {
        match (live, content) {
            (Out::YText(live), Content::Text(_, delta)) => write_delta(live, self.txn, delta.clone()),
            (Out::YMap(live), Content::Map(_, entries)) => {
                entries.iter().for_each(|(key, value)| self.set(live, key, value));
            }
            (Out::YArray(live), Content::List(_, items)) => drop(self.insert(live, 0, items.iter())),
            _ => {}
        }
    }
}

/// Inserts values in one go; returns how many it were.
fn insert_plain(live: &ArrayRef, txn: &mut TransactionMut, index: u32, values: Vec<Value>) -> u32 {
    let len = u32::try_from(values.len()).unwrap_or(u32::MAX);
    live.insert_range(txn, index, values);
    len
}

/// Applies a delta that fits the text.
fn write_delta(live: &TextRef, txn: &mut TransactionMut, delta: Vec<DeltaOp>) {
    let mut index = 0;
    for operation in delta {
        match operation {
            DeltaOp::Insert { value, attributes } => {
                let len = value.len();
                let attributes = attributes.unwrap_or_default();
                match value {
                    Inserted::Text(text) => live.insert_with_attributes(txn, index, &text, attributes),
                    // A type of Yjs that stood in the text, which reads as a value that must not stand there.
                    Inserted::Embed(Value::Null | Value::Undefined | Value::String(_)) => continue,
                    Inserted::Embed(value) => drop(live.insert_embed_with_attributes(txn, index, value, attributes)),
                }
                index += len;
            }
            DeltaOp::Retain { len, attributes } => {
                if let Some(attributes) = attributes {
                    live.format(txn, index, len, attributes);
                }
                index += len;
            }
            DeltaOp::Delete { len } => live.remove_range(txn, index, len),
        }
    }
}

fn size(len: u32) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
