//! Decides in which parts yrs is given what went into the table: as few as can be, each from one link.

use super::batch::{Batch, MAX_SECTIONS, TooMuch};
use super::parse::Parsed;
use super::references::Admission;
use crate::ids::LinkId;
use crate::queue::Queue;
use crate::replica::{IdRanges, Ranges};

/// What is in the table and not in yrs yet, in order.
#[derive(Debug)]
pub(in crate::replica) struct Backlog {
    closed: Queue<Ready>,
    /// What still can grow, and the link it came from.
    open: Batch,
    from: LinkId,
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
    pub(in crate::replica) fn new() -> Self {
        Self { closed: Queue::new(), open: Batch::default(), from: LinkId::SERVER }
    }

    pub(in crate::replica) const fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_empty()
    }

    /// Adds what of an update went into the table, and what of that it deletes. `whole` are its bytes where all of it did.
    pub(in crate::replica) fn push(
        &mut self,
        parsed: &Parsed<'_>,
        admission: &Admission,
        deletes: IdRanges,
        whole: Option<&[u8]>,
        from: LinkId,
    ) {
        if from != self.from {
            self.close();
            self.from = from;
        }
        if let Some(update) = whole.filter(|update| update.len() >= LARGE && parsed.sections.len() <= MAX_SECTIONS) {
            self.close();
            let ranges = Ranges { structs: admission.structs(parsed), deletes: deletes.iter().collect() };
            self.closed.push_back(Ready { update: update.to_vec(), ranges, from });
            return;
        }
        for (client, blocks, first) in admission.blocks(parsed) {
            if self.open.add(client, blocks, first) == Err(TooMuch) {
                self.close();
                // There is room for anything in an empty one.
                let _ = self.open.add(client, blocks, first);
            }
        }
        self.open.delete(&deletes);
    }

    /// The next part. It counts as given to yrs from then on.
    pub(in crate::replica) fn pop(&mut self) -> Option<Ready> {
        if self.closed.is_empty() {
            self.close();
        }
        self.closed.pop_front()
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let (update, ranges) = std::mem::take(&mut self.open).finish();
            self.closed.push_back(Ready { update, ranges, from: self.from });
        }
    }
}

/// How many bytes an update has at least that is not worth being copied block by block.
const LARGE: usize = 4096;
