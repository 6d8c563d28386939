//! Decides which element of a text an index leads to, and what stands beside it, without a walk over the text.
//!
//! yrs finds an index by walking from the start. This is a list of what can be seen: runs of ids that follow each other,
//! in chunks that know how long they are. Of each run it is known, or not, what stands directly in front of it, deleted or
//! not: an insert there has exactly these two neighbours. What is not known costs one walk of yrs, and is known after it.
//!
//! It holds for texts without formatting only. There every element that is not deleted can be seen. It may be that only
//! what stands around the last edits is known: all the rest is runs of which nothing is known but their length.

mod caret;
mod follow;
mod shift;
mod whereabouts;
mod whole;

pub(super) use follow::Followed;
pub(super) use shift::{Shift, delta_of};

use super::IdRanges;
use super::gate::Id;
use crate::ids::{ClientId, Clock};
use std::ops::Range;
use whereabouts::{ChunkId, Whereabouts};

/// What can be seen of a text, in order.
#[derive(Debug)]
pub(super) struct Places {
    chunks: Vec<Chunk>,
    /// The clients that runs name by a number.
    clients: Vec<ClientId>,
    /// What stands directly in front of the end.
    end: Name,
    /// Where elements are found.
    whereabouts: Whereabouts,
    /// How many chunks were made.
    made: u32,
    /// The chunk in which an element was found last: what comes from others comes in rows, too.
    found: usize,
    /// How often yrs was asked where elements stand.
    questions: u32,
}

#[derive(Debug)]
struct Chunk {
    id: ChunkId,
    /// The length of its runs together.
    len: u32,
    runs: Vec<Run>,
}

/// Elements with consecutive ids that stand next to each other, with nothing deleted between them.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The first of them; [`UNKNOWN`] if their ids are not known, which may follow each other or not then.
    first: Name,
    len: u32,
    /// What stands in front of them.
    left: Name,
}

/// An id in half the space, or one of the two clients that nobody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Name {
    client: u32,
    clock: Clock,
}

/// What stands directly in front of an element, deleted or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Left {
    /// It is not known.
    Unknown,
    /// Nothing: it is the first element.
    Start,
    /// This element.
    Element(Id),
}

/// Where an index leads: in front of the element number `offset` of a run, or to the end behind the last chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Spot {
    chunk: usize,
    run: usize,
    offset: u32,
}

impl Places {
    /// Those of a text of which nothing can be seen.
    pub(super) const fn new() -> Self {
        let whereabouts = Whereabouts::new();
        Self { chunks: Vec::new(), clients: Vec::new(), end: UNKNOWN, whereabouts, made: 0, found: 0, questions: 0 }
    }

    /// How long the text is.
    pub(super) fn len(&self) -> u32 {
        self.chunks.iter().map(|chunk| chunk.len).sum()
    }

    /// The elements between which an insert at `index` stands: the one directly in front of it and the one directly
    /// behind it. None if that is not known.
    pub(super) fn neighbours(&self, index: u32) -> Option<(Option<Id>, Option<Id>)> {
        let spot = self.seek(index);
        let run = self.run(spot);
        let right = match run {
            Some(run) => Some(self.id(run.at(spot.offset))?),
            None => None,
        };
        match self.left_of(spot) {
            Left::Unknown => None,
            Left::Start => Some((None, right)),
            Left::Element(left) => Some((Some(left), right)),
        }
    }

    /// Takes in elements that were inserted at `index`, with what stands in front of them. Where that is known they stand
    /// directly in front of what could be seen there.
    pub(super) fn insert(&mut self, index: u32, first: Option<Id>, len: u32, left: Left) {
        let first = first.map_or(UNKNOWN, |id| self.name(id));
        let left = self.pack(left);
        let spot = self.split(self.seek(index));
        let is_known = first != UNKNOWN && left != UNKNOWN;
        self.set_left(spot, if is_known { first.plus(len - 1) } else { UNKNOWN });
        if first != UNKNOWN
            && let Some(before) = self.before(spot)
            && let Some(run) = self.run_mut(before)
            && run.last() == left
            && run.last().plus(1) == first
            && run.first != UNKNOWN
        {
            run.len += len;
            let run = *run;
            self.grow(before.chunk, &run, len);
            return;
        }
        self.insert_run(spot, Run { first, len, left });
    }

