//! Decides how that is taken in which a look at a whole text has shown.

use super::{MAX_RUNS, Places, Run, UNKNOWN};
use crate::ids::ClientId;
use crate::replica::gate::Id;
use crate::replica::pieces::length_of;
use yrs::ID;
use yrs::types::text::Diff;

impl Places {
    /// Those of a text without formatting, in pieces with consecutive ids. Objects come without an id.
    pub(in crate::replica) fn of(pieces: &[Diff<ID>]) -> Self {
        let mut places = Self::new();
        for piece in pieces {
            let id = piece.ychange.map(|id| Id { client: ClientId(id.client.get()), clock: id.clock });
            places.append(id, length_of(piece));
        }
        places
    }

    /// Appends what can be seen behind everything else; an element without an id is one of which nothing is known.
    pub(super) fn append(&mut self, first: Option<Id>, len: u32) {
        let run = Run { first: first.map_or(UNKNOWN, |id| self.name(id)), len, left: UNKNOWN };
        // With room for what is inserted, and never cut in two: all the runs of a chunk would have to be noted again.
        match self.chunks.last_mut().filter(|chunk| chunk.runs.len() < MAX_RUNS / 2) {
            Some(chunk) => {
                chunk.len += len;
                chunk.runs.push(run);
                self.whereabouts.note(&run, chunk.id);
            }
            None => self.insert_chunk(self.chunks.len(), vec![run]),
        }
    }
}
