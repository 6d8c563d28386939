//! Decides in which chunk an element is looked for, without a look into all of them.

use super::{Name, Run};
use crate::ids::Clock;
use std::ops::Range;

/// For each client, from which clock on its elements are in which chunk. Of elements that are in no chunk it may say
/// anything: they are not found there.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    clients: Vec<Vec<(Clock, ChunkId)>>,
}

/// Names a chunk; none is named twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ChunkId(pub(super) u32);

impl Whereabouts {
    pub(super) const fn new() -> Self {
        Self { clients: Vec::new() }
    }

    /// Takes in that a run is in a chunk.
    pub(super) fn note(&mut self, run: &Run, chunk: ChunkId) {
        let Name { client, clock: start } = run.first;
        let Some(client) = usize::try_from(client).ok().filter(|_| !run.first.is_unknown()) else { return };
        if client >= self.clients.len() {
            self.clients.resize(client + 1, Vec::new());
        }
        let Some(chunks) = self.clients.get_mut(client) else { return };
        let end = start.saturating_add(run.len);
        let first = chunks.partition_point(|(clock, _)| *clock < start);
        let behind = chunks.partition_point(|(clock, _)| *clock <= end);
        let at = |index: usize| chunks.get(index.checked_sub(1)?).map(|(_, chunk)| *chunk);
        let (before, after) = (at(first), at(behind));
        let start = (before != Some(chunk)).then_some((start, chunk));
        let end = after.filter(|after| *after != chunk).map(|after| (end, after));
        chunks.splice(first..behind, start.into_iter().chain(end));
    }

    /// The chunks in which elements of a client may be, in the order of their clocks.
    pub(super) fn of(&self, client: u32, clocks: &Range<Clock>) -> impl Iterator<Item = ChunkId> {
        let chunks = usize::try_from(client).ok().and_then(|client| self.clients.get(client));
        let chunks = chunks.map_or(&[][..], Vec::as_slice);
        let first = chunks.partition_point(|(clock, _)| *clock <= clocks.start).saturating_sub(1);
        let end = clocks.end;
        chunks.iter().skip(first).take_while(move |(clock, _)| *clock < end).map(|(_, chunk)| *chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_element_is_looked_for_where_it_was_noted_last(notes in prop::collection::vec((0..60_u32, 1..9_u32, 0..5_u32), 0..60)) {
            let (mut whereabouts, mut model) = (Whereabouts::new(), [None; 70]);
            for (start, len, chunk) in notes {
                let run = Run { first: Name { client: 1, clock: start }, len, left: super::super::UNKNOWN };
                whereabouts.note(&run, ChunkId(chunk));
                (start..start + len).for_each(|clock| model[clock as usize] = Some(ChunkId(chunk)));
            }
            for (clock, chunk) in (0..).zip(model) {
                let found = whereabouts.of(1, &(clock..clock + 1)).next();
                prop_assert!(chunk.is_none() || found == chunk, "{clock}: {found:?}, not {chunk:?}");
            }
            let all: Vec<ChunkId> = whereabouts.of(1, &(0..70)).collect();
            prop_assert!(model.iter().flatten().all(|chunk| all.contains(chunk)));
        }
    }
}
