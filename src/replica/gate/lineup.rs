//! Decides in which order the blocks of one sequence stand, from what each says of its neighbours.
//!
//! This is what yrs does when it integrates blocks, without their content: each block after those that it names, and
//! before the next one of its client. It is a list that each block is linked into, so that none has to be moved.

use super::parse::Id;
use crate::ids::{ClientId, Clock};
use crate::sorted::SortedMap;
use std::ops::Range;

/// A block that is put in its place.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) client: ClientId,
    pub(super) clocks: Range<Clock>,
    pub(super) left: Option<Id>,
    pub(super) right: Option<Id>,
}

/// The blocks of a sequence, some of them in their places.
struct Lineup {
    entries: Vec<Entry>,
    /// Which block begins with an id.
    starts: SortedMap<(ClientId, Clock), u32>,
    first: Option<usize>,
}

struct Entry {
    block: Block,
    state: State,
    /// The block on its right, once it is in its place.
    next: Option<usize>,
    /// The last block that was moved past this one on the way to its place, and how many it had passed before.
    passed: Option<(usize, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Others come first.
    Waiting,
    Placed,
}

/// Puts blocks, which are sorted for each client, in their order.
pub(super) fn line_up(blocks: Vec<Block>) -> Vec<(ClientId, Range<Clock>)> {
    let mut lineup = Lineup::new(blocks);
    for at in 0..lineup.entries.len() {
        lineup.place_with_needed(at);
    }
    let mut line = Vec::with_capacity(lineup.entries.len());
    let mut next = lineup.first;
    while let Some(entry) = next.and_then(|at| lineup.entries.get(at)) {
        line.push((entry.block.client, entry.block.clocks.clone()));
        next = entry.next;
    }
    line
}

impl Lineup {
    fn new(blocks: Vec<Block>) -> Self {
        let start = |block: &Block| (block.client, block.clocks.start);
        let starts = (0..).zip(&blocks).map(|(at, block)| (start(block), at)).collect();
        let entry = |block| Entry { block, state: State::New, next: None, passed: None };
        Self { entries: blocks.into_iter().map(entry).collect(), starts, first: None }
    }

    /// Puts a block in its place, after all that have to be there before. In a circle, which no document has, one of
    /// them comes first.
    fn place_with_needed(&mut self, at: usize) {
        let mut waiting = Vec::new();
        let mut next = self.wait(at);
        while let Some(at) = next {
            waiting.push(at);
            next = self.needed(at);
            while next.is_none() {
                let Some(done) = waiting.pop() else { return };
                self.place(done);
                next = waiting.last().and_then(|at| self.needed(*at));
            }
        }
    }

    /// Notes that a block waits for others; none if it does already, or is in its place.
    fn wait(&mut self, at: usize) -> Option<usize> {
        let entry = self.entries.get_mut(at).filter(|entry| entry.state == State::New)?;
        entry.state = State::Waiting;
        Some(at)
    }

    /// One that has to be in its place before a block can be.
    fn needed(&mut self, at: usize) -> Option<usize> {
        let Block { client, left, right, .. } = self.entries.get(at)?.block;
        let before = at.checked_sub(1).filter(|before| self.block(*before).is_some_and(|block| block.client == client));
        [before, self.find(left), self.find(right)].into_iter().flatten().find_map(|needed| self.wait(needed))
    }

    /// Puts a block between its neighbours, in the order that all give to those that were put there at the same time.
    fn place(&mut self, at: usize) {
        let Some(block) = self.block(at).cloned() else { return };
        let mut behind = self.placed(block.left);
        let right = self.placed(block.right);
        let (mut passed, mut rivals) = (0, 0);
        let mut next = self.after(behind);
        while let Some(index) = next.filter(|_| next != right) {
            let Some(other) = self.block(index) else { break };
            if other.left == block.left {
                if other.client < block.client {
                    (behind, rivals) = (next, passed + 1);
                } else if other.right == block.right {
                    break;
                }
            } else {
                match self.passed(other.left, at) {
                    Some(left) if left < rivals => (behind, rivals) = (next, passed + 1),
                    Some(_) => {}
                    None => break,
                }
            }
            next = self.pass(index, (at, passed));
            passed += 1;
        }
        self.link(at, behind);
    }

    /// Puts a block to the right of another one, or in front of all.
    fn link(&mut self, at: usize, behind: Option<usize>) {
        let next = self.after(behind);
        if let Some(entry) = self.entries.get_mut(at) {
            (entry.next, entry.state) = (next, State::Placed);
        }
        match behind.and_then(|behind| self.entries.get_mut(behind)) {
            Some(left) => left.next = Some(at),
            None => self.first = Some(at),
        }
    }

    /// Notes who has passed a block, and when; returns the one on its right.
    fn pass(&mut self, index: usize, by: (usize, usize)) -> Option<usize> {
        let entry = self.entries.get_mut(index)?;
        entry.passed = Some(by);
        entry.next
    }

    /// When the block that holds an element was passed by another one, if it was.
    fn passed(&self, id: Option<Id>, by: usize) -> Option<usize> {
        let (last, when) = self.entries.get(self.find(id)?)?.passed?;
        (last == by).then_some(when)
    }

    /// What stands to the right of a block, or in front of all.
    fn after(&self, behind: Option<usize>) -> Option<usize> {
        behind.map_or(self.first, |behind| self.entries.get(behind)?.next)
    }

