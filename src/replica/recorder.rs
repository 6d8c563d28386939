//! Decides how yrs' events become changes: read at once into plain values, and only put into a queue.
//!
//! Inside a callback nothing of yrs may be called that writes or subscribes (use-after-free), and what an event points
//! to is gone after the transaction.

use super::changes::{Change, ChangeKind, KeyChange, PathSegment};
use super::compose::{Operation, push};
use super::delta::{DeltaOp, Inserted, ListOp, filled};
use super::kind::TypeId;
use super::value::{Value, plain};
use super::view::View;
use crate::ids::Origin;
use crate::sorted::SortedMap;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use yrs::branch::Branch;
use yrs::types::text::TextEvent;
use yrs::types::{Change as ListChange, Delta, EntryChange, Event, Events};
use yrs::{BranchID, DeepObservable, Out, TransactionMut};

/// Listens to observed types during a transaction.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    record: Rc<RefCell<Record>>,
}

/// What was recorded, and what is known of the transaction that is recorded.
#[derive(Debug, Default)]
struct Record {
    changes: Vec<Recorded>,
    /// What the transaction does to some texts. To ask yrs takes a walk over the text.
    expected: Vec<Told>,
    /// The texts of which yrs was asked.
    walked: Vec<BranchID>,
}

/// What a transaction does to a text without formatting.
pub(super) type Told = (BranchID, Vec<DeltaOp>);

#[derive(Debug)]
struct Recorded {
    target: TypeId,
    path: Vec<PathSegment>,
    kind: ChangeKind,
}

impl Recorder {
    /// Records what changes in `shared` and below, until [`Recorder::unsubscribe`] or until it is deleted.
    pub(super) fn subscribe(&self, target: TypeId, shared: Option<impl DeepObservable>) {
        let (Some(shared), all) = (shared, Rc::clone(&self.record)) else { return };
        shared.observe_deep(SUBSCRIPTION, move |txn, events| record(&all, target, txn, events));
    }

    pub(super) fn unsubscribe(&self, shared: Option<impl DeepObservable>) {
        shared.map(|shared| shared.unobserve_deep(SUBSCRIPTION));
    }

    /// Says what the transaction that ends next does to texts of which that is known.
    pub(super) fn expect(&self, told: impl IntoIterator<Item = Told>) {
        // Called only while nothing is recorded, like all but what records.
        if let Ok(mut record) = self.record.try_borrow_mut() {
            record.expected = told.into_iter().collect();
        }
    }

    /// The texts over which yrs has walked since the last [`Recorder::take`], because nothing had been said of them.
    pub(super) fn walked(&self) -> Vec<BranchID> {
        self.record.try_borrow_mut().map(|mut record| std::mem::take(&mut record.walked)).unwrap_or_default()
    }

    /// What was recorded since the last call.
    pub(super) fn take(&self, origin: Origin) -> impl Iterator<Item = Change> + use<> {
        let recorded = self.record.take().changes;
        recorded.into_iter().map(move |Recorded { target, path, kind }| Change { target, origin, path, kind })
    }
}

impl Record {
    /// What has happened to a text. It may be asked for several observers.
    fn delta(&mut self, event: &TextEvent, txn: &TransactionMut) -> Vec<DeltaOp> {
        let text: &Branch = event.target().as_ref();
        let text = text.id();
        if let Some((_, delta)) = self.expected.iter().find(|(expected, _)| *expected == text) {
            return delta.clone();
        }
        self.walked.push(text);
        text_delta(event.delta(txn), &View::of(txn))
    }
}

/// In the order in which the types were opened: yrs calls the observers of a transaction in no order at all.
fn insert_in_order(recorded: &mut Vec<Recorded>, change: Recorded) {
    let at = recorded.partition_point(|other| other.target <= change.target);
    recorded.insert(at, change);
}

/// The key of the only subscription that a type has.
const SUBSCRIPTION: &str = "syncline";

fn record(record: &RefCell<Record>, target: TypeId, txn: &TransactionMut, events: &Events) {
    // Taken only between transactions, so it is never borrowed here.
    let Ok(mut record) = record.try_borrow_mut() else { return };
    for event in events.iter() {
        let kinds = match event {
            Event::Text(text) => vec![ChangeKind::Text(record.delta(text, txn))],
            _ => kinds(event, txn),
        };
        read(event, kinds, target).into_iter().for_each(|change| insert_in_order(&mut record.changes, change));
    }
}