    /// Adds the ids of what can be seen in a range to a set; none if one of them is not known.
    pub(super) fn ids(&self, range: Range<u32>, ids: &mut IdRanges) -> Option<()> {
        let mut index = range.start;
        let mut spot = self.seek(index);
        while index < range.end {
            let run = self.run(spot)?;
            let len = (run.len - spot.offset).min(range.end - index);
            let Id { client, clock } = self.id(run.at(spot.offset))?;
            ids.insert(client, clock..clock + len);
            index += len;
            spot = self.next(spot);
        }
        Some(())
    }

    /// Takes in that a range was deleted.
    pub(super) fn remove(&mut self, range: Range<u32>) {
        let mut left = range.end - range.start;
        while left > 0 {
            let spot = self.seek(range.start);
            let Some(run) = self.run(spot) else { return };
            let len = (run.len - spot.offset).min(left);
            self.remove_from_run(spot, run, len);
            left -= len;
        }
    }

    fn remove_from_run(&mut self, spot: Spot, run: Run, len: u32) {
        let Spot { chunk, run: index, offset } = spot;
        let (is_start, is_end) = (offset == 0, offset + len == run.len);
        let rest =
            Run { first: run.at(offset + len), len: run.len - offset - len, left: run.at(offset + len).minus_one() };
        let Some(held) = self.chunks.get_mut(chunk) else { return };
        held.len -= len;
        match held.runs.get_mut(index) {
            Some(_) if is_start && is_end => drop(held.runs.remove(index)),
            Some(run) if is_start => *run = rest,
            Some(run) => run.len = offset,
            None => {}
        }
        if !is_start && !is_end {
            held.runs.insert(index + 1, rest);
        }
        if held.runs.is_empty() {
            self.chunks.remove(chunk);
        }
    }
}

/// Finding.
impl Places {
    fn seek(&self, index: u32) -> Spot {
        let mut rest = index;
        for (chunk, held) in self.chunks.iter().enumerate() {
            if rest >= held.len {
                rest -= held.len;
                continue;
            }
            for (run, of) in held.runs.iter().enumerate() {
                if rest < of.len {
                    return Spot { chunk, run, offset: rest };
                }
                rest -= of.len;
            }
        }
        self.end_spot()
    }

    const fn end_spot(&self) -> Spot {
        Spot { chunk: self.chunks.len(), run: 0, offset: 0 }
    }

    /// The index that leads to a spot.
    fn index_of(&self, spot: Spot) -> u32 {
        let chunks: u32 = self.chunks.iter().take(spot.chunk).map(|chunk| chunk.len).sum();
        let runs = self.chunks.get(spot.chunk).map_or(&[][..], |chunk| &chunk.runs);
        chunks + runs.iter().take(spot.run).map(|run| run.len).sum::<u32>() + spot.offset
    }

    fn run(&self, spot: Spot) -> Option<Run> {
        self.chunks.get(spot.chunk)?.runs.get(spot.run).copied()
    }

    fn run_mut(&mut self, spot: Spot) -> Option<&mut Run> {
        self.chunks.get_mut(spot.chunk)?.runs.get_mut(spot.run)
    }

    /// The start of the run behind the one of `spot`.
    fn next(&self, spot: Spot) -> Spot {
        let is_last = self.chunks.get(spot.chunk).is_none_or(|chunk| spot.run + 1 >= chunk.runs.len());
        if is_last {
            Spot { chunk: spot.chunk + 1, run: 0, offset: 0 }
        } else {
            Spot { run: spot.run + 1, offset: 0, ..spot }
        }
    }

    /// The start of the run that ends in front of the run of `spot`.
    fn before(&self, spot: Spot) -> Option<Spot> {
        if let Some(run) = spot.run.checked_sub(1) {
            return Some(Spot { run, offset: 0, ..spot });
        }
        let chunk = spot.chunk.checked_sub(1)?;
        let run = self.chunks.get(chunk)?.runs.len().checked_sub(1)?;
        Some(Spot { chunk, run, offset: 0 })
    }

    fn left_of(&self, spot: Spot) -> Left {
        let left = match self.run(spot) {
            Some(run) if spot.offset > 0 => run.at(spot.offset).minus_one(),
            Some(run) => run.left,
            None => self.end,
        };
        match left {
            START => Left::Start,
            left => self.id(left).map_or(Left::Unknown, Left::Element),
        }
    }

