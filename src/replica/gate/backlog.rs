//! Decides in which parts yrs is given what went into the table: as few as can be, each from one link; and of what can
//! wait none that takes long, because nothing else is done meanwhile.

use super::batch::{Batch, ELEMENTS_OF_A_BLOCK, MAX_SECTIONS, TooMuch, size_of_block, size_of_deletion};
use super::parse::{Block, Parsed};
use super::references::Admission;
use crate::ids::{ClientId, Clock, LinkId};
use crate::queue::Queue;
use crate::replica::{Care, IdRanges, Ranges};
use std::ops::Range;

/// What is in the table and not in yrs yet, in order.
#[derive(Debug)]
pub(in crate::replica) struct Backlog {
    closed: Queue<Ready>,
    /// What still can grow, and the link it came from.
    open: Batch,
    from: LinkId,
    /// How much a part may be of what can wait.
    portion: usize,
    care: Care,
}

/// An update that yrs may be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    /// The update in the v1 encoding.
    pub update: Vec<u8>,
    /// What of it was not in the document before.
    pub ranges: Ranges,
    /// The link it came from.
    pub from: LinkId,
}

impl Backlog {
    pub(in crate::replica) fn new(portion: usize) -> Self {
        Self {
            closed: Queue::new(),
            open: Batch::default(),
            from: LinkId::SERVER,
            portion: portion.max(1),
            care: Care::Usual,
        }
    }

    pub(in crate::replica) const fn set_care(&mut self, care: Care) {
        self.care = care;
    }

    pub(in crate::replica) const fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_empty()
    }

    /// How much is in the last part.
    pub(in crate::replica) const fn growing(&self) -> usize {
        self.open.size()
    }

    /// Whether it is more than one part, of what can wait.
    pub(in crate::replica) fn is_long(&self) -> bool {
        self.from.is_patient() && self.closed.len() + usize::from(!self.open.is_empty()) > 1
    }

    /// Whether it came over several links, which mean different things: something had been held back until now.
    pub(in crate::replica) fn is_mixed(&self) -> bool {
        self.closed.iter().any(|ready| ready.from != self.from)
    }

    /// Adds what of an update went into the table, and what of that it deletes. `whole` are its bytes where all of it did.
    pub(in crate::replica) fn push(
        &mut self,
        parsed: &Parsed<'_>,
        admission: &Admission,
        deletes: &IdRanges,
        whole: Option<&[u8]>,
        from: LinkId,
    ) {
        if from != self.from {
            self.close();
            self.from = from;
        }
        let portion = match self.care {
            Care::Extreme => 1,
            Care::Usual if from.is_patient() => self.portion,
            Care::Usual => usize::MAX,
        };
        let is_large = |update: &&[u8]| update.len() >= LARGE && parsed.sections.len() <= MAX_SECTIONS;
        if let Some(update) = whole.filter(is_large).filter(|_| size(parsed, deletes) <= portion) {
            self.close();
            let ranges =
                Ranges { structs: admission.structs(parsed).iter().collect(), deletes: deletes.iter().collect() };
            self.closed.push_back(Ready { update: update.to_vec(), ranges, from });
            return;
        }
        for (client, blocks, first) in admission.blocks(parsed) {
            self.add(client, blocks, first, deletes, portion);
        }
        if !deletes.is_empty() {
            self.delete_older(&admission.structs(parsed), deletes, portion);
        }
    }

    /// The next part. It counts as given to yrs from then on.
    pub(in crate::replica) fn pop(&mut self) -> Option<Ready> {
        if self.closed.is_empty() {
            self.close();
        }
        self.closed.pop_front()
    }

    /// Adds blocks, of which `first` is the first element that is new. What is deleted of them goes with them: nobody is
    /// to see for a while what others have deleted long ago.
    fn add(&mut self, client: ClientId, blocks: &[Block<'_>], first: Clock, deletes: &IdRanges, portion: usize) {
        let (mut first, mut rest) = (first, blocks);
        while let Some(next) = rest.first() {
            self.make_room(size_of_block(next), portion);
            let mut size = self.open.size();
            let fits = rest.iter().take_while(|block| {
                size = size.saturating_add(size_of_block(block));
                size <= portion
            });
            let (blocks, later) = rest.split_at(fits.count().clamp(1, rest.len()));
            if self.open.add(client, blocks, first) == Err(TooMuch) {
                self.close();
                // There is room for anything in an empty one.
                let _ = self.open.add(client, blocks, first);
            }
            let end = blocks.last().map_or(first, |block| block.end);
            deletes.common(client, &(first..end)).into_iter().for_each(|clocks| self.open.delete(client, clocks));
            (first, rest) = (end, later);
        }
    }

    /// Adds deletions, apart from those of what has entered with them.
    fn delete_older(&mut self, entered: &IdRanges, deletes: &IdRanges, portion: usize) {
        for (client, range) in deletes.iter() {
            entered.gaps(client, &range).into_iter().for_each(|clocks| self.delete(client, clocks, portion));
        }
    }

    /// Adds deletions of what was there before.
    fn delete(&mut self, client: ClientId, clocks: Range<Clock>, portion: usize) {
        let most = Clock::try_from(portion).unwrap_or(Clock::MAX).saturating_mul(ELEMENTS_OF_A_BLOCK);
        let Range { mut start, end } = clocks;
        while start < end {
            let until = start.saturating_add(most).min(end);
            self.make_room(size_of_deletion(&(start..until)), portion);
            self.open.delete(client, start..until);
            start = until;
        }
    }

    /// Closes what is open where it would be too much with `size` more.
    fn make_room(&mut self, size: usize, portion: usize) {
        if self.open.size().saturating_add(size) > portion {
            self.close();
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let (update, ranges) = std::mem::take(&mut self.open).finish();
            self.closed.push_back(Ready { update, ranges, from: self.from });
        }
    }
}

/// How much work an update is.
fn size(parsed: &Parsed<'_>, deletes: &IdRanges) -> usize {
    let blocks = parsed.sections.iter().flat_map(|section| &section.blocks).map(size_of_block);
    blocks.sum::<usize>() + deletes.iter().map(|(_, clocks)| size_of_deletion(&clocks)).sum::<usize>()
}

/// How many bytes an update has at least that is not worth being copied block by block.
const LARGE: usize = 4096;
