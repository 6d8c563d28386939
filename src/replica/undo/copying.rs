//! Decides how yrs is made to bring back one block at a time, and what is then called by another name.

use super::managers::{Pulse, capture, deletions, joined};
use super::rest::copy_of;
use super::revival::{as_set, ranges};
use crate::ids::{ClientId, Clock};
use crate::replica::IdRanges;
use crate::replica::gate::{Id, Order, parse};
use crate::replica::view::View;
use std::cell::RefCell;
use std::sync::Arc;
use yrs::branch::BranchPtr;
use yrs::undo::StackItem;
use yrs::{ClientID, Doc, ID, IdSet, ReadTxn, Transact};

/// A block that is brought back by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) id: Id,
    pub(super) len: Clock,
    pub(super) stay: Stay,
    pub(super) order: Order,
    /// What has to have come back before, for this one to stand where others see it.
    pub(super) after: Option<Id>,
}

/// Whether what was brought back stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stay {
    Back,
    /// It is deleted again: another step may bring it back, and finds it where it belongs.
    Grave,
}

/// Consecutive elements, and those that stand for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    pub(super) from: Id,
    pub(super) to: Id,
    pub(super) len: Clock,
}

/// Where pieces are brought back, and what is known of the steps.
pub(super) struct Copying<'a> {
    pub(super) doc: &'a Doc,
    pub(super) scope: &'a [BranchPtr],
    pub(super) pulse: &'a Arc<Pulse>,
    /// What the step has inserted: it goes when something takes its place.
    pub(super) inserted: IdSet,
    /// What any step has deleted: it is in nobody's way.
    pub(super) deleted: IdSet,
    /// What yrs has told of what was undone.
    pub(super) updates: &'a Updates,
}

/// The updates of transactions, as they are told.
pub(super) type Updates = RefCell<Vec<Vec<u8>>>;

impl Copying<'_> {
    /// Brings back the pieces in their order; returns what takes that back.
    pub(super) fn run(&self, pieces: &[Piece], copied: &mut Vec<Copied>) -> Option<StackItem<()>> {
        let (mut steps, mut graves) = (Vec::new(), IdSet::default());
        for piece in pieces {
            let is_there = |id: Id| copied.iter().any(|copied| copied.from == id);
            if piece.after.is_some_and(|after| !is_there(after)) {
                continue;
            }
            let known = copied.len();
            self.bring_back(piece, &mut steps, copied);
            if piece.stay == Stay::Grave {
                copied.iter().skip(known).for_each(|copied| graves.insert(copied.to.into(), copied.len));
            }
        }
        for step in deletions(self.doc, &graves) {
            steps.extend(self.take_back(step, StackItem::new(self.doc.guid(), IdSet::default(), IdSet::default())));
        }
        steps.into_iter().reduce(joined)
    }

    /// yrs may split the block while it looks for its neighbours, and brings back what is left of the split then.
    fn bring_back(&self, piece: &Piece, steps: &mut Vec<StackItem<()>>, copied: &mut Vec<Copied>) {
        let mut done = 0;
        while done < piece.len {
            let from = Id { client: piece.id.client, clock: piece.id.clock + done };
            let mut deleted = IdSet::default();
            deleted.insert(from.into(), piece.len - done);
            let (inserted, known) = match piece.order {
                Order::Sequence => (IdSet::default(), IdSet::default()),
                Order::Key => (self.inserted.clone(), self.deleted.clone()),
            };
            let guid = self.doc.guid();
            let clock = self.next();
            let step = StackItem::new(guid.clone(), deleted, inserted);
            steps.extend(self.take_back(step, StackItem::new(guid, known, IdSet::default())));
            let len = self.next() - clock;
            if len == 0 {
                return;
            }
            let to = Id { client: ClientId(self.doc.client_id().get()), clock };
            if self.is_one_block() {
                copied.push(Copied { from, to, len });
            } else {
                self.find_copies(from, len, copied);
            }
            done += len;
        }
    }

    /// Takes back a step that is on no stack, beside one that yrs asks what else was deleted here.
    fn take_back(&self, step: StackItem<()>, known: StackItem<()>) -> Option<StackItem<()>> {
        let mut manager = capture(self.doc, self.scope, self.pulse, vec![step], vec![known]);
        manager.undo_blocking();
        manager.redo_stack().get(1).cloned()
    }

    fn next(&self) -> Clock {
        let client = self.doc.client_id();
        self.doc.try_transact().map(|txn| txn.state_vector().get(&client)).unwrap_or_default()
    }

    /// Whether what was inserted last lies in one block. If so, it was copied as it stood.
    fn is_one_block(&self) -> bool {
        let is_one = |update: &Vec<u8>| parse(update).is_ok_and(|parsed| parsed.block_count() == 1);
        self.updates.try_borrow().is_ok_and(|updates| updates.last().is_some_and(is_one))
    }

    /// Asks yrs for the copy of each element, where a block had been split and it went through the parts in any order.
    fn find_copies(&self, from: Id, len: Clock, copied: &mut Vec<Copied>) {
        let Ok(txn) = self.doc.try_transact() else { return };
        let view = View::of(&txn);
        for clock in from.clock..from.clock + len {
            if let Some(copy) = copy_of(&view, from.client, clock) {
                let to = Id { client: ClientId(copy.client.get()), clock: copy.clock };
                copied.push(Copied { from: Id { clock, ..from }, to, len: 1 });
            }
        }
    }
}

/// A step about the elements that stand for those it was about. The copies are sorted by what they stand for.
pub(super) fn renamed(step: &StackItem<()>, doc: &Doc, copied: &[Copied]) -> StackItem<()> {
    StackItem::new(doc.guid(), renamed_set(step.deletions(), copied), renamed_set(step.insertions(), copied))
}

fn renamed_set(set: &IdSet, copied: &[Copied]) -> IdSet {
    let old = ranges(set);
    let (mut renamed, mut new) = (old.clone(), IdRanges::default());
    for (client, range) in old.iter() {
        let first =
            copied.partition_point(|copy| (copy.from.client, copy.from.clock + copy.len) <= (client, range.start));
        for Copied { from, to, len } in copied.get(first..).unwrap_or_default() {
            let (start, end) = (range.start.max(from.clock), range.end.min(from.clock + len));
            if from.client != client || start >= end {
                break;
            }
            renamed.remove(client, start..end);
            let start_of_copy = to.clock + (start - from.clock);
            new.insert(to.client, start_of_copy..start_of_copy + (end - start));
        }
    }
    if new.is_empty() {
        return set.clone();
    }
    renamed.extend(new.iter());
    as_set(&renamed)
}

impl From<Id> for ID {
    fn from(Id { client, clock }: Id) -> Self {
        Self::new(ClientID::new(client.0), clock)
    }
}
