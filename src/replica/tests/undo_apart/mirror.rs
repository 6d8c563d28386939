//! Decides what somebody knows who only watches the changes of a document.

use crate::replica::{Change, ChangeKind, DeltaOp, Inserted, KeyChange, ListOp, PathSegment, Value};
use std::collections::BTreeMap;

/// A type, or what stands in one. Plain values are no strings here.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Mirror {
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
    Text(String),
    Plain(Value),
}

impl Mirror {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect())
            }
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::String(text) => Self::Text(text.as_ref().to_owned()),
            other => Self::Plain(other.clone()),
        }
    }

    pub(super) fn apply(&mut self, change: &Change) {
        let target = change.path.iter().fold(self, |at, step| match (at, step) {
            (Self::Map(entries), PathSegment::Key(key)) => entries.get_mut(key).unwrap(),
            (Self::List(items), PathSegment::Index(index)) => &mut items[*index as usize],
            (at, step) => panic!("{step:?} in {at:?}"),
        });
        match (target, &change.kind) {
            (Self::Map(entries), ChangeKind::Map(keys)) => {
                for (key, change) in keys {
                    match change {
                        KeyChange::Add { value } | KeyChange::Update { value, .. } => {
                            entries.insert(key.clone(), Self::of(value));
                        }
                        KeyChange::Delete { .. } => assert!(entries.remove(key).is_some(), "{key}"),
                    }
                }
            }
            (Self::List(items), ChangeKind::List(delta)) => apply_list(items, delta),
            (Self::Text(text), ChangeKind::Text(delta)) => apply_text(text, delta),
            (target, kind) => panic!("{kind:?} of {target:?}"),
        }
    }
}

fn apply_list(items: &mut Vec<Mirror>, delta: &[ListOp]) {
    let mut at = 0;
    for operation in delta {
        match operation {
            ListOp::Retain(len) => at += *len as usize,
            ListOp::Delete(len) => drop(items.drain(at..at + *len as usize)),
            ListOp::Insert(values) => {
                items.splice(at..at, values.iter().map(Mirror::of));
                at += values.len();
            }
        }
    }
}

fn apply_text(text: &mut String, delta: &[DeltaOp]) {
    let mut at = 0;
    for operation in delta {
        match operation {
            DeltaOp::Retain { len, .. } => at += *len as usize,
            DeltaOp::Delete { len } => text.replace_range(at..at + *len as usize, ""),
            DeltaOp::Insert { value: Inserted::Text(more), .. } => {
                text.insert_str(at, more);
                at += more.len();
            }
            DeltaOp::Insert { value, .. } => panic!("{value:?}"),
        }
    }
}
