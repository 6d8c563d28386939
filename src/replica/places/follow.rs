//! Decides what a change that was not made by writing here does to the places of a text: what it says is believed where
//! it fits what is known, and otherwise nothing is known any more.

use super::whereabouts::ChunkId;
use super::{Left, Name, Places, Shift, Spot};
use crate::ids::{ClientId, Clock};
use crate::replica::gate::{Id, Placed, Sequence, Table, What, parse};
use crate::replica::view::View;
use crate::replica::{IdRanges, Ranges};
use std::ops::Range;
use yrs::{Assoc, ClientID, ID, IndexScope, StickyIndex};

/// A change that is in yrs and in the table of the gate.
#[derive(Clone, Copy)]
pub(in crate::replica) struct Followed<'a> {
    pub(in crate::replica) update: &'a [u8],
    /// What of it was not there before.
    pub(in crate::replica) news: &'a Ranges,
    pub(in crate::replica) table: &'a Table,
    /// Who says where elements stand of which that is not known. To ask costs some of a walk over the text: nobody where
    /// observers are not told.
    pub(in crate::replica) yrs: Option<&'a View<'a>>,
}

impl Places {
    /// Takes in a change; returns what it did, in order. None if that is not known, and then nothing is.
    pub(in crate::replica) fn follow<'a>(
        &mut self,
        change: Followed<'a>,
        sequence: Sequence,
    ) -> Option<Vec<Shift<'a>>> {
        let Followed { update, news, table, yrs } = change;
        if news.structs.len() + news.deletes.len() > MOST_RANGES || update.len() > MOST_BYTES {
            return None;
        }
        let inserted: IdRanges = news.structs.iter().cloned().collect();
        let mut waiting = Vec::new();
        for placed in parse(update).ok()?.placed().filter(|placed| table.sequence_of(placed.id) == Some(sequence)) {
            let Id { client, clock } = placed.id;
            let clocks = clock..clock + placed.len;
            match inserted.gaps(client, &clocks).as_slice() {
                [] => waiting.push(placed),
                [all] if *all == clocks => {}
                _ => return None,
            }
        }
        let mut shifts = Vec::new();
        // Several authors may build on each other, in any order.
        for _ in 0..MOST_ROUNDS {
            if waiting.is_empty() {
                break;
            }
            waiting.retain(|placed| self.place(placed, &mut shifts).is_none());
        }
        for (client, range) in &news.deletes {
            self.forget(*client, range, &mut shifts)?;
        }
        // Everything else is where yrs has it, so its answer fits.
        match waiting.as_slice() {
            [] => {}
            [last] => self.place_as_told(last, news, yrs?, &mut shifts)?,
            _ => return None,
        }
        Some(shifts)
    }

    /// Takes in characters of which yrs has to say where they stand: they were typed beside what was deleted.
    fn place_as_told<'a>(
        &mut self,
        placed: &Placed<'a>,
        news: &Ranges,
        yrs: &View<'_>,
        shifts: &mut Vec<Shift<'a>>,
    ) -> Option<()> {
        let Placed { id, len, .. } = *placed;
        let is_deleted = |(client, range): &(ClientId, Range<Clock>)| {
            *client == id.client && range.start < id.clock + len && id.clock < range.end
        };
        // Each is a run of its own, because it is not known what else stands there.
        self.questions += 1;
        if placed.what != What::Characters || news.deletes.iter().any(is_deleted) || self.questions > MOST_QUESTIONS {
            return None;
        }
        let scope = IndexScope::Relative(ID::new(ClientID::new(id.client.0), id.clock));
        let index = StickyIndex::new(scope, Assoc::After).get_offset(yrs)?.index;
        self.insert(index, Some(id), len, Left::Unknown);
        shifts.push(Shift { range: index..index, inserted: len, text: placed.text() });
        Some(())
    }

    /// Takes in elements, if it is known where they stand.
    fn place<'a>(&mut self, placed: &Placed<'a>, shifts: &mut Vec<Shift<'a>>) -> Option<()> {
        let (spot, left) = self.between(placed.left, placed.right)?;
        let index = self.index_of(spot);
        match placed.what {
            What::Characters | What::Counted => {
                self.insert(index, Some(placed.id), placed.len, left);
                shifts.push(Shift { range: index..index, inserted: placed.len, text: placed.text() });
            }
            What::Deleted => self.bury(spot, placed.id, placed.len),
            What::Mark => return None,
        }
        Some(())
    }

    /// Where elements stand that were made between these two, and what is in front of them: there where nothing has come
    /// between the two since.
    fn between(&mut self, left: Option<Id>, right: Option<Id>) -> Option<(Spot, Left)> {
        let spot = match right {
            Some(right) => self.find(right.client, &(right.clock..right.clock + 1))?,
            None => self.end_spot(),
        };
        let known = self.left_of(spot);
        let named = left.map_or(Left::Start, Left::Element);
        if known == named {
            return Some((spot, known));
        }
        // Nothing that can be seen is between the two: whatever else is there, the elements stand here.
        let before = self.before(spot).and_then(|before| self.run(before));
        let last = before.and_then(|run| self.id(run.last()));
        (known == Left::Unknown && before.is_some() == left.is_some() && last == left).then_some((spot, Left::Unknown))
    }

    /// Takes in elements that were deleted before they came.
    fn bury(&mut self, spot: Spot, id: Id, len: Clock) {
        let is_known = self.left_of(spot) != Left::Unknown;
        let spot = self.split(spot);
        let last = self.name(id).plus(len - 1);
        self.set_left(spot, if is_known { last } else { super::UNKNOWN });
    }

    /// Takes in that elements were deleted, as far as they could be seen.
    fn forget(&mut self, client: ClientId, range: &Range<Clock>, shifts: &mut Vec<Shift<'_>>) -> Option<()> {
        for _ in 0..MOST_RUNS {
            let Some(spot) = self.find(client, range) else { return Some(()) };
            let (run, index) = (self.run(spot)?, self.index_of(spot));
            let len = (run.len - spot.offset).min(range.end - run.at(spot.offset).clock);
            self.remove(index..index + len);
            shifts.push(Shift { range: index..index + len, inserted: 0, text: None });
        }
        None
    }

    /// Where an element of a range stands that can be seen, the first of its run.
    pub(super) fn find(&mut self, client: ClientId, range: &Range<Clock>) -> Option<Spot> {
        let client = self.number(client)?;
        let mut chunks = self.whereabouts.of(client, range).filter_map(|chunk| self.chunk_at(chunk));
        let found = chunks.find_map(|chunk| self.find_in(chunk, client, range))?;
        self.found = found.chunk;
        Some(found)
    }

    fn chunk_at(&self, id: ChunkId) -> Option<usize> {
        let around = self.found.saturating_sub(1)..self.found.saturating_add(2);
        let mut chunks = around.chain(0..self.chunks.len());
        chunks.find(|chunk| self.chunks.get(*chunk).is_some_and(|chunk| chunk.id == id))
    }

    fn find_in(&self, chunk: usize, client: u32, range: &Range<Clock>) -> Option<Spot> {
        let runs = &self.chunks.get(chunk)?.runs;
        let overlaps = |run: &super::Run| {
            let Name { client: of, clock } = run.first;
            of == client && clock < range.end && clock + run.len > range.start
        };
        let run = runs.iter().position(overlaps)?;
        let first = runs.get(run)?.first.clock;
        Some(Spot { chunk, run, offset: range.start.saturating_sub(first) })
    }
}

/// How many ranges a change may have to be followed: each takes a look at every run.
const MOST_RANGES: usize = 16;

/// How often what builds on others is looked at again.
const MOST_ROUNDS: usize = 8;

/// How often yrs is asked before another look is better.
const MOST_QUESTIONS: u32 = 1 << 10;

/// How many runs a deletion may touch to be followed.
const MOST_RUNS: usize = 64;

/// How large a change may be to be followed; it is read once more for that.
const MOST_BYTES: usize = 1 << 16;
