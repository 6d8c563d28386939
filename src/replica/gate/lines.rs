//! Decides where elements stand that lie in deleted types, and in which order, where nobody can ask yrs for it.

use super::lineup::{Block, line_up};
use super::parse::{Body, Id, Parsed};
use super::table::{Held, Slot, Table};
use crate::ids::{ClientId, Clock};
use crate::sorted::SortedMap;
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
        let (mut lines, mut places) = (Vec::<(Slot, Id, Vec<Block>)>::new(), SortedMap::new());
        for section in &parsed.sections {
            let client = section.client;
            for block in &section.blocks {
                let slot = self.entry(Id { client, clock: block.clock }).and_then(|entry| entry.slot);
                let Some((slot, holder)) = slot.and_then(|slot| Some((slot, self.holder(slot)?))) else { continue };
                let Body::Item { place, .. } = &block.body else { continue };
                if !is_wanted(holder) {
                    continue;
                }
                let clocks = block.clock..block.end;
                let block = Block { client, clocks, left: place.left(), right: place.right() };
                match places.get(&slot).and_then(|at: &usize| lines.get_mut(*at)) {
                    Some((.., line)) => line.push(block),
                    None => {
                        places.insert(slot, lines.len());
                        lines.push((slot, holder, vec![block]));
                    }
                }
            }
        }
        let in_order = |(slot, holder, blocks): (Slot, Id, Vec<Block>)| Line {
            holder,
            order: Order::of(slot),
            blocks: line_up(blocks),
        };
        lines.into_iter().map(in_order).collect()
    }
}

impl Order {
    const fn of(slot: Slot) -> Self {
        if slot.key.is_some() { Self::Key } else { Self::Sequence }
    }
}
