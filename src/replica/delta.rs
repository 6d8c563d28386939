//! Decides how changes of sequences are written down: Quill's delta for texts, the same without formatting for lists.

use super::compose::{Action, Operation};
use super::utf16;
use super::value::{Attributes, Value};
use std::ops::Range;

/// One step of a change of a text; lengths are UTF-16 code units, and an embedded object counts as one.
#[derive(Clone, PartialEq, Debug)]
pub enum DeltaOp {
    /// Inserts at the current position.
    Insert {
        /// What is inserted.
        value: Inserted,
        /// Its formatting; none is the same as empty, unformatted.
        attributes: Option<Attributes>,
    },
    /// Steps over what is there.
    Retain {
        /// Over how much.
        len: u32,
        /// The formatting that changes; null ends a format.
        attributes: Option<Attributes>,
    },
    /// Deletes from the current position on.
    Delete {
        /// How much.
        len: u32,
    },
}

/// What a delta inserts into a text.
#[derive(Clone, PartialEq, Debug)]
pub enum Inserted {
    /// Characters.
    Text(String),
    /// An object that stands in the text like one character.
    Embed(Value),
}

/// One step of a change of a list.
#[derive(Clone, PartialEq, Debug)]
pub enum ListOp {
    /// Inserts at the current position.
    Insert(Vec<Value>),
    /// Steps over that many items.
    Retain(u32),
    /// Deletes that many items from the current position on.
    Delete(u32),
}

impl Inserted {
    /// The length in UTF-16 code units.
    pub fn len(&self) -> u32 {
        match self {
            Self::Text(text) => utf16::length(text),
            Self::Embed(_) => 1,
        }
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Operation for DeltaOp {
    fn action(&self) -> Action {
        match self {
            Self::Insert { .. } => Action::Insert,
            Self::Retain { .. } => Action::Retain,
            Self::Delete { .. } => Action::Delete,
        }
    }

    fn len(&self) -> u32 {
        match self {
            Self::Insert { value, .. } => value.len(),
            Self::Retain { len, .. } | Self::Delete { len } => *len,
        }
    }

    fn retain(len: u32) -> Self {
        Self::Retain { len, attributes: None }
    }

    fn is_plain_retain(&self) -> bool {
        matches!(self, Self::Retain { attributes: None, .. })
    }

    fn split_front(&mut self, front: u32) -> Self {
        match self {
            Self::Insert { value: Inserted::Text(text), attributes } => {
                let (head, tail) = utf16::split(text, front);
                let head = Inserted::Text(head.to_owned());
                *text = tail.to_owned();
                Self::Insert { value: head, attributes: attributes.clone() }
            }
            // Of length one: nothing is fewer.
            Self::Insert { .. } => Self::retain(0),
            Self::Retain { len, attributes } => {
                *len -= front;
                Self::Retain { len: front, attributes: attributes.clone() }
            }
            Self::Delete { len } => {
                *len -= front;
                Self::Delete { len: front }
            }
        }
    }

    fn formatted(self, by: &Self) -> Self {
        let Self::Retain { attributes: Some(over), .. } = by else {
            return self;
        };
        match self {
            Self::Insert { value, attributes } => {
                let mut merged = attributes.unwrap_or_default();
                merged.extend(over.clone());
                merged.retain(|_, value| *value != Value::Null);
                Self::Insert { value, attributes: filled(merged) }
            }
            Self::Retain { len, attributes } => {
                let mut merged = attributes.unwrap_or_default();
                merged.extend(over.clone());
                Self::Retain { len, attributes: filled(merged) }
            }
            Self::Delete { .. } => self,
        }
    }

    fn append(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (
                Self::Insert { value: Inserted::Text(text), attributes },
                Self::Insert { value: Inserted::Text(more), attributes: same },
            ) if *attributes == same => text.push_str(&more),
            (Self::Retain { len, attributes }, Self::Retain { len: more, attributes: same }) if *attributes == same => {
                *len += more;
            }
            (Self::Delete { len }, Self::Delete { len: more }) => *len += more,
            (_, next) => return Some(next),
        }
        None
    }
}

impl Operation for ListOp {
    fn action(&self) -> Action {
        match self {
            Self::Insert(_) => Action::Insert,
            Self::Retain(_) => Action::Retain,
            Self::Delete(_) => Action::Delete,
        }
    }

    fn len(&self) -> u32 {
        match self {
            Self::Insert(items) => u32::try_from(items.len()).unwrap_or(u32::MAX),
            Self::Retain(len) | Self::Delete(len) => *len,
        }
    }

    fn retain(len: u32) -> Self {
        Self::Retain(len)
    }

    fn is_plain_retain(&self) -> bool {
        matches!(self, Self::Retain(_))
    }

    fn split_front(&mut self, front: u32) -> Self {
        match self {
            Self::Insert(items) => {
                let tail = items.split_off(items.len().min(usize::try_from(front).unwrap_or(usize::MAX)));
                Self::Insert(std::mem::replace(items, tail))
            }
            Self::Retain(len) => {
                *len -= front;
                Self::Retain(front)
            }
            Self::Delete(len) => {
                *len -= front;
                Self::Delete(front)
            }
        }
    }

    fn formatted(self, _: &Self) -> Self {
        self
    }

    fn append(&mut self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Insert(items), Self::Insert(more)) => items.extend(more),
            (Self::Retain(len), Self::Retain(more)) | (Self::Delete(len), Self::Delete(more)) => *len += more,
            (_, next) => return Some(next),
        }
        None
    }
}

/// The delta that replaces so much from `start` on by characters.
pub(super) fn splice(start: u32, inserted: &str, deleted: u32) -> Vec<DeltaOp> {
    let mut delta = Vec::with_capacity(3);
    if start > 0 {
        delta.push(DeltaOp::Retain { len: start, attributes: None });
    }
    if !inserted.is_empty() {
        delta.push(DeltaOp::Insert { value: Inserted::Text(inserted.to_owned()), attributes: None });
    }
    if deleted > 0 {
        delta.push(DeltaOp::Delete { len: deleted });
    }
    delta
}

/// What the first operation of a delta that does more than step over is about, as the text is before.
pub(super) fn first_touched(delta: &[DeltaOp]) -> Range<u32> {
    let mut index = 0_u32;
    for operation in delta {
        match operation {
            DeltaOp::Retain { len, .. } => index = index.saturating_add(*len),
            DeltaOp::Insert { .. } => break,
            DeltaOp::Delete { len } => return index..index.saturating_add(*len),
        }
    }
    index..index
}

/// Formatting that says nothing is written as none.
pub(super) fn filled(attributes: Attributes) -> Option<Attributes> {
    (!attributes.is_empty()).then_some(attributes)
}
