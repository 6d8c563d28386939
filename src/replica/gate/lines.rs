//! Decides in which order elements stand that lie in deleted types, where nobody can ask yrs for it.
//!
//! This is what yrs does when it integrates blocks, for a few of them and without their content.

use super::parse::{Body, Id, Parsed, Place};
use super::table::{Held, Slot, Table};
use crate::ids::{ClientId, Clock};
use std::ops::Range;

/// Elements that stand in one sequence, from the left to the right: in a shared type, or under a key of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Line {
    /// The element that holds the type.
    pub(in crate::replica) holder: Id,
    pub(in crate::replica) order: Order,
    pub(in crate::replica) blocks: Vec<(ClientId, Range<Clock>)>,
}

/// What it means to stand to the right of another element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::replica) enum Order {
    /// To be read after it.
    Sequence,
    /// To have taken its place under a key.
    Key,
}

/// Where some elements stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::replica) struct Spot {
    /// The element that holds the type they stand in; none for a root.
    pub(in crate::replica) holder: Option<Id>,
    pub(in crate::replica) order: Order,
    /// Whether they are types themselves.
    pub(in crate::replica) is_type: bool,
}

/// A block that is put in its place.
#[derive(Debug)]
struct Block {
    client: ClientId,
    clocks: Range<Clock>,
    left: Option<Id>,
    right: Option<Id>,
}

impl Table {
    /// Where the elements stand, as far as they were not collected.
    pub(in crate::replica) fn spots(
        &self,
        client: ClientId,
        range: &Range<Clock>,
    ) -> impl Iterator<Item = (Range<Clock>, Spot)> {
        self.runs(client, range).filter_map(|(clocks, entry)| {
            let slot = entry.slot?;
            let (holder, is_type) = (self.holder(slot), matches!(entry.held, Held::Type(_)));
            Some((clocks, Spot { holder, order: Order::of(slot), is_type }))
        })
    }

    /// The blocks of an update in their order, as far as they stand in types that `is_wanted`. The update has to say
    /// everything that is in these.
    pub(in crate::replica) fn lines(&self, parsed: &Parsed<'_>, is_wanted: impl Fn(Id) -> bool) -> Vec<Line> {
        let mut lines: Vec<(Slot, Id, Vec<Block>)> = Vec::new();
        for section in &parsed.sections {
            let client = section.client;
            for block in &section.blocks {
                let slot = self.entry(Id { client, clock: block.clock }).and_then(|entry| entry.slot);
                let Some((slot, holder)) = slot.and_then(|slot| Some((slot, self.holder(slot)?))) else { continue };
                let Body::Item { place, .. } = &block.body else { continue };
                if !is_wanted(holder) {
                    continue;
                }
                let (left, right) = match place {
                    Place::Beside(left, right) => (*left, *right),
                    Place::Under(..) => (None, None),
                };
                let block = Block { client, clocks: block.clock..block.end, left, right };
                match lines.iter_mut().rev().find(|(of, ..)| *of == slot) {
                    Some((.., line)) => line.push(block),
                    None => lines.push((slot, holder, vec![block])),
                }
            }
        }
        let in_order = |(slot, holder, blocks): (Slot, Id, Vec<Block>)| {
            let blocks = line_up(blocks).into_iter().map(|block| (block.client, block.clocks)).collect();
            Line { holder, order: Order::of(slot), blocks }
        };
        lines.into_iter().map(in_order).collect()
    }
}

impl Order {
    const fn of(slot: Slot) -> Self {
        if slot.key.is_some() { Self::Key } else { Self::Sequence }
    }
}

/// Puts blocks, which are sorted for each client, in their order.
fn line_up(mut waiting: Vec<Block>) -> Vec<Block> {
    let mut line = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let mut stuck: Vec<Block> = Vec::new();
        let before = line.len();
        let mut rest = waiting.into_iter();
        while let Some(block) = rest.next() {
            let lacks = |id: Option<Id>| {
                id.is_some_and(|id| {
                    let is_it = |other: &Block| other.contains(id);
                    stuck.iter().any(is_it) || rest.as_slice().iter().any(is_it)
                })
            };
            if stuck.iter().any(|other| other.client == block.client) || lacks(block.left) || lacks(block.right) {
                stuck.push(block);
            } else {
                let at = place(&line, &block);
                line.insert(at, block);
            }
        }
        if line.len() == before {
            line.append(&mut stuck);
        }
        waiting = stuck;
    }
    line
}

/// Where a block goes among those that are there already.
fn place(line: &[Block], block: &Block) -> usize {
    let find = |id: Option<Id>| id.and_then(|id| line.iter().rposition(|other| other.contains(id)));
    let start = find(block.left).map_or(0, |left| left + 1);
    let end = find(block.right).unwrap_or(line.len());
    let (mut at, mut rivals) = (start, start);
    for (index, other) in line.iter().enumerate().take(end).skip(start) {
        if other.left == block.left {
            if other.client < block.client {
                (at, rivals) = (index + 1, index + 1);
            } else if other.right == block.right {
                break;
            }
        } else {
            match find(other.left).filter(|left| (start..index).contains(left)) {
                Some(left) if left < rivals => (at, rivals) = (index + 1, index + 1),
                Some(_) => {}
                None => break,
            }
        }
    }
    at
}

impl Block {
    fn contains(&self, id: Id) -> bool {
        self.client == id.client && self.clocks.contains(&id.clock)
    }
}
