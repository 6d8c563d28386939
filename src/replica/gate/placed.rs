//! Decides what of an update is told to whoever keeps an own picture of a sequence: what was put where.

use super::content::Content;
use super::parse::{Block, Body, Id, Parsed};
use crate::ids::Clock;

/// Elements that an update puts next to each other into a sequence, or under a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Placed<'a> {
    /// The first of them.
    pub(in crate::replica) id: Id,
    /// How many there are.
    pub(in crate::replica) len: Clock,
    /// What stood in front of them when they were made.
    pub(in crate::replica) left: Option<Id>,
    /// What stood behind them when they were made.
    pub(in crate::replica) right: Option<Id>,
    /// What they are.
    pub(in crate::replica) what: What,
    /// How the block is written that they are.
    bytes: &'a [u8],
}

/// What an element is for whoever counts positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::replica) enum What {
    /// It is a character, and has a position.
    Characters,
    /// It is something else that has a position.
    Counted,
    /// It was deleted.
    Deleted,
    /// It formats what follows.
    Mark,
}

impl<'a> Placed<'a> {
    /// The characters that they are, if they are some.
    pub(in crate::replica) fn text(&self) -> Option<&'a str> {
        match self.what {
            What::Characters => Block::text(self.bytes).and_then(|(_, text)| std::str::from_utf8(text).ok()),
            What::Counted | What::Deleted | What::Mark => None,
        }
    }
}

impl<'a> Parsed<'a> {
    /// What the update puts into sequences and under keys, client by client.
    pub(in crate::replica) fn placed(&self) -> impl Iterator<Item = Placed<'a>> {
        self.sections.iter().flat_map(|section| {
            section.blocks.iter().filter_map(|block| {
                let Body::Item { place, content } = &block.body else { return None };
                let what = match content {
                    Content::Deleted => What::Deleted,
                    Content::Format => What::Mark,
                    Content::String(_) => What::Characters,
                    _ => What::Counted,
                };
                let id = Id { client: section.client, clock: block.clock };
                let (left, right) = (place.left(), place.right());
                Some(Placed { id, len: block.end - block.clock, left, right, what, bytes: block.bytes })
            })
        })
    }
}
