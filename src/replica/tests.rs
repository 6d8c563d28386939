//! What the parts do together, against a model, against each other, and against yjs.

#![expect(clippy::cast_possible_truncation, reason = "test data is small")]

mod captured;
mod convergence;
mod cursors;
mod direct;
mod equivalence;
mod errors;
mod history;
mod nested;
mod observing;
mod undo;
mod undo_apart;
mod undo_nested;
mod undo_random;
mod yjs;

use super::*;
use crate::ids::LinkId;
use std::collections::HashMap;
use std::ops::Range;

/// A replica that must not share its id with another.
pub(super) fn replica(client: u64) -> Replica {
    Replica::new(ClientId(client), 1 << 24)
}

pub(super) fn attributes<const N: usize>(entries: [(&str, Value); N]) -> Attributes {
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

pub(super) fn bold() -> Attributes {
    attributes([("bold", true.into())])
}

pub(super) fn insert(text: &str, attributes: Option<Attributes>) -> DeltaOp {
    DeltaOp::Insert { value: Inserted::Text(text.to_owned()), attributes }
}

pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<HashMap<_, _>>().into()
}

/// Delivers what `from` has committed itself.
pub(super) fn deliver(from: &mut Replica, to: &mut Replica) {
    while let Some(committed) = from.poll_committed() {
        if committed.origin == Origin::Local {
            to.apply(&committed.update, LinkId::SERVER).unwrap();
        }
    }
}

/// One place of a text: a code unit or an embedded object, with its formatting.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Place {
    unit: Unit,
    attributes: Attributes,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Unit {
    Code(u16),
    Embed(Value),
}

/// What a text holds according to its changes, worked out as plainly as possible.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct TextModel {
    pub(super) places: Vec<Place>,
}

impl TextModel {
    pub(super) fn of(delta: &[DeltaOp]) -> Self {
        let mut model = Self::default();
        model.apply(delta);
        model
    }

    pub(super) fn apply(&mut self, delta: &[DeltaOp]) {
        let mut at = 0;
        for operation in delta {
            match operation {
                DeltaOp::Insert { value, attributes } => {
                    let places = places(value, &attributes.clone().unwrap_or_default());
                    let end = at + places.len();
                    self.places.splice(at..at, places);
                    at = end;
                }
                DeltaOp::Retain { len, attributes } => {
                    let end = at + *len as usize;
                    self.format(at..end, &attributes.clone().unwrap_or_default());
                    at = end;
                }
                DeltaOp::Delete { len } => drop(self.places.drain(at..at + *len as usize)),
            }
        }
    }

    pub(super) fn format(&mut self, range: Range<usize>, attributes: &Attributes) {
        for place in &mut self.places[range] {
            place.attributes.extend(attributes.clone());
            place.attributes.retain(|_, value| *value != Value::Null);
        }
    }

    /// Inserts as `text_insert` promises to.
    pub(super) fn insert(&mut self, at: usize, text: &str, attributes: Option<&Attributes>) {
        let before = at.checked_sub(1).map(|before| self.places[before].attributes.clone());
        let attributes = attributes.cloned().or(before).unwrap_or_default();
        self.places.splice(at..at, places(&Inserted::Text(text.to_owned()), &attributes));
    }

    pub(super) fn splits_a_pair(&self, at: usize) -> bool {
        matches!(self.places.get(at), Some(Place { unit: Unit::Code(0xDC00..=0xDFFF), .. }))
    }
}

fn places(value: &Inserted, attributes: &Attributes) -> Vec<Place> {
    let place = |unit| Place { unit, attributes: attributes.clone() };
    match value {
        Inserted::Text(text) => text.encode_utf16().map(Unit::Code).map(place).collect(),
        Inserted::Embed(value) => vec![place(Unit::Embed(value.clone()))],
    }
}
