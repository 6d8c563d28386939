//! Decides how much of an update can go into the document: everything whose references lead to what is there.
//!
//! The blocks of an update depend on each other across clients, and an update lists them by client. So this walks
//! from client to client, always to the one that has what the current block lacks, and enters each block into the
//! table as soon as nothing is missing for it. yrs walks in the same way; what was entered here, it integrates.

use super::content::Content;
use super::parse::{Block, Body, Id, Parent, Parsed, Place};
use super::quarantine::Quarantine;
use super::table::{Entry, Held, Slot, Table};
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Inconsistency, Refusal};
use std::ops::Range;

/// What became of the blocks of an update.
#[derive(Debug)]
pub(in crate::replica) struct Admission {
    /// How far each section went in, in the order of the sections.
    pub(super) sections: Vec<Progress>,
    /// The blocks that went in, in an order in which each follows what it builds on.
    pub(super) entered: Vec<Entered>,
    /// Of entries of maps that came as several elements in one block, all but the last, which alone is the entry. yrs
    /// keeps those before it when it cuts such a block in two, also where all that they stand in is freed. Whoever wrote
    /// such a block honestly had deleted them.
    pub(in crate::replica) replaced: IdRanges,
}

/// How far the blocks of one client went in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The first block that did not go in.
    pub(super) done: usize,
    /// What that block lacks.
    pub(super) lacks: Option<Id>,
    /// Whether the block waits for one of another client, which the walk has gone to.
    is_waiting: bool,
}

/// Consecutive blocks of one section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entered {
    pub(super) section: usize,
    pub(super) blocks: Range<usize>,
    /// The first element of them that was not known before.
    pub(super) first: Clock,
}

/// Enters into the table what of an update can go into the document, and is not in quarantine.
///
/// # Errors
/// The update contradicts itself or the document; the table is as before.
pub(in crate::replica) fn admit(
    table: &mut Table,
    parsed: &Parsed<'_>,
    quarantine: &Quarantine,
) -> Result<Admission, Refusal> {
    table.mark();
    let count = parsed.sections.len();
    let admission = Admission {
        sections: vec![Progress::default(); count],
        entered: Vec::with_capacity(count),
        replaced: IdRanges::default(),
    };
    let mut walk = Walk { admission, table, parsed, quarantine };
    let walked = (0..count).try_for_each(|section| walk.visit(section));
    let admission = walk.admission;
    if walked.is_err() {
        table.undo();
    }
    walked.map(|()| admission)
}

struct Walk<'a> {
    table: &'a mut Table,
    parsed: &'a Parsed<'a>,
    quarantine: &'a Quarantine,
    admission: Admission,
}

/// Where a section stops.
enum Step {
    /// All that is wanted of it is in the table, or nothing more can go in.
    Done,
    /// It builds on another element, which is not in the table.
    Needs { lacks: Id, block: Id },
}