    fn id(&self, name: Name) -> Option<Id> {
        let client = *self.clients.get(usize::try_from(name.client).ok()?)?;
        Some(Id { client, clock: name.clock })
    }

    fn number(&self, client: ClientId) -> Option<u32> {
        self.clients.iter().position(|known| *known == client).and_then(|number| u32::try_from(number).ok())
    }
}

/// Changing.
impl Places {
    fn name(&mut self, id: Id) -> Name {
        let number = self.number(id.client).unwrap_or_else(|| {
            self.clients.push(id.client);
            u32::try_from(self.clients.len() - 1).unwrap_or(UNKNOWN.client)
        });
        Name { client: number, clock: id.clock }
    }

    fn pack(&mut self, left: Left) -> Name {
        match left {
            Left::Unknown => UNKNOWN,
            Left::Start => START,
            Left::Element(id) => self.name(id),
        }
    }

    fn set_left(&mut self, spot: Spot, left: Name) {
        match self.run_mut(spot) {
            Some(run) => run.left = left,
            None => self.end = left,
        }
    }

    /// Has a run begin at a spot.
    fn split(&mut self, spot: Spot) -> Spot {
        let Some(run) = self.run(spot).filter(|_| spot.offset > 0) else { return spot };
        let first = run.at(spot.offset);
        let second = Run { first, len: run.len - spot.offset, left: first.minus_one() };
        if let Some(chunk) = self.chunks.get_mut(spot.chunk)
            && let Some(run) = chunk.runs.get_mut(spot.run)
        {
            run.len = spot.offset;
            chunk.runs.insert(spot.run + 1, second);
        }
        Spot { run: spot.run + 1, offset: 0, ..spot }
    }

    /// Inserts a run at a spot, which is no more valid then.
    fn insert_run(&mut self, spot: Spot, run: Run) {
        let at = if spot.chunk < self.chunks.len() { spot } else { self.after_last() };
        let Some(chunk) = self.chunks.get_mut(at.chunk) else {
            self.insert_chunk(0, vec![run]);
            return;
        };
        chunk.len += run.len;
        chunk.runs.insert(at.run, run);
        self.whereabouts.note(&run, chunk.id);
        if chunk.runs.len() > MAX_RUNS {
            let runs = chunk.runs.split_off(MAX_RUNS / 2);
            chunk.len -= length(&runs);
            self.insert_chunk(at.chunk + 1, runs);
        }
    }

    fn insert_chunk(&mut self, at: usize, runs: Vec<Run>) {
        let id = ChunkId(self.made);
        self.made += 1;
        runs.iter().for_each(|run| self.whereabouts.note(run, id));
        self.chunks.insert(at, Chunk { id, len: length(&runs), runs });
    }

    /// The end of the last chunk.
    fn after_last(&self) -> Spot {
        let chunk = self.chunks.len().saturating_sub(1);
        Spot { chunk, run: self.chunks.get(chunk).map_or(0, |chunk| chunk.runs.len()), offset: 0 }
    }

    /// Takes in that a run of this chunk is so much longer.
    fn grow(&mut self, chunk: usize, run: &Run, more: u32) {
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.len += more;
            self.whereabouts.note(run, chunk.id);
        }
    }
}

fn length(runs: &[Run]) -> u32 {
    runs.iter().map(|run| run.len).sum()
}

impl Run {
    const fn at(&self, offset: u32) -> Name {
        self.first.plus(offset)
    }

    const fn last(&self) -> Name {
        self.first.plus(self.len - 1)
    }
}

impl Name {
    /// That of the element which is so much further on, of the same client.
    const fn plus(self, more: u32) -> Self {
        Self { clock: if self.is_unknown() { self.clock } else { self.clock.wrapping_add(more) }, ..self }
    }

    const fn minus_one(self) -> Self {
        Self { clock: if self.is_unknown() { self.clock } else { self.clock.wrapping_sub(1) }, ..self }
    }

    const fn is_unknown(self) -> bool {
        self.client == UNKNOWN.client
    }
}

/// An element of which nothing is known.
const UNKNOWN: Name = Name { client: u32::MAX, clock: 0 };

/// No element: what stands in front of the first.
const START: Name = Name { client: u32::MAX - 1, clock: 0 };

/// How many runs a chunk holds. A hundred thousand runs are then some thousand chunks to pass.
const MAX_RUNS: usize = 128;

#[cfg(test)]
mod tests;