fn read(event: &Event, kinds: Vec<ChangeKind>, target: TypeId) -> Vec<Recorded> {
    let path: Vec<PathSegment> = event.path().into_iter().map(segment).collect();
    let changed = kinds.into_iter().filter(|kind| !kind.is_empty());
    changed.map(|kind| Recorded { target, path: path.clone(), kind }).collect()
}

/// What an event tells. XML types, which only other Yjs clients make, change like a list or a text and like a map.
pub(super) fn kinds(event: &Event, txn: &TransactionMut) -> Vec<ChangeKind> {
    let view = &View::of(txn);
    match event {
        Event::Text(event) => vec![ChangeKind::Text(text_delta(event.delta(txn), view))],
        Event::Array(event) => vec![ChangeKind::List(list_delta(event.delta(txn), view))],
        Event::Map(event) => vec![ChangeKind::Map(keys(event.keys(txn), view))],
        Event::XmlFragment(event) => {
            vec![ChangeKind::List(list_delta(event.delta(txn), view)), ChangeKind::Map(keys(event.keys(txn), view))]
        }
        Event::XmlText(event) => {
            vec![ChangeKind::Text(text_delta(event.delta(txn), view)), ChangeKind::Map(keys(event.keys(txn), view))]
        }
    }
}

fn segment(segment: yrs::types::PathSegment) -> PathSegment {
    match segment {
        yrs::types::PathSegment::Key(key) => PathSegment::Key(key.as_ref().to_owned()),
        yrs::types::PathSegment::Index(index) => PathSegment::Index(index),
    }
}

fn text_delta(delta: &[Delta], view: &View) -> Vec<DeltaOp> {
    let operations = delta.iter().map(|operation| match operation {
        Delta::Inserted(value, attributes) => DeltaOp::Insert {
            value: inserted(value.clone(), view),
            attributes: attributes.as_deref().cloned().and_then(filled),
        },
        Delta::Deleted(len) => DeltaOp::Delete { len: *len },
        Delta::Retain(len, attributes) => {
            DeltaOp::Retain { len: *len, attributes: attributes.as_deref().cloned().and_then(filled) }
        }
    });
    collect(operations)
}

fn list_delta(delta: &[ListChange], view: &View) -> Vec<ListOp> {
    let operations = delta.iter().map(|operation| match operation {
        ListChange::Added(items) => ListOp::Insert(items.iter().map(|item| plain(item.clone(), view)).collect()),
        ListChange::Removed(len) => ListOp::Delete(*len),
        ListChange::Retain(len) => ListOp::Retain(*len),
    });
    collect(operations)
}

fn collect<O: Operation>(operations: impl Iterator<Item = O>) -> Vec<O> {
    let mut delta = Vec::new();
    operations.for_each(|operation| push(&mut delta, operation));
    delta
}

fn keys(keys: &HashMap<Arc<str>, EntryChange>, view: &View) -> Vec<(String, KeyChange)> {
    let change = |change: &EntryChange| match change {
        EntryChange::Inserted(value) => KeyChange::Add { value: plain(value.clone(), view) },
        EntryChange::Updated(old, value) => KeyChange::Update { old: remains(old), value: plain(value.clone(), view) },
        EntryChange::Removed(old) => KeyChange::Delete { old: remains(old) },
    };
    let changed = keys.iter().map(|(key, entry)| (key.as_ref().to_owned(), change(entry)));
    changed.collect::<SortedMap<_, _>>().into_iter().collect()
}

/// What is left of a value that was removed. A nested type was emptied first.
fn remains(old: &Out) -> Value {
    match old {
        Out::Any(value) => value.clone(),
        _ => Value::Undefined,
    }
}

/// What stands in a text: a string is text, everything else is an object.
pub(super) fn inserted(value: Out, view: &View) -> Inserted {
    match value {
        Out::Any(Value::String(text)) => Inserted::Text(text.as_ref().to_owned()),
        other => Inserted::Embed(plain(other, view)),
    }
}
