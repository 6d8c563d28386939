//! Decides what the delta from one state of a text to another is, once it is known which elements stay.

use super::align::{Pair, Step};
use super::compose::{Operation, push};
use super::delta::{DeltaOp, Inserted, filled};
use super::value::{Attributes, Value};
use std::ops::Range;

/// Two states of a text.
pub(super) struct Texts<'a> {
    from: Units<'a>,
    to: Units<'a>,
}

impl<'a> Texts<'a> {
    /// Both states as deltas of inserts.
    pub(super) fn new(from: &'a [DeltaOp], to: &'a [DeltaOp]) -> Self {
        Self { from: Units::of(from), to: Units::of(to) }
    }

    /// The delta that takes these steps. What stays is formatted as it is in the second state.
    pub(super) fn delta(&self, steps: &[Step]) -> Vec<DeltaOp> {
        let mut delta = Vec::new();
        let (mut from, mut to) = (0, 0);
        for step in steps {
            match *step {
                Step::Keep(len) => {
                    self.retain(from, to, len, &mut delta);
                    (from, to) = (from + len, to + len);
                }
                Step::Add(len) => {
                    self.insert(to..to + len, &mut delta);
                    to += len;
                }
                Step::Drop(len) => {
                    push(&mut delta, DeltaOp::Delete { len });
                    from += len;
                }
            }
        }
        while delta.last().is_some_and(Operation::is_plain_retain) {
            delta.pop();
        }
        delta
    }

    fn retain(&self, from: u32, to: u32, len: u32, delta: &mut Vec<DeltaOp>) {
        let mut offset = 0;
        while offset < len {
            let (here, there) = (from + offset, to + offset);
            let run = self.from.run(here).min(self.to.run(there)).min(len - offset).max(1);
            let attributes = change(self.from.attributes(here), self.to.attributes(there));
            push(delta, DeltaOp::Retain { len: run, attributes: filled(attributes) });
            offset += run;
        }
    }

    fn insert(&self, range: Range<u32>, delta: &mut Vec<DeltaOp>) {
        let mut at = range.start;
        while at < range.end {
            let run = self.to.run(at).min(range.end - at).max(1);
            let value = match self.to.embed(at) {
                Some(value) => Inserted::Embed(value.clone()),
                None => Inserted::Text(self.to.string(at..at + run)),
            };
            push(delta, DeltaOp::Insert { value, attributes: self.to.attributes(at).cloned() });
            at += run;
        }
    }
}

impl Pair for Texts<'_> {
    fn lens(&self) -> (u32, u32) {
        (self.from.len(), self.to.len())
    }

    /// What is embedded may have changed, where it is a type of Yjs.
    fn fits(&self, from: u32, to: u32) -> bool {
        self.from.code(from).is_some() && self.from.code(from) == self.to.code(to)
    }

    fn is_same(&self, from: u32, to: u32) -> bool {
        self.fits(from, to)
            && self.from.attributes(from) == self.to.attributes(to)
            && self.from.embed(from) == self.to.embed(to)
    }

    fn is_boundary(&self, from: u32, to: u32) -> bool {
        let splits = |units: &Units<'_>, at| matches!(units.code(at), Some(Code::Unit(0xDC00..=0xDFFF)));
        !splits(&self.from, from) && !splits(&self.to, to)
    }
}

/// A state of a text by positions.
struct Units<'a> {
    pieces: &'a [DeltaOp],
    codes: Vec<Code>,
    /// Where the pieces end.
    ends: Vec<u32>,
}

/// What stands at a position.
#[derive(Clone, Copy, PartialEq)]
enum Code {
    Unit(u16),
    Embed,
}

impl<'a> Units<'a> {
    fn of(pieces: &'a [DeltaOp]) -> Self {
        let (mut codes, mut ends) = (Vec::new(), Vec::new());
        for piece in pieces {
            match piece {
                DeltaOp::Insert { value: Inserted::Text(text), .. } => {
                    codes.extend(text.encode_utf16().map(Code::Unit))
                }
                _ => codes.push(Code::Embed),
            }
            ends.push(u32::try_from(codes.len()).unwrap_or(u32::MAX));
        }
        Self { pieces, codes, ends }
    }

    fn len(&self) -> u32 {
        self.ends.last().copied().unwrap_or_default()
    }

    fn code(&self, at: u32) -> Option<Code> {
        self.codes.get(usize::try_from(at).ok()?).copied()
    }

    fn piece(&self, at: u32) -> Option<&'a DeltaOp> {
        self.pieces.get(self.ends.partition_point(|end| *end <= at))
    }

    /// How much from `at` on belongs to the same piece.
    fn run(&self, at: u32) -> u32 {
        let end = self.ends.get(self.ends.partition_point(|end| *end <= at));
        end.map_or(u32::MAX, |end| end - at)
    }

    fn attributes(&self, at: u32) -> Option<&'a Attributes> {
        match self.piece(at)? {
            DeltaOp::Insert { attributes, .. } => attributes.as_ref(),
            _ => None,
        }
    }

    fn embed(&self, at: u32) -> Option<&'a Value> {
        match self.piece(at)? {
            DeltaOp::Insert { value: Inserted::Embed(value), .. } => Some(value),
            _ => None,
        }
    }

    fn string(&self, range: Range<u32>) -> String {
        let units = range.filter_map(|at| match self.code(at)? {
            Code::Unit(unit) => Some(unit),
            Code::Embed => None,
        });
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

/// The formatting that turns one into the other; null takes away.
fn change(from: Option<&Attributes>, to: Option<&Attributes>) -> Attributes {
    let (none, mut change) = (Attributes::default(), Attributes::default());
    let (from, to) = (from.unwrap_or(&none), to.unwrap_or(&none));
    let gone = from.keys().filter(|name| !to.contains_key(*name));
    change.extend(gone.map(|name| (name.clone(), Value::Null)));
    let set = to.iter().filter(|(name, value)| from.get(*name) != Some(*value));
    change.extend(set.map(|(name, value)| (name.clone(), value.clone())));
    change
}
