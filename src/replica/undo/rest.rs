//! Decides what of a step is still there after yrs has taken it back: what was deleted, brought back by an undo, and
//! then edited in its middle.
//!
//! yrs, like Yjs, finds the copy that stands for a deleted element, and takes the first block of it for the whole.

use super::UndoId;
use crate::ids::{ClientId, Clock};
use crate::replica::view::View;
use crate::replica::{EditError, IdRanges, Replica, UndoStack};
use yrs::{Assoc, ClientID, ID, IdSet, IndexScope, StickyIndex};

impl Replica {
    /// Those elements of the step on top that were deleted before it is taken back.
    pub(super) fn doubted(&mut self, id: UndoId, from: UndoStack) -> Result<IdRanges, EditError> {
        let mut doubted = IdRanges::default();
        if self.undos.copies.is_empty() {
            return Ok(doubted);
        }
        let Some(inserted) = self.undos.manager(id)?.on_top(from) else { return Ok(doubted) };
        let deleted = self.intake.deletions();
        for (client, ranges) in inserted.iter() {
            let client = ClientId(client.get());
            for range in ranges.iter() {
                doubted.insert(client, range.clone());
                deleted.gaps(client, range).into_iter().for_each(|gap| doubted.remove(client, gap));
            }
        }
        Ok(if doubted.len() > MOST_DOUBTED { IdRanges::default() } else { doubted })
    }

    /// What is there in the place of these elements.
    pub(super) fn copies_of(&self, doubted: &IdRanges) -> IdSet {
        let mut copies = IdSet::default();
        let elements = doubted.iter().flat_map(|(client, clocks)| clocks.map(move |clock| (client, clock)));
        for (client, clock) in elements.filter(|(client, clock)| self.intake.has_position(*client, *clock)) {
            let copy = self.read(|view| copy_of(view, client, clock));
            if let Some(id) = copy.filter(|id| self.undos.copies.contains(ClientId(id.client.get()), id.clock)) {
                copies.insert(id, 1);
            }
        }
        copies
    }
}

/// yrs follows from a deleted element to its copy, but tells only where that is. The two sides of what is deleted are
/// at one place.
fn copy_of(view: &View, client: ClientId, clock: Clock) -> Option<ID> {
    let scope = IndexScope::Relative(ID::new(ClientID::new(client.0), clock));
    let place = |assoc| StickyIndex::new(scope.clone(), assoc).get_offset(view);
    let (start, end) = (place(Assoc::After)?, place(Assoc::Before)?);
    if start.index == end.index {
        return None;
    }
    StickyIndex::at(view, start.branch, start.index, Assoc::After)?.id().copied()
}

/// Of how many elements the copies are looked for. Each takes a walk over what stands before it, so that in a step that
/// had more deleted elements the rest stays, as it does with Yjs.
const MOST_DOUBTED: u64 = 1 << 13;