impl Walk<'_> {
    /// Enters the blocks of a section, and before each one those of other sections that it builds on.
    fn visit(&mut self, section: usize) -> Result<(), Refusal> {
        let (mut current, mut until) = (section, Clock::MAX);
        let mut waiting = Vec::new();
        loop {
            match self.advance(current, until)? {
                Step::Needs { lacks, block } => match self.section_with(lacks) {
                    _ if lacks.client == block.client => return Err(inconsistent(block, Inconsistency::Cycle)),
                    Some(next) if self.is_waiting(next) => return Err(inconsistent(block, Inconsistency::Cycle)),
                    Some(next) => {
                        self.progress(current).into_iter().for_each(|waiting| waiting.is_waiting = true);
                        waiting.push((current, until));
                        (current, until) = (next, lacks.clock.saturating_add(1));
                    }
                    None => self.stop(current, lacks),
                },
                Step::Done => {
                    let Some(before) = waiting.pop() else { return Ok(()) };
                    (current, until) = before;
                    self.progress(current).into_iter().for_each(|waited| waited.is_waiting = false);
                }
            }
        }
    }

    fn is_waiting(&self, section: usize) -> bool {
        self.admission.sections.get(section).is_some_and(|section| section.is_waiting)
    }

    fn progress(&mut self, section: usize) -> Option<&mut Progress> {
        self.admission.sections.get_mut(section)
    }

    fn stop(&mut self, section: usize, lacks: Id) {
        if let Some(section) = self.progress(section) {
            section.lacks = Some(lacks);
        }
    }

    /// The section that still can bring an element.
    fn section_with(&self, id: Id) -> Option<usize> {
        let index = self.parsed.section_of(id.client)?;
        let section = self.parsed.sections.get(index)?;
        let progress = self.admission.sections.get(index)?;
        let is_there = progress.lacks.is_none() && section.blocks.last().is_some_and(|last| id.clock < last.end);
        is_there.then_some(index)
    }

    /// Enters the next blocks of a section, as far as nothing is missing for them and its elements before `until` are not
    /// in the table.
    fn advance(&mut self, index: usize, until: Clock) -> Result<Step, Refusal> {
        let Some(section) = self.parsed.sections.get(index) else { return Ok(Step::Done) };
        let Some(mut progress) = self.admission.sections.get(index).copied() else { return Ok(Step::Done) };
        let sealed = self.quarantine.first(section.client);
        let mut next = Id { client: section.client, clock: self.table.next(section.client) };
        let mut step = Step::Done;
        for block in section.blocks.get(progress.done..).unwrap_or_default() {
            if block.end > next.clock {
                if progress.lacks.is_some() || next.clock >= until {
                    break;
                }
                progress.lacks = missing_before(block, next, sealed);
                if progress.lacks.is_some() {
                    break;
                }
                match self.named(block) {
                    Ok(named) => self.append(block, next, named)?,
                    Err(lacks) => {
                        step = Step::Needs { lacks, block: next };
                        break;
                    }
                }
                self.note_entered(index, progress.done, next.clock);
                next.clock = block.end;
            }
            progress.done += 1;
        }
        if let Some(section) = self.progress(index) {
            *section = progress;
        }
        Ok(step)
    }

    fn note_entered(&mut self, section: usize, block: usize, first: Clock) {
        match self.admission.entered.last_mut() {
            Some(last) if last.section == section => last.blocks.end = block + 1,
            _ => self.admission.entered.push(Entered { section, blocks: block..block + 1, first }),
        }
    }

    /// What is known of the elements that a block names, or the first one that is not in the table. Each is looked up once:
    /// of what letting in a large update costs, that is the largest part.
    fn named(&self, block: &Block<'_>) -> Result<[Option<Entry>; 2], Id> {
        let [left, right] = block.names();
        Ok([self.look_up(left)?, self.look_up(right)?])
    }

    fn look_up(&self, id: Option<Id>) -> Result<Option<Entry>, Id> {
        let Some(id) = id else { return Ok(None) };
        self.table.entry(id).map(Some).ok_or(id)
    }

    /// Enters a block, or what of it is not in the table yet: the elements from `next` on.
    fn append(&mut self, block: &Block<'_>, next: Id, [first, second]: [Option<Entry>; 2]) -> Result<(), Refusal> {
        let Body::Item { place, content } = &block.body else {
            self.table.append_collected(next.client, block.end);
            return Ok(());
        };
        // The known part of a block is the left neighbour of the rest.
        let known = if block.clock < next.clock { next.clock.checked_sub(1) } else { None };
        let known = known.and_then(|clock| self.table.entry(Id { clock, ..next }));
        let slot = match place {
            // yrs collects what has no neighbour that is left.
            Place::Beside(..) => same_slot(slot_of(known.or(first)), slot_of(second), next)?,
            Place::Under(parent, key) => match self.slot_under(parent, first, *key, next)? {
                None => None,
                slot => same_slot(slot, slot_of(known), next)?,
            },
        };
        if slot.is_some_and(|slot| slot.key.is_some()) && *content != Content::Deleted {
            self.note_replaced(next.client, next.clock..block.end.saturating_sub(1));
        }
        self.table.append(next, block.end, slot, *content)
    }

    /// Notes elements that stand under a key in front of others of their block, unless the update deletes them.
    fn note_replaced(&mut self, client: ClientId, range: Range<Clock>) {
        if !self.parsed.deletes.covers(client, &range) {
            self.admission.replaced.insert(client, range);
        }
    }

    /// The place that a block names; none when its parent was collected.
    fn slot_under(
        &mut self,
        parent: &Parent<'_>,
        holder: Option<Entry>,
        key: Option<&str>,
        block: Id,
    ) -> Result<Option<Slot>, Refusal> {
        let of = match parent {
            Parent::Root(name) => self.table.root(name),
            Parent::Nested(_) => match holder.map(|entry| entry.held) {
                Some(Held::Type(of)) => of,
                Some(Held::Leaf) => return Err(inconsistent(block, Inconsistency::ParentIsNoType)),
                Some(Held::Gone) | None => return Ok(None),
            },
        };
        Ok(Some(Slot { of, key: key.map(|key| self.table.key(key)) }))
    }
}

/// What of its own client a block lacks, which can go in after `next` and before what is `sealed`.
fn missing_before(block: &Block<'_>, next: Id, sealed: Clock) -> Option<Id> {
    // It can go on when the last element of the gap is there.
    let clock = if block.is_skip() {
        block.end.saturating_sub(1)
    } else if block.clock > next.clock {
        block.clock.saturating_sub(1)
    } else if block.end > sealed {
        sealed.max(next.clock)
    } else {
        return None;
    };
    Some(Id { clock, ..next })
}

fn slot_of(element: Option<Entry>) -> Option<Slot> {
    element?.slot
}

fn same_slot(one: Option<Slot>, other: Option<Slot>, block: Id) -> Result<Option<Slot>, Refusal> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Err(inconsistent(block, Inconsistency::MixedPlaces)),
        (one, other) => Ok(one.or(other)),
    }
}

const fn inconsistent(block: Id, what: Inconsistency) -> Refusal {
    Refusal::Inconsistent { what, client: block.client, clock: block.clock }
}
