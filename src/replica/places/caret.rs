//! Decides what is known of a text that nobody has looked at: what yrs said of the places at which it wrote.

use super::{Places, Spot};
use crate::replica::IdRanges;
use crate::replica::gate::Id;
use std::ops::Range;

impl Places {
    /// Those of a text of which only the length is known.
    pub(in crate::replica) fn unknown(len: u32) -> Self {
        let mut places = Self::new();
        if len > 0 {
            places.append(None, len);
        }
        places
    }

    /// Takes in which element it is that an index leads to. What stands in front of it is known as well as before.
    pub(in crate::replica) fn meet(&mut self, index: u32, id: Id) {
        let spot = self.seek(index);
        let Some(run) = self.run(spot).filter(|run| run.first.is_unknown()) else { return };
        let is_last = spot.offset + 1 == run.len;
        let spot = self.split(spot);
        if !is_last {
            self.split(Spot { offset: 1, ..spot });
        }
        let first = self.name(id);
        if let Some(run) = self.run_mut(spot) {
            run.first = first;
            let run = *run;
            self.grow(spot.chunk, &run, 0);
        }
    }

    /// Whether enough is known to delete this range, or to insert there if it is empty.
    pub(in crate::replica) fn knows(&self, range: &Range<u32>) -> bool {
        if range.is_empty() {
            self.neighbours(range.start).is_some()
        } else {
            self.ids(range.clone(), &mut IdRanges::default()).is_some()
        }
    }
}
