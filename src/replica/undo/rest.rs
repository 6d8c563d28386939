//! Decides what of a step is not left to yrs, because it would take it back wrongly.
//!
//! yrs finds the copy that stands for a deleted element, and takes the block that begins with it for the whole: that is
//! too little where the copy was edited in its middle (as with Yjs), and too much where yrs has put it into one block
//! with what stands behind it.

use super::UndoId;
use super::managers::Ahead;
use crate::ids::{ClientId, Clock};
use crate::replica::view::View;
use crate::replica::{EditError, IdRanges, Replica, UndoStack};
use yrs::{Assoc, ClientID, ID, IdSet, IndexScope, StickyIndex};

impl Replica {
    /// What is to be done before yrs takes back the step on top.
    pub(super) fn ahead(&mut self, id: UndoId, from: UndoStack) -> Result<Ahead, EditError> {
        let mut ahead = Ahead::default();
        let Some((inserted, _)) = self.undos.manager(id)?.on_top(from) else { return Ok(ahead) };
        let inserted = inserted.clone();
        ahead.plan = self.plan(id, from)?;
        for (client, clock) in self.doubted(&inserted) {
            if let Some(copy) = self.read(|view| copy_of(view, client, clock)).filter(|copy| self.is_copy(*copy)) {
                ahead.copies.insert(copy, 1);
            }
        }
        Ok(ahead)
    }

    /// Those of the elements that were deleted and may have a copy.
    fn doubted(&self, inserted: &IdSet) -> Vec<(ClientId, Clock)> {
        let mut doubted = IdRanges::default();
        if self.undos.copies.is_empty() {
            return Vec::new();
        }
        let deleted = self.intake.deletions();
        for (client, ranges) in inserted.iter() {
            let client = ClientId(client.get());
            for range in ranges.iter() {
                doubted.insert(client, range.clone());
                deleted.gaps(client, range).into_iter().for_each(|gap| doubted.remove(client, gap));
            }
        }
        if doubted.len() > MOST_DOUBTED {
            return Vec::new();
        }
        let elements = doubted.iter().flat_map(|(client, clocks)| clocks.map(move |clock| (client, clock)));
        elements.filter(|(client, clock)| self.intake.has_position(*client, *clock)).collect()
    }

    fn is_copy(&self, id: ID) -> bool {
        self.undos.copies.contains(ClientId(id.client.get()), id.clock)
    }
}

/// yrs follows from a deleted element to its copy, but tells only where that is. The two sides of what is deleted are
/// at one place.
pub(super) fn copy_of(view: &View, client: ClientId, clock: Clock) -> Option<ID> {
    let scope = IndexScope::Relative(ID::new(ClientID::new(client.0), clock));
    let place = |assoc| StickyIndex::new(scope.clone(), assoc).get_offset(view);
    let (start, end) = (place(Assoc::After)?, place(Assoc::Before)?);
    if start.index == end.index {
        return None;
    }
    StickyIndex::at(view, start.branch, start.index, Assoc::After)?.id().copied()
}

/// Of how many elements the copies are looked for. Each takes a walk over what stands before it, so that a step that
/// had more deleted elements is left to yrs.
const MOST_DOUBTED: u64 = 1 << 13;
