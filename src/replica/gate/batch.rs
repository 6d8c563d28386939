//! Decides what yrs is given at once: the blocks of updates that follow each other, as one update.
//!
//! What a transaction costs does not depend on how much is in it, and updates are small: one for each character that
//! somebody types. So what went into the table is collected here, client by client. Text that was typed on is one block
//! by then, as it is where somebody reads it out of a document.

use super::content::Content;
use super::parse::{Block, Body, Id, Place};
use super::split::{write_deletes, write_len, write_var};
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges};
use crate::sorted::SortedMap;
use std::ops::Range;

/// Blocks and deletions, in an order in which each follows what it builds on.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// In the order in which they came: there may be thousands, and they are not small.
    sections: Vec<Section>,
    /// Where the section of each client is among them.
    by_client: SortedMap<ClientId, usize>,
    deletes: IdRanges,
    size: usize,
}

/// The blocks of one client, each beginning where the one before ends.
#[derive(Debug)]
struct Section {
    /// Where the first block begins.
    start: Clock,
    /// The first element that was not known before.
    first: Clock,
    end: Clock,
    /// How many blocks are written.
    count: usize,
    /// The blocks. Of a last one that grows, what stands before its text.
    written: Vec<u8>,
    last: Last,
}

/// What the last block of a section is.
#[derive(Debug)]
enum Last {
    /// Nothing that can grow.
    Closed,
    /// A text, which is written from `at` on, and what it stood left of when it was typed.
    Text { at: usize, right: Option<Id> },
    /// A text that has grown, and is not written yet.
    Growing { text: Vec<u8>, right: Option<Id> },
}

impl Batch {
    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.deletes.is_empty()
    }

    /// How much work it is for yrs, counted in small blocks.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Adds blocks that went into the table, of which `first` is the first element that was not known before.
    ///
    /// # Errors
    /// They can only come after all that is here.
    pub(super) fn add(&mut self, client: ClientId, blocks: &[Block<'_>], first: Clock) -> Result<(), TooMuch> {
        let Some(start) = blocks.first().map(|block| block.clock) else { return Ok(()) };
        let known = self.by_client.get(&client).copied();
        let at = known.unwrap_or(self.sections.len());
        let is_crowded = self.sections.len().max(at + 1) > MAX_SECTIONS;
        let continues = self.sections.get(at).is_none_or(|section| section.end == start);
        if !continues || is_crowded && blocks.iter().any(|block| self.holds_named(client, block)) {
            return Err(TooMuch);
        }
        if known.is_none() {
            self.by_client.insert(client, at);
            self.sections.push(Section::new(start, first));
        }
        if let Some(section) = self.sections.get_mut(at) {
            self.size += blocks.iter().map(|block| section.add(client, block)).sum::<usize>();
        }
        Ok(())
    }

    /// Whether a block of this client names an element of another one that is here.
    fn holds_named(&self, client: ClientId, block: &Block<'_>) -> bool {
        let holds = |id: &Id| {
            let section = self.by_client.get(&id.client).and_then(|at| self.sections.get(*at));
            id.client != client && section.is_some_and(|section| section.start <= id.clock)
        };
        block.names().iter().flatten().any(holds)
    }

    /// Adds the deletion of elements that are in the table and were not deleted before.
    pub(super) fn delete(&mut self, client: ClientId, clocks: Range<Clock>) {
        self.size += size_of_deletion(&clocks);
        self.deletes.insert(client, clocks);
    }

    /// All of it as an update, with what is new in it. Higher clients come first, as Yjs writes them: its `mergeUpdates`
    /// loses blocks of updates in another order.
    pub(super) fn finish(mut self) -> (Vec<u8>, Ranges) {
        let mut update = Vec::new();
        let mut structs = Vec::with_capacity(self.sections.len());
        write_len(&mut update, self.sections.len());
        for (client, at) in self.by_client.into_iter().rev() {
            let Some(section) = self.sections.get_mut(at) else { continue };
            section.close();
            write_len(&mut update, section.count);
            write_var(&mut update, client.0);
            write_var(&mut update, section.start.into());
            update.extend_from_slice(&section.written);
            structs.push((client, section.first..section.end));
        }
        structs.reverse();
        write_deletes(&mut update, &self.deletes);
        (update, Ranges { structs, deletes: self.deletes.iter().collect() })
    }
}

/// What is to be added can only come after all that is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooMuch;

impl Section {
    const fn new(start: Clock, first: Clock) -> Self {
        Self { start, first, end: start, count: 0, written: Vec::new(), last: Last::Closed }
    }

    /// Adds a block; says how much work there is more.
    fn add(&mut self, client: ClientId, block: &Block<'_>) -> usize {
        let is_own = !self.grow(client, block);
        if is_own {
            self.close();
            if let Body::Item { place, content: Content::String(_) } = &block.body {
                self.last = Last::Text { at: self.written.len(), right: place.right() };
            }
            self.written.extend_from_slice(block.bytes);
            self.count += 1;
        }
        self.end = block.end;
        size_of_block(block) - usize::from(!is_own)
    }

    /// Makes a text a part of the last one, where it was typed right behind it. Says whether it is.
    fn grow(&mut self, client: ClientId, block: &Block<'_>) -> bool {
        let Body::Item { place: Place::Beside(Some(left), right), content: Content::String(_) } = &block.body else {
            return false;
        };
        let is_behind = *left == Id { client, clock: self.end.saturating_sub(1) };
        let (Last::Text { right: before, .. } | Last::Growing { right: before, .. }) = &self.last else { return false };
        if !is_behind || right != before {
            return false;
        }
        let Some((_, more)) = Block::text(block.bytes) else { return false };
        if let Last::Text { at, right } = self.last {
            let Some((head, text)) = self.written.get(at..).and_then(Block::text) else { return false };
            self.last = Last::Growing { text: text.to_vec(), right };
            self.written.truncate(at + head);
        }
        if let Last::Growing { text, .. } = &mut self.last {
            text.extend_from_slice(more);
        }
        true
    }

    /// Writes what has grown.
    fn close(&mut self) {
        if let Last::Growing { text, .. } = std::mem::replace(&mut self.last, Last::Closed) {
            write_len(&mut self.written, text.len());
            self.written.extend_from_slice(&text);
        }
    }
}

/// How much work a block is: one, and one more for so much text as takes as long.
pub(super) const fn size_of_block(block: &Block<'_>) -> usize {
    1 + block.bytes.len() / TEXT_OF_A_BLOCK
}

/// How much work it is to delete elements, of which each block takes as long as a new one.
pub(super) fn size_of_deletion(clocks: &Range<Clock>) -> usize {
    1 + usize::try_from(clocks.end.saturating_sub(clocks.start) / ELEMENTS_OF_A_BLOCK).unwrap_or(usize::MAX)
}

/// How many bytes of text take as long as a small block.
const TEXT_OF_A_BLOCK: usize = 512;

/// How many elements a block has where much was edited: in the recorded session it is ten.
pub(super) const ELEMENTS_OF_A_BLOCK: Clock = 16;

/// How many clients yrs is given at once of which some may build on others. When the blocks of many clients build on each
/// other in a row, yrs takes time that grows with the square of their number, and recurses as deeply; a document that was
/// opened ten thousand times is such a row.
pub(super) const MAX_SECTIONS: usize = 1000;