    fn placed(&self, id: Option<Id>) -> Option<usize> {
        self.find(id).filter(|at| self.entries.get(*at).is_some_and(|entry| entry.state == State::Placed))
    }

    /// The block that holds an element.
    fn find(&self, id: Option<Id>) -> Option<usize> {
        let Id { client, clock } = id?;
        let (_, at) = self.starts.last_below(&(client, clock.saturating_add(1)))?;
        let at = usize::try_from(*at).ok()?;
        self.block(at).is_some_and(|block| block.contains(Id { client, clock })).then_some(at)
    }

    fn block(&self, at: usize) -> Option<&Block> {
        self.entries.get(at).map(|entry| &entry.block)
    }
}

impl Block {
    fn contains(&self, id: Id) -> bool {
        self.client == id.client && self.clocks.contains(&id.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Puts blocks in their order as a list in which everything is looked up by going through it.
    fn line_up_slowly(mut waiting: Vec<Block>) -> Vec<Block> {
        let mut line = Vec::new();
        while !waiting.is_empty() {
            let is_ready = |block: &Block| {
                let lacks = |id: Option<Id>| id.is_some_and(|id| waiting.iter().any(|other| other.contains(id)));
                let is_first =
                    waiting.iter().find(|other| other.client == block.client).unwrap().clocks == block.clocks;
                is_first && !lacks(block.left) && !lacks(block.right)
            };
            let block = waiting.remove(waiting.iter().position(is_ready).unwrap());
            line.insert(place(&line, &block), block);
        }
        line
    }

    /// Where a block goes among those that are there already.
    fn place(line: &[Block], block: &Block) -> usize {
        let find = |id: Option<Id>| id.and_then(|id| line.iter().position(|other| other.contains(id)));
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

    /// What some people write who know of each other now and then: who it is, where, how much, and of whom they hear.
    fn edits() -> impl Strategy<Value = Vec<(usize, usize, Clock, Option<usize>)>> {
        proptest::collection::vec((0..4_usize, 0..1000_usize, 1..4_u32, proptest::option::of(0..4_usize)), 0..60)
    }

    /// The blocks of all, in the order of the clients that is given, as somebody has them who has heard everything.
    fn written(edits: Vec<(usize, usize, Clock, Option<usize>)>, order: [usize; 4]) -> Vec<Block> {
        let mut lines: [Vec<Block>; 4] = Default::default();
        for (who, place, len, heard) in edits {
            if let Some(from) = heard {
                let all = lines[who].iter().chain(&lines[from]).cloned().collect();
                lines[who] = line_up_slowly(united(all, &[0, 1, 2, 3]));
            }
            let ids: Vec<Id> = lines[who].iter().flat_map(ids).collect();
            let at = place % (ids.len() + 1);
            let client = ClientId(who as u64);
            let start = Clock::try_from(ids.iter().filter(|id| id.client == client).count()).unwrap();
            let (left, right) = (at.checked_sub(1).map(|at| ids[at]), ids.get(at).copied());
            let block = Block { client, clocks: start..start + len, left, right };
            // Each element is a block of its own, as if somebody had edited beside it.
            let before = left.map_or(0, |id| lines[who].iter().position(|other| other.contains(id)).unwrap() + 1);
            lines[who].splice(before..before, split(&block));
        }
        united(lines.concat(), &order)
    }

    fn split(block: &Block) -> Vec<Block> {
        let client = block.client;
        let part = |clock| {
            let left = if clock == block.clocks.start { block.left } else { Some(Id { client, clock: clock - 1 }) };
            Block { client, clocks: clock..clock + 1, left, right: block.right }
        };
        block.clocks.clone().map(part).collect()
    }

    fn ids(block: &Block) -> impl Iterator<Item = Id> + use<> {
        let client = block.client;
        block.clocks.clone().map(move |clock| Id { client, clock })
    }

    fn united(mut blocks: Vec<Block>, order: &[usize; 4]) -> Vec<Block> {
        blocks.sort_by_key(|block| (order[usize::try_from(block.client.0).unwrap()], block.clocks.start));
        blocks.dedup_by_key(|block| (block.client, block.clocks.start));
        blocks
    }

    proptest! {
        #[test]
        fn blocks_stand_where_they_stand_when_each_is_looked_for(
            edits in edits(),
            order in Just([0, 1, 2, 3]).prop_shuffle(),
        ) {
            let blocks = written(edits, order);
            let slowly = line_up_slowly(blocks.clone()).into_iter().map(|block| (block.client, block.clocks));
            prop_assert_eq!(line_up(blocks), slowly.collect::<Vec<_>>());
        }

        #[test]
        fn blocks_that_nobody_writes_are_all_in_the_line(
            places in proptest::collection::vec((0..3_u64, 1..4_u32, any::<[Option<(u64, Clock)>; 2]>()), 0..30)
        ) {
            let mut blocks = Vec::new();
            for client in 0..3 {
                let mut start = 0;
                for (_, len, ids) in places.iter().filter(|(of, ..)| *of == client) {
                    let [left, right] = ids.map(|id| id.map(|(of, clock)| Id { client: ClientId(of % 3), clock: clock % 40 }));
                    blocks.push(Block { client: ClientId(client), clocks: start..start + len, left, right });
                    start += len;
                }
            }
            let mut line = line_up(blocks.clone());
            line.sort_by_key(|(client, clocks)| (*client, clocks.start));
            let all: Vec<_> = blocks.into_iter().map(|block| (block.client, block.clocks)).collect();
            prop_assert_eq!(line, all);
        }
    }
}
