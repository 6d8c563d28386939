//! Decides which edits go out where not all of them are to: a first part of what is lacking elsewhere, or all but some.

use super::gate::{self, Barred, Excerpt};
use super::state::state_vector;
use super::{IdRanges, Replica};

impl Replica {
    /// The first of these elements and deletions, at most `limit` of them, as an update that can be taken in wherever all
    /// others are. Of each client the elements are the last ones that are here. Nothing of what is barred, nor of what
    /// builds on that; so there may be nothing left.
    pub fn encode_first(
        &mut self,
        elements: &IdRanges,
        deletions: &IdRanges,
        barred: Barred<'_>,
        limit: u64,
    ) -> Option<Excerpt> {
        self.complete();
        let mut since: Vec<_> = self.clocks().collect();
        for (client, clock) in &mut since {
            *clock = elements.first(*client).map_or(*clock, |first| first.min(*clock));
        }
        self.keep_characters_whole(&mut since);
        since.retain(|(_, clock)| *clock > 0);
        let lacking = self.encode_beyond(&state_vector(&since));
        gate::first(&lacking, deletions, barred, limit).ok().filter(|excerpt| !excerpt.ranges.is_empty())
    }
}

/// An update of a replica without some elements and all that builds on them, which are added to them, and without some
/// deletions; nothing where nothing is left.
pub fn leave_out(update: &[u8], elements: &mut IdRanges, deletions: &IdRanges) -> Option<Excerpt> {
    gate::without(update, elements, deletions).ok().filter(|excerpt| !excerpt.ranges.is_empty())
}

#[cfg(test)]
mod tests;
